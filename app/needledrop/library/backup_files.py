# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups as files: their names, which are sound, and which may go. Opens nothing but backups, read-only."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

KEEP_COUNT = 7
KEEP_BYTES = 4_000_000_000
KEEP_AT_LEAST = 2

_NAME = re.compile(r"^library-(\d{8}-\d{6})(?:-\d+)?-([a-z0-9.]+)\.db$")


@dataclass(frozen=True)
class Backup:
    """One backup: when it was made (Unix seconds) and why ("daily", "asked", "migration")."""

    path: Path
    made_at: float
    reason: str
    size: int


def list_backups(backups_dir: Path) -> list[Backup]:
    """All backups, newest first."""
    found = []
    for path in backups_dir.glob("library-*.db"):
        match = _NAME.match(path.name)
        if match and path.is_file():
            made_at = time.mktime(time.strptime(match[1], "%Y%m%d-%H%M%S"))
            status = path.stat()
            found.append((status.st_mtime_ns, Backup(path, made_at, match[2], status.st_size)))
    # Of two backups of one second, the file's own time says which is newer.
    found.sort(key=lambda pair: (pair[1].made_at, pair[0], pair[1].path.name), reverse=True)
    return [backup for _, backup in found]


def new_backup_path(backups_dir: Path, reason: str, now: float) -> Path:
    """A name that no backup has yet."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    path = backups_dir / f"library-{stamp}-{reason}.db"
    attempt = 1
    while path.exists():
        attempt += 1
        path = backups_dir / f"library-{stamp}-{attempt}-{reason}.db"
    return path


def open_backup(path: Path) -> sqlite3.Connection:
    """Open a backup without writing beside it: nobody writes to a backup, so it is immutable."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def is_intact(path: Path) -> bool:
    """True if every page and index of the backup is sound and it holds a library."""
    try:
        with closing(open_backup(path)) as raw:
            answers = [row[0] for row in raw.execute("PRAGMA integrity_check(1)")]
            raw.execute("SELECT count(*) FROM counters")
    except sqlite3.Error:
        return False
    return answers == ["ok"]


def newest_good_backup(backups_dir: Path) -> Backup | None:
    """The newest backup that is intact, or None."""
    return next((backup for backup in list_backups(backups_dir) if is_intact(backup.path)), None)


def rotate(backups_dir: Path) -> None:
    """Remove the oldest backups beyond KEEP_COUNT, or beyond KEEP_BYTES together, but keep at least KEEP_AT_LEAST."""
    total = 0
    for place, backup in enumerate(list_backups(backups_dir)):
        total += backup.size
        if place >= KEEP_COUNT or (place >= KEEP_AT_LEAST and total > KEEP_BYTES):
            backup.path.unlink(missing_ok=True)
