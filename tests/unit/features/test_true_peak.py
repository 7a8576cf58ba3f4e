# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.core.music import FloatArray
from needledrop.features.true_peak import TruePeakMeter, interpolator


def measure(stereo: FloatArray, rate: int, block: int = 10_000) -> float:
    meter = TruePeakMeter(rate)
    for start in range(0, len(stereo), block):
        meter.feed(stereo[start : start + block])
    return meter.finish()


def both(wave: FloatArray) -> FloatArray:
    return np.stack([wave, wave], axis=1).astype(np.float32)


@pytest.mark.parametrize(("divisor", "phase"), [(4, 45), (6, 60), (8, 67.5), (4, 0)])
def test_sines_whose_samples_miss_the_summit(divisor: int, phase: float) -> None:
    """EBU Tech 3341 cases 15 to 19: half of full scale is -6 dBTP however the samples fall, +0.2/-0.4 dB."""
    rate = 48000
    wave = 0.5 * np.sin(2 * np.pi * np.arange(rate) / divisor + np.radians(phase))
    fade = np.minimum(1, np.minimum(np.arange(rate), np.arange(rate)[::-1]) / 4800)
    assert measure(both(wave * fade), rate) == pytest.approx(-6.02, abs=0.1)


def test_equals_oversampling_everything() -> None:
    rng = np.random.default_rng(5)
    noise = rng.standard_normal((20_000, 2)).astype(np.float32) * 0.1
    noise[7000:7030] = np.tile([[0.35], [0.35], [-0.35], [-0.35], [0.3]], (6, 2))
    taps = interpolator(4)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(noise, ((32, 32), (0, 0))), 32, axis=0)
    whole = max(float(np.abs(windows @ taps).max()), float(np.abs(noise).max()))
    assert measure(noise, 48000) == pytest.approx(20 * np.log10(whole), abs=1e-4)


def test_loud_samples_elsewhere_do_not_hide_a_peak_between_softer_samples() -> None:
    signal = np.zeros(48000)
    signal[1000:1100] = 0.6
    at = np.arange(2000)
    signal[30_000:32_000] = 0.8 * np.sin(np.pi / 2 * at + np.pi / 4) * np.hanning(2000)
    assert np.abs(signal[30_000:]).max() < 0.6
    assert measure(both(signal), 48000) == pytest.approx(20 * np.log10(0.8), abs=0.1)


@pytest.mark.parametrize("rate", [8000, 44100, 96000, 192000])
def test_block_size_changes_nothing(rate: int) -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (30_000, 2)).astype(np.float32)
    assert measure(noise, rate, 30_000) == pytest.approx(measure(noise, rate, 777), abs=1e-5)


def test_silence_and_nothing() -> None:
    assert measure(np.zeros((1000, 2), np.float32), 48000) == -120.0
    assert measure(np.zeros((0, 2), np.float32), 48000) == -120.0


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("kind", ["uniform", "clipped", "square"])
def test_dense_and_clipped_sound_equals_oversampling_everything(kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    noise = np.cumsum(rng.standard_normal((20_000, 2)), axis=0) * 0.02
    sound = {
        "uniform": rng.uniform(-0.5, 0.5, (20_000, 2)),
        "clipped": np.clip(4 * np.diff(noise, axis=0, prepend=0) + np.sin(noise), -0.7, 0.7),
        "square": 0.5 * np.sign(np.sin(np.arange(20_000)[:, None] / np.array([9.3, 17.1]) + seed)),
    }[kind].astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(sound, ((32, 32), (0, 0))), 32, axis=0)
    whole = max(float(np.abs(windows @ interpolator(4)).max()), float(np.abs(sound).max()))
    assert measure(sound, 48000) == pytest.approx(20 * np.log10(whole), abs=1e-3)
