# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound that is hard on a beat tracker, made at run time: no beats at all, or beats that are not four to an even bar.

Mono [n] at RATE, with a seed; music with the times of its beats and downbeats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 24_000
LENGTH_S = 40.0
SILENCE_S = (14.3, 23.1)
Sound = NDArray[np.float64]


@dataclass(frozen=True)
class Played:
    """Music [n] with its beats in seconds and the indices of those that begin a bar."""

    sound: Sound
    beats_s: NDArray[np.float64]
    downbeats: NDArray[np.intp]


def speech_like(seed: int) -> Sound:
    """Syllables of uneven length in phrases with pauses: a buzz of wandering pitch through two formants."""
    rng = np.random.default_rng(seed)
    sound, now = np.zeros(round(LENGTH_S * RATE)), 0.3
    while now < LENGTH_S - 1:
        for _ in range(rng.integers(3, 12)):
            length = rng.uniform(0.09, 0.32)
            _add(sound, now, _syllable(rng, length))
            now += length + rng.exponential(0.03)
        now += rng.uniform(0.25, 1.3)
    return 0.3 * sound / np.abs(sound).max()


def _syllable(rng: np.random.Generator, length_s: float) -> Sound:
    times = np.arange(round(length_s * RATE)) / RATE
    pitch_hz = rng.uniform(95, 160) * (1 + rng.uniform(-0.25, 0.25) * times / length_s)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE
    formants = (rng.uniform(300, 800), rng.uniform(900, 2300))
    voiced = np.zeros(len(times))
    for harmonic in range(1, 24):
        here_hz = harmonic * pitch_hz.mean()
        voiced += np.sin(harmonic * phase) * sum(np.exp(-(((here_hz - one) / 160) ** 2)) for one in formants)
    hiss = rng.normal(0, 0.4, len(times)) * (times < 0.05) * (rng.random() < 0.4)
    return (voiced + hiss) * np.sin(np.pi * times / length_s) ** 0.6 * rng.uniform(0.5, 1.0)


def drone(seed: int) -> Sound:
    """Detuned harmonics that swell and fade over many seconds."""
    rng = np.random.default_rng(seed)
    times = np.arange(round(LENGTH_S * RATE)) / RATE
    sound = np.zeros(len(times))
    for harmonic in range(1, 14):
        hz = 70 * harmonic * (1 + rng.normal(0, 0.0015))
        swell = 0.6 + 0.4 * np.sin(2 * np.pi * times / rng.uniform(7, 23) + rng.uniform(0, 6))
        sound += swell * np.sin(2 * np.pi * hz * times + rng.uniform(0, 6)) / harmonic
    return 0.2 * sound / np.abs(sound).max()


def rain(seed: int) -> Sound:
    """Noise, and drops at random instants of random loudness."""
    rng = np.random.default_rng(seed)
    sound = rng.normal(0, 0.01, round(LENGTH_S * RATE))
    for at_s in rng.uniform(0, LENGTH_S, round(60 * LENGTH_S)):
        times = np.arange(round(0.012 * RATE)) / RATE
        drop = rng.lognormal(-3.5, 0.8) * np.sin(2 * np.pi * rng.uniform(1500, 6000) * times) * np.exp(-400 * times)
        _add(sound, at_s, drop)
    return sound


def random_clicks(seed: int) -> Sound:
    """Loud clicks at random instants, three a second on average."""
    rng = np.random.default_rng(seed)
    sound = np.zeros(round(LENGTH_S * RATE))
    for at_s in rng.uniform(0, LENGTH_S, round(3 * LENGTH_S)):
        _add(sound, at_s, rng.uniform(0.3, 0.8) * np.exp(-np.arange(240) / 30) * rng.choice((-1, 1), 240))
    return sound


def rubato(seed: int) -> Played:
    """Around 96 beats a minute; the tempo wanders by up to 30 % to either side and turns twice a bar."""
    rng = np.random.default_rng(seed)
    wander = np.interp(np.arange(60), np.arange(0, 62, 2), rng.uniform(-0.3, 0.3, 31))
    steps = 0.625 / (1 + wander)
    return _played(np.concatenate([[0.5], 0.5 + np.cumsum(steps)]), 4, seed)


def by_people(seed: int) -> Played:
    """Around 112 beats a minute, 4 % faster and slower again every half minute, each beat 10 ms beside its place."""
    rng = np.random.default_rng(seed)
    number = np.arange(72)
    steps = 60 / 112 / (1 + 0.04 * np.sin(2 * np.pi * number / 56 + rng.uniform(0, 6)))
    return _played(0.5 + np.cumsum(steps) + rng.normal(0, 0.01, len(steps)), 4, seed)


