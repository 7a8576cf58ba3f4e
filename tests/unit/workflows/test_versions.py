# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions of one piece are one group, and under speech the instrumental one is offered."""

from __future__ import annotations

import dataclasses

from needledrop.core.cue import Cue, Ducking, Piece
from needledrop.core.paths import Profile
from needledrop.core.query import Suggestion
from needledrop.workflows.profiles import write_library
from needledrop.workflows.versions import grouped, version_name
from unit.workflows.made_library import add_track

TITLES = ("Harbour", "Dawn", "Harbour (Instrumental)", "Harbour (30s)")


def _suggestion(track_id: int, ducking: Ducking) -> Suggestion:
    cue = Cue(track_id, 0.0, (Piece(0.0, 4.0),), 0.0, 0.0, 0.0, ducking=ducking)
    return Suggestion(1, track_id, cue, 0.5, {}, (), 0, 0, 0.0, False)


def test_versions_of_a_piece_are_one_group(profile: Profile) -> None:
    with write_library(profile, "test") as library:
        ids = [add_track(library, number, is_analysed=False, title=title) for number, title in enumerate(TITLES)]
        other = add_track(library, 9, is_analysed=False, title="Harbour", artist="Somebody else")
        nameless = [add_track(library, 10 + number, is_analysed=False, title="", artist="") for number in range(2)]
        tracks = library.tracks([*ids, other, *nameless])
    quiet = [_suggestion(track_id, Ducking()) for track_id in tracks]
    assert grouped(quiet, tracks) == [(0, 2, 3), (1,), (4,), (5,), (6,)]
    spoken = [dataclasses.replace(one, cue=_suggestion(one.track_id, Ducking(((0.0, 1.0),))).cue) for one in quiet]
    assert grouped(spoken, tracks)[0] == (2, 0, 3)
    assert [version_name(tracks[track_id]) for track_id in ids] == ["", "", "Instrumental", "30s"]
