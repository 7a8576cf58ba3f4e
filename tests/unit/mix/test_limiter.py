# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limiter: its ceiling holds between the samples too, and quiet sound is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, resample_poly, sosfilt

from needledrop.core.music import FloatArray
from needledrop.mix.limiter import HISTORY, LOOK_AHEAD, PEAK_CONTEXT, limiter_gain, required_attenuation_db

RATE = 48_000


def limited(samples: FloatArray) -> FloatArray:
    needed = required_attenuation_db(np.pad(samples, ((PEAK_CONTEXT, PEAK_CONTEXT), (0, 0))))
    gain = limiter_gain(np.pad(needed, (HISTORY, LOOK_AHEAD)), RATE)
    return samples if gain is None else samples * gain[:, np.newaxis]


def true_peak_db(samples: FloatArray) -> float:
    up = resample_poly(samples.astype(np.float64), 4, 1, axis=0, window=("kaiser", 10.0))
    return 20.0 * np.log10(float(np.abs(up).max()))


def stereo(wave: np.ndarray) -> FloatArray:
    return np.stack([wave, -0.5 * wave], axis=1).astype(np.float32)


def sounds() -> dict[str, FloatArray]:
    t = np.arange(RATE) / RATE
    rng = np.random.default_rng(4)
    band = butter(8, 18_000, fs=RATE, output="sos")
    fade = np.minimum(1.0, np.minimum(t, t[::-1]) * 50)
    bursts = rng.standard_normal(RATE) * (np.sin(2 * np.pi * 3 * t) > 0.9)
    return {
        "between samples": stereo(1.3 * fade * np.sin(2 * np.pi * 12_000 * t + np.pi / 4)),
        "bass": stereo(2.5 * fade * np.sin(2 * np.pi * 60 * t)),
        "noise": stereo(sosfilt(band, rng.standard_normal(RATE)) * 0.5),
        "bursts": stereo(sosfilt(band, bursts)),
        "one sample": stereo(np.where(np.arange(RATE) == 20_000, 1.5, 0.0)),
    }


@pytest.mark.parametrize("name", list(sounds()))
def test_true_peak_stays_below_the_ceiling_and_near_it(name: str) -> None:
    sound = sounds()[name]
    assert true_peak_db(sound) > -0.5
    assert -1.6 < true_peak_db(limited(sound)) <= -0.99


def test_quiet_sound_is_returned_bit_for_bit() -> None:
    sound = stereo(0.8 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE))
    assert np.array_equal(limited(sound), sound)


def test_the_gain_is_one_again_after_the_release() -> None:
    sound = stereo(np.where(np.arange(2 * RATE) == 20_000, 1.5, 0.01))
    result = limited(sound)
    assert np.array_equal(result[:19_000], sound[:19_000])
    assert np.array_equal(result[20_000 + HISTORY + LOOK_AHEAD :], sound[20_000 + HISTORY + LOOK_AHEAD :])


def test_the_gain_moves_without_steps() -> None:
    gain = limiter_gain(np.pad(np.where(np.arange(RATE) == 24_000, 6.0, 0.0), (HISTORY, LOOK_AHEAD)), RATE)
    assert gain is not None
    assert gain.min() <= 10 ** (-6 / 20) + 1e-6
    assert np.abs(np.diff(gain)).max() < 0.01
