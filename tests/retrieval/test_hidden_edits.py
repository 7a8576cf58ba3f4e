# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Videos cut to a track of the library: is that track found, and where it was cut to?

The bounds are guards, wide of what is reached (see docs/performance.md), so that chance does not fail a test.
"""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.suggest.engine import suggest
from retrieval.synthetic_gallery import HiddenEdit, Library, edit_gallery, hidden_edit, make_library, make_query

TRACKS = edit_gallery(60, seed=21)
LIBRARY = make_library(TRACKS)


def beats_off(library: Library, edit: HiddenEdit, start_s: float) -> float:
    """How far, in beats of the track, a start is from the true one."""
    beats = library.tracks[edit.track_id].rhythm.beats_s
    found, true = np.interp([start_s, edit.offset_s], beats, np.arange(len(beats)))
    return float(found - true)


def found_in_first(edit: HiddenEdit, count: int) -> float | None:
    """Beats between the true place and the one found, None where the track is not among the first."""
    out = suggest(make_query(edit.video), LIBRARY.ranker, LIBRARY.gallery, LIBRARY.details, count)
    starts = [one.cue.pieces[0].source_in_s for one in out if one.track_id == edit.track_id]
    return beats_off(LIBRARY, edit, starts[0]) if starts else None


@pytest.mark.parametrize(("off_beat_share", "least"), [(0.0, 0.8), (0.1, 0.75), (0.5, 0.2)])
def test_the_true_track_is_among_the_first_three_on_its_beats(off_beat_share: float, least: float) -> None:
    found = [found_in_first(hidden_edit(TRACKS, seed, off_beat_share), 3) for seed in range(12)]
    in_phase = [beats for beats in found if beats is not None and abs(beats - round(beats)) < 0.12]
    assert len(in_phase) >= least * len(found)
