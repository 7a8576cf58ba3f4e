# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bridge folder: private to its user, followed through no link; where the engine says how it is reached.

Reads and writes small files only. Knows no verbs.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.core.paths import BRIDGE_PARTS, display_path

SCHEMA = 1
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)  # Windows has none; there, links need rights of their own.
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # Else opening a pipe waits for its other end.


@dataclass(frozen=True)
class Endpoint:
    """How the engine is reached: the content of endpoint.json."""

    port: int
    token: str
    pid: int
    version: str
    schema: int = SCHEMA


class NotPrivate(Exception):
    """A file that is no regular file of this user, or larger than it may be."""


class BridgeFolder:
    """The folder of one profile, with the files in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.requests, self.answers, self.exports = (path / name for name in BRIDGE_PARTS)
        self._endpoint = path / "endpoint.json"

    def prepare(self) -> None:
        """Make the folders, private to this user.

        Raises:
            KnownError: "unsafe-folder": one of them is a link or another user's; "unwritable".
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            for folder in (self.path, self.requests, self.answers, self.exports):
                with contextlib.suppress(FileExistsError):
                    folder.mkdir(mode=_PRIVATE_FOLDER)
                self._refuse_foreign(folder)
                folder.chmod(_PRIVATE_FOLDER)
        except OSError as error:
            raise KnownError(
                f"The folder {display_path(self.path)} for plugins cannot be made.",
                remedy="Check that its parent folder can be written.",
                cause=str(error),
                code="unwritable",
            ) from error

    def announce(self, endpoint: Endpoint) -> None:
        """Say how the engine is reached."""
        self._endpoint.unlink(missing_ok=True)  # What a killed engine left behind; the lock says it is ours.
        write_private(self._endpoint, json.dumps(asdict(endpoint)).encode())

    def withdraw(self, endpoint: Endpoint) -> None:
        """Take the announcement away, unless it is another engine's by now.

        Where it cannot be removed it is left: on Windows a plugin may be reading it, and a refused connection tells.
        """
        if self.endpoint() == endpoint:
            with contextlib.suppress(OSError):
                self._endpoint.unlink(missing_ok=True)

    def endpoint(self) -> Endpoint | None:
        """How the engine says it is reached; None where there is no such file of ours."""
        try:
            stored = json.loads(read_private(self._endpoint, 4096))
            return Endpoint(**stored)
        except (OSError, NotPrivate, ValueError, TypeError):
            return None

    def _refuse_foreign(self, folder: Path) -> None:
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or not _is_own(status):
            raise KnownError(
                f"{display_path(folder)} is a link, a file, or belongs to another user; plugins are not served there.",
                remedy="Move it away; Needledrop makes a folder of its own.",
                code="unsafe-folder",
            )


def read_private(path: Path, most_bytes: int) -> bytes:
    """The bytes of a regular file of this user.

    Raises:
        NotPrivate: it is a link, a pipe, a folder, another user's, or too large.
        OSError: it is not there, or cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _NO_LINK | _NO_WAIT)
    except OSError as error:
        if path.is_symlink() or path.is_dir():
            raise NotPrivate from error
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or not _is_own(status) or status.st_size > most_bytes:
            raise NotPrivate
        content = os.read(descriptor, most_bytes + 1)
    finally:
        os.close(descriptor)
    if len(content) > most_bytes:
        raise NotPrivate
    return content


def write_private(path: Path, content: bytes) -> None:
    """Write a file only this user can read, whole or not at all; what lies there is replaced, a link too.

    Raises:
        OSError: it cannot be written.
    """
    scratch = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, _PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        scratch.replace(path)
    except OSError:
        scratch.unlink(missing_ok=True)
        raise


if sys.platform == "win32":

    def _is_own(status: os.stat_result) -> bool:
        """The user's own folders are private by their access lists; there is no owner to compare here."""
        return True

else:

    def _is_own(status: os.stat_result) -> bool:
        return status.st_uid == os.getuid()
