# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Onset density counts notes one hears: none in a pad however it ripples, all of them in drums, at any loudness."""

from __future__ import annotations

import numpy as np
import pytest

import media_factory
from needledrop.core.music import FloatArray
from needledrop.features.music import MusicAnalyser

RATE = 44100


def _density_hz(stereo: FloatArray) -> float:
    analyser = MusicAnalyser(RATE)
    analyser.feed(stereo)
    return analyser.finish().rhythm.onset_density_hz


def _pad(seconds: float) -> FloatArray:
    """Detuned partials that beat against each other, with breath noise: no note begins after the first."""
    rng = np.random.default_rng(2)
    t = np.arange(round(seconds * RATE)) / RATE
    partials = [220 * step * (1 + 0.004 * rng.standard_normal()) for step in (1, 1.5, 2, 2.5, 3, 4) for _ in range(3)]
    sound = sum(np.sin(2 * np.pi * hz * t + rng.uniform(0, 6)) / (hz / 220) for hz in partials)
    sound = np.asarray(sound) * (1 + 0.3 * np.sin(2 * np.pi * 0.13 * t)) + 0.02 * rng.standard_normal(len(t))
    sound *= np.minimum(t / 2, 1) * 0.05
    return np.stack([sound, sound], axis=1).astype(np.float32)


def test_a_pad_has_no_onsets() -> None:
    assert _density_hz(_pad(30)) < 0.3


@pytest.mark.parametrize("gain", [1.0, 0.03])
def test_every_drum_is_counted_at_any_loudness(gain: float) -> None:
    # Kick on the beat and hat between: four a second at 120 BPM.
    assert _density_hz(media_factory.music(30, bpm=120) * np.float32(gain)) == pytest.approx(4.0, abs=0.3)
