# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of the one process that may write to the library.

The operating system drops the lock when its holder dies, so a stale file never locks anybody out. The file names the
holder (pid and verb) while the library is open and is emptied on a clean close: text in an unlocked file means that
the last writer died.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.library.errors import from_os_error

_LOCKED_OFFSET = 1 << 30  # Windows forbids reading locked bytes, so a byte far behind the text is locked.


class WriterLock:
    """An exclusive lock on a file beside the library.

    Attributes:
        was_unclean: True if the last holder did not close the library.
    """

    def __init__(self, library_path: Path, verb: str) -> None:
        """Take the lock.

        Raises:
            KnownError: "locked", naming the holder, or the folder cannot be written.
        """
        self.path = library_path.with_suffix(".lock")
        try:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise from_os_error(error, self.path) from error
        try:
            _lock(self._descriptor)
        except OSError as error:
            text = _read(self._descriptor)
            os.close(self._descriptor)
            if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
                raise _locked(library_path, text) from error
            raise from_os_error(error, self.path) from error
        self.was_unclean = bool(_read(self._descriptor).strip())
        self._write(json.dumps({"pid": os.getpid(), "verb": verb}))

    def release(self, *, is_clean: bool) -> None:
        """Give the lock back; without `is_clean` the next writer checks the library first."""
        if self._descriptor < 0:
            return
        if is_clean:
            self._write("")
        _unlock(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = -1

    def _write(self, text: str) -> None:
        try:
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.write(self._descriptor, text.encode())
        except OSError as error:
            if error.errno != errno.ENOSPC:  # On a full disk the lock itself still holds; only the name is lost.
                raise


def _read(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, 1000).decode(errors="replace")


def _locked(library_path: Path, text: str) -> KnownError:
    try:
        holder = json.loads(text)
        who = f"`needledrop {holder['verb']}`" if holder["verb"] else "another Needledrop"
        who += f" (process {holder['pid']})"
    except (ValueError, KeyError, TypeError):
        who = "another Needledrop"
    return KnownError(
        f"The library {display_path(library_path)} is being written by {who}.",
        remedy="Wait until it has finished, or stop it, and try again.",
        cause=text,
        code="locked",
    )


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_OFFSET, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_OFFSET, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
