# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders and sets of the table of all tracks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.library.library import Library
from needledrop.library.listing import ORDERS
from needledrop.library.rows import TrackFacts
from unit.workflows.made_library import add_track


@pytest.fixture
def ids(library: Library) -> dict[str, int]:
    """Tracks by name: two with everything, one without tags, one that is not analysed."""
    made = {
        "dawn": add_track(library, 1, title="dawn", artist="Zoe", genre="ambient"),
        "Calm": add_track(library, 2, title="Calm sea", artist="ada", genre="folk"),
        "bare": add_track(library, 3, title="", artist="", album=""),
        "raw": add_track(library, 4, title="Zenith", is_analysed=False),
    }
    library.put_features(made["Calm"], {}, TrackFacts(tempo_bpm=80.0, key_name="A min", integrated_lufs=-20.0))
    library.put_features(made["dawn"], {}, TrackFacts(tempo_bpm=120.0, key_name="C maj", integrated_lufs=-10.0))
    library.put_features(made["bare"], {}, TrackFacts(tempo_bpm=0.0, key_name="", integrated_lufs=-70.0))
    return made


def names(ids: dict[str, int], found: list[int]) -> list[str]:
    by_id = {number: name for name, number in ids.items()}
    return [by_id[number] for number in found]


def test_tracks_without_a_value_come_last_in_either_direction(library: Library, ids: dict[str, int]) -> None:
    assert names(ids, library.ordered_ids("title")) == ["Calm", "dawn", "raw", "bare"]
    assert names(ids, library.ordered_ids("-title")) == ["raw", "dawn", "Calm", "bare"]
    assert names(ids, library.ordered_ids("tempo"))[:2] == ["Calm", "dawn"]
    assert names(ids, library.ordered_ids("-tempo"))[:2] == ["dawn", "Calm"]
    assert names(ids, library.ordered_ids("-loudness")) == ["dawn", "Calm", "bare", "raw"]


@pytest.mark.parametrize("order", [sign + name for name in ORDERS for sign in ("", "-")])
def test_every_order_lists_every_track_once_and_no_hidden_one(
    library: Library, ids: dict[str, int], order: str
) -> None:
    library.delete_tracks([ids["dawn"]])
    assert sorted(library.ordered_ids(order)) == sorted(set(ids.values()) - {ids["dawn"]})


def test_words_narrow_as_a_search_does(library: Library, ids: dict[str, int]) -> None:
    assert library.matching_ids("") is None
    assert library.matching_ids("calm se") == {ids["Calm"]}
    assert library.matching_ids("calm dawn") == set()
    assert library.matching_ids('"; DROP') == set()
    library.edit_track(ids["raw"], {"title": "思い出の歌"})
    assert library.matching_ids("思い出の") == {ids["raw"]}
    assert library.matching_ids("思い") == {ids["raw"]}


def test_sets_of_what_needs_attention(library: Library, ids: dict[str, int]) -> None:
    assert library.matching_ids("", "unanalysed") == {ids["raw"]}
    assert library.matching_ids("", "missing") == set()
    library.edit_track(ids["dawn"], {"mood": "still"})
    library.mark_favourite(ids["Calm"], True)
    assert library.matching_ids("", "edited") == {ids["dawn"], ids["Calm"]}
    assert library.matching_ids("", "favourites") == {ids["Calm"]}
    path = library.track(ids["raw"]).path
    library.put_problem(path, KnownError("It is broken.", remedy="Get it again."), size=1, mtime_ns=1)
    assert library.matching_ids("", "problems") == {ids["raw"]}
    assert library.problem_sentences(ids.values()) == {ids["raw"]: "It is broken."}
    root = library.add_root(Path("/music"))
    assert os.fsdecode(root.path) == "/music"
    library.mark_offline(root.id)
    assert library.matching_ids("", "missing") == set(ids.values())


def test_an_unknown_order_is_refused(library: Library) -> None:
    with pytest.raises(KnownError, match="not an order"):
        library.ordered_ids("colour")
