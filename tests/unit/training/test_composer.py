# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.features.harmonic_change import SPANS
from needledrop.training.beats.arranger import DRUMS
from needledrop.training.beats.composer import compose
from needledrop.training.beats.dataset import EXCERPT_FRAMES, Heard, excerpt
from needledrop.training.beats.render import midi_bytes


@pytest.mark.parametrize("seed", range(40))
def test_any_seed_makes_a_piece(seed: int) -> None:
    piece = compose(seed, 20)
    steps = np.diff(piece.beats_s)
    assert steps.min() > 0.2
    assert piece.beats_s[-1] > 15
    assert any(part.notes for part in piece.parts)
    assert midi_bytes(piece, seed)[:4] == b"MThd"
    assert midi_bytes(piece, seed) == midi_bytes(compose(seed, 20), seed)


def test_styles_differ_in_metre_and_tempo() -> None:
    pieces = [compose(seed, 20) for seed in range(300)]
    assert {piece.beats_per_bar for piece in pieces} >= {2, 3, 4, 5}
    tempi = [60 / float(np.median(np.diff(piece.beats_s))) for piece in pieces]
    assert np.mean(np.array(tempi) < 80) > 0.05
    assert np.mean(np.array(tempi) > 160) > 0.05


def test_chords_change_with_the_bars() -> None:
    """From one beat to the next the lowest note of a part moves oftener at the beginning of a bar."""
    moves: dict[bool, list[bool]] = {True: [], False: []}
    for seed in range(120):
        piece = compose(seed, 30)
        for part in piece.parts:
            lowest: dict[float, int] = {}
            for start, _, pitch, _ in part.notes:
                if part.program != DRUMS and start == int(start):
                    lowest[start] = min(pitch, lowest.get(start, 127))
            for start, pitch in lowest.items():
                if start - 1 in lowest:
                    moves[start % piece.beats_per_bar == 0].append(pitch != lowest[start - 1])
    assert np.mean(moves[True]) > 1.3 * np.mean(moves[False])


def test_swing_delays_the_off_beat_only() -> None:
    piece = next(piece for piece in (compose(seed, 20) for seed in range(400)) if piece.swing > 0.6)
    assert piece.time_s(3) == piece.beats_s[3]
    assert piece.time_s(3.5) > (piece.beats_s[3] + piece.beats_s[4]) / 2


def test_targets_stand_where_the_beats_are() -> None:
    codes = np.zeros((6000, 40), np.uint8)
    beats_s = np.arange(0.5, 59.5, 0.5)
    codes[np.round(beats_s * 100).astype(int)] = 200
    for seed in range(8):
        made = excerpt(Heard(codes, np.zeros((600, len(SPANS)), np.float32), beats_s, 4), np.random.default_rng(seed))
        assert made.levels.shape == (2 * EXCERPT_FRAMES, 40)
        assert np.isfinite(made.levels).all()
        energy = made.levels.mean(axis=1).reshape(-1, 2).max(axis=1)
        at = np.flatnonzero(made.events[:, 0] == 1)[1:-1]
        near = energy[at[:, None] + np.arange(-1, 2)].max(axis=1)
        assert near.mean() > 2 * energy.mean()
        assert made.tempo[made.has_tempo > 0].sum(axis=1) == pytest.approx(1, abs=1e-4)
