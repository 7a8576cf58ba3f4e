# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds media files below folders: names and stat only, nothing is opened.

Paths are bytes throughout: a file name need not be valid UTF-8.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.core.progress import CancelToken

_SKIPPED_FOLDERS = {b"$RECYCLE.BIN", b"System Volume Information", b"@eaDir", b"lost+found", b"__MACOSX"}
_NOTHING_THERE = {errno.ENOENT, errno.ELOOP}  # It vanished while we looked, or a link leads nowhere.


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
    """What a walk found. What could not be looked at is a fault, and what was known there or below stays as it was."""

    files: list[FoundFile] = field(default_factory=list)
    faults: list[tuple[bytes, KnownError]] = field(default_factory=list)


def discover(root: bytes, suffixes: frozenset[str], cancel: CancelToken) -> Discovery:
    """Walk `root` for files with one of `suffixes` (lower case, with the dot).

    Symlinked folders are followed once, after the real ones, and never to a folder around `root`.
    """
    wanted = {os.fsencode(suffix) for suffix in suffixes}
    found = Discovery()
    seen = _identities_around(root)
    pending, linked = [root], list[bytes]()
    while pending or linked:
        cancel.check()
        folder = pending.pop() if pending else linked.pop()
        try:
            entries = sorted(_entries(folder, seen), key=lambda entry: entry.name)
        except OSError as error:
            found.faults.append((folder, _unreadable("folder", folder, error)))
            continue
        for entry in entries:
            if entry.name.startswith(b".") or entry.name in _SKIPPED_FOLDERS:
                continue
            try:
                if entry.is_dir():
                    (linked if entry.is_symlink() else pending).append(entry.path)
                elif _suffix(entry.name) in wanted and entry.is_file():
                    found.files.append(_found_file(entry))
            except OSError as error:
                if error.errno not in _NOTHING_THERE:
                    found.faults.append((entry.path, _unreadable("file", entry.path, error)))
    found.files.sort(key=lambda file: file.path)
    return found


def _identities_around(root: bytes) -> set[tuple[int, int]]:
    """Device and inode of every folder above `root`: a link up there would bring in the whole drive."""
    seen: set[tuple[int, int]] = set()
    folder = os.path.realpath(root)
    while (above := os.path.dirname(folder)) != folder:  # noqa: PTH120  a bytes path
        folder = above
        try:
            status = os.stat(folder)  # noqa: PTH116  a bytes path
        except OSError:
            continue
        seen.add((status.st_dev, status.st_ino))
    return seen


def _entries(folder: bytes, seen: set[tuple[int, int]]) -> Iterator[os.DirEntry[bytes]]:
    status = os.stat(folder)  # noqa: PTH116  a bytes path
    identity = (status.st_dev, status.st_ino)
    if identity in seen:  # A loop of symlinks, or the same folder by another name.
        return
    seen.add(identity)
    with os.scandir(folder) as entries:
        yield from entries


def _suffix(name: bytes) -> bytes:
    return os.path.splitext(name)[1].lower()  # noqa: PTH122  a bytes path


def _found_file(entry: os.DirEntry[bytes]) -> FoundFile:
    status = entry.stat()
    return FoundFile(entry.path, status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)


def _unreadable(kind: str, path: bytes, error: OSError) -> KnownError:
    return KnownError(
        f"The {kind} {display_path(path)} cannot be read.",
        remedy="Give yourself the right to read it, or leave it out of the scan.",
        cause=str(error),
        code="unreadable",
    )
