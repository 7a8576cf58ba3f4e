# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generator of hidden edits does as its habits say, and its judge finds what can be found and no more."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.suggest.align import beat_offsets
from retrieval.hidden_edits import Habits, Judge, interval_95, is_in_phase, make_edit

BEATS = np.arange(0.3, 200.0, 0.5)
UNEVEN = np.cumsum(0.5 + 0.03 * np.random.default_rng(0).normal(0, 1, 400))


def test_cuts_lie_on_frames_near_beats_but_for_the_stated_share() -> None:
    near = []
    for seed in range(200):
        edit = make_edit(np.random.default_rng(seed), BEATS, 4, 199.0, Habits(0.3))
        assert 8 <= len(edit.cuts_s) <= 20
        np.testing.assert_allclose(edit.cuts_s * edit.frame_rate, np.round(edit.cuts_s * edit.frame_rate), atol=1e-6)
        near.extend(np.abs(beat_offsets(BEATS, edit.cuts_s + edit.offset_s)) <= 0.03 + 0.5 / edit.frame_rate)
    # Of the cuts anywhere about a fifth lies that near to a beat by chance.
    assert np.mean(near) == pytest.approx(0.7 + 0.3 * 0.2, abs=0.03)


def test_downbeats_are_preferred_as_often_as_stated() -> None:
    habits = Habits(0.0, downbeat_factor=4.0)
    places = []
    for seed in range(200):
        edit = make_edit(np.random.default_rng(seed), BEATS, 4, 199.0, habits)
        places.extend(np.round((edit.cuts_s + edit.offset_s - 0.3) / 0.5).astype(int) % 4 == 0)
    # 4 of 7, a little less because no beat is chosen twice.
    assert 0.5 < np.mean(places) < 4 / 7 + 0.02


def judged_bars(beats: np.ndarray, habits: Habits) -> float:
    judge = Judge(beats, 4, 199.0, habits)
    right = []
    for seed in range(40):
        edit = make_edit(np.random.default_rng(seed), beats, 4, 199.0, habits)
        true = float(np.interp(edit.offset_s, beats, np.arange(len(beats))))
        right.append(is_in_phase(judge(edit).bar_place, true, 4))
        assert is_in_phase(judge(edit).beat_place, true, 1)
    return float(np.mean(right))


def test_the_bar_shows_in_uneven_beats_or_in_preferred_downbeats_and_in_nothing_else() -> None:
    assert judged_bars(BEATS, Habits(0.0)) < 0.5
    assert judged_bars(BEATS, Habits(0.0, downbeat_factor=6.0)) > 0.9
    assert judged_bars(UNEVEN, Habits(0.0)) > 0.9


def test_the_judge_prefers_the_music_the_cuts_were_made_to() -> None:
    habits = Habits(0.1)
    edit = make_edit(np.random.default_rng(1), UNEVEN, 4, 199.0, habits)
    other = np.arange(0.2, 200.0, 60.0 / 121.0)
    assert Judge(UNEVEN, 4, 199.0, habits)(edit).evidence > Judge(other, 4, 199.0, habits)(edit).evidence + 3.0


def test_intervals_are_wilsons() -> None:
    low, high = interval_95(9, 10)
    assert (low, high) == (pytest.approx(0.596, abs=0.001), pytest.approx(0.982, abs=0.001))
    assert interval_95(0, 5)[0] == 0.0 and interval_95(5, 5)[1] == 1.0
