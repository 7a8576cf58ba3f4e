# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every change of collections gives back what undoes it, and no more than it changed."""

from __future__ import annotations

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.workflows.library_export import export_library
from needledrop.workflows.profiles import write_library
from needledrop.workflows.track_collections import (
    CollectionChange,
    change_collections,
    collections_of,
    forget_collection,
    list_collections,
    rename_collection,
)
from unit.workflows.made_library import add_track


@pytest.fixture
def tracks(profile: Profile) -> list[int]:
    with write_library(profile, "test") as library:
        return [add_track(library, number, is_analysed=False) for number in (1, 2, 3)]


def test_a_change_is_taken_back_and_done_again(profile: Profile, tracks: list[int]) -> None:
    change_collections(profile, CollectionChange(put_in={"Rain": frozenset(tracks[:1])}))
    undo = change_collections(profile, CollectionChange(put_in={"rain": frozenset(tracks)}))
    assert list_collections(profile) == [("Rain", 3)]
    redo = change_collections(profile, undo)
    assert collections_of(profile, tracks) == {tracks[0]: ("Rain",)}
    change_collections(profile, redo)
    assert list_collections(profile) == [("Rain", 3)]


def test_a_renamed_collection_that_met_another_comes_apart_again(profile: Profile, tracks: list[int]) -> None:
    first, second, both = tracks
    wanted = {"Rain": frozenset({first, both}), "Storm": frozenset({second, both})}
    change_collections(profile, CollectionChange(put_in=wanted))
    undo = rename_collection(profile, "Rain", "Storm")
    assert list_collections(profile) == [("Storm", 3)]
    change_collections(profile, undo)
    assert collections_of(profile, tracks) == {first: ("Rain",), second: ("Storm",), both: ("Rain", "Storm")}


def test_another_spelling_of_its_name_is_taken_and_taken_back(profile: Profile, tracks: list[int]) -> None:
    change_collections(profile, CollectionChange(put_in={"rain": frozenset(tracks)}))
    undo = rename_collection(profile, "rain", "Rain")
    assert list_collections(profile) == [("Rain", 3)]
    change_collections(profile, undo)
    assert list_collections(profile) == [("rain", 3)]


def test_a_forgotten_collection_comes_back_and_is_part_of_the_export(profile: Profile, tracks: list[int]) -> None:
    change_collections(profile, CollectionChange(put_in={"Rain": frozenset(tracks)}))
    assert [entry["collection"] for entry in export_library(profile)["collections"]] == ["Rain"] * 3
    undo = forget_collection(profile, "Rain")
    assert list_collections(profile) == []
    change_collections(profile, undo)
    assert list_collections(profile) == [("Rain", 3)]


def test_a_change_that_does_not_fit_changes_nothing(profile: Profile, tracks: list[int]) -> None:
    change_collections(profile, CollectionChange(put_in={"Rain": frozenset(tracks)}))
    with pytest.raises(KnownError, match="needs a name"):
        rename_collection(profile, "Rain", " ")
    assert list_collections(profile) == [("Rain", 3)]
