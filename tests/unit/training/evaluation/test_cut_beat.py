# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cut-beat scores on cases counted by hand: hits, chance, the sign, and what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from needledrop.core.picture import VideoFeatures
from needledrop.suggest.details import TrackDetails
from needledrop.training.evaluation.cut_beat import (
    BEST_START,
    OWN,
    RANDOM_START,
    TRUE_START,
    CutBeat,
    CutBeatScores,
    cut_beat_scores,
    cut_beat_table,
)
from needledrop.training.evaluation.measured_items import MeasuredItems
from needledrop.training.evaluation.protocol import trials
from needledrop.training.pairs.pair_set import PairSet
from retrieval.made_up_pairs import made_up_pairs
from retrieval.synthetic_gallery import make_track, make_video

SPLIT = "test-strong"
OWN_START_S, SECONDS = 10.0, 20.0
# Beats every half second from 0 on: 41 lie under a picture of 20 s that begins on one.
BEATS, BEAT_S = 41, 0.5
CUTS_S = np.array([1.0, 2.5, 4.0, 7.5, 10.0, 13.0, 16.5, 18.0])


class Fixed:
    """Puts one track first, whatever the video."""

    name = "Fixed"

    def __init__(self, track: int) -> None:
        self._track = track

    def scores(self, videos: np.ndarray, tracks: np.ndarray) -> np.ndarray:
        return np.repeat((tracks == self._track)[None], len(videos), axis=0).astype(np.float32)


def steady(number: int, *, has_pulse: bool = True) -> TrackDetails:
    return make_track(number, tempo_bpm=60 / BEAT_S, first_beat_s=0.0, drift=0.0, duration_s=60.0, has_pulse=has_pulse)


def scored(
    video: VideoFeatures, *, late_s: float = 0.0, has_pulse: bool = True, pairs: PairSet | None = None
) -> CutBeatScores:
    """All videos alike; each begins at OWN_START_S of its own track, or so much later."""
    pairs = pairs or made_up_pairs(tracks=12, videos_per_track=2)
    numbers = range(len(pairs.track_names))
    start_s = dict.fromkeys(range(len(pairs.video_names)), OWN_START_S + late_s)
    measured = MeasuredItems(
        {number: steady(number, has_pulse=has_pulse) for number in numbers},
        dict.fromkeys(range(len(pairs.video_names)), video),
        start_s,
    )
    asked = trials(pairs, SPLIT)
    return cut_beat_scores(pairs, measured, asked[:1], [Fixed(int(asked[0].tracks[0]))])


def row(scores: CutBeatScores, music: str, start: str) -> CutBeat:
    (found,) = [one for one in scores.rows if (one.music, one.start) == (music, start)]
    return found


def test_hits_less_chance_are_those_counted_by_hand() -> None:
    true = row(scored(make_video(SECONDS, CUTS_S)), OWN, TRUE_START)
    cut_chance, beat_chance = 0.14 * BEATS / SECONDS, 0.14 * len(CUTS_S) / SECONDS
    beat_hit = len(CUTS_S) / BEATS
    assert true.queries == 6 and true.without_pulse == 0
    assert true.cut_hit.value == 1.0
    assert true.cut_excess.value == pytest.approx(1.0 - cut_chance)
    assert true.beat_excess.value == pytest.approx(beat_hit - beat_chance)
    chance = 2 * cut_chance * beat_chance / (cut_chance + beat_chance)
    assert true.f1_excess.value == pytest.approx(2 * beat_hit / (1 + beat_hit) - chance)
    assert true.mean_offset_s == pytest.approx(0.0, abs=1e-9)
    assert true.shuffled is None


def test_music_that_begins_later_in_its_file_has_its_beats_before_the_cuts() -> None:
    early = row(scored(make_video(SECONDS, CUTS_S), late_s=0.05), OWN, TRUE_START)
    assert early.cut_hit.value == 1.0 and early.mean_offset_s == pytest.approx(-0.05, abs=1e-9)
    missed = row(scored(make_video(SECONDS, CUTS_S), late_s=0.08), OWN, TRUE_START)
    assert missed.cut_hit.value == 0.0 and missed.mean_offset_s is None
    assert missed.cut_excess.value < 0.0


def test_the_search_mends_the_offset_and_a_random_start_is_at_chance() -> None:
    pairs = made_up_pairs(tracks=400, videos_per_track=1)
    scores = scored(make_video(SECONDS, CUTS_S), late_s=0.2, pairs=pairs)
    best, at_random = row(scores, OWN, BEST_START), row(scores, OWN, RANDOM_START)
    assert best.cut_hit.value == 1.0
    # All cuts stand on half seconds: in any order they are hit, which is what the column is there to say.
    assert best.shuffled == pytest.approx(1.0)
    assert at_random.cut_excess.low <= 0.0 <= at_random.cut_excess.high


def test_cuts_off_any_beat_are_found_in_other_orders_too() -> None:
    cuts_s = np.cumsum(np.random.default_rng(2).uniform(0.9, 2.9, 9))
    best = row(scored(make_video(SECONDS, cuts_s)), OWN, BEST_START)
    assert best.shuffled is not None
    assert 0.2 < best.shuffled < 0.9
    assert abs(best.cut_hit.value - best.shuffled) < 0.3, "searching finds hits among cuts that mean nothing"


def test_what_a_system_puts_first_is_scored_at_two_starts() -> None:
    scores = scored(make_video(SECONDS, CUTS_S))
    assert [(one.music, one.start) for one in scores.rows] == [
        (OWN, TRUE_START), (OWN, BEST_START), (OWN, RANDOM_START), ("Fixed", BEST_START), ("Fixed", RANDOM_START),
    ]  # fmt: skip
    text = cut_beat_table(scores)
    assert f"{SPLIT}, cuts and beats: 6 videos" in text
    assert "| Own track | as it was cut | 100.0 [100.0, 100.0] |  | 71.3 " in text


def test_music_without_a_pulse_hits_nothing_and_is_counted() -> None:
    scores = scored(make_video(SECONDS, CUTS_S), has_pulse=False)
    true, best = row(scores, OWN, TRUE_START), row(scores, OWN, BEST_START)
    assert true.without_pulse == true.queries == 6
    assert true.cut_hit.value == true.cut_excess.value == true.f1_excess.value == 0.0
    assert best.shuffled == 0.0


def test_videos_with_one_cut_are_counted_and_left_out() -> None:
    scores = scored(make_video(SECONDS, [4.0]))
    assert scores.rows == () and scores.too_few_cuts == 6
    assert cut_beat_table(scores) == "No cut-beat scores: None of the 6 videos of made-up has two cuts."


def test_a_copy_in_the_gallery_stands_for_a_videos_own_track() -> None:
    pairs = made_up_pairs(tracks=12, videos_per_track=2)
    strong = np.flatnonzero(np.array(pairs.track_split) == SPLIT)
    cluster = pairs.track_cluster.copy()
    cluster[strong[1]] = cluster[strong[0]]
    true = row(scored(make_video(SECONDS, CUTS_S), pairs=replace(pairs, track_cluster=cluster)), OWN, TRUE_START)
    assert true.queries == 6 and true.cut_hit.value == 1.0


def test_a_set_of_numbers_says_so() -> None:
    pairs = made_up_pairs(tracks=12)
    scores = cut_beat_scores(
        pairs, MeasuredItems({}, {}, {}, "There is nothing to hear."), trials(pairs, SPLIT)[:1], []
    )
    assert cut_beat_table(scores) == "No cut-beat scores: There is nothing to hear."
