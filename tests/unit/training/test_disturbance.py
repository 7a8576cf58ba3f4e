# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import shutil

import numpy as np
import pytest

from needledrop.features.onsets import RATE
from needledrop.training.beats.disturbance import coded, disturbed

pytestmark = pytest.mark.skipif(
    not (shutil.which("ffmpeg") and shutil.which("espeak-ng")), reason="needs ffmpeg and espeak-ng"
)


def clicks() -> np.ndarray:
    rng = np.random.default_rng(0)
    sound = rng.standard_normal((6 * RATE, 2)) * 0.002
    for start in range(RATE // 2, 5 * RATE, RATE // 2):
        sound[start : start + 2000] += (rng.standard_normal(2000) * np.exp(-np.arange(2000) / 300) * 0.2)[:, None]
    return sound.astype(np.float32)


def starts(sound: np.ndarray) -> np.ndarray:
    """Where the power of 5 ms rises most, at each click."""
    power = np.square(sound.mean(axis=1)).reshape(-1, 120).sum(axis=1)
    rise = np.diff(power)
    return np.array([rise[at * 100 - 40 : at * 100 + 40].argmax() + at * 100 - 40 for at in range(1, 10)])


@pytest.mark.parametrize(
    ("ending", "encoder", "rate"), [("mp3", "libmp3lame", "32k"), ("opus", "libopus", "24k"), ("m4a", "aac", "48k")]
)
def test_coding_moves_nothing(ending: str, encoder: str, rate: str) -> None:
    sound = clicks()
    found = coded(sound, ending, encoder, rate)
    assert found.shape == sound.shape
    assert not np.array_equal(found, sound)
    assert np.abs(starts(found) - starts(sound)).max() <= 1


def test_the_same_seed_disturbs_alike_and_keeps_the_time() -> None:
    sound, altered = clicks(), 0
    for seed in range(12):
        found = disturbed(sound, seed)
        assert found.shape == sound.shape
        assert np.isfinite(found).all()
        altered += not np.array_equal(found, sound)
    assert 4 <= altered <= 12
    assert np.array_equal(disturbed(sound, 3), disturbed(sound, 3))
