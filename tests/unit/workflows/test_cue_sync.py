# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cue is measured where it lies: moved, stretched, cut together."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from needledrop.core.cue import Cue, Piece
from needledrop.workflows.cue_sync import cue_sync
from retrieval.synthetic_gallery import make_track

CUTS_S = np.array([1.0, 2.0, 3.5, 30.0])


def test_beats_are_met_where_the_cue_lies() -> None:
    rhythm = dataclasses.replace(make_track(1, duration_s=20.0, tempo_bpm=120.0).rhythm, beats_s=np.arange(0, 20, 0.5))
    cue = Cue(1, 0.02, (Piece(4.0, 10.0),), 0.0, 0.0, 0.0)
    sync = cue_sync(cue, rhythm, CUTS_S)
    assert sync is not None and (sync.cuts, sync.cut_hits) == (3, 3)
    assert sync.mean_offset_s == pytest.approx(0.02)
    away = cue_sync(dataclasses.replace(cue, record_in_s=0.2), rhythm, CUTS_S)
    assert away is not None and (away.cuts, away.cut_hits, away.mean_offset_s) == (3, 0, 0.0)
    joined = dataclasses.replace(cue, record_in_s=0.0, pieces=(Piece(4.0, 5.25), Piece(7.0, 10.0)))
    shifted = cue_sync(joined, rhythm, CUTS_S)
    assert shifted is not None and shifted.cut_hits == 1  # Behind the joint beats lie a quarter of a second off.
    stretched = cue_sync(dataclasses.replace(cue, record_in_s=0.0, stretch=2.0), rhythm, CUTS_S)
    assert stretched is not None and stretched.cut_hits == 2


def test_nothing_is_said_without_beats_or_cuts() -> None:
    rhythm = make_track(1, duration_s=20.0, tempo_bpm=120.0).rhythm
    cue = Cue(1, 0.0, (Piece(4.0, 10.0),), 0.0, 0.0, 0.0)
    assert cue_sync(cue, rhythm, np.array([30.0])) is None
    assert cue_sync(cue, dataclasses.replace(rhythm, beats_s=np.zeros(0)), CUTS_S) is None
