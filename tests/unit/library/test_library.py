# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening a library: missing, damaged, foreign, from the future, in use."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.library.library import Library
from needledrop.library.migrations import MIGRATIONS, encode_version
from needledrop.library.rows import FoundFile, ScanBatch

Open = Callable[..., Library]


def set_version(path: Path, version: tuple[int, int]) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA user_version = {encode_version(version)}")


def test_a_reader_of_nothing_sees_an_empty_library_and_makes_no_file(open_library: Open, profile: Profile) -> None:
    with open_library() as library:
        assert (library.count(), library.search("x"), library.roots(), library.revision) == (0, [], [], 0)
    assert not profile.data_dir.exists()


def test_a_reader_of_a_file_without_tables_sees_an_empty_library(open_library: Open, profile: Profile) -> None:
    profile.data_dir.mkdir(parents=True)
    profile.library_path.touch()
    with open_library() as library:
        assert library.count() == 0
    assert profile.library_path.stat().st_size == 0
    with open_library(write=True) as library:
        assert library.count() == 0


def test_readers_see_what_the_writer_committed(open_library: Open) -> None:
    with open_library(write=True) as writer, open_library() as reader:
        with writer.connection.decision():
            writer.save_setting("a", "b")
            assert reader.setting("a") == ""
        assert reader.setting("a") == "b"


def test_a_second_writer_is_refused(open_library: Open) -> None:
    with open_library(write=True, verb="scan"), pytest.raises(KnownError, match="needledrop scan") as caught:
        open_library(write=True)
    assert caught.value.code == "locked"


def test_a_newer_major_version_is_refused_and_left_alone(open_library: Open, profile: Profile) -> None:
    open_library(write=True).close()
    newest = MIGRATIONS[-1].VERSION
    set_version(profile.library_path, (newest[0] + 1, 0))
    before = profile.library_path.read_bytes()
    for write in (False, True):
        with pytest.raises(KnownError, match="newer Needledrop") as caught:
            open_library(write=write)
        assert caught.value.code == "too-new"
    assert profile.library_path.read_bytes() == before


def test_a_newer_minor_version_is_opened(open_library: Open, profile: Profile) -> None:
    open_library(write=True).close()
    newest = MIGRATIONS[-1].VERSION
    set_version(profile.library_path, (newest[0], newest[1] + 1))
    with open_library(write=True) as library:
        library.save_setting("a", "b")


def test_a_database_of_another_program_is_refused(open_library: Open, profile: Profile) -> None:
    profile.data_dir.mkdir(parents=True)
    with closing(sqlite3.connect(profile.library_path)) as raw:
        raw.execute("CREATE TABLE x (y)")
    before = profile.library_path.read_bytes()
    for write in (False, True):
        with pytest.raises(KnownError, match="not a Needledrop library") as caught:
            open_library(write=write)
        assert caught.value.code == "schema"
    assert profile.library_path.read_bytes() == before


@pytest.mark.parametrize("write", [False, True])
def test_garbage_names_the_backup_and_the_way_back(open_library: Open, profile: Profile, write: bool) -> None:
    with open_library(write=True) as library:
        library.save_setting("a", "b")
        backup = library.back_up()
    profile.library_path.write_bytes(b"this is not a database" * 1000)

    with pytest.raises(KnownError, match="damaged") as caught:
        open_library(write=write)

    assert caught.value.code == "corrupt"
    assert str(backup) in caught.value.remedy and "needledrop library restore" in caught.value.remedy
    assert profile.library_path.exists()


def test_damage_without_a_backup_is_said(open_library: Open, profile: Profile) -> None:
    profile.data_dir.mkdir(parents=True)
    profile.library_path.write_bytes(b"x" * 5000)
    with pytest.raises(KnownError, match="no sound backup") as caught:
        open_library()
    assert caught.value.code == "corrupt"


def test_hidden_damage_is_found_after_an_unclean_close(
    open_library: Open, profile: Profile, found: Callable[..., FoundFile], music_dir: Path
) -> None:
    with open_library(write=True) as library:
        root = library.add_root(music_dir)
        library.apply_scan(ScanBatch(root.id, tuple(found(f"{number}.mp3") for number in range(200))))
        page_size = library.connection.value("PRAGMA page_size")
        page = library.connection.value("SELECT rootpage FROM sqlite_schema WHERE name = 'tracks_by_title'")
    with profile.library_path.open("rb+") as file:
        file.seek((page - 1) * page_size)
        file.write(b"\xee" * page_size)
    open_library(write=True).close(is_clean=False)

    for _ in range(2):
        with pytest.raises(KnownError, match="damaged") as caught:
            open_library(write=True)
        assert caught.value.code == "corrupt"


def test_damage_met_while_working_is_remembered(open_library: Open, profile: Profile) -> None:
    with pytest.raises(KnownError), open_library(write=True):
        raise KnownError("Damaged.", code="corrupt")
    with pytest.raises(ZeroDivisionError), open_library(write=True) as library:
        assert library._lock is not None and library._lock.was_unclean
        _ = 1 / 0
    with open_library(write=True) as library:
        assert library._lock is not None and not library._lock.was_unclean


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KnownError) as caught:
        Library.open(tmp_path / "file" / "x" / "library.db", backups_dir=tmp_path, write=True)
    assert caught.value.code == "cannot-open"


def test_odd_names_of_the_profile(tmp_path: Path) -> None:
    path = tmp_path / "100% odd? #é &x=1" / "library.db"
    with Library.open(path, backups_dir=path.parent / "b?", write=True) as library:
        library.save_setting("a", "b")
        library.back_up()
    with Library.open(path, backups_dir=path.parent / "b?") as library:
        assert library.setting("a") == "b"
