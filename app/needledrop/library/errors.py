# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place where SQLite's errors become sentences. What is not the world's doing passes through: it is a bug."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.library.backup_files import newest_good_backup

_CODES = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_FULL: "disk-full",
    sqlite3.SQLITE_CORRUPT: "corrupt",
    sqlite3.SQLITE_NOTADB: "corrupt",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_PERM: "read-only",
    sqlite3.SQLITE_CANTOPEN: "cannot-open",
    sqlite3.SQLITE_IOERR: "disk",
    sqlite3.SQLITE_IOERR_SHMSIZE: "disk-full",
    sqlite3.SQLITE_NOMEM: "memory",
}

_SENTENCES = {
    "locked": (
        "The library {path} is in use by another program.",
        "Wait until it has finished, or close it, and try again.",
    ),
    "disk-full": (
        "The disk is full: nothing more can be written for the library {path}.",
        "Free some space and try again. Everything up to the last finished step is kept.",
    ),
    "read-only": (
        "{path} cannot be written: the file or its folder is read-only.",
        "Give yourself permission to write there, or choose another place with --profile.",
    ),
    "cannot-open": (
        "{path} cannot be opened.",
        "Check that its folder exists and that you may read and write it.",
    ),
    "disk": (
        "The disk with the library {path} reports an error.",
        "Check that the drive is connected and healthy, then try again.",
    ),
    "memory": ("There is not enough memory for the library {path}.", "Close other programs and try again."),
}


@contextmanager
def known_errors(path: Path, backups_dir: Path) -> Iterator[None]:
    """Turn what SQLite and the file system raise inside the block into KnownError."""
    try:
        yield
    except sqlite3.Error as error:
        extended = getattr(error, "sqlite_errorcode", 0)
        code = _CODES.get(extended) or _CODES.get(extended & 0xFF)
        if code is None:
            raise
        cause = f"{getattr(error, 'sqlite_errorname', '')}: {error}"
        known = corrupt(path, backups_dir, cause) if code == "corrupt" else _known(code, path, cause)
        raise known from error
    except OSError as error:
        raise from_os_error(error, path) from error


def from_os_error(error: OSError, path: Path) -> KnownError:
    """A sentence for a file operation on the library or its neighbours that failed; `path` where it names no file."""
    if error.filename is not None:
        path = Path(os.fsdecode(error.filename))
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        code = "disk-full"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        code = "read-only"
    else:
        code = "cannot-open"
    return _known(code, path, str(error))


def corrupt(path: Path, backups_dir: Path, cause: str) -> KnownError:
    """The library is damaged: name the newest sound backup and the command that brings it back."""
    backup = newest_good_backup(backups_dir)
    if backup is None:
        remedy = "There is no sound backup: move the file somewhere safe and scan your music again."
    else:
        remedy = (
            f"Run `needledrop library restore` to return to the backup {display_path(backup.path)}; "
            "the damaged file is kept beside it."
        )
    sentence = f"The library {display_path(path)} is damaged."
    return KnownError(sentence, remedy=remedy, cause=cause, code="corrupt")


def too_new(path: Path, version: tuple[int, int], newest: tuple[int, int]) -> KnownError:
    """The library was written by a later Needledrop."""
    return KnownError(
        f"The library {display_path(path)} was written by a newer Needledrop (format {version[0]}.{version[1]}).",
        remedy="Update Needledrop, or use another library with --profile.",
        cause=f"this program knows formats up to {newest[0]}.{newest[1]}",
        code="too-new",
    )


def foreign(path: Path, cause: str) -> KnownError:
    """The file is a database, but not a library of ours."""
    return KnownError(
        f"The database {display_path(path)} is not a Needledrop library.",
        remedy="Move it away, or use another place with --profile.",
        cause=cause,
        code="schema",
    )


def _known(code: str, path: Path, cause: str) -> KnownError:
    sentence, remedy = _SENTENCES[code]
    return KnownError(sentence.format(path=display_path(path)), remedy=remedy, cause=cause, code=code)
