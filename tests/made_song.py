# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Songs made at run time from a form such as "IAABAE", with their true beats: what repeats is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import Rhythm

RATE = 24_000
BARS = {"I": 4, "A": 8, "B": 8, "C": 8, "E": 4}
# Chords of each section as semitones over its root, a bar each and round again; and how bright it sounds.
_CHORDS = {"I": (0,), "A": (0, 5, 7, 3), "B": (9, 2, 10, 4), "C": (6, 1, 8, 11), "E": (7, 0)}
_PARTIALS = {"I": 2, "A": 4, "B": 12, "C": 7, "E": 3}


def song(form: str, *, bpm: float = 120.0, lead_s: float = 0.5, tail_s: float = 3.0, looseness_s: float = 0.0,
         seed: int = 0) -> tuple[NDArray[np.float32], Rhythm]:  # fmt: skip
    """Mono sound at RATE and its true rhythm: lead_s of silence, the sections of the form, a last chord of tail_s.

    looseness_s shifts whole sections by up to so much, as played and spliced music does; the beats say so.
    """
    rng = np.random.default_rng(seed)
    beat_s = 60.0 / bpm
    starts_s, beats, downbeats, at_s = [], [], [], lead_s
    for name in form:
        begin_s = at_s + float(rng.uniform(-looseness_s, looseness_s))
        starts_s.append(begin_s)
        count = 4 * BARS[name]
        beats += [begin_s + number * beat_s for number in range(count)]
        downbeats += [begin_s + number * beat_s for number in range(0, count, 4)]
        at_s += count * beat_s
    beats.append(at_s)
    downbeats.append(at_s)
    sound = np.zeros(round((at_s + tail_s) * RATE))
    for name, begin_s in zip(form, starts_s, strict=True):
        for bar in range(BARS[name]):
            _play_bar(sound, name, bar, begin_s + 4 * bar * beat_s, beat_s)
    last = np.arange(round(tail_s * RATE)) / RATE
    _add(sound, at_s, 0.4 * _chord(0, 4, last) * np.exp(-last * 1.2))
    sound += 1e-4 * rng.standard_normal(len(sound)) * (np.arange(len(sound)) > lead_s * RATE)
    return sound.astype(np.float32), rhythm_of(beats, downbeats, bpm, starts_s, at_s + tail_s - 0.2)


def rhythm_of(
    beats_s: list[float], downbeats_s: list[float], bpm: float, sections_s: list[float], ending_s: float
) -> Rhythm:
    """A rhythm of known beats; without any, one without a pulse."""
    return Rhythm(
        beats_s=np.array(beats_s, np.float64),
        beat_strength=np.ones(len(beats_s), np.float32),
        downbeats_s=np.array(downbeats_s, np.float64),
        tempo_bpm=bpm,
        tempo_alternatives_bpm=(),
        confidence=0.9 if beats_s else 0.0,
        beats_per_bar=4,
        onset_curve=np.zeros(0, np.uint8),
        onset_density_hz=0.0,
        sections_s=np.array(sections_s, np.float64),
        section_novelty=np.ones(len(sections_s), np.float32),
        ending_s=ending_s,
    )


def _play_bar(sound: NDArray[np.float64], name: str, bar: int, start_s: float, beat_s: float) -> None:
    chords = _CHORDS[name]
    length = np.arange(round(4 * beat_s * RATE)) / RATE
    _add(sound, start_s, 0.25 * _chord(chords[bar % len(chords)], _PARTIALS[name], length) * np.exp(-length * 0.7))
    hit = np.arange(round(0.12 * RATE)) / RATE
    kick = np.sin(2 * np.pi * 60 * hit) * np.exp(-hit * 30)
    tick = np.random.default_rng(bar % 4).standard_normal(len(hit)) * np.exp(-hit * 80)
    for beat in range(4):
        _add(sound, start_s + beat * beat_s, 0.5 * kick if beat % 2 == 0 else 0.2 * tick)


def _chord(root: int, partials: int, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    out = np.zeros(len(time_s))
    for interval in (0, 4, 7):
        hz = 130.81 * 2 ** ((root + interval) / 12)
        for partial in range(1, partials + 1):
            out += np.sin(2 * np.pi * hz * partial * time_s) / partial
    return out * np.minimum(1.0, time_s * 200) / 4


def _add(sound: NDArray[np.float64], start_s: float, part: NDArray[np.float64]) -> None:
    start = round(start_s * RATE)
    stop = min(len(sound), start + len(part))
    sound[start:stop] += part[: stop - start]
