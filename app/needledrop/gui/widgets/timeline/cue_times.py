# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times of a track on the timeline and back, through a cue's pieces and stretch. Knows no Qt and changes no cue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from needledrop.core.cue import Cue
from needledrop.core.music import Rhythm, TimeArray


@dataclass(frozen=True)
class PlacedStretch:
    """One piece on the timeline: [start_s, end_s) plays the track from `source_s`; `stretch` as in Cue."""

    start_s: float
    end_s: float
    source_s: float
    stretch: float

    def source_at(self, time_s: float) -> float:
        """The track's time that is heard at a time of the timeline."""
        return self.source_s + (time_s - self.start_s) / self.stretch


@dataclass(frozen=True, eq=False)
class CueGrid:
    """The beats, downbeats and sections of a track that a cue plays, in seconds of the timeline."""

    beats_s: TimeArray
    downbeats_s: TimeArray
    sections: tuple[tuple[float, float, str], ...]


def placed_stretches(cue: Cue) -> list[PlacedStretch]:
    """The pieces of a cue in order of time."""
    stretches: list[PlacedStretch] = []
    start_s = cue.record_in_s
    for piece in cue.pieces:
        end_s = start_s + piece.duration_s * cue.stretch
        stretches.append(PlacedStretch(start_s, end_s, piece.source_in_s, cue.stretch))
        start_s = end_s
    return stretches


def source_at(cue: Cue, time_s: float) -> float:
    """The track's time heard at a time of the timeline; outside the cue its first or last piece is drawn out."""
    stretches = placed_stretches(cue)
    heard = next((stretch for stretch in stretches if time_s < stretch.end_s), stretches[-1])
    return heard.source_at(time_s)


def on_timeline(cue: Cue, source_s: TimeArray) -> TimeArray:
    """Those times of the track that the cue plays, in seconds of the timeline; a repeated one as often as it is heard.

    A beat exactly at the end of the cue counts: an edge that lies on a beat is to be seen as such.
    """
    placed = placed_stretches(cue)
    parts = []
    for index, stretch in enumerate(placed):
        times_s = stretch.start_s + (source_s - stretch.source_s) * stretch.stretch
        last_s = stretch.end_s + (1e-6 if index == len(placed) - 1 else -1e-6)
        parts.append(times_s[(times_s >= stretch.start_s - 1e-6) & (times_s <= last_s)])
    return np.concatenate(parts) if parts else np.zeros(0)


def cue_grid(cue: Cue, rhythm: Rhythm) -> CueGrid:
    """What a cue plays of a track's rhythm. Sections are (start_s, end_s, role) and are cut at the cue's joints."""
    return CueGrid(on_timeline(cue, rhythm.beats_s), on_timeline(cue, rhythm.downbeats_s), _sections(cue, rhythm))


def removals(cue: Cue, rhythm: Rhythm | None) -> list[tuple[float, float]]:
    """For each joint: where it lies on the timeline, and how many bars of the track are left out there.

    Bars are fractional and negative where bars are repeated; without a rhythm they are 0.
    """
    found = []
    for joint_s, before, after in zip(cue.joints_s, cue.pieces, cue.pieces[1:], strict=False):
        gap_s = after.source_in_s - before.source_out_s
        found.append((joint_s, gap_s / bar_s(rhythm) if rhythm is not None and rhythm.tempo_bpm > 0 else 0.0))
    return found


def bar_s(rhythm: Rhythm) -> float:
    """Length of a bar at the track's main tempo, in seconds of the track; 0 without a tempo."""
    return 60.0 / rhythm.tempo_bpm * max(1, rhythm.beats_per_bar) if rhythm.tempo_bpm > 0 else 0.0


def _sections(cue: Cue, rhythm: Rhythm) -> tuple[tuple[float, float, str], ...]:
    starts_s = rhythm.sections_s
    roles = rhythm.section_roles or ("section",) * len(starts_s)
    ends_s = [*starts_s[1:].tolist(), float("inf")]
    shown: list[tuple[float, float, str]] = []
    for stretch in placed_stretches(cue):
        source_end_s = stretch.source_at(stretch.end_s)
        for start_s, end_s, role in zip(starts_s.tolist(), ends_s, roles, strict=True):
            first_s, last_s = max(start_s, stretch.source_s), min(end_s, source_end_s)
            if last_s - first_s > 1e-6:
                origin_s = stretch.start_s - stretch.source_s * stretch.stretch
                shown.append((origin_s + first_s * stretch.stretch, origin_s + last_s * stretch.stretch, role))
    return tuple(shown)
