# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces of known form: intro, verse, build, chorus, break, outro, from what our composer writes.

Which parts play, how loudly, and which bars they repeat is drawn for each kind of section, once a piece: both verses of
a piece sound alike, as they do in music. A build adds parts, rises, and rolls its drums.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from needledrop.training.beats.arranger import DRUMS, Part
from needledrop.training.beats.composer import Piece, beat_times, compose

# The names here and the roles of the analysis: a drop is a drop or a chorus, a break a verse or a break.
ROLES = {"intro": "intro", "verse": "break", "build": "build", "chorus": "drop", "break": "break", "outro": "outro"}
_FORMS = (
    ("intro", "verse", "chorus", "verse", "chorus", "outro"),
    ("intro", "verse", "build", "chorus", "break", "build", "chorus", "outro"),
    ("intro", "build", "chorus", "break", "build", "chorus", "outro"),
    ("verse", "chorus", "verse", "chorus", "break", "chorus"),
    ("intro", "chorus", "verse", "chorus", "outro"),
    ("intro", "verse", "chorus", "break", "chorus"),
)
_BARS = {
    "intro": (4, 8),
    "verse": (8, 16),
    "build": (4, 8),
    "chorus": (8, 16),
    "break": (4, 8),
    "outro": (4, 8),
}
_LEVELS = {"intro": 0.7, "verse": 0.8, "build": 0.85, "chorus": 1.0, "break": 0.7, "outro": 0.65}
_BLOCK_BARS = 4
_SNARE = 38
Note = tuple[float, float, int, int]


@dataclass(frozen=True)
class FormedPiece:
    """A piece, and where each section of it starts in seconds, with its name; the last bound is the end."""

    piece: Piece
    bounds_s: tuple[float, ...]
    names: tuple[str, ...]


def formed_piece(seed: int) -> FormedPiece:
    """The piece of that seed, one to four minutes long."""
    source = next(
        p for k in range(100) if len((p := compose(seed * 100 + k, 60.0)).parts) >= 4 and p.beats_per_bar == 4
    )
    rng = random.Random(seed)
    names = rng.choice(_FORMS)
    bars = [rng.choice(_BARS[name]) for name in names]
    starts = [int(bar) for bar in np.concatenate([[0], np.cumsum(bars)])]
    bpm = 60 / float(np.median(np.diff(source.beats_s)))
    beats_s = beat_times(rng, bpm, starts[-1] * source.beats_per_bar + 1)
    parts = [_formed(part, source, rng, names, starts, index) for index, part in enumerate(_ordered(source.parts))]
    piece = Piece(source.style, source.beats_per_bar, beats_s, parts, source.swing, source.parts_per_beat)
    bounds = tuple(beats_s[start * source.beats_per_bar] for start in starts)
    return FormedPiece(piece, bounds, names)


def _ordered(parts: list[Part]) -> list[Part]:
    """Drums first, then by how much they play."""
    return sorted(parts, key=lambda part: (part.program != DRUMS, -len(part.notes)))


def _formed(
    part: Part, source: Piece, rng: random.Random, names: tuple[str, ...], starts: list[int], index: int
) -> Part:
    """The part played by the form; every kind of section repeats a block of bars of its own."""
    made = Part(part.program, part.volume, part.jitter_s)
    is_drums = part.program == DRUMS
    at_edges = index >= 2 and (index == 2 or rng.random() < 0.3)
    plays = {
        "intro": at_edges,
        "verse": index < 3 or rng.random() < 0.3,
        "build": True,
        "chorus": True,
        "break": not is_drums and (index == 1 or rng.random() < 0.5),
        "outro": at_edges,
    }
    blocks = _fullest_blocks(part, source)
    for name, first, last in zip(names, starts[:-1], starts[1:], strict=True):
        block = blocks[-1] if name in ("chorus", "build") else blocks[0]
        for bar in range(first, last) if plays[name] else ():
            share = (bar - first) / (last - first)
            if name == "build" and not is_drums and share < 0.25 * (index - 1):
                continue  # Part after part comes in.
            level = _LEVELS[name] * (0.55 + 0.55 * share if name == "build" else 1.0)
            made.notes += _bar(part, block + (bar - first) % _BLOCK_BARS, bar, source.beats_per_bar, level)
            if name == "build" and is_drums and share >= 0.5:
                made.notes += _roll(bar, source.beats_per_bar, round(40 + 70 * share))
    return made


def _bar(part: Part, from_bar: int, to_bar: int, per_bar: int, level: float) -> list[Note]:
    """The notes of one bar, moved to another and played at a level."""
    low, shift = from_bar * per_bar, (to_bar - from_bar) * per_bar
    return [
        (start + shift, length, pitch, max(1, min(127, round(velocity * level))))
        for start, length, pitch, velocity in part.notes
        if low <= start < low + per_bar
    ]


def _roll(bar: int, per_bar: int, velocity: int) -> list[Note]:
    return [(bar * per_bar + step / 4, 0.2, _SNARE, velocity) for step in range(per_bar * 4)]


def _fullest_blocks(part: Part, source: Piece) -> list[int]:
    """The first bars of the two blocks in which the part plays most."""
    bars = int(part.notes[-1][0] // source.beats_per_bar) + 1 if part.notes else 1
    counts = np.bincount([int(note[0] // source.beats_per_bar) for note in part.notes] or [0], minlength=bars)
    sums = [int(counts[bar : bar + _BLOCK_BARS].sum()) for bar in range(0, bars, _BLOCK_BARS)]
    order = sorted(range(len(sums)), key=lambda at: -sums[at])
    return [at * _BLOCK_BARS for at in order[:2]]
