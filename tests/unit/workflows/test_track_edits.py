# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits of several tracks are one step, and what is returned undoes it exactly."""

from __future__ import annotations

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.workflows.browse import show_track
from needledrop.workflows.profiles import write_library
from needledrop.workflows.track_edits import edit_tracks
from unit.workflows.made_library import add_track


@pytest.fixture
def ids(profile: Profile) -> list[int]:
    with write_library(profile, "test") as library:
        return [add_track(library, number) for number in (1, 2)]


def test_what_is_returned_takes_everything_back(profile: Profile, ids: list[int]) -> None:
    edit_tracks(profile, {ids[0]: {"title": "Earlier", "favourite": "yes"}})
    new = {"title": "New", "licence": "cc by 4.0", "rating": "4", "favourite": ""}
    before = edit_tracks(profile, dict.fromkeys(ids, new))
    for track_id in ids:
        track = show_track(profile, track_id).track
        assert (track.tags.title, track.licence.name, track.rating) == ("New", "CC-BY-4.0", 4)
        assert not track.is_favourite
    again = edit_tracks(profile, before)
    first, second = (show_track(profile, track_id) for track_id in ids)
    assert first.edits == {"title": "Earlier", "is_favourite": "1"} and first.track.is_favourite
    assert dict(second.edits) == {} and second.track.tags.title == "Title 2" and second.track.rating is None
    edit_tracks(profile, again)
    assert show_track(profile, ids[1]).track.rating == 4


def test_a_value_that_does_not_fit_changes_nothing(profile: Profile, ids: list[int]) -> None:
    with pytest.raises(KnownError):
        edit_tracks(profile, {ids[0]: {"title": "New"}, ids[1]: {"rating": "9"}})
    with pytest.raises(KnownError):
        edit_tracks(profile, {ids[0]: {"title": "New"}, 99: {"title": "New"}})
    assert show_track(profile, ids[0]).track.tags.title == "Title 1"
