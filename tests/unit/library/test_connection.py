# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection stays where it was opened, writes only in transactions, and loses nothing on a full disk."""

from __future__ import annotations

import pickle
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.library.library import Library

Add = Callable[..., int]
Open = Callable[..., Library]


def test_a_connection_does_not_cross_a_thread(library: Library) -> None:
    failures: list[BaseException] = []

    def use() -> None:
        try:
            library.track_ids()
        except RuntimeError as error:
            failures.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert "outside the thread" in str(failures[0])


def test_a_connection_does_not_cross_a_spawn(library: Library) -> None:
    with pytest.raises(TypeError, match="another process"):
        pickle.dumps(library)


def test_decisions_are_written_through_and_what_can_be_found_again_is_not(library: Library) -> None:
    connection = library.connection
    with connection.decision():
        assert connection.value("PRAGMA synchronous") == 2
    with connection.recomputable():
        assert connection.value("PRAGMA synchronous") == 1
        with pytest.raises(RuntimeError, match="power cut"), connection.decision():
            pass
    with connection.decision(), connection.recomputable():
        assert connection.value("PRAGMA synchronous") == 2


def test_pragmas_of_a_writer(library: Library) -> None:
    assert library.connection.value("PRAGMA journal_mode") == "wal"
    assert library.connection.value("PRAGMA foreign_keys") == 1
    assert library.connection.value("PRAGMA busy_timeout") > 0
    with pytest.raises(sqlite3.IntegrityError), library.connection.recomputable():
        library.connection.write("INSERT INTO track_facts (track_id) VALUES (99)")


def test_a_write_needs_a_transaction_and_a_writer(library: Library, open_library: Open) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        library.connection.write("DELETE FROM settings")
    with open_library() as reader, pytest.raises(RuntimeError, match="for reading"):
        reader.save_setting("a", "b")


def test_a_failed_transaction_leaves_no_trace(library: Library) -> None:
    with pytest.raises(KeyboardInterrupt), library.connection.decision():
        library.save_setting("a", "b")
        raise KeyboardInterrupt
    assert library.setting("a") == ""
    library.save_setting("a", "c")
    assert library.setting("a") == "c"


def test_a_full_disk_loses_nothing(library: Library, add: Add, open_library: Open) -> None:
    track_id = add("a.mp3")
    library.put_features(track_id, {"clips": (1, b"kept")})
    pages = library.connection.value("PRAGMA page_count")
    library.connection.raw.execute(f"PRAGMA max_page_count = {pages + 4}")

    with pytest.raises(KnownError, match="disk is full") as caught:
        library.put_features(track_id, {"clips": (2, b"lost"), "peaks": (1, bytes(200_000))})

    assert caught.value.code == "disk-full"
    assert library.features([track_id], "clips", 1) == {track_id: b"kept"}
    library.connection.raw.execute("PRAGMA max_page_count = 100000")
    library.put_features(track_id, {"clips": (2, b"again")})
    library.connection.check_integrity()
    with open_library() as reader:
        assert reader.features([track_id], "clips", 2) == {track_id: b"again"}


def test_a_lock_of_another_program_is_named(
    library: Library, open_library: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.connection.raw.execute("PRAGMA busy_timeout = 1")
    other: Any = sqlite3.connect(library.connection.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(KnownError, match="in use") as caught:
        library.save_setting("a", "b")
    assert caught.value.code == "locked"
    other.close()
    library.save_setting("a", "b")


def test_what_sqlite_says_of_a_bug_stays_a_bug(library: Library) -> None:
    with pytest.raises(sqlite3.OperationalError, match="syntax"):
        library.connection.rows("SELEKT 1")


DIES_WRITING = """
import os, sqlite3, sys
raw = sqlite3.connect(sys.argv[1], isolation_level=None)
raw.execute("PRAGMA journal_mode = delete")
raw.execute("PRAGMA cache_size = 1")
raw.execute("BEGIN IMMEDIATE")
raw.execute("CREATE TABLE half (x)")
raw.executemany("INSERT INTO half VALUES (?)", ((os.urandom(2000),) for _ in range(200)))
os._exit(9)
"""


def test_a_reader_finds_what_was_there_before_a_writer_was_killed(profile: Profile, open_library: Open) -> None:
    library_path = profile.library_path
    open_library(write=True).close()
    before = library_path.read_bytes()
    assert subprocess.run([sys.executable, "-c", DIES_WRITING, str(library_path)], check=False).returncode == 9
    assert library_path.with_name(f"{library_path.name}-journal").stat().st_size > 0
    assert library_path.read_bytes() != before
    with open_library() as library:
        assert library.track_ids() == []
    assert not library_path.with_name(f"{library_path.name}-journal").exists()
