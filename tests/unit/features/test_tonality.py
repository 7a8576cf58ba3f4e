# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.core.music import PITCH_NAMES, FloatArray, Tonality
from needledrop.features.music import MusicAnalyser

RATE = 22050


def hear(pitches: list[tuple[int, ...]], detune_cents: float = 0.0) -> Tonality:
    """Chords of half a second, given in semitones above the C below middle C."""
    t = np.arange(RATE // 2) / RATE
    parts = []
    for chord in pitches:
        roots = [130.8128 * 2 ** ((pitch + detune_cents / 100) / 12) for pitch in chord]
        tones = (np.sin(2 * np.pi * f * h * t) / h for f in roots for h in (1, 2, 3, 4))
        parts.append(sum(tones) * np.exp(-3 * t) * 0.1)
    mono = np.tile(np.concatenate(parts), 3)
    stereo: FloatArray = np.stack([mono, mono], axis=1).astype(np.float32)
    analyser = MusicAnalyser(RATE)
    analyser.feed(stereo)
    return analyser.finish().tonality


def cadence(tonic: int, *, major: bool) -> list[tuple[int, ...]]:
    third = 4 if major else 3
    home = (tonic, tonic + third, tonic + 7)
    fourth = (tonic + 5, tonic + 5 + third, tonic + 12)
    fifth = (tonic + 7, tonic + 11, tonic + 14)
    return [home, fourth, fifth, home, home, fourth, fifth, home]


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize("major", [True, False])
def test_every_key(tonic: int, major: bool) -> None:
    heard = hear(cadence(tonic, major=major))
    assert heard.key_name == f"{PITCH_NAMES[tonic]} {'maj' if major else 'min'}"
    assert heard.confidence > 0.3
    assert float(heard.chroma.sum()) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("cents", [-40, 25, 40])
def test_other_tunings(cents: float) -> None:
    assert hear(cadence(2, major=True), cents).key_name == "D maj"


def test_silence_has_no_key() -> None:
    analyser = MusicAnalyser(RATE)
    analyser.feed(np.zeros((RATE, 2), np.float32))
    tonality = analyser.finish().tonality
    assert tonality.tonic == -1
    assert tonality.confidence == 0
    assert float(tonality.chroma.sum()) == pytest.approx(1, abs=1e-4)
