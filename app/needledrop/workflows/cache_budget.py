# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that can be made again, kept in the cache folder under one size budget: the least recently used go first.

Reading a file counts as using it. What happens to other files of the cache (the gallery, models) is not decided here.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile, display_path
from needledrop.media.output_file import written_whole

FOLDERS = ("thumbnails", "peaks", "proxies")
BUDGET_BYTES = 2 * 1024**3
_ROOM_SHARE = 0.1  # So much more than needed is freed, so that the folder is not walked for every file.


def read_kept(file: Path) -> bytes | None:
    """The bytes of a file of the cache, which counts as used now; None where there is none."""
    try:
        kept = file.read_bytes()
        os.utime(file)
    except OSError:
        return None
    return kept or None


def write_kept(file: Path, content: bytes) -> None:
    """Keep bytes under a name of the cache.

    Raises:
        KnownError: the cache folder cannot be made or written, or is full.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KnownError(
            f"The cache folder {display_path(file.parent)} cannot be made.",
            remedy="Free some space there, or check that the folder can be written.",
            cause=str(error),
            code="disk-full",
        ) from error
    with written_whole(file, overwrite=True) as scratch:
        scratch.write_bytes(content)


def keep_within(profile: Profile, budget_bytes: int = BUDGET_BYTES) -> int:
    """Delete the least recently used files until the folders hold no more than the budget; the bytes that were freed.

    Files that are gone or held by another program meanwhile are passed over.
    """
    found: list[tuple[float, int, Path]] = []
    for name in FOLDERS:
        for file in (profile.cache_dir / name).rglob("*"):
            with contextlib.suppress(OSError):
                status = file.stat()
                if file.is_file():
                    found.append((status.st_mtime, status.st_size, file))
    spare = sum(size for _, size, _ in found) - budget_bytes
    if spare <= 0:
        return 0
    wanted, freed = spare + int(budget_bytes * _ROOM_SHARE), 0
    for _, size, file in sorted(found, key=lambda one: one[:2]):
        if freed >= wanted:
            break
        with contextlib.suppress(OSError):
            file.unlink()
            freed += size
    return freed
