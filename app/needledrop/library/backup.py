# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making and restoring backups of the library. A file is moved aside or rotated out, never overwritten."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from needledrop.core import log
from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.library.backup_files import (
    Backup,
    is_intact,
    list_backups,
    new_backup_path,
    newest_good_backup,
    open_backup,
    rotate,
)
from needledrop.library.connection import Connection
from needledrop.library.errors import known_errors
from needledrop.library.lock import WriterLock

DAY_S = 24 * 3600.0


def back_up(connection: Connection, reason: str, now: float | None = None) -> Path:
    """Copy the library, as it is in this instant, into a new backup and rotate the old ones out.

    SQLite's backup API sees what a copy of the file would lose: the rows that still stand in the write-ahead log.

    Raises:
        KnownError: the disk is full, the folder cannot be written (an unfinished backup is removed), or there is no
            library yet.
    """
    if connection.is_in_memory:
        raise KnownError(
            f"There is no library at {display_path(connection.path)} yet.",
            remedy="Scan a music folder first.",
            code="missing",
        )
    backups_dir = connection.backups_dir
    with known_errors(connection.path, backups_dir):
        backups_dir.mkdir(parents=True, exist_ok=True)
        path = new_backup_path(backups_dir, reason, time.time() if now is None else now)
        unfinished = path.with_suffix(".part")
        try:
            _copy(connection.raw, unfinished)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        rotate(backups_dir)
    log.library.info("backup %s", path)
    return path


def back_up_daily(connection: Connection, now: float | None = None) -> Path | None:
    """Back up if the newest backup is a day old and tracks, features or decisions changed since."""
    now = time.time() if now is None else now
    newest = next(iter(list_backups(connection.backups_dir)), None)
    if newest is not None and 0 <= now - newest.made_at < DAY_S:
        return None
    with known_errors(connection.path, connection.backups_dir):
        counters = _counters(connection.raw)
    if not any(counters.values()) or (newest is not None and _counters_in(newest) == counters):
        return None
    try:
        return back_up(connection, "daily", now)
    except KnownError as error:
        log.library.warning("no daily backup: %s (%s)", error, error.cause)  # The work itself may still succeed.
        return None


def restore(library_path: Path, backups_dir: Path, backup: Path | None = None) -> tuple[Path, Path | None]:
    """Return the library to a backup, the newest sound one unless named.

    Returns the backup that was used, and where the present library was moved to (None if there was none).

    Raises:
        KnownError: there is no sound backup, another process writes to the library, or the disk is full.
    """
    chosen = _chosen_backup(backups_dir, backup)
    with known_errors(library_path, backups_dir):
        library_path.parent.mkdir(parents=True, exist_ok=True)
        lock = WriterLock(library_path, "library restore")
        try:
            restored = library_path.with_suffix(".restoring")
            restored.unlink(missing_ok=True)
            with closing(open_backup(chosen)) as raw:
                _copy(raw, restored)
            aside = _move_aside(library_path)
            restored.replace(library_path)
        finally:
            lock.release(is_clean=True)
    return chosen, aside


def _chosen_backup(backups_dir: Path, backup: Path | None) -> Path:
    if backup is None:
        newest = newest_good_backup(backups_dir)
        if newest is None:
            raise KnownError(
                f"There is no sound backup in {display_path(backups_dir)}.",
                remedy="Name one with its path, or scan your music again.",
                code="missing",
            )
        return newest.path
    if not backup.is_file():
        raise KnownError(
            f"There is no backup {display_path(backup)}.",
            remedy=f"The backups are in {display_path(backups_dir)}.",
            code="missing",
        )
    if not is_intact(backup):
        raise KnownError(
            f"The backup {display_path(backup)} is damaged too.",
            remedy=f"Choose an older one from {display_path(backups_dir)}.",
            code="corrupt",
        )
    return backup


def _copy(source: sqlite3.Connection, target: Path) -> None:
    with closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # The copy has to be one whole file.
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def _move_aside(library_path: Path) -> Path | None:
    if not library_path.exists():
        return None
    aside = _free_name(library_path)
    with suppress(sqlite3.Error), closing(sqlite3.connect(library_path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    # The log goes first: left behind, it would be played into the restored library.
    for suffix in ("-wal", "-shm", "-journal"):
        companion = library_path.with_name(library_path.name + suffix)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + suffix))
    library_path.rename(aside)
    return aside


def _free_name(library_path: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside = library_path.with_name(f"{library_path.stem}-aside-{stamp}.db")
    attempt = 1
    while aside.exists():
        attempt += 1
        aside = library_path.with_name(f"{library_path.stem}-aside-{stamp}-{attempt}.db")
    return aside


def _counters(raw: sqlite3.Connection) -> dict[str, int]:
    return {row[0]: row[1] for row in raw.execute("SELECT name, value FROM counters")}


def _counters_in(backup: Backup) -> dict[str, int]:
    try:
        with closing(open_backup(backup.path)) as raw:
            return _counters(raw)
    except sqlite3.Error:
        return {}
