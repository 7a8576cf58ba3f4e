# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Neighbouring cues crossfade on the beat and keep their place under the picture."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.core.cue import Cue, Piece
from needledrop.suggest.join import join_all, join_cues
from retrieval.synthetic_gallery import make_track

FIRST = Cue(1, 10.0, (Piece(20.0, 50.0),), -3.0, 0.0, 1.0)
SECOND = Cue(2, 40.0, (Piece(33.1, 63.1),), -3.0, 0.25, 1.0)
TRACKS = (make_track(1), make_track(2, tempo_bpm=100.0))


def test_the_second_cue_begins_earlier_on_its_own_beat() -> None:
    first, second = join_cues(FIRST, TRACKS[0], SECOND, TRACKS[1])
    overlap_s = first.record_out_s - second.record_in_s
    assert overlap_s > 1.0
    assert first.fade_out_s == pytest.approx(overlap_s)
    assert second.fade_in_s == pytest.approx(overlap_s)
    assert np.abs(TRACKS[1].rhythm.beats_s - second.pieces[0].source_in_s).min() < 1e-9
    shift_before = SECOND.record_in_s - SECOND.pieces[0].source_in_s
    assert second.record_in_s - second.pieces[0].source_in_s == pytest.approx(shift_before)
    assert second.record_out_s == pytest.approx(SECOND.record_out_s)


def test_a_cue_from_the_very_start_of_its_track_lets_the_first_ring_on() -> None:
    at_start = Cue(2, 40.0, (Piece(0.0, 30.0),), -3.0, 0.0, 1.0)
    first, second = join_cues(FIRST, TRACKS[0], at_start, TRACKS[1])
    assert second == at_start
    assert first.record_out_s == pytest.approx(40.0 + first.fade_out_s)
    assert first.fade_out_s > 1.0


def test_cues_apart_are_left_alone() -> None:
    later = Cue(2, 45.0, (Piece(33.1, 63.1),), -3.0, 0.25, 1.0)
    assert join_cues(FIRST, TRACKS[0], later, TRACKS[1]) == (FIRST, later)


def test_a_chain_is_joined_pair_by_pair() -> None:
    third = Cue(1, 70.0, (Piece(90.0, 120.0),), -3.0, 0.0, 1.0)
    joined = join_all([FIRST, SECOND, third], [*TRACKS, TRACKS[0]])
    assert joined[0].record_out_s > joined[1].record_in_s
    assert joined[1].record_out_s > joined[2].record_in_s
