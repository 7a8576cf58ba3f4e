# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Music that never repeats itself, and chatter to lay over it: what landmark tests are made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import Fingerprint
from needledrop.features.fingerprint import FRAME_S, LandmarkCollector
from needledrop.features.spectrum import PowerSpectra

RATE = 12_000  # What fingerprints are made at.
Sound = NDArray[np.float32]


def melody(seconds: float, seed: int, rate: int = RATE, speed: float = 1.0, pitch: float = 1.0) -> Sound:
    """Notes at random: six a second, each with four partials; `speed` times as fast and `pitch` times as high."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round(seconds * rate), np.float32)
    for _ in range(round(6 * seconds * speed)):
        at_s, midi = rng.uniform(0, seconds * speed), rng.integers(50, 88)
        length_s, level = rng.uniform(0.15, 0.7), rng.uniform(0.3, 1.0)
        start = round(at_s / speed * rate)
        t = np.arange(min(round(length_s * rate), len(out) - start)) / rate
        hz = 440.0 * 2 ** ((midi - 69) / 12) * pitch
        note = sum(np.sin(2 * np.pi * hz * k * t) / k for k in (1, 2, 3, 4) if hz * k < 0.45 * rate)
        out[start : start + len(t)] += (level * 0.1 * np.exp(-4 * t) * np.minimum(1, t * 100) * note).astype(np.float32)
    return out


def chatter(seconds: float, seed: int, rate: int = RATE) -> Sound:
    """Syllables: gliding harmonics with pauses, three a second."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round(seconds * rate), np.float32)
    for at_s in np.arange(0, seconds - 0.4, 0.33):
        if rng.random() < 0.25:
            continue
        t = np.arange(round(rng.uniform(0.12, 0.28) * rate)) / rate
        hz = rng.uniform(90, 220) * (1 + rng.uniform(-0.8, 0.8) * t)
        phase = 2 * np.pi * np.cumsum(hz) / rate
        voice = sum(np.sin(k * phase) / k**0.7 for k in range(1, 18))
        start = round(at_s * rate)
        out[start : start + len(t)] += (np.hanning(len(t)) * voice * 0.1).astype(np.float32)
    return out


def under(music: Sound, speech: Sound, below_db: float = 6.0) -> Sound:
    """Music laid so many dB under speech, by their root mean squares."""
    level = np.sqrt(np.square(speech).mean() / np.square(music).mean()) * 10 ** (-below_db / 20)
    mixed = speech + np.float32(level) * music
    return np.asarray(0.5 * mixed / np.abs(mixed).max(), np.float32)


def fingerprint_of(sound: Sound) -> Fingerprint:
    """As analysis makes it of a sound at RATE."""
    spectra, collector = PowerSpectra(1536, round(RATE * FRAME_S)), LandmarkCollector()
    for power in [*spectra.feed(sound), *spectra.finish()]:
        collector.feed(power)
    return collector.finish()
