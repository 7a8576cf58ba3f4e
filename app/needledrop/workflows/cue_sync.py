# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a cue meets the cuts as it lies on the timeline now, by the measure that suggestions are made with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from needledrop.core.cue import Cue
from needledrop.core.music import Rhythm, TimeArray
from needledrop.suggest.align import HIT_S, beat_offsets


@dataclass(frozen=True)
class CueSync:
    """cuts under the cue, those within HIT_S of a beat, and the mean of beat minus cut over these, 0 without any."""

    cuts: int
    cut_hits: int
    mean_offset_s: float


def cue_sync(cue: Cue, rhythm: Rhythm, cuts_s: TimeArray) -> CueSync | None:
    """Measure a cue against the cuts [n] of its video in seconds; None without beats or cuts under it."""
    beats_s = _beats_on_timeline(cue, rhythm.beats_s)
    under_s = cuts_s[(cuts_s >= cue.record_in_s) & (cuts_s <= cue.record_out_s)]
    if not len(beats_s) or not len(under_s):
        return None
    offsets_s = beat_offsets(beats_s, under_s)
    hits = np.abs(offsets_s) <= HIT_S
    return CueSync(len(under_s), int(hits.sum()), float(offsets_s[hits].mean()) if hits.any() else 0.0)


def _beats_on_timeline(cue: Cue, beats_s: TimeArray) -> TimeArray:
    parts, start_s = [np.zeros(0)], cue.record_in_s
    for piece in cue.pieces:
        inside = beats_s[(beats_s >= piece.source_in_s) & (beats_s <= piece.source_out_s)]
        parts.append(start_s + (inside - piece.source_in_s) * cue.stretch)
        start_s += piece.duration_s * cue.stretch
    return np.sort(np.concatenate(parts))
