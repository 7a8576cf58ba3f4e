# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sounds without beats: what the network must stay calm in. Noise, drones, scattered clicks and notes, speech."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.features.onsets import RATE
from needledrop.training.beats import render
from needledrop.training.beats.composer import compose
from needledrop.training.beats.speech import spoken

_LENGTH_S = 36
_SAMPLES = _LENGTH_S * RATE


def sound_without_beats(number: int) -> FloatArray:
    """Stereo samples [n, 2] at RATE; the kinds take turns."""
    rng = np.random.default_rng(number)
    makers: tuple[Callable[[], NDArray[np.float64]], ...] = (
        lambda: spoken(1000 + number)[:_SAMPLES] * rng.uniform(0.3, 1),
        lambda: _noise(rng),
        lambda: _drone(rng),
        lambda: _clicks(rng),
    )
    if number % 5 == 4:
        return _scattered(number)
    mono = makers[number % 5]()
    return np.stack([mono, mono], axis=1).astype(np.float32)


def _scattered(seed: int) -> FloatArray:
    """The notes of a piece, each at a time of its own."""
    rng, piece = random.Random(seed), compose(seed, float(_LENGTH_S))
    for part in piece.parts:
        kept = rng.uniform(0.1, 0.6)
        notes = [note for note in part.notes if rng.random() < kept]
        part.notes[:] = [(rng.uniform(0, len(piece.beats_s) - 1), *note[1:]) for note in notes]
    soundfont = rng.choice(render.TRAINING_SOUNDFONTS)
    return render.rendered(render.midi_bytes(piece, seed), soundfont, reverb=rng.random() < 0.5)[:_SAMPLES]


def _swelling(rng: np.random.Generator, points: int, least: float) -> NDArray[np.float64]:
    return np.interp(np.arange(_SAMPLES), np.linspace(0, _SAMPLES, points), rng.uniform(least, 1, points))


def _noise(rng: np.random.Generator) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(rng.normal(0, 1, _SAMPLES))
    spectrum /= np.maximum(1, np.arange(len(spectrum))) ** rng.uniform(0, 0.7)
    sound = np.fft.irfft(spectrum, _SAMPLES)
    return np.asarray(0.1 * sound / sound.std() * _swelling(rng, 20, 0.2))


def _drone(rng: np.random.Generator) -> NDArray[np.float64]:
    t = np.arange(_SAMPLES) / RATE
    sound = np.zeros(_SAMPLES)
    for pitch_hz in rng.uniform(60, 900, 8):
        vibrato = 0.0005 * np.sin(2 * np.pi * rng.uniform(0.05, 0.3) * t)
        sound += rng.uniform(0.01, 0.08) * np.sin(2 * np.pi * pitch_hz * t * (1 + vibrato) + rng.uniform(0, 6))
    return sound * _swelling(rng, 8, 0.4)


def _clicks(rng: np.random.Generator) -> NDArray[np.float64]:
    sound, length = np.zeros(_SAMPLES), 6000
    for at in rng.uniform(0, 35, 40):
        decay = np.exp(-np.arange(length) / rng.uniform(200, 2000))
        sound[int(at * RATE) :][:length] += rng.normal(0, 0.3, length) * decay
    return sound
