# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds media files below folders: names and stat only, nothing is opened.

Paths are bytes throughout: a file name need not be valid UTF-8.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.core.progress import CancelToken

_SKIPPED_FOLDERS = {b"$RECYCLE.BIN", b"System Volume Information", b"@eaDir", b"lost+found", b"__MACOSX"}


@dataclass(frozen=True)
class FoundFile:
    """One media file as the file system shows it."""

    path: bytes
    size: int
    mtime_ns: int
    device: int
    inode: int


@dataclass
class Discovery:
    """What a walk found. A folder that could not be read is a fault, and what was known below it stays as it was."""

    files: list[FoundFile] = field(default_factory=list)
    faults: list[tuple[bytes, KnownError]] = field(default_factory=list)


def discover(root: bytes, suffixes: frozenset[str], cancel: CancelToken) -> Discovery:
    """Walk `root` for files with one of `suffixes` (lower case, with the dot). Symlinked folders are followed once."""
    wanted = {os.fsencode(suffix) for suffix in suffixes}
    found = Discovery()
    seen: set[tuple[int, int]] = set()
    pending = [root]
    while pending:
        cancel.check()
        folder = pending.pop()
        try:
            entries = sorted(_entries(folder, seen), key=lambda entry: entry.name)
        except OSError as error:
            found.faults.append((folder, _unreadable(folder, error)))
            continue
        for entry in entries:
            if entry.name.startswith(b".") or entry.name in _SKIPPED_FOLDERS:
                continue
            _sort_in(entry, wanted, pending, found)
    found.files.sort(key=lambda file: file.path)
    return found


def _entries(folder: bytes, seen: set[tuple[int, int]]) -> Iterator[os.DirEntry[bytes]]:
    status = os.stat(folder)  # noqa: PTH116  a bytes path
    identity = (status.st_dev, status.st_ino)
    if identity in seen:  # A loop of symlinks, or the same folder by another name.
        return
    seen.add(identity)
    with os.scandir(folder) as entries:
        yield from entries


def _sort_in(entry: os.DirEntry[bytes], wanted: set[bytes], pending: list[bytes], found: Discovery) -> None:
    try:
        if entry.is_dir():
            pending.append(entry.path)
        elif os.path.splitext(entry.name)[1].lower() in wanted and entry.is_file():  # noqa: PTH122  a bytes path
            status = entry.stat()
            found.files.append(FoundFile(entry.path, status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino))
    except OSError:
        return  # It vanished while we looked: the next scan sees the truth.


def _unreadable(folder: bytes, error: OSError) -> KnownError:
    return KnownError(
        f"The folder {display_path(folder)} cannot be read.",
        remedy="Give yourself the right to read it, or leave it out of the scan.",
        cause=str(error),
        code="unreadable",
    )
