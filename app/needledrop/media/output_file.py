# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are written whole or not at all: a temporary name beside the target, then a rename. Knows no formats."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path

# EFBIG: the largest file a FAT volume or a quota allows; to the user that disk is full too.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextlib.contextmanager
def written_whole(path: Path, *, overwrite: bool = False, sources: Iterable[Path] = ()) -> Iterator[Path]:
    """Give a temporary path in the folder of `path` to write to; rename it on success, remove it on anything else.

    Args:
        path: Where the file is wanted.
        overwrite: Replace a file that is there.
        sources: Files that are being read; none of them is ever replaced.

    Raises:
        KnownError: "exists", "would-overwrite-source", "missing" folder, "disk-full" or "unwritable".
    """
    _refuse(path, overwrite, sources)
    part = path.parent / f".needledrop-{secrets.token_hex(6)}{path.suffix}"
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield part
        _keep(part)
        _refuse(path, overwrite, ())
        part.replace(path)
    except OSError as error:
        raise output_error(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def output_error(error: OSError, path: Path) -> KnownError:
    """What a failed write means for the user."""
    name = display_path(path)
    if error.errno in _FULL:
        return KnownError(
            f"There is no room left to write '{name}'.",
            remedy="Free some space or choose another folder; nothing was left behind.",
            cause=str(error),
            code="disk-full",
        )
    return KnownError(
        f"'{name}' cannot be written.",
        remedy="Choose a folder you may write to.",
        cause=str(error),
        code="unwritable",
    )


def _refuse(path: Path, overwrite: bool, sources: Iterable[Path]) -> None:
    name = display_path(path)
    if not path.parent.is_dir():
        raise KnownError(
            f"The folder '{display_path(path.parent)}' does not exist.",
            remedy="Make it, or choose another.",
            code="missing",
        )
    if path.is_dir():
        raise KnownError(f"'{name}' is a folder.", remedy="Give a file name.", code="exists")
    if path.exists() and any(source.exists() and path.samefile(source) for source in sources):
        raise KnownError(
            f"'{name}' is one of the files being read; it is never overwritten.",
            remedy="Choose another name.",
            code="would-overwrite-source",
        )
    if path.exists() and not overwrite:
        raise KnownError(
            f"'{name}' exists already.", remedy="Choose another name, or overwrite it (--overwrite).", code="exists"
        )


def _keep(part: Path) -> None:
    """Bring the bytes to the disk before the rename, or a crash could leave an empty file under the final name."""
    handle = os.open(part, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
