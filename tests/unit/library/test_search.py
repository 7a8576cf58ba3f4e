# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words find tracks, and no text a user can type breaks the search."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needledrop.core.errors import KnownError
from needledrop.core.music import Licence, TrackTags
from needledrop.library.library import Library
from needledrop.library.rows import FoundFile, ScanBatch, SearchFilters
from needledrop.library.search import SORTS

Add = Callable[..., int]
SIGNS = """ " ' * AC/DC C# NEAR OR AND title:x ^a - ( {a} a*b % _ \\ "" " " + 夏 夏の 夏の思い出 🎵 ² ß """
NASTY = [*SIGNS.split(), "NEAR(a b)", "a AND", "NOT x", "\x00", "\ud800", "a\x00b"]


def ids(rows: list) -> list[int]:
    return [row.id for row in rows]


def test_every_word_must_occur_and_may_be_begun(library: Library, add: Add) -> None:
    both = add("a.mp3", tags=TrackTags(title="Calm Sunrise", artist="Beyoncé"))
    add("b.mp3", tags=TrackTags(title="Calm Night"))
    assert ids(library.search("sunr beyonce")) == [both]
    assert library.count("calm") == 2 and library.count("calm nothing") == 0


def test_folders_and_a_file_name_without_title_are_words(library: Library, add: Add) -> None:
    track_id = add("Film Scores/Slow_piano 04.mp3", tags=TrackTags())
    assert ids(library.search("scores piano")) == [track_id]
    assert dict(library.track_words()) == {track_id: "Music Film Scores Slow piano 04"}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("AC/DC", "AC/DC live"),
        ("C#", "Prelude in C# minor"),
        ("50%", "50% off"),
        ("思い出", "夏の思い出"),
        ("夏", "夏の思い出"),
        ("ความสุข", "เพลงความสุขของเรา"),
        ("don't", "Don't stop"),
        ("🎵", "Song 🎵"),
        ("e\u0301te\u0301", "été"),
    ],
)
def test_odd_words_find_their_track_and_no_other(library: Library, add: Add, text: str, title: str) -> None:
    wanted = add("wanted.mp3", tags=TrackTags(title=title))
    add("other.mp3", tags=TrackTags(title="Chords and 500 things", artist="Someone"))
    assert ids(library.search(text)) == [wanted]
    assert library.count(text) == 1


@pytest.mark.parametrize("text", ["C#", "c#", "#4", "4%"])
def test_short_words_with_signs_are_read_off_the_index(library: Library, add: Add, text: str) -> None:
    wanted = add("wanted.mp3", tags=TrackTags(title="Study in C#", comment="#4, 4%"))
    add("without the sign.mp3", tags=TrackTags(title="C minor", album="4 seasons"))
    add("within a word.mp3", tags=TrackTags(title="ABC#", comment="14%"))
    assert ids(library.search(text)) == [wanted] and library.count(text) == 1
    assert library.matching_ids(text) == {wanted}
    sql, parameters = library.search_sql(text, sort="title")
    plan = [row["detail"] for row in library.connection.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)]
    assert any("tracks_fts VIRTUAL TABLE" in step for step in plan)


@pytest.fixture(scope="module")
def shared_library() -> Iterator[Library]:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        with Library.open(base / "library.db", backups_dir=base / "backups", write=True) as library:
            root = library.add_root(base)
            file = FoundFile(b"/m/a", 1, 1, 1, 1, "a", TrackTags(title="plain 夏の"), Licence(), 1.0, "mp3", 1, 1)
            library.apply_scan(ScanBatch(root.id, (file,)))
            yield library


@given(text=st.text(max_size=40) | st.lists(st.sampled_from(NASTY), max_size=4).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_any_text_is_only_text(shared_library: Library, text: str) -> None:
    _check_text(shared_library, text)


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_is_only_text(shared_library: Library, text: str) -> None:
    _check_text(shared_library, text)


@pytest.mark.parametrize("text", ["word ", "#", "# ", "%", "夏の思い出"])
def test_no_length_of_text_is_too_much(shared_library: Library, text: str) -> None:
    _check_text(shared_library, text * 20_000)
    _check_text(shared_library, " ".join(f"{text}{number}" for number in range(20_000)))
    _check_text(shared_library, " ".join(chr(0x2190 + number) for number in range(600)))


def _check_text(shared_library: Library, text: str) -> None:
    for sort in ("relevance", "-tempo"):
        assert len(shared_library.search(text, sort=sort)) == shared_library.count(text)
    assert all(0.0 <= score <= 1.0 for score in shared_library.text_match(text).values())


def test_any_word_scores_and_the_best_has_one(library: Library, add: Add) -> None:
    best = add("a.mp3", tags=TrackTags(title="Sunrise Hike", mood="calm"))
    some = add("b.mp3", tags=TrackTags(title="Night drive", comment="calm"))
    for number in range(8):
        add(f"{number}.mp3", tags=TrackTags(title=f"Nothing {number}"))
    scores = library.text_match("a calm sunrise hike")
    assert scores[best] == 1.0 and 0.0 < scores[some] < 1.0 and len(scores) == 2
    library.delete_tracks([best])
    assert list(library.text_match("calm")) == [some]
    assert library.text_match("") == {}


def test_edits_are_found_and_replaced_words_are_not(library: Library, add: Add) -> None:
    track_id = add("a.mp3", tags=TrackTags(title="Before"))
    library.edit_track(track_id, {"title": "Afterwards"})
    assert ids(library.search("afterwards")) == [track_id] and library.search("before") == []
    library.delete_tracks([track_id])
    with library.connection.recomputable():
        for table in ("tracks_fts", "tracks_trigram"):  # SQLite compares the index with the rows.
            library.connection.write(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")


def test_pages_and_orders(library: Library, add: Add) -> None:
    for number, title in enumerate("bdac"):
        add(f"{title}.mp3", tags=TrackTags(title=title), duration_s=100.0 + number)
    assert [row.tags.title for row in library.search(sort="title")] == ["a", "b", "c", "d"]
    assert [row.tags.title for row in library.search(sort="-duration", limit=2, offset=1)] == ["a", "d"]
    for sort in SORTS:
        assert len(library.search(sort=sort)) == 4
        assert len(library.search("mp3", sort="-" + sort)) == library.count("mp3")
    with pytest.raises(KnownError, match="not an order"):
        library.search(sort="title; DROP TABLE tracks")


def test_filters_narrow(library: Library, add: Add) -> None:
    a = add("a.mp3", licence=Licence("CC-BY-4.0"), duration_s=60.0)
    b = add("b.mp3", licence=Licence("CC0-1.0"), duration_s=300.0)
    library.mark_favourite(b, True)
    library.rate_track(a, 4)
    cases = {
        a: (SearchFilters(licences=frozenset({"CC-BY-4.0"})), SearchFilters(duration_range_s=(0.0, 90.0)),
            SearchFilters(min_rating=4), SearchFilters(is_favourite=False)),
        b: (SearchFilters(is_favourite=True), SearchFilters(duration_range_s=(90.0, float("inf")))),
    }  # fmt: skip
    for track_id, filters in cases.items():
        for narrowed in filters:
            assert ids(library.search(filters=narrowed)) == [track_id]
            assert library.count(filters=narrowed) == 1
    library.delete_tracks([a])
    assert ids(library.search(filters=SearchFilters(states=("deleted",)))) == [a]
