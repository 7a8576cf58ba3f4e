# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Meters against the test signals of EBU Tech 3341."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.core.music import FloatArray
from needledrop.preview.meters import HeardMeter

RATE = 48_000


def sine(seconds: float, dbfs: float, hz: float = 1000.0, phase: float = 0.0) -> FloatArray:
    wave = 10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE + phase)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def fed(sound: FloatArray, block: int = 256) -> HeardMeter:
    meter = HeardMeter(RATE)
    for start in range(0, len(sound), block):
        meter.feed(sound[start : start + block])
    return meter


@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_a_steady_tone_reads_its_level_in_both_windows(level: float) -> None:
    levels = fed(sine(20.0, level)).levels()
    assert levels.momentary_lufs == pytest.approx(level, abs=0.1)
    assert levels.short_term_lufs == pytest.approx(level, abs=0.1)


def test_short_term_looks_back_three_seconds_and_momentary_less_than_half() -> None:
    # Tech 3341, case 9: 1.34 s at -20 and 1.66 s at -30 dBFS in turn read -23 after three seconds.
    levels = fed(np.concatenate([sine(1.34, -20.0), sine(1.66, -30.0)] * 5)).levels()
    assert levels.short_term_lufs == pytest.approx(-23.0, abs=0.1)
    assert levels.momentary_lufs == pytest.approx(-30.0, abs=0.1)


def test_true_peak_lies_between_samples_and_is_held_for_a_moment_only() -> None:
    between = sine(1.0, -6.0, RATE / 4, np.pi / 4)  # Tech 3341, case 17: samples reach -9 dBFS, the wave -6.
    meter = fed(between)
    assert meter.levels().true_peak_dbtp == pytest.approx(-6.0, abs=0.3)
    meter.feed(np.zeros((3 * RATE, 2), np.float32))
    assert meter.levels().true_peak_dbtp < -100
    assert meter.levels().momentary_lufs == -70.0


def test_block_sizes_make_no_difference() -> None:
    sound = np.random.default_rng(1).uniform(-0.3, 0.3, (RATE, 2)).astype(np.float32)
    assert fed(sound, 16).levels() == fed(sound, 8192).levels()
