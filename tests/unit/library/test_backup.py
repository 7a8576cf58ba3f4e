# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups hold every row of a live library, rotate, and come back without destroying anything."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.library import backup_files
from needledrop.library.backup import DAY_S, back_up, back_up_daily, restore
from needledrop.library.backup_files import is_intact, list_backups, newest_good_backup, rotate
from needledrop.library.library import Library

Add = Callable[..., int]
Open = Callable[..., Library]
NOW = 1_800_000_000.0


def test_a_backup_of_a_live_library_has_the_rows_a_file_copy_would_lose(library: Library, tmp_path: Path) -> None:
    library.connection.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    library.connection.raw.execute("PRAGMA wal_autocheckpoint = 0")
    for number in range(100):
        library.save_setting(f"key {number}", "x")
    copied = tmp_path / "copied.db"
    shutil.copy(library.connection.path, copied)

    path = library.back_up()

    counts = []
    for database in (copied, path):
        with closing(backup_files.open_backup(database)) as raw:
            counts.append(raw.execute("SELECT count(*) FROM settings WHERE key <> 'library_id'").fetchone()[0])
    assert counts == [0, 100]
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_reader_can_back_up_while_a_writer_works(library: Library, open_library: Open) -> None:
    library.save_setting("a", "b")
    with open_library() as reader, library.connection.decision():
        library.save_setting("c", "d")
        path = reader.back_up()
    with closing(backup_files.open_backup(path)) as raw:
        assert raw.execute("SELECT key FROM settings WHERE key <> 'library_id'").fetchall() == [("a",)]


def test_an_empty_library_has_nothing_to_back_up(open_library: Open) -> None:
    with open_library() as reader, pytest.raises(KnownError, match="no library"):
        reader.back_up()


def test_seven_backups_are_kept(library: Library) -> None:
    paths = [back_up(library.connection, "asked", NOW + number) for number in range(9)]
    kept = list_backups(library.connection.backups_dir)
    assert [backup.path for backup in kept] == paths[:1:-1]
    assert {backup.reason for backup in kept} == {"asked"}


def test_two_backups_in_one_second_have_two_names(library: Library) -> None:
    first, second = (back_up(library.connection, "asked", NOW) for _ in range(2))
    assert first != second and len(list_backups(library.connection.backups_dir)) == 2


def test_large_backups_are_kept_in_smaller_number(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    backups_dir = library.connection.backups_dir
    sizes = [back_up(library.connection, "asked", NOW + number).stat().st_size for number in range(6)]
    monkeypatch.setattr(backup_files, "KEEP_BYTES", sizes[0] * 3)
    rotate(backups_dir)
    assert len(list_backups(backups_dir)) == 3
    monkeypatch.setattr(backup_files, "KEEP_BYTES", 0)
    rotate(backups_dir)
    assert len(list_backups(backups_dir)) == 2


def test_one_backup_a_day_and_only_after_a_change(library: Library) -> None:
    connection = library.connection
    assert back_up_daily(connection, NOW) is None
    library.save_setting("a", "b")
    assert back_up_daily(connection, NOW) is not None
    library.save_setting("a", "c")
    assert back_up_daily(connection, NOW + DAY_S - 1) is None
    assert back_up_daily(connection, NOW + DAY_S) is not None
    assert back_up_daily(connection, NOW + 2 * DAY_S) is None


def test_a_daily_backup_that_fails_does_not_stop_the_work(
    library: Library, profile: Profile, caplog: pytest.LogCaptureFixture
) -> None:
    library.save_setting("a", "b")
    profile.backups_dir.write_text("a file where a folder should be")
    assert back_up_daily(library.connection, NOW) is None
    assert "no daily backup" in caplog.text


def test_restoring_moves_the_present_library_aside(open_library: Open, profile: Profile) -> None:
    with open_library(write=True) as library:
        library.save_setting("a", "before")
        backup = library.back_up()
        library.save_setting("a", "after")

    assert restore(profile.library_path, profile.backups_dir)[0] == backup

    with open_library(write=True) as library:
        assert library.setting("a") == "before"
    (aside,) = profile.data_dir.glob("library-aside-*.db")
    with closing(sqlite3.connect(aside)) as raw:
        assert raw.execute("SELECT value FROM settings WHERE key = 'a'").fetchall() == [("after",)]


def test_restoring_into_nothing(open_library: Open, profile: Profile) -> None:
    with open_library(write=True) as library:
        library.save_setting("a", "before")
        backup = library.back_up()
    profile.library_path.unlink()
    assert restore(profile.library_path, profile.backups_dir, backup) == (backup, None)
    with open_library() as reader:
        assert reader.setting("a") == "before"


def test_only_sound_backups_are_restored(library: Library, profile: Profile) -> None:
    with pytest.raises(KnownError, match="no sound backup"):
        restore(profile.library_path, profile.backups_dir)
    good = back_up(library.connection, "asked", NOW)
    bad = back_up(library.connection, "asked", NOW + 1)
    bad.write_bytes(bad.read_bytes()[:-5000])
    foreign = profile.backups_dir / "library-20300101-000000-asked.db"
    with closing(sqlite3.connect(foreign)) as raw:
        raw.execute("CREATE TABLE x (y)")

    assert [is_intact(path) for path in (good, bad, foreign)] == [True, False, False]
    newest = newest_good_backup(profile.backups_dir)
    assert newest is not None and newest.path == good
    for path, code in ((bad, "corrupt"), (bad.with_name("gone.db"), "missing")):
        with pytest.raises(KnownError) as caught:
            restore(profile.library_path, profile.backups_dir, path)
        assert caught.value.code == code


def test_a_library_in_use_is_not_replaced(library: Library, profile: Profile) -> None:
    library.back_up()
    with pytest.raises(KnownError) as caught:
        restore(profile.library_path, profile.backups_dir)
    assert caught.value.code == "locked"
    library.save_setting("still", "here")


def test_of_two_backups_of_one_second_the_later_is_the_newest(tmp_path: Path) -> None:
    for place, reason in enumerate(("daily", "asked")):
        path = tmp_path / f"library-20260102-030405-{reason}.db"
        path.write_bytes(b"")
        os.utime(path, ns=(0, 1_000_000_000 + place))
    assert [backup.reason for backup in list_backups(tmp_path)] == ["asked", "daily"]
