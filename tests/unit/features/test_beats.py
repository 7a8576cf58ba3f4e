# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beat times on made onset curves: exact where the beat is steady, deaf to a stray onset, split where tempo changes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from needledrop.core.music import ONSET_RATE_HZ, FloatArray
from needledrop.features.beats import beat_strengths, refined_times

FRAME_S = 1 / ONSET_RATE_HZ


def onsets_at(frames: NDArray[np.float64], heights: NDArray[np.float64] | float = 1.0) -> FloatArray:
    """An onset curve of bumps, two frames wide, with their summits between frames."""
    bumps = np.exp(-0.5 * ((np.arange(int(frames[-1]) + 50)[:, None] - frames) / 1.5) ** 2)
    return np.asarray((bumps * heights).sum(axis=1), np.float32)


def refined(frames: NDArray[np.float64], heights: NDArray[np.float64] | float = 1.0) -> NDArray[np.float64]:
    """What the times of beats become, in frames, whose onsets are there and which were found at the nearest frame."""
    return refined_times(np.round(frames).astype(np.intp), onsets_at(frames, heights)) * ONSET_RATE_HZ


@pytest.mark.parametrize("step", [43.0, 43.37, 50.5, 61.8])
def test_on_a_steady_grid_the_times_are_exact(step: float) -> None:
    frames = 20.3 + step * np.arange(24)
    assert refined(frames) == pytest.approx(frames, abs=0.05)


@pytest.mark.parametrize("aside", [-3.0, 3.0])
def test_one_stray_onset_does_not_pull_a_beat(aside: float) -> None:
    frames = 20.0 + 50.0 * np.arange(16)
    strayed = frames.copy()
    strayed[8] += aside
    found = refined_times(frames.astype(np.intp), onsets_at(strayed)) * ONSET_RATE_HZ
    assert np.abs(found - frames).max() < 0.3 * abs(aside)
    assert found[[2, 14]] == pytest.approx(frames[[2, 14]], abs=0.05)


def test_a_beat_without_an_onset_stands_between_its_neighbours() -> None:
    frames = 20.3 + 50.4 * np.arange(16)
    heights = np.ones(16)
    heights[8] = 0.0
    assert refined(frames, heights) == pytest.approx(frames, abs=0.1)


def test_no_line_runs_across_a_change_of_tempo() -> None:
    slow = 20.0 + 60.0 * np.arange(12)
    frames = np.concatenate([slow, slow[-1] + 43.0 * np.arange(1, 14)])
    assert refined(frames) == pytest.approx(frames, abs=0.05)


def test_a_tempo_that_drifts_is_followed() -> None:
    frames = 20.0 + np.cumsum(50.0 * 1.01 ** np.arange(20))
    assert refined(frames) == pytest.approx(frames, abs=1.0)


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_beats_for_a_line_go_to_their_onsets(count: int) -> None:
    frames = 20.3 + 50.0 * np.arange(count)
    assert refined(frames) == pytest.approx(frames, abs=0.05)


def test_no_beats_have_no_times_and_no_strengths() -> None:
    none = np.zeros(0, np.intp)
    assert refined_times(none, np.ones(100, np.float32)).shape == (0,)
    assert beat_strengths(none, np.ones(100, np.float32)).shape == (0,)


def test_without_any_onset_the_beats_stay_where_they_were_found() -> None:
    beats = np.array([20, 70, 120, 170])
    assert refined_times(beats, np.zeros(200, np.float32)) == pytest.approx(beats * FRAME_S)


def test_times_never_run_backwards_nor_before_the_start() -> None:
    noise = np.random.default_rng(1).random(600).astype(np.float32)
    times_s = refined_times(np.array([0, 30, 60, 90, 300, 330, 360, 590]), noise)
    assert times_s[0] >= 0
    assert (np.diff(times_s) >= 0).all()


def test_the_strength_of_a_beat_is_that_of_the_loudest_onset_near_it() -> None:
    frames = 20.0 + 50.0 * np.arange(8)
    heights = np.where(np.arange(8) % 2 == 0, 1.0, 0.5)
    found = beat_strengths(frames.astype(np.intp) + 2, onsets_at(frames, heights))
    assert found[1::2] == pytest.approx(np.full(4, 0.5), abs=0.05)
    assert found[::2] == pytest.approx(np.ones(4), abs=0.05)
