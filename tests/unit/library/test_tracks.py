# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits, ratings, recordings: what the user says of tracks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from needledrop.core.errors import KnownError
from needledrop.library.library import Library

Add = Callable[..., int]


def test_tracks_come_in_the_order_asked_for(library: Library, add: Add) -> None:
    ids = [add(f"{name}.mp3") for name in "abc"]
    assert list(library.tracks([ids[2], 99, ids[0]])) == [ids[2], ids[0]]
    with pytest.raises(KnownError, match="no track 99") as caught:
        library.track(99)
    assert caught.value.code == "missing"


def test_edits_are_checked(library: Library, add: Add) -> None:
    track_id = add("a.mp3")
    for changes, code in (({"titel": "x"}, "bad-field"), ({"bpm": "fast"}, "bad-value"), ({"bpm": "nan"}, "bad-value")):
        with pytest.raises(KnownError) as caught:
            library.edit_track(track_id, {"title": "never", **changes})
        assert caught.value.code == code
    assert library.edits(track_id) == {}


def test_ratings_and_favourites(library: Library, add: Add) -> None:
    track_id = add("a.mp3")
    library.rate_track(track_id, 3)
    library.mark_favourite(track_id, True)
    assert (library.track(track_id).rating, library.track(track_id).is_favourite) == (3, True)
    library.rate_track(track_id, None)
    library.mark_favourite(track_id, False)
    assert (library.track(track_id).rating, library.track(track_id).is_favourite) == (None, False)
    with pytest.raises(KnownError, match="6 is not a rating"):
        library.rate_track(track_id, 6)


def test_decisions_are_listed_by_content(library: Library, add: Add) -> None:
    first, second = add("a.mp3", "one"), add("b.mp3", "two")
    library.edit_track(first, {"genre": "ambient"})
    library.rate_track(first, 5)
    library.delete_tracks([second])
    kept = [(entry["content_hash"], entry["field"], entry["value"]) for entry in library.decisions()]
    assert kept == [("one", "genre", "ambient"), ("one", "rating", "5"), ("two", "state", "deleted")]


def test_the_same_recording_joins_groups(library: Library, add: Add) -> None:
    a, b, c, d, e = (add(f"{name}.mp3") for name in "abcde")
    library.set_recording([c, b])
    library.set_recording([d, e])
    assert library.set_recording([c, e]) == b
    rows = library.tracks([a, b, c, d, e])
    assert [rows[i].recording_id for i in (a, b, c, d, e)] == [a, b, b, b, b]
