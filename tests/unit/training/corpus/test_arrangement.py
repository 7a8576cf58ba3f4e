# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from needledrop.training.beats.arranger import DRUMS
from needledrop.training.corpus import arrangement
from needledrop.training.corpus.scene_script import track_script

SCRIPT = replace(
    track_script(1), tempo_bpm=100.0, first_beat_s=0.2, arousal=0.6, density=0.6, section_starts_s=(0.0, 14.0),
    section_levels=(0.2, 0.9),
)  # fmt: skip


@pytest.mark.parametrize("style", [arrangement.FIRST, arrangement.SECOND])
def test_every_seed_makes_a_playable_piece(style: arrangement.MusicStyle) -> None:
    for seed in range(60):
        piece = arrangement.arranged(track_script(seed), seed, style)
        assert piece.beats_s[-1] >= arrangement.MUSIC_S
        notes = [note for part in piece.parts for note in part.notes]
        assert all(20 <= pitch <= 108 and 1 <= velocity <= 127 for _, _, pitch, velocity in notes)
        assert all(length > 0 and start >= 0 for start, length, _, _ in notes)
        assert piece == arrangement.arranged(track_script(seed), seed, style)


def test_the_tempo_is_the_scripts() -> None:
    piece = arrangement.arranged(SCRIPT, 0, arrangement.FIRST)
    assert np.diff(piece.beats_s) == pytest.approx(0.6)
    assert piece.beats_s[0] == 0.2


def velocities(piece, first_s, last_s):
    return [
        velocity
        for part in piece.parts
        for start, _, _, velocity in part.notes
        if first_s <= piece.time_s(start) < last_s
    ]


def test_a_stronger_section_is_louder_and_busier() -> None:
    piece = arrangement.arranged(SCRIPT, 0, arrangement.FIRST)
    soft, loud = velocities(piece, 0, 14), velocities(piece, 15, 29)
    assert np.mean(loud) > np.mean(soft) + 20
    assert len(loud) > 1.3 * len(soft)


def test_happy_pieces_are_mostly_in_major_and_wild_ones_have_drums() -> None:
    def thirds(valence: float) -> float:
        """Share of major thirds above the bass of the first bar's tonic chord."""
        major = 0
        for seed in range(40):
            piece = arrangement.arranged(replace(SCRIPT, valence=valence), seed, arrangement.FIRST)
            chords, bass = piece.parts[0].notes, piece.parts[1].notes
            tonic = next((p for s, _, p, _ in bass if s == 0), 0)
            major += any((pitch - tonic) % 12 == 4 for start, _, pitch, _ in chords if start < 4)
        return major / 40

    assert thirds(0.9) > thirds(0.1) + 0.3
    has_drums = [
        any(
            part.program == DRUMS
            for part in arrangement.arranged(replace(SCRIPT, arousal=a), 0, arrangement.FIRST).parts
        )
        for a in (0.05, 0.95)
    ]
    assert has_drums == [False, True]
