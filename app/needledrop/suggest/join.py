# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two cues that touch: the second comes in on one of its beats while the first goes out.

Only lengthens heads and tails; where the music lies under the picture does not change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from needledrop.core.cue import Cue, Piece
from needledrop.suggest.details import TrackDetails

LONGEST_CROSSFADE_S = 4.0
_SHORTEST_CROSSFADE_S = 0.25
_TOUCHING_S = 0.1


def join_all(cues: Sequence[Cue], tracks: Sequence[TrackDetails]) -> list[Cue]:
    """Crossfade every pair of neighbours that touch; cues in order of time, tracks[i] the track of cues[i]."""
    joined = list(cues)
    for index in range(len(joined) - 1):
        joined[index], joined[index + 1] = join_cues(joined[index], tracks[index], joined[index + 1], tracks[index + 1])
    return joined


def join_cues(first: Cue, first_track: TrackDetails, second: Cue, second_track: TrackDetails) -> tuple[Cue, Cue]:
    """Crossfade two touching cues over about a bar; others are returned as they are.

    The second cue is begun earlier, on the beat of its own nearest to a bar before the joint, so that its beats stay
    on its cuts; where its track has nothing before its entry, the first cue is drawn out over the joint instead.
    """
    if abs(second.record_in_s - first.record_out_s) > _TOUCHING_S:
        return first, second
    wanted_s = min(_bar_s(second_track), LONGEST_CROSSFADE_S, first.duration_s / 2.0, second.duration_s / 2.0)
    lead_s = _lead_on_beat(second, second_track, wanted_s)
    if lead_s >= _SHORTEST_CROSSFADE_S:
        overlap_s = lead_s + first.record_out_s - second.record_in_s
        head = Piece(second.pieces[0].source_in_s - lead_s, second.pieces[0].source_out_s)
        earlier = replace(
            second, pieces=(head, *second.pieces[1:]), record_in_s=second.record_in_s - lead_s, fade_in_s=overlap_s
        )
        return replace(first, fade_out_s=overlap_s), earlier
    last = first.pieces[-1]
    tail_s = min(wanted_s, first_track.duration_s - last.source_out_s)
    if tail_s < _SHORTEST_CROSSFADE_S:
        return first, second
    drawn_out = (*first.pieces[:-1], Piece(last.source_in_s, last.source_out_s + tail_s))
    return replace(first, pieces=drawn_out, fade_out_s=tail_s), second


def _bar_s(track: TrackDetails) -> float:
    tempo = track.rhythm.tempo_bpm
    return 60.0 / tempo * max(track.rhythm.beats_per_bar, 1) if tempo > 0 else 2.0


def _lead_on_beat(cue: Cue, track: TrackDetails, wanted_s: float) -> float:
    """How much earlier to begin a cue so that it begins on a beat; 0 where there is nothing before it."""
    source_in_s = cue.pieces[0].source_in_s
    available_s = min(source_in_s, 1.5 * wanted_s)
    leads = source_in_s - track.rhythm.beats_s
    leads = leads[(leads >= _SHORTEST_CROSSFADE_S) & (leads <= available_s)]
    if len(leads):
        return float(leads[np.abs(leads - wanted_s).argmin()])
    return min(source_in_s, wanted_s)
