# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a track without beats: that there are none, and what the cue was placed by instead."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.core.picture import MOTION_RATE_HZ, VideoFeatures
from needledrop.core.query import Query, RankedSegment, Suggestion
from needledrop.suggest.engine import suggest
from retrieval.synthetic_gallery import make_library, make_query, make_track, make_video

MOVING = np.repeat([0.1, 3.0], round(15 * MOTION_RATE_HZ))
STILL = np.zeros(round(30 * MOTION_RATE_HZ))


def suggested(video: VideoFeatures, *, has_pulse: bool) -> Suggestion:
    library = make_library([make_track(1, has_pulse=has_pulse)])
    (one,) = suggest(make_query(video), library.ranker, library.gallery, library.details, 1)
    return one


def first_of_beats(one: Suggestion) -> str:
    (reason,) = [reason.text for reason in one.reasons if reason.text.startswith("no ")]
    return reason


@pytest.mark.parametrize("cuts_s", [[], [4.0, 9.0, 15.0, 21.0]])
def test_without_beats_it_says_that_energy_alone_placed_it(cuts_s: list[float]) -> None:
    one = suggested(make_video(30.0, cuts_s, motion=MOVING), has_pulse=False)
    assert first_of_beats(one) == "no steady beat: placed by energy alone"
    assert not any("fall on beats" in reason.text for reason in one.reasons)
    assert (one.cut_hits, one.has_pulse) == (0, False)


def test_a_still_picture_is_not_said_to_have_energy() -> None:
    one = suggested(make_video(30.0, motion=STILL), has_pulse=False)
    assert first_of_beats(one).startswith("no steady beat: placed by where the music sounds and ends")


def test_with_beats_but_no_cuts_the_cuts_are_what_is_missing() -> None:
    one = suggested(make_video(30.0, motion=MOVING), has_pulse=True)
    assert first_of_beats(one) == "no cuts in the range: placed by energy alone"


def test_with_beats_and_cuts_nothing_is_missing() -> None:
    one = suggested(make_video(30.0, [4.0, 9.0, 15.0], motion=MOVING), has_pulse=True)
    assert any("of 3 cuts fall on beats" in reason.text for reason in one.reasons)
    assert not any("energy alone" in reason.text for reason in one.reasons)


@pytest.mark.parametrize(("above_chance", "is_said"), [(0.34, True), (0.02, False), (0.0, False)])
def test_what_was_learned_of_the_course_of_time_is_said_where_it_is_clear(above_chance: float, is_said: bool) -> None:
    library = make_library([make_track(1)])

    class Learned:
        name = "learned"

        def rank(self, query: Query, limit: int) -> list[RankedSegment]:
            return [RankedSegment(1, 0.0, 30.0, 0.5, {"steps": above_chance})]

    query = make_query(make_video(30.0, [4.0, 9.0, 15.0], motion=MOVING))
    (one,) = suggest(query, Learned(), library.gallery, library.details, 1)
    said = [reason.text for reason in one.reasons if "as learned from other pairs" in reason.text]
    assert bool(said) == is_said and all("correlation 0.34" in text for text in said)