def change_of_tempo(seed: int) -> Played:
    """100 beats a minute, then 140."""
    first_s = 0.5 + 0.6 * np.arange(33)
    return _played(np.concatenate([first_s, first_s[-1] + 60 / 140 * np.arange(1, 48)]), 4, seed)


def in_metre(per_bar: int, bpm: float, seed: int) -> Played:
    """An even beat, so many to a bar."""
    return _played(np.arange(0.4, LENGTH_S - 1, 60 / bpm), per_bar, seed)


def seven_eight(seed: int) -> Played:
    """Bars of 2 + 2 + 3 eighths at 210 eighths a minute; its beats are the eighths."""
    return _played(np.arange(0.4, LENGTH_S - 1, 60 / 210), 7, seed, strong=(0, 2, 4))


def swing(seed: int) -> Played:
    """A ride cymbal and a walking bass, off-beats at two thirds of the beat."""
    return _played(np.arange(0.4, LENGTH_S - 1, 60 / 132), 4, seed, off_beat=2 / 3)


def with_silence(seed: int) -> Played:
    """Twelve seconds of music, nine of silence, and the same music again, on another grid."""
    beats_s = np.concatenate([np.arange(0.4, 14.0, 0.5), np.arange(23.13, 38.0, 0.5)])
    played = _played(beats_s, 4, seed)
    played.sound[round(SILENCE_S[0] * RATE) : round(SILENCE_S[1] * RATE)] = 0.0
    return played


def five_seconds(seed: int) -> Played:
    """A jingle of ten beats."""
    played = _played(np.arange(0.2, 4.9, 0.5), 4, seed)
    return Played(played.sound[: 5 * RATE], played.beats_s, played.downbeats)


def _played(
    beats_s: NDArray[np.float64], per_bar: int, seed: int, *, strong: Sequence[int] = (), off_beat: float = 0.5
) -> Played:
    """Kick on the first (and other strong) beats, snare on the rest, hats on and off the beat, bass, a chord a bar."""
    rng = np.random.default_rng(seed)
    sound = rng.normal(0, 1e-4, round((beats_s[-1] + 1.5) * RATE))
    steps_s = np.append(np.diff(beats_s), np.diff(beats_s)[-1])
    roots_hz = 55 * 2 ** (rng.permutation([0, 5, 7, 3]) / 12)
    for index, (at_s, step_s) in enumerate(zip(beats_s, steps_s, strict=True)):
        place, root_hz = index % per_bar, roots_hz[index // per_bar % 4]
        is_strong = place == 0 or place in strong or (not strong and per_bar == 4 and place == 2)
        _add(sound, at_s, _kick(1.0 if place == 0 else 0.8) if is_strong else _noise(rng, 0.12, 0.35, 25))
        _add(sound, at_s, _noise(rng, 0.04, 0.12, 90))
        if not strong:
            _add(sound, at_s + off_beat * step_s, _noise(rng, 0.04, 0.09, 90))
        _add(sound, at_s, 0.35 * _tone((root_hz,), min(step_s, 0.5), 4))
        if place == 0:
            _add(sound, at_s, 0.12 * _tone(root_hz * np.array([4, 5.04, 6, 8]), 1.2, 2))
    sound *= 0.6 / np.abs(sound).max()
    return Played(sound, beats_s, np.arange(0, len(beats_s), per_bar))


def _kick(level: float) -> Sound:
    times = np.arange(round(0.2 * RATE)) / RATE
    return level * np.sin(2 * np.pi * (50 * times + 4 * (1 - np.exp(-30 * times)))) * np.exp(-18 * times)


def _noise(rng: np.random.Generator, length_s: float, level: float, decay_hz: float) -> Sound:
    count = round(length_s * RATE)
    return np.diff(rng.normal(0, level, count + 1)) * np.exp(-np.arange(count) / RATE * decay_hz)


def _tone(frequencies_hz: Sequence[float] | NDArray[np.float64], length_s: float, decay_hz: float) -> Sound:
    times = np.arange(round(length_s * RATE)) / RATE
    partials = [np.sin(2 * np.pi * hz * times) + 0.4 * np.sin(4 * np.pi * hz * times) for hz in frequencies_hz]
    return np.sum(partials, axis=0) * np.exp(-decay_hz * times) * np.minimum(1, (length_s - times) / 0.01)


def _add(sound: Sound, at_s: float, part: Sound) -> None:
    start = round(at_s * RATE)
    stop = min(start + len(part), len(sound))
    if stop > start:
        sound[start:stop] += part[: stop - start]
