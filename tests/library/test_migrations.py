# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A library of every version that was ever released opens with all its rows; a step that fails changes nothing.

One builder per released version stands below. It writes rows in the words of that version and is never changed.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from needledrop.core.extractor import ExtractorCard
from needledrop.core.music import CorrectedBeats, Licence, RhythmEdit
from needledrop.core.paths import Profile
from needledrop.library import migrations
from needledrop.library.backup_files import list_backups
from needledrop.library.library import Library
from needledrop.library.migrations import (
    MIGRATIONS,
    decode_version,
    m0001_initial,
    m0002_rhythm_edits,
    m0003_embeddings,
    m0004_blocked_artists,
    m0005_list_indexes,
    m0006_feedback,
    m0007_collections,
)


def make_version_1_0(path: Path) -> None:
    """A library of version 1.0 with a row in every table that holds what a user decided."""
    file_tags = {"title": "Dawn", "artist": "Ada", "genre": "ambient", "licence_name": "CC-BY-4.0"}
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        migrations.apply(raw, [m0001_initial])
        raw.execute("INSERT INTO roots VALUES (1, ?, '/music', 1, ?, 5.0, NULL)", (b"/music", b"/"))
        raw.execute(
            "INSERT INTO tracks (id, content_hash, recording_id, state, path, display_path, added_at, duration_s, "
            "codec, sample_rate, channels, file_tags, title, artist, genre, licence_name, rating, folder_words) VALUES "
            "(7, 'hash', 7, 'present', ?, '/music/a.mp3', 5.0, 60.0, 'mp3', 44100, 2, ?, 'Mine', 'Ada', 'ambient', "
            "'CC-BY-4.0', 4, 'music')",
            (b"/music/a.mp3", json.dumps(file_tags)),
        )
        raw.execute(
            "INSERT INTO files VALUES (1, ?, '/music/a.mp3', 1, 7, 10, 20, 30, 40, 'hash', 'present')",
            (b"/music/a.mp3",),
        )
        raw.execute("INSERT INTO edits VALUES (7, 'title', 'Mine', 6.0), (7, 'rating', '4', 6.0)")
        raw.execute("INSERT INTO features VALUES (1, 7, 'rhythm', 1, ?)", (b"packed",))
        raw.execute("INSERT INTO track_facts (track_id, tempo_bpm) VALUES (7, 98.0)")
        raw.execute("INSERT INTO projects VALUES (1, 'video', ?, '/v.mp4', 5.0)", (b"/v.mp4",))
        raw.execute("INSERT INTO uses VALUES (1, 7, 5.0)")
        raw.execute("INSERT INTO settings VALUES ('target_lufs', '-16')")


def make_version_1_1(path: Path) -> None:
    """A library of version 1.1: one of version 1.0 in which the user corrected the beats of a track."""
    make_version_1_0(path)
    beats = {
        "edits": [{"kind": "taps", "beats": 0, "seconds": 0.0, "bpm": 0.0, "taps_s": [1.0, 2.0]}],
        "beats_s": [1.0, 1.5, 2.0],
        "downbeats_s": [1.0],
        "beats_per_bar": 3,
    }
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        migrations.apply(raw, [m0002_rhythm_edits])
        raw.execute("INSERT INTO rhythm_edits VALUES (7, ?, 6.0, 4)", (json.dumps(beats),))


