# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Composes a piece by chance in one of STYLES, with the exact times of its beats. Makes no sound."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from needledrop.training.beats.arranger import Arranger, Part
from needledrop.training.beats.figures import Bar
from needledrop.training.beats.styles import STYLES


@dataclass(frozen=True)
class Piece:
    """Parts and the times of all beats in seconds; beat k begins a bar where k % beats_per_bar == 0."""

    style: str
    beats_per_bar: int
    beats_s: list[float]
    parts: list[Part]
    swing: float
    parts_per_beat: int

    def time_s(self, beat: float) -> float:
        """When a place in the score sounds, with its swing."""
        whole = math.floor(beat)
        part = beat - whole
        if self.parts_per_beat == 4 and self.swing != 0.5:
            half = 2 * part * self.swing if part <= 0.5 else self.swing + 2 * (part - 0.5) * (1 - self.swing)
            part = half
        last = len(self.beats_s) - 2
        index = min(max(whole, 0), last)
        return self.beats_s[index] + (whole - index + part) * (self.beats_s[index + 1] - self.beats_s[index])


def compose(seed: int, length_s: float) -> Piece:
    """The piece of that seed, about `length_s` long."""
    rng = random.Random(seed)
    style = rng.choices(STYLES, [style.weight for style in STYLES])[0]
    bar = Bar(*rng.choice(style.metres))
    bpm = style.slowest * (style.fastest / style.slowest) ** rng.random()
    bars = max(8, math.ceil(length_s * bpm / 60 / bar.beats))
    beats_s = beat_times(rng, bpm, bars * bar.beats + 1)
    parts = Arranger(rng, style, bar, bars).parts()
    return Piece(style.name, bar.beats, beats_s, parts, rng.uniform(*style.swing), bar.per_beat)


def beat_times(rng: random.Random, bpm: float, count: int) -> list[float]:
    """Beat times of a steady, drifting, or changing tempo."""
    kind = rng.choices(("steady", "drift", "change", "ritardando"), (6, 2.5, 1, 0.7))[0]
    time_s, period, drift = 0.05 + rng.random() * 1.5, 60 / bpm, 0.0
    change_at, factor = rng.randrange(count // 4 + 1, count), rng.uniform(0.7, 1.4)
    spread = rng.uniform(0.001, 0.008)
    times = []
    for beat in range(count):
        times.append(time_s)
        if kind == "drift":
            drift = 0.9 * drift + rng.gauss(0, spread)
        elif kind == "change" and beat == change_at:
            period *= factor
        elif kind == "ritardando" and beat > count - 9:
            period *= 1.03
        time_s += period * math.exp(drift)
    return times


def add_melody(rng: random.Random, beats_per_bar: int, parts_per_beat: int, bars: int) -> Part:
    """A melody over nothing in particular, for accompaniments from elsewhere."""
    return Arranger(rng, rng.choice(STYLES), Bar(beats_per_bar, parts_per_beat), bars).melody()
