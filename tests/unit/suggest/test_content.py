# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content matcher: planted fits are found, parts stay in 0..1, order is stable."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from needledrop.core.picture import MOTION_RATE_HZ
from needledrop.core.query import Filters, Ranker
from needledrop.index.summary import mean_descriptor
from needledrop.suggest.content import ContentMatcher
from retrieval.synthetic_gallery import (
    edit_gallery,
    hidden_edit,
    make_library,
    make_query,
    make_track,
    make_video,
    with_loudness,
)

LIBRARY = make_library(edit_gallery(60, seed=8))


def hill(length_s: float, centre_s: float, rate_hz: float) -> np.ndarray:
    time_s = np.arange(int(length_s * rate_hz)) / rate_hz
    return np.exp(-0.5 * ((time_s - centre_s) / 6.0) ** 2)


def test_it_is_a_ranker() -> None:
    ranker: Ranker = ContentMatcher(LIBRARY.gallery)
    assert ranker.name == "content-2"


def test_a_track_with_the_energy_of_the_picture_is_found_at_its_place() -> None:
    planted_lufs = -24.0 + 14.0 * hill(200.0, 130.0, 10.0)
    planted = with_loudness(make_track(500), planted_lufs)
    planted = replace(planted, rhythm=replace(planted.rhythm, onset_curve=np.zeros_like(planted.rhythm.onset_curve)))
    library = make_library([*LIBRARY.tracks.values(), planted])
    video = make_video(60.0, motion=0.2 + 3.0 * hill(60.0, 40.0, MOTION_RATE_HZ))
    ranked = library.ranker.rank(make_query(video), 61)
    segment = next(segment for segment in ranked if segment.track_id == 500)
    assert segment.start_s == pytest.approx(90.0, abs=4.0)
    assert segment.parts["shape"] > 0.95
    assert segment.parts["shape"] == max(one.parts["shape"] for one in ranked)


def test_the_tempo_of_a_hidden_edit_is_preferred() -> None:
    edit = hidden_edit(list(LIBRARY.tracks.values()), seed=5)
    ranked = LIBRARY.ranker.rank(make_query(edit.video), 60)
    grid = {segment.track_id: segment.parts["grid"] for segment in ranked}
    assert grid[edit.track_id] > 0.5
    assert sum(value >= grid[edit.track_id] for value in grid.values()) <= 3


def test_text_and_likeness_lift_what_they_name() -> None:
    video = make_video(30.0, [10.0, 20.0])
    reference = mean_descriptor(LIBRARY.tracks[17].clips)
    by_sound = LIBRARY.ranker.rank(make_query(video, like_vectors=(reference,)), 5)
    assert by_sound[0].track_id == 17
    assert by_sound[0].parts["like"] == pytest.approx(1.0, abs=1e-5)
    by_text = LIBRARY.ranker.rank(make_query(video, text="calm", text_scores={23: 1.0}), 5)
    assert by_text[0].track_id == 23


def test_parts_and_scores_stay_between_zero_and_one_best_first() -> None:
    video = make_video(45.0, [5.0, 12.0, 30.0], motion=0.2 + 2.0 * hill(45.0, 20.0, MOTION_RATE_HZ))
    ranked = LIBRARY.ranker.rank(make_query(video), 60)
    assert all(0.0 <= value <= 1.0 for segment in ranked for value in (*segment.parts.values(), segment.score))
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)
    assert ranked == LIBRARY.ranker.rank(make_query(video), 60)


def test_equal_tracks_come_in_order_of_their_ids() -> None:
    twins = [replace(make_track(1, seed=1), track_id=track_id) for track_id in (9, 4, 7)]
    library = make_library(twins)
    assert [one.track_id for one in library.ranker.rank(make_query(make_video(20.0)), 5)] == [4, 7, 9]


def test_one_recording_appears_once() -> None:
    twins = [replace(make_track(1, seed=1), track_id=track_id) for track_id in (1, 2, 3)]
    library = make_library(twins, recordings={1: 1, 2: 1, 3: 3})
    assert [one.track_id for one in library.ranker.rank(make_query(make_video(20.0)), 5)] == [1, 3]
    without_first = make_query(make_video(20.0), Filters(excluded_track_ids=frozenset({1})))
    assert [one.track_id for one in library.ranker.rank(without_first, 5)] == [2, 3]


@pytest.mark.parametrize("duration_s", [0.5, 1.0, 9.0, 600.0, 10_800.0])
def test_any_length_of_range_ranks(duration_s: float) -> None:
    rng = np.random.default_rng(1)
    motion = np.abs(np.cumsum(rng.normal(0, 0.2, max(1, int(duration_s * MOTION_RATE_HZ)))))
    cuts = np.sort(rng.uniform(0.0, duration_s, int(duration_s / 4.0)))
    ranked = LIBRARY.ranker.rank(make_query(make_video(duration_s, cuts, motion=motion)), 5)
    assert len(ranked) == 5
    assert all(np.isfinite(one.score) and one.end_s > one.start_s for one in ranked)


def test_an_empty_gallery_and_no_limit_give_nothing() -> None:
    assert make_library([]).ranker.rank(make_query(make_video(10.0)), 5) == []
    assert LIBRARY.ranker.rank(make_query(make_video(10.0)), 0) == []
    assert LIBRARY.ranker.rank(make_query(make_video(10.0), Filters(bpm_range=(300.0, 400.0))), 5) == []


def test_a_calm_picture_prefers_calm_music() -> None:
    still = make_video(40.0, [20.0], motion=np.full(500, 0.05))
    rushing = make_video(40.0, np.arange(1.0, 40.0, 1.1), motion=np.full(500, 5.0))
    arousal = dict(zip(LIBRARY.gallery.tracks["track_id"].tolist(), LIBRARY.gallery.tracks["arousal"], strict=True))

    def mean_of_first(video: object) -> float:
        ranked = LIBRARY.ranker.rank(make_query(video), 15)  # type: ignore[arg-type]
        return float(np.mean([arousal[one.track_id] for one in ranked]))

    assert mean_of_first(still) < mean_of_first(rushing) - 0.05