def make_version_1_2(path: Path) -> None:
    """A library of version 1.2: one of version 1.1 in which an extractor has seen a track."""
    make_version_1_1(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        migrations.apply(raw, [m0003_embeddings])
        key = f"vggish@1/2/1.04167Hz/{'ab' * 8}"
        raw.execute("INSERT INTO embeddings VALUES (?, 'hash', 1, 2, ?)", (key, b"\x00\x00\x80\x3f\x00\x00\x00\x40"))


def make_version_1_3(path: Path) -> None:
    """A library of version 1.3: one of version 1.2 in which an artist is blocked."""
    make_version_1_2(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        migrations.apply(raw, [m0004_blocked_artists])
        raw.execute("INSERT INTO blocked_artists VALUES ('the loud', 'The Loud', 7.0)")


def make_version_1_4(path: Path) -> None:
    """A library of version 1.4, which has indexes that 1.3 had not."""
    make_version_1_3(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        migrations.apply(raw, [m0005_list_indexes])


def make_version_1_5(path: Path) -> None:
    """A library of version 1.5: one of version 1.4 with a verdict of before, and one that has its cue."""
    make_version_1_4(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("INSERT INTO feedback VALUES (1, 1, 7, 'accept', 0.0, 5.0, '[7]', 8.0)")
        migrations.apply(raw, [m0006_feedback])
        raw.execute("INSERT INTO feedback VALUES (2, 1, 7, 'audition', 0.0, 5.0, '[7]', 9.0, NULL, 20.5)")


def make_version_1_6(path: Path) -> None:
    """A library of version 1.6: one of version 1.5 with a track in a collection."""
    make_version_1_5(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        migrations.apply(raw, [m0007_collections])
        raw.execute("INSERT INTO collections VALUES ('for rain', 7, 'For Rain', 10.0)")


BUILDERS: dict[tuple[int, int], Callable[[Path], None]] = {
    (1, 0): make_version_1_0,
    (1, 1): make_version_1_1,
    (1, 2): make_version_1_2,
    (1, 3): make_version_1_3,
    (1, 4): make_version_1_4,
    (1, 5): make_version_1_5,
    (1, 6): make_version_1_6,
}


def step(number: int, version: tuple[int, int], apply: Callable[[Any], None]) -> Any:
    return SimpleNamespace(NAME=f"m{number:04d}_made_up", VERSION=version, apply=apply)


@pytest.fixture
def path(profile: Profile) -> Path:
    profile.data_dir.mkdir(parents=True)
    return profile.library_path


def open_library(profile: Profile, *, write: bool) -> Library:
    return Library.open(profile.library_path, backups_dir=profile.backups_dir, write=write)


def test_every_version_has_its_builder_and_versions_only_grow() -> None:
    versions = [migration.VERSION for migration in MIGRATIONS]
    assert list(BUILDERS) == versions == sorted(set(versions))


@pytest.mark.parametrize("version", BUILDERS)
@pytest.mark.parametrize("write", [False, True])
def test_a_library_of_every_version_opens_with_all_its_rows(
    profile: Profile, path: Path, version: tuple[int, int], write: bool
) -> None:
    BUILDERS[version](path)
    with open_library(profile, write=write) as library:
        assert decode_version(library.connection.value("PRAGMA user_version")) == MIGRATIONS[-1].VERSION
        track = library.track(7)
        assert (track.tags.title, track.rating, track.licence) == ("Mine", 4, Licence("CC-BY-4.0"))
        assert track.facts.tempo_bpm == 98.0
        assert library.edits(7) == {"title": "Mine", "rating": "4"}
        assert library.features([7], "rhythm", 1) == {7: b"packed"}
        assert [row.id for row in library.search("ambient mine")] == [7]
        assert library.used_track_ids() == {7} and library.setting("target_lufs") == "-16"
        library.connection.check_integrity()


@pytest.mark.parametrize("write", [False, True])
def test_version_1_0_takes_corrected_beats_after_a_backup(profile: Profile, path: Path, write: bool) -> None:
    make_version_1_0(path)
    with open_library(profile, write=write) as library:
        assert library.corrected_beats([7]) == {} and library.tracks_corrected_since(0) == frozenset()
        assert [entry["field"] for entry in library.decisions()] == ["rating", "title"]
    (backup,) = list_backups(profile.backups_dir)
    assert backup.reason == "migration"
    with closing(sqlite3.connect(backup.path)) as raw:
        assert decode_version(raw.execute("PRAGMA user_version").fetchone()[0]) == (1, 0)


def test_version_1_1_holds_corrected_beats(profile: Profile, path: Path) -> None:
    make_version_1_1(path)
    with open_library(profile, write=False) as library:
        edit = RhythmEdit("taps", taps_s=(1.0, 2.0))
        assert library.corrected_beats([7]) == {7: CorrectedBeats((edit,), (1.0, 1.5, 2.0), (1.0,), 3)}
        assert library.tracks_corrected_since(3) == {7}


def test_version_1_2_holds_embeddings(profile: Profile, path: Path) -> None:
    make_version_1_2(path)
    card = ExtractorCard("vggish", 1, 2, 1 / 0.96, "music", "Apache-2.0", 1, "ab" * 32, "", True)
    with open_library(profile, write=False) as library:
        assert library.embeddings(card, ["hash"])["hash"].tolist() == [[1.0, 2.0]]


def test_version_1_5_holds_feedback_of_before_and_since(profile: Profile, path: Path) -> None:
    make_version_1_5(path)
    with open_library(profile, write=False) as library:
        first, second = library.feedback()
    assert (first["verdict"], first["cue"], first["listened_s"]) == ("accept", None, None)
    assert (second["verdict"], second["offered"], second["listened_s"]) == ("audition", [7], 20.5)


def test_version_1_6_holds_collections(profile: Profile, path: Path) -> None:
    make_version_1_6(path)
    with open_library(profile, write=False) as library:
        assert library.collections() == [("For Rain", 1)] and library.collections_of([7]) == {7: ("For Rain",)}


@pytest.mark.parametrize("write", [False, True])
def test_the_next_step_is_taken_after_a_backup(
    profile: Profile, path: Path, monkeypatch: pytest.MonkeyPatch, write: bool
) -> None:
    make_version_1_0(path)
    first = step(2, (1, 1), lambda db: db.execute("ALTER TABLE tracks ADD COLUMN colour TEXT"))
    second = step(3, (2, 0), lambda db: db.execute("UPDATE tracks SET colour = 'blue'"))
    monkeypatch.setattr(migrations, "MIGRATIONS", (m0001_initial, first, second))

    with open_library(profile, write=write) as library:
        assert library.connection.rows("SELECT colour FROM tracks")[0][0] == "blue"
        assert decode_version(library.connection.value("PRAGMA user_version")) == (2, 0)
        assert library.track(7).tags.title == "Mine"

    (backup,) = list_backups(profile.backups_dir)
    assert backup.reason == "migration"
    with closing(sqlite3.connect(backup.path)) as raw:
        assert decode_version(raw.execute("PRAGMA user_version").fetchone()[0]) == (1, 0)


def test_readers_that_come_at_once_upgrade_once_and_all_read(profile: Profile, path: Path) -> None:
    make_version_1_0(path)

    def read(_: int) -> str:
        with open_library(profile, write=False) as library:
            return library.track(7).tags.title

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(read, range(4))) == ["Mine"] * 4
    assert len(list_backups(profile.backups_dir)) == 1


def test_a_step_that_fails_changes_nothing(profile: Profile, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_version_1_0(path)

    def fail(db: Any) -> None:
        db.executescript("ALTER TABLE tracks ADD COLUMN colour TEXT; DELETE FROM edits;")
        raise ZeroDivisionError

    good = step(2, (1, 1), lambda db: db.execute("CREATE TABLE good (x)"))
    monkeypatch.setattr(migrations, "MIGRATIONS", (m0001_initial, good, step(3, (1, 2), fail)))
    with pytest.raises(ZeroDivisionError):
        open_library(profile, write=True)

    monkeypatch.setattr(migrations, "MIGRATIONS", (m0001_initial, good))
    with open_library(profile, write=True) as library:
        assert decode_version(library.connection.value("PRAGMA user_version")) == (1, 1)
        assert library.edits(7) == {"title": "Mine", "rating": "4"}
        names = {row[1] for row in library.connection.rows("PRAGMA table_info(tracks)")}
        assert "colour" not in names


def test_a_process_killed_while_the_library_is_made_leaves_one_that_opens(profile: Profile, path: Path) -> None:
    moments: list[Path] = []

    def keep_what_a_kill_would_leave(_: str) -> None:
        moment = path.parent / f"moment {len(moments)}"
        moment.mkdir()
        for file in (path, path.with_name(f"{path.name}-wal")):
            if file.exists():
                shutil.copy(file, moment)
        moments.append(moment / path.name)

    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode = wal")
        raw.set_trace_callback(keep_what_a_kill_would_leave)
        migrations.apply(raw, MIGRATIONS)
    assert len(moments) > 10
    for left in moments:
        with Library.open(left, backups_dir=profile.backups_dir) as library:
            assert library.track_ids() == []
        with Library.open(left, backups_dir=profile.backups_dir, write=True) as library:
            assert library.roots() == []
