# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spotting a film: music where nobody speaks, in and out on cuts, within length limits."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.suggest.spot import LONGEST_S, SHORTEST_S, spot
from retrieval.synthetic_gallery import make_video

CUTS = np.arange(3.0, 600.0, 3.7)
SPEECH = [(0.0, 100.0), (180.0, 300.0), (420.0, 600.0)]


def test_music_goes_where_nobody_speaks_and_keeps_to_the_cuts() -> None:
    video = make_video(600.0, CUTS, speech_s=SPEECH, soundtrack_lufs=np.full(6000, -25.0))
    ranges = spot(video)
    spans = [(float(one.time_range.start_s), float(one.time_range.end_s)) for one in ranges]
    assert len(spans) == 2
    for (low, high), (first, last) in zip(spans, [(100.0, 180.0), (300.0, 420.0)], strict=True):
        assert abs(low - first) < 8.0
        assert abs(high - last) < 8.0
        assert np.abs(CUTS - low).min() < 1e-4
        assert np.abs(CUTS - high).min() < 1e-4
    assert "nobody speaks" in ranges[0].reason
    assert all(len(one.times_s) == 2 for one in ranges)


@pytest.mark.parametrize("duration_s", [45.0, 300.0, 10_800.0])
def test_lengths_are_kept_and_ranges_do_not_overlap(duration_s: float) -> None:
    rng = np.random.default_rng(3)
    cuts = np.sort(rng.uniform(0, duration_s, int(duration_s / 6)))
    motion = np.abs(np.cumsum(rng.normal(0, 0.1, int(duration_s * 12.5))))
    ranges = spot(make_video(duration_s, cuts, motion=motion))
    assert ranges
    end = 0.0
    for one in ranges:
        assert float(one.time_range.start_s) >= end - 1e-4
        assert SHORTEST_S - 0.1 <= float(one.time_range.duration_s) <= LONGEST_S + 0.1
        end = float(one.time_range.end_s)
    assert end <= duration_s + 1e-4


def test_a_video_full_of_speech_gets_none_and_a_short_one_all() -> None:
    assert spot(make_video(300.0, CUTS[CUTS < 300], speech_s=[(0.0, 300.0)])) == []
    (only,) = spot(make_video(15.0, [5.0]))
    assert float(only.time_range.duration_s) == 15.0
    assert spot(make_video(15.0, speech_s=[(0.0, 15.0)])) == []


def test_an_uncut_film_is_spotted_too() -> None:
    ranges = spot(make_video(400.0, speech_s=[(150.0, 250.0)]))
    assert ranges
    assert all(float(one.time_range.end_s) <= 152.0 or float(one.time_range.start_s) >= 248.0 for one in ranges)


def test_the_same_film_is_spotted_the_same_way() -> None:
    video = make_video(600.0, CUTS, speech_s=SPEECH)
    assert spot(video) == spot(video)
