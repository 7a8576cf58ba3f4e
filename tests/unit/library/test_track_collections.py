# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tracks are put in collections and taken out; a collection is there as long as it has a track."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from needledrop.core.errors import KnownError
from needledrop.library.library import Library

Add = Callable[..., int]


def test_tracks_are_put_in_and_taken_out(library: Library, add: Add) -> None:
    first, second, third = add("a.mp3", "one"), add("b.mp3", "two"), add("c.mp3", "three")
    assert library.put_in("For Rain", [first, second]) == {first, second}
    assert library.put_in(" for RAIN", [second, third]) == {third}
    assert library.put_in("Endings", [first]) == {first}
    assert library.collections() == [("Endings", 1), ("For Rain", 3)]
    assert library.collections_of([first, second]) == {first: ("Endings", "For Rain"), second: ("For Rain",)}
    assert library.tracks_in(["FOR rain"]) == {first, second, third}
    assert library.take_out("for rain", [first, second, 99]) == {first, second}
    assert library.take_out("Endings", [first]) == {first}
    assert library.collections() == [("For Rain", 1)]


def test_a_table_and_a_list_are_narrowed_to_a_collection(library: Library, add: Add) -> None:
    first, second = add("a.mp3", "one"), add("b.mp3", "two")
    library.put_in("For Rain", [first])
    assert library.matching_ids("", "all", "for rain") == {first}
    assert library.matching_ids("", "all", "nothing") == set()
    assert library.tracks_outside(collections={"For Rain"}) == {second}


def test_a_name_is_asked_for(library: Library, add: Add) -> None:
    track_id = add("a.mp3")
    with pytest.raises(KnownError, match="needs a name"):
        library.put_in("  ", [track_id])
    with pytest.raises(KnownError, match="too long"):
        library.put_in("x" * 81, [track_id])


def test_removed_tracks_do_not_count_and_the_export_names_the_file(library: Library, add: Add) -> None:
    track_id = add("a.mp3", "one")
    library.put_in("For Rain", [track_id])
    (entry,) = library.collected()
    assert (entry["collection"], entry["path"].endswith("a.mp3")) == ("For Rain", True)
    library.delete_tracks([track_id])
    assert library.collections() == []
