# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taps of real fingers: uneven, one missed, one too many; and the sound that says where the beats are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.core.music import TimeArray
from needledrop.features.tapped_beats import tapped_beats

SILENCE = np.zeros(0, np.uint8)


def step_s(times_s: TimeArray) -> float:
    return float(np.diff(times_s).mean())


def test_even_taps_run_to_both_ends_of_the_track() -> None:
    times_s, first = tapped_beats((7.3, 7.9, 8.5, 9.1), SILENCE, 30.0)
    assert step_s(times_s) == pytest.approx(0.6) and times_s[first] == pytest.approx(7.3)
    assert 0 <= times_s[0] < 0.6 and 29.4 <= times_s[-1] < 30.0


@pytest.mark.parametrize("missed", range(1, 7))
def test_a_missed_tap_does_no_harm(missed: int) -> None:
    taps = np.delete(5.0 + 0.5 * np.arange(8), missed)
    times_s, first = tapped_beats(taps.tolist(), SILENCE, 60.0)
    assert step_s(times_s) == pytest.approx(0.5) and times_s[first] == pytest.approx(5.0)


def test_a_tap_twice_and_taps_out_of_order_do_no_harm() -> None:
    times_s, _ = tapped_beats((6.5, 5.0, 5.5, 6.0, 6.02, 7.0, 7.0), SILENCE, 60.0)
    assert step_s(times_s) == pytest.approx(0.5, abs=0.005)


@pytest.mark.parametrize("seed", range(5))
def test_uneven_taps_settle_on_the_onsets_of_the_whole_track(seed: int) -> None:
    rng = np.random.default_rng(seed)
    beats = 0.31 + 60.0 / 117.3 * np.arange(460)
    onset = rng.integers(0, 40, 24000).astype(np.uint8)
    onset[np.round(beats * 100).astype(int)] = 200
    taps = beats[60:72] + rng.normal(0.0, 0.02, 12)
    times_s, first = tapped_beats(taps.tolist(), onset, 235.4)
    nearest = np.abs(times_s[:, None] - beats).min(axis=1)
    assert nearest.max() < 0.03
    assert times_s[first] == pytest.approx(beats[60], abs=0.03)


@pytest.mark.parametrize("start_s", [0.0, 0.002])
def test_taps_from_the_very_start(start_s: float) -> None:
    onset = np.zeros(1000, np.uint8)
    onset[50::50] = 200
    times_s, _ = tapped_beats([start_s + 0.5 * number for number in range(6)], onset, 10.0)
    assert times_s[0] >= 0 and np.all(np.diff(times_s) > 0.49)


@pytest.mark.parametrize(
    "taps",
    [
        (),
        (1.0, 2.0, 3.0),
        (1.0, 1.0, 2.0, 2.0, 3.0),
        (1.0, 1.01, 1.02, 1.03),
        (1.0, 11.0, 21.0, 31.0),
        (1.0, 1.5, 2.2, 2.5, 3.3, 3.4),
        (-1.0, -0.5, 0.0, 0.5),
        (57.0, 58.0, 59.0, 61.0),
        (1e300, 2e300, 3e300, 4e300),
    ],
)
def test_what_cannot_be_a_beat_is_refused_in_a_sentence(taps: Sequence[float]) -> None:
    with pytest.raises(KnownError) as caught:
        tapped_beats(taps, SILENCE, 60.0)
    assert caught.value.code == "bad-value" and caught.value.remedy
