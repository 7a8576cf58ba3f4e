# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scores of starts prefer: downbeats, sections, hard cuts, beats just after the cut; accents count as well."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from needledrop.core.picture import Shots, VideoFeatures
from needledrop.core.times import TimeRange
from needledrop.suggest.align import GRID_S, beat_offsets
from needledrop.suggest.details import TrackDetails
from needledrop.suggest.picture_shape import PictureShape, picture_shape
from needledrop.suggest.place import place_track
from needledrop.suggest.start_terms import StartTerms, StartWeights, start_terms
from needledrop.suggest.unrolled import unroll
from retrieval.synthetic_gallery import make_track, make_video

BEAT_S, BAR_S = 0.6, 2.4


def track() -> TrackDetails:
    """Beats every 0.6 s from zero, a downbeat every 2.4 s, one section, at 24 s."""
    made = make_track(1, tempo_bpm=100.0, first_beat_s=0.0, drift=0.0, duration_s=90.0)
    return replace(made, rhythm=replace(made.rhythm, sections_s=np.array([24.0])))


def shape_of(video: VideoFeatures) -> PictureShape:
    return picture_shape(video, TimeRange(Fraction(0), Fraction(video.duration_s).limit_denominator(1000)))


def terms_of(video: VideoFeatures) -> StartTerms:
    shape = shape_of(video)
    return start_terms(unroll(track(), shape.duration_s), shape, StartWeights())


def cut_worth(video: VideoFeatures, start_s: float) -> float:
    """What the cuts are worth from a start, the sum instead of the mean over the events."""
    cuts = terms_of(video).cuts
    assert cuts is not None
    return float(cuts[round(start_s / GRID_S)]) * float(shape_of(video).events[1].sum())


def entry_worth(start_s: float) -> float:
    """What the entry of the music alone is worth there."""
    return cut_worth(make_video(20.0), start_s)


def test_a_hard_cut_on_a_downbeat_beats_three_between_beats() -> None:
    start_s = 12.0
    downbeat = cut_worth(make_video(20.0, [2 * BAR_S]), start_s) - entry_worth(start_s)
    between = cut_worth(make_video(20.0, [BEAT_S * (n + 0.5) for n in (3, 6, 13)]), start_s) - entry_worth(start_s)
    assert downbeat > 3 * max(between, 0.01)


def test_a_downbeat_beats_a_beat_and_a_section_beats_a_downbeat() -> None:
    beat, downbeat, section = (cut_worth(make_video(20.0, [at_s]), 12.0) for at_s in (7 * BEAT_S, 3 * BAR_S, 12.0))
    assert beat < downbeat < section


def test_the_search_moves_hard_cuts_to_downbeats_when_hits_are_equal() -> None:
    # One cut a bar: any beat of the bar would be hit by all of them.
    video = make_video(30.0, np.arange(1.1, 29.0, BAR_S))
    placement = place_track(track(), shape_of(video), video.soundtrack)
    assert placement.hits.all()
    assert placement.on_downbeat.all()


def test_a_hard_cut_counts_more_than_a_dissolve() -> None:
    video = make_video(20.0, [4.8, 9.1])
    # Half a beat apart modulo a beat, so that only one of them can be met.
    for dissolve, met in ((0, 1), (1, 0)):
        is_dissolve = np.arange(2) == dissolve
        shots = Shots(np.array([4.8, 9.1]), is_dissolve, np.ones(2, np.float32))
        placement = place_track(track(), shape_of(replace(video, shots=shots)), video.soundtrack)
        assert placement.hits[met] and not placement.hits[dissolve]


def test_a_beat_just_after_the_cut_is_worth_more_than_one_as_far_before_it() -> None:
    for apart_s in (0.02, 0.04, 0.06):
        after = cut_worth(make_video(20.0, [2 * BAR_S - apart_s]), 12.0)
        before = cut_worth(make_video(20.0, [2 * BAR_S + apart_s]), 12.0)
        assert after > before + 0.01


def test_accents_of_the_movement_are_events_where_there_are_no_cuts() -> None:
    accents = [1.0, 1.0 + 5 * BEAT_S, 1.0 + 9 * BEAT_S, 1.0 + 14 * BEAT_S]
    video = make_video(20.0, accents_s=accents)
    placement = place_track(track(), shape_of(video), video.soundtrack)
    offsets = beat_offsets(placement.line.beats_s, np.array(accents) + placement.start_s)
    assert np.abs(offsets).max() <= 0.02


def test_cuts_outvote_accents() -> None:
    cuts = [4.8, 9.6]
    video = make_video(20.0, cuts, accents_s=[4.8 + 5.5 * BEAT_S])
    assert place_track(track(), shape_of(video), video.soundtrack).hits.all()


def test_a_section_meets_the_one_cut_that_can_have_it() -> None:
    video = make_video(30.0, [10.0])
    placement = place_track(track(), shape_of(video), video.soundtrack)
    assert placement.start_s + 10.0 == pytest.approx(24.0, abs=0.02)


def test_without_a_pulse_the_energy_alone_places_and_says_so() -> None:
    bare = make_track(2, has_pulse=False)
    shape = shape_of(make_video(60.0, [10.0, 20.0]))
    terms = start_terms(unroll(bare, 60.0), shape, StartWeights())
    assert terms.cuts is None
    placement = place_track(bare, shape, make_video(60.0).soundtrack)
    assert placement.by_energy_alone
    assert 0.0 <= placement.start_s <= 200.0 - 60.0
    assert not placement.hits.any()
    assert not place_track(track(), shape, make_video(60.0).soundtrack).by_energy_alone


@pytest.mark.parametrize("duration_s", [0.5, 20.0, 95.0])
def test_every_start_is_scored_and_the_best_is_allowed(duration_s: float) -> None:
    terms = terms_of(make_video(duration_s, [duration_s / 2]))
    assert terms.cuts is not None
    assert len(terms.cuts) == len(terms.rest)
    assert terms.lowest <= terms.best(terms.cuts, StartWeights()) < len(terms.rest)


def test_a_line_a_hair_shorter_than_its_last_start_still_scores_it() -> None:
    shape = shape_of(make_video(20.0, [10.0]))
    line = replace(unroll(track(), shape.duration_s), end_s=shape.duration_s + 10.5 - 1e-9)
    assert len(start_terms(line, shape, StartWeights()).rest) == round(10.5 / GRID_S) + 1
