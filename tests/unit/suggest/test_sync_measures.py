# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures of synchrony on cases counted by hand; chance as shuffled shots: what it calls chance and what not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from needledrop.core.picture import MOTION_RATE_HZ, VideoFeatures
from needledrop.core.times import TimeRange
from needledrop.suggest.details import TrackDetails
from needledrop.suggest.picture_shape import PictureShape, picture_shape
from needledrop.suggest.place import Placement, place_track
from needledrop.suggest.start_terms import StartWeights, start_terms
from needledrop.suggest.sync_measures import _refined_best, shuffled_chance, shuffled_cuts, sync_measures
from needledrop.suggest.unrolled import unroll
from retrieval.synthetic_gallery import make_track, make_video, with_loudness


def shape_of(video: VideoFeatures) -> PictureShape:
    return picture_shape(video, TimeRange(Fraction(0), Fraction(video.duration_s).limit_denominator(1000)))


def place(track: TrackDetails, video: VideoFeatures) -> Placement:
    return place_track(track, shape_of(video), video.soundtrack)


def steady(beat_s: float = 0.5) -> TrackDetails:
    return make_track(1, tempo_bpm=60.0 / beat_s, first_beat_s=0.0, drift=0.0, duration_s=60.0)


def test_shares_and_offsets_are_those_counted_by_hand() -> None:
    # Beats at 10, 10.5 ... under the range; cuts 50 ms before, on, 60 ms after, and 0.2 s beside a beat.
    shape = shape_of(make_video(10.0, [0.95, 2.0, 4.06, 6.2]))
    measured = sync_measures(unroll(steady(), 10.0), shape, 10.0)
    assert measured.cut_hit == pytest.approx(3 / 4)
    assert measured.mean_offset_s == pytest.approx((0.05 + 0.0 - 0.06) / 3, abs=1e-6)
    # 21 beats lie in [0, 10], the ends included, six of them downbeats; three cuts are near beats, two near downbeats.
    assert measured.beat_hit == pytest.approx(3 / 21)
    assert measured.downbeat_hit == pytest.approx(2 / 6)


def test_seventy_milliseconds_are_a_hit_and_eighty_are_none() -> None:
    line = unroll(steady(), 10.0)
    assert sync_measures(line, shape_of(make_video(10.0, [2.069, 3.931])), 10.0).cut_hit == 1.0
    assert sync_measures(line, shape_of(make_video(10.0, [2.08, 3.92])), 10.0).cut_hit == 0.0


def test_a_positive_offset_is_a_cut_before_its_beat() -> None:
    measured = sync_measures(unroll(steady(), 10.0), shape_of(make_video(10.0, [1.96, 3.96])), 10.0)
    assert measured.mean_offset_s == pytest.approx(0.04, abs=1e-6)


def test_nothing_to_measure_is_said() -> None:
    measured = sync_measures(unroll(make_track(2, has_pulse=False), 10.0), shape_of(make_video(10.0, [3.0])), 5.0)
    assert (measured.cut_hit, measured.beat_hit, measured.mean_offset_s) == (0.0, 0.0, None)
    assert sync_measures(unroll(steady(), 10.0), shape_of(make_video(10.0)), 0.0).cut_hit == 0.0


def test_the_energy_correlation_is_that_of_the_placed_stretch() -> None:
    rng = np.random.default_rng(0)
    track = with_loudness(make_track(3, has_pulse=False), -20.0 + 6.0 * np.sin(np.arange(2000) / 60.0))
    motion = np.abs(np.cumsum(rng.normal(0, 0.1, round(40 * MOTION_RATE_HZ))))
    video = make_video(40.0, motion=motion)
    placement = place(track, video)
    measured = sync_measures(placement.line, placement.shape, placement.start_s)
    assert placement.correlation is not None
    assert measured.energy_correlation == pytest.approx(placement.correlation, abs=0.02)
    assert sync_measures(placement.line, shape_of(make_video(40.0)), 0.0).energy_correlation is None


def test_shuffling_keeps_the_intervals() -> None:
    shape = shape_of(make_video(20.0, [1.0, 4.0, 9.0]))
    orders = shuffled_cuts(shape, 50)
    intervals = np.diff(np.concatenate([np.zeros((50, 1)), orders, np.full((50, 1), 20.0)], axis=1), axis=1)
    np.testing.assert_allclose(np.sort(intervals, axis=1), np.tile([1.0, 3.0, 5.0, 11.0], (50, 1)), atol=1e-9)
    assert len(np.unique(orders.round(6), axis=0)) > 10


def test_an_edit_to_irregular_beats_stands_above_every_shuffle() -> None:
    rng = np.random.default_rng(1)
    track = steady()
    beats = np.cumsum(0.5 + 0.08 * rng.normal(0, 1, 300)) + 0.3
    track = replace(
        track,
        duration_s=150.0,
        rhythm=replace(
            track.rhythm, beats_s=beats, beat_strength=np.ones(300, np.float32), downbeats_s=beats[::4], ending_s=149.0
        ),
    )
    cuts = np.sort(rng.choice(beats[30:140], 16, replace=False)) - beats[28]
    placement = place(track, make_video(60.0, cuts))
    chance = shuffled_chance(placement)
    assert chance is not None
    assert chance.own_hits == len(cuts) == int(placement.hits.sum())
    assert chance.percentile == 100.0
    assert chance.excess > 0.15
    assert chance.mean < 14
    again = shuffled_chance(placement)
    assert again is not None
    np.testing.assert_array_equal(chance.worths, again.worths)


def test_whole_beats_in_any_order_are_no_more_than_chance_by_their_hits() -> None:
    track = make_track(4, tempo_bpm=120.0, drift=0.0)
    cuts = np.cumsum(np.random.default_rng(2).integers(3, 9, 10)) * 0.5
    chance = shuffled_chance(place(track, make_video(60.0, cuts[cuts < 58.0])))
    assert chance is not None
    assert chance.mean == pytest.approx(chance.own_hits)


def test_cuts_that_have_nothing_to_do_with_the_music_stand_amid_the_shuffles() -> None:
    rng = np.random.default_rng(3)
    percentiles = []
    for seed in range(12):
        track = make_track(seed + 20, tempo_bpm=100.0 + seed, duration_s=90.0)
        chance = shuffled_chance(place(track, make_video(40.0, np.sort(rng.uniform(1, 39, 12)))), shuffles=40)
        assert chance is not None
        percentiles.append(chance.percentile)
    assert 25.0 < np.mean(percentiles) < 75.0


def test_the_true_order_searched_again_is_the_placement() -> None:
    track = make_track(7, tempo_bpm=97.0)
    video = make_video(40.0, [3.0, 8.2, 13.1, 20.0, 33.3], accents_s=[5.0, 11.0])
    placement = place(track, video)
    terms = start_terms(placement.line, placement.shape, StartWeights())
    again = _refined_best(placement.line, placement.shape, terms, StartWeights(), placement.shape.cuts_s[None, :])
    assert again[0] == pytest.approx(placement.start_s, abs=2e-5)


def test_no_pulse_or_one_cut_has_no_chance() -> None:
    assert shuffled_chance(place(make_track(5, has_pulse=False), make_video(30.0, [10.0, 20.0]))) is None
    assert shuffled_chance(place(make_track(6), make_video(30.0, [10.0]))) is None
