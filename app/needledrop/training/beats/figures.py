# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bass, an accompaniment or a melody does in one bar, in steps. Knows neither keys nor sections."""

from __future__ import annotations

import random
from dataclasses import dataclass

# Step, length in steps, and for accompaniments a tone of the chord (0 root, 1 third, 2 fifth, 3 octave), for melodies
# a degree of the scale.
Notes = list[tuple[int, int, int]]


@dataclass(frozen=True)
class Bar:
    """Beats of a bar and steps of a beat."""

    beats: int
    per_beat: int

    @property
    def steps(self) -> int:
        return self.beats * self.per_beat


def figure(rng: random.Random, kind: str, bar: Bar, kick: list[float]) -> Notes:
    """A bar of that kind; `kick` are the chances of a bass drum at each step."""
    beat, half, every = bar.per_beat, bar.per_beat // 2, range(bar.beats)
    if kind in ("whole", "pad"):
        return [(0, bar.steps, 0)]
    if kind == "roots":
        second = [(beat * (bar.beats // 2), beat, 0)] if bar.beats > 2 and rng.random() < 0.5 else []
        return [(0, bar.steps, 0), *second]
    simple: dict[str, Notes] = {
        "first": [(0, beat, 0)],
        "fifths": [(b * beat, beat, 0 if b % 4 == 0 else 2) for b in every[:: 2 if bar.beats % 2 == 0 else 1]],
        "two_beat": [(b * beat, beat, 0 if b % 4 == 0 else 2) for b in every[::2]],
        "quarters": [(b * beat, max(1, round(beat * 0.9)), 0) for b in every],
        "walking": [(b * beat, beat, rng.choice((0, 1, 2, 3)) if b else 0) for b in every],
        "offbeat": [(b * beat + half, half, 0) for b in every],
        "skank": [(b * beat + half, half, 0) for b in every],
        "stabs": [(b * beat, half, 0) for b in every[1::2]],
        "waltz": [(b * beat, half, 0) for b in every[1:]],
        "kick": [(s, half, 0) for s, weight in enumerate(kick) if weight > 0.5] or [(0, beat, 0)],
    }
    return simple[kind] if kind in simple else _running(rng, kind, bar)


def _running(rng: random.Random, kind: str, bar: Bar) -> Notes:
    """Eighths, sixteenths, arpeggios and syncopations."""
    every = 2 if bar.per_beat == 6 else (1 if kind in ("sixteenths", "arp16") else bar.per_beat // 2)
    steps = range(0, bar.steps, every)
    if kind in ("arp8", "arp16", "arp"):
        shape = [rng.randrange(4) for _ in range(rng.choice((3, 4, 4, 8, 6)))]
        return [(s, every, shape[(s // every) % len(shape)]) for s in steps]
    if kind == "alberti":
        return [(s, every, (0, 2, 1, 2)[(s // every) % 4]) for s in steps]
    if kind == "octaves":
        return [(s, every, 3 if (s // every) % 2 else 0) for s in steps]
    if kind == "ostinato":
        return [(s, every, rng.choice((0, 0, 2))) for s in steps if s == 0 or rng.random() > 0.25]
    if kind == "tresillo":
        return [(s, 2, 0) for s in range(0, bar.steps, 3)][: 3 if rng.random() < 0.5 else None]
    if kind == "synco":
        grid = range(0, bar.steps, 2 if bar.per_beat == 6 or rng.random() < 0.6 else 1)
        chosen = sorted({0, *rng.sample(list(grid), min(len(grid), rng.randint(2, 6)))})
        return [(s, 2, rng.choice((0, 0, 2, 3))) for s in (chosen[1:] if rng.random() < 0.2 else chosen)]
    return [(s, every, 0) for s in steps]


def motif(rng: random.Random, bar: Bar) -> Notes:
    """Notes of a melody in one bar, drawn towards strong places."""
    lengths: tuple[int, ...] = rng.choice(
        ((2, 2, 4, 4, 8), (4, 4, 2), (1, 1, 2, 2, 4), (4, 8, 8), (3, 3, 2), (2, 2, 2, 4))
    )
    if bar.per_beat == 6:
        lengths = rng.choice(((2, 2, 4), (6, 4, 2), (2, 2, 2), (6, 6, 12), (4, 2), (4, 2, 6)))
    made: Notes = []
    step, degree = rng.choice((0, 0, 0, bar.per_beat, bar.per_beat // 2)), rng.randrange(7)
    while step < bar.steps:
        length = min(rng.choice(lengths), bar.steps - step)
        degree += rng.choice((-2, -1, -1, 0, 1, 1, 2))
        if rng.random() > 0.15:
            made.append((step, length, degree))
        step += length
    return made


def pickup(rng: random.Random, bar: Bar) -> Notes:
    """Two or three notes that lead from the end of a bar into the next."""
    each = 2 if bar.per_beat == 6 else rng.choice((1, 2))
    count = min(rng.choice((2, 3)), bar.steps // each)
    return [(bar.steps - each * (count - n), each, n - count) for n in range(count)]
