# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.core.music import FloatArray, Loudness
from needledrop.features.loudness import LoudnessMeter, k_weighting


def sine(rate: int, *parts: tuple[float, float]) -> FloatArray:
    """997 Hz in both channels: (seconds, dBFS) one after another, phase going on."""
    level = np.concatenate([np.full(round(seconds * rate), 10 ** (db / 20)) for seconds, db in parts])
    wave = np.sin(2 * np.pi * 997 * np.arange(len(level)) / rate) * level
    return np.stack([wave, wave], axis=1).astype(np.float32)


def measure(stereo: FloatArray, rate: int) -> Loudness:
    meter = LoudnessMeter(rate)
    for start in range(0, len(stereo), 4 * rate):
        meter.feed(stereo[start : start + 4 * rate])
    return meter.finish(0.0)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 32000, 44100, 48000, 88200, 96000, 192000])
def test_stereo_sine_at_minus_23_dbfs_is_minus_23_lufs_at_every_rate(rate: int) -> None:
    assert measure(sine(rate, (2, -23)), rate).integrated_lufs == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(
    "parts",
    [
        ((10, -36), (60, -23), (10, -36)),  # EBU Tech 3341 case 3
        ((10, -72), (10, -36), (60, -23), (10, -36), (10, -72)),  # case 4
        ((20, -26), (20.1, -20), (20, -26)),  # case 5
    ],
)
def test_gating_cases_of_tech_3341(parts: tuple[tuple[float, float], ...]) -> None:
    assert measure(sine(48000, *parts), 48000).integrated_lufs == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(("high", "low", "expected"), [(-20, -30, 10), (-20, -15, 5), (-40, -20, 20)])
def test_loudness_range_cases_of_tech_3342(high: float, low: float, expected: float) -> None:
    assert measure(sine(48000, (20, high), (20, low)), 48000).range_lu == pytest.approx(expected, abs=1.0)


def test_filters_at_48_khz_are_those_of_the_recommendation() -> None:
    shelf, high_pass = k_weighting(48000)
    assert shelf == pytest.approx(
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585], abs=1e-8
    )
    assert high_pass == pytest.approx([1, -2, 1, 1, -1.99004745483398, 0.99007225036621], abs=1e-8)


def test_momentary_curve_is_centred() -> None:
    curve = measure(sine(48000, (2, -70.0), (2, -20), (2, -70)), 48000).curve_lufs
    assert len(curve) == 60
    # Half of the window of frame 20 lies in the loud part: half its energy.
    assert curve[20] == pytest.approx(-23.0, abs=0.2)
    assert curve[40] == pytest.approx(-23.0, abs=0.2)
    assert curve[30] == pytest.approx(-20.0, abs=0.1)


def test_silence_and_nothing() -> None:
    for stereo in (np.zeros((48000, 2), np.float32), np.zeros((0, 2), np.float32)):
        loudness = measure(stereo, 48000)
        assert loudness.integrated_lufs == -70.0
        assert loudness.range_lu == 0.0
