# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""In a library of 100,000 tracks every page of a list is read off an index: no table is walked from end to end."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from needledrop.library.library import Library
from needledrop.library.rows import SearchFilters
from needledrop.library.search import SORTS

TRACKS = 100_000
FULL_SCAN = re.compile(r"^SCAN (t|f|tracks|track_facts|files|features)$")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    base = tmp_path_factory.mktemp("large")
    chance = random.Random(1)
    words = ["calm", "sunrise", "drive", "night", "piano", "storm", "river", "glass", "dust", "ember"]
    rows: list[tuple[object, ...]] = [
        (
            number, f"hash {number}", number, b"/m/%d" % number, f"/m/{number}", 60.0 + chance.random() * 300,
            f"{chance.choice(words)} {number}", f"artist {number % 999}", chance.random(),
        )
        for number in range(1, TRACKS + 1)
    ]  # fmt: skip
    facts: list[tuple[object, ...]] = [
        (number, chance.uniform(60, 180), chance.uniform(-30, -6)) for number in range(1, TRACKS + 1)
    ]
    with Library.open(base / "library.db", backups_dir=base / "backups", write=True) as library:
        with library.connection.recomputable():
            fill(library, rows, facts)
        yield library


def fill(library: Library, rows: list[tuple[object, ...]], facts: list[tuple[object, ...]]) -> None:
    """Insert rows with the words indexed at the end, which takes a third of the time."""
    connection = library.connection
    trigger = connection.value("SELECT sql FROM sqlite_schema WHERE name = 'tracks_words_insert'")
    connection.write("DROP TRIGGER tracks_words_insert")
    connection.write_many(
        "INSERT INTO tracks (id, content_hash, recording_id, path, display_path, duration_s, title, artist, added_at, "
        "state, codec, sample_rate, channels, file_tags) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'present', 'mp3', 44100, 2, '{}')",
        rows,
    )
    connection.write_many("INSERT INTO track_facts (track_id, tempo_bpm, integrated_lufs) VALUES (?, ?, ?)", facts)
    for table in ("tracks_fts", "tracks_trigram"):
        connection.write(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")
    connection.write(trigger)


def plan(library: Library, sql: str, parameters: list[object]) -> list[str]:
    return [row["detail"] for row in library.connection.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)]


@pytest.mark.parametrize("sort", [sign + name for name in SORTS for sign in ("", "-")])
@pytest.mark.parametrize("text", ["", "calm", "calm 777", "思い出の"])
def test_no_page_walks_a_table(large: Library, sort: str, text: str) -> None:
    sql, parameters = large.search_sql(text, sort=sort)
    steps = plan(large, f"{sql} LIMIT 100", parameters)
    assert not [line for line in steps if FULL_SCAN.match(line)], steps
    if not text:
        assert not [line for line in steps if "TEMP B-TREE" in line], steps


def test_filters_stay_on_the_index(large: Library) -> None:
    for sort, filters in (
        ("tempo", SearchFilters(bpm_range=(100.0, 101.0))),
        ("duration", SearchFilters(duration_range_s=(60.0, 61.0))),
        ("title", SearchFilters(licences=frozenset({"CC0-1.0"}))),
    ):
        sql, parameters = large.search_sql("", sort=sort, filters=filters)
        steps = plan(large, sql, parameters)
        assert not [line for line in steps if FULL_SCAN.match(line)], steps


def test_what_a_scan_asks_of_each_file_is_looked_up(large: Library) -> None:
    for sql in (
        "SELECT track_id, state FROM files WHERE path = x'00'",
        "SELECT id FROM tracks WHERE content_hash = 'x'",
        "SELECT path FROM files WHERE track_id = 1 AND state = 'present' ORDER BY id LIMIT 1",
        "SELECT path FROM files WHERE root_id = 1",
        "SELECT track_id, packed FROM features WHERE feature_set = 'a' AND version = 1 AND track_id IN (1, 2)",
        "SELECT 1 FROM tracks WHERE recording_id = 1",
    ):
        steps = plan(large, sql, [])
        assert steps and all(line.startswith(("SEARCH", "USE TEMP B-TREE")) for line in steps), steps


def test_statistics_do_not_mislead_the_planner(large: Library) -> None:
    large.connection.raw.execute("ANALYZE")
    for sort in SORTS:
        test_no_page_walks_a_table(large, sort, "")
        test_no_page_walks_a_table(large, sort, "calm")


def test_pages_and_counts_are_right(large: Library) -> None:
    assert large.count() == TRACKS
    page = large.search(sort="tempo", limit=50, offset=500)
    tempos = [row.facts.tempo_bpm for row in page]
    assert len(page) == 50 and tempos == sorted(tempos)
    assert large.count("calm") == len(large.search("calm", limit=TRACKS))
    scores = large.text_match("calm sunrise hike")
    assert max(scores.values()) == 1.0 and 15_000 < len(scores) < 25_000
