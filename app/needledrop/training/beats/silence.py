# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sounds without beats: what the network must stay calm in. Noise, drones, scattered clicks, espeak-ng's speech."""

from __future__ import annotations

import random
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from needledrop.features.onsets import RATE
from needledrop.training.beats.dataset import Heard
from needledrop.training.beats.render import mel_codes

_SAMPLES = 36 * RATE
_SENTENCES = (
    "The quick brown fox jumps over the lazy dog, and then it sleeps for an hour in the warm grass beside the river.",
    "Welcome to the evening news. Tonight we speak about the weather, the harvest, and the price of bread in the town.",
    "Please open the second window, take the small blue box and read aloud what is written on its lid, slowly.",
    "In the beginning nobody knew where the road would lead, but they walked on, telling each other long stories.",
)
_VOICES = ("en", "en-us", "de", "fr", "es")


def pieces_without_beats() -> list[Heard]:
    """Ten of speech, six of noise, four drones and four of clicks."""
    rng = np.random.default_rng(0)
    sounds = [_speech(number, rng) for number in range(10)]
    sounds += [_noise(rng) for _ in range(6)] + [_drone(rng) for _ in range(4)] + [_clicks(rng) for _ in range(4)]
    return [Heard(mel_codes(np.stack([s, s], axis=1).astype(np.float32)), np.zeros(0), 4) for s in sounds]


def _speech(number: int, rng: np.random.Generator) -> NDArray[np.float64]:
    import soundfile
    import soxr  # type: ignore[import-untyped]

    text = " ".join(random.Random(number).sample(_SENTENCES, len(_SENTENCES)) * 2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "speech.wav")
        voice = ["-v", _VOICES[number % len(_VOICES)], "-s", str(120 + 8 * number), "-p", str(20 + 6 * number)]
        subprocess.run(["espeak-ng", *voice, "-w", str(path), text], check=True)
        sound, rate = soundfile.read(path)
    return np.asarray(soxr.resample(sound, rate, RATE)[:_SAMPLES] * rng.uniform(0.3, 1))


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
