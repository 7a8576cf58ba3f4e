# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a cue that can be held, and what moving each of them does: one rule for mouse and keys. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from needledrop.core.cue import Cue
from needledrop.core.music import Rhythm, TimeArray
from needledrop.gui.widgets.timeline.cue_times import CueGrid, cue_grid
from needledrop.gui.widgets.timeline.data import TimelineCue
from needledrop.gui.widgets.timeline.snapping import spaced
from needledrop.suggest import cue_edits

# Beats nearer to each other than this many times the reach would snap anywhere.
_ROOM = 3.0
_EMPTY = np.zeros(0)
NO_GRID = CueGrid(_EMPTY, _EMPTY, ())


class Part(Enum):
    """What of a cue is held. BODY moves it; SLIP keeps its place and moves what is played."""

    BODY = "body"
    SLIP = "slip"
    START = "start"
    END = "end"
    FADE_IN = "fade-in"
    FADE_OUT = "fade-out"
    GAIN = "gain"
    DUCKING = "ducking"
    JOINT = "joint"


@dataclass(frozen=True)
class Handle:
    """A part of a cue; `joint` counts the splices from 0 and is -1 for every other part."""

    part: Part
    joint: int = -1


BODY = Handle(Part.BODY)
LEVELS = (Part.GAIN, Part.DUCKING)


def with_level(cue: Cue, part: Part, by_db: float) -> Cue:
    """The cue after one of its LEVELS was raised by so many decibels."""
    if part is Part.DUCKING:
        return cue_edits.with_ducking(cue, cue.ducking.depth_db + by_db)
    return cue_edits.with_gain(cue, cue.gain_db + by_db)


def handles(cue: Cue) -> list[Handle]:
    """Every handle of a cue in the order in which keys walk through them."""
    plain = (Part.BODY, Part.SLIP, Part.START, Part.FADE_IN, Part.GAIN)
    ducking = (Part.DUCKING,) if cue.ducking.speech_s else ()
    parts = (*plain, *ducking, Part.FADE_OUT, Part.END)
    return [*(Handle(part) for part in parts), *(Handle(Part.JOINT, n) for n in range(len(cue.pieces) - 1))]


def handle_s(cue: Cue, handle: Handle) -> float:
    """Where on the timeline a handle lies."""
    match handle.part:
        case Part.END:
            return cue.record_out_s
        case Part.FADE_IN:
            return cue.record_in_s + cue.fade_in_s
        case Part.FADE_OUT:
            return cue.record_out_s - cue.fade_out_s
        case Part.JOINT:
            return cue.joints_s[handle.joint]
        case _:
            return cue.record_in_s


def shifted(placed: TimelineCue, handle: Handle, by_s: float) -> Cue:
    """The cue after its handle was moved by so many seconds of the timeline. GAIN and DUCKING do not move in time."""
    cue, track_s = placed.cue, placed.track.duration_s
    to_s = handle_s(cue, handle) + by_s
    match handle.part:
        case Part.BODY:
            return cue_edits.moved(cue, by_s)
        case Part.SLIP:
            return cue_edits.slipped(cue, by_s, track_s)
        case Part.START:
            return cue_edits.trimmed_start(cue, to_s)
        case Part.END:
            return cue_edits.trimmed_end(cue, to_s, track_s)
        case Part.FADE_IN:
            return cue_edits.with_fade_in(cue, cue.fade_in_s + by_s)
        case Part.FADE_OUT:
            return cue_edits.with_fade_out(cue, cue.fade_out_s - by_s)
        case Part.JOINT:
            return cue_edits.joint_moved(cue, handle.joint, to_s, track_s)
        case Part.GAIN | Part.DUCKING:
            return cue


def grid_of(placed: TimelineCue) -> CueGrid:
    """The beats a cue plays; empty until its track's rhythm is there."""
    return cue_grid(placed.cue, placed.track.rhythm) if placed.track.rhythm is not None else NO_GRID


def moving_points(placed: TimelineCue, handle: Handle, reach_s: float) -> TimeArray:
    """The times that move with a handle and may meet a cut: its own, then beats, where they are not too dense."""
    cue = placed.cue
    if handle.part not in (Part.BODY, Part.SLIP):
        return np.array([handle_s(cue, handle)])
    grid = grid_of(placed)
    beats_s = spaced(grid.beats_s, _ROOM * reach_s)
    beats_s = beats_s if len(beats_s) else spaced(grid.downbeats_s, _ROOM * reach_s)
    edges_s = np.array([cue.record_in_s, cue.record_out_s]) if handle.part is Part.BODY else _EMPTY
    return np.concatenate([edges_s, beats_s])


def own_targets(placed: TimelineCue, handle: Handle, reach_s: float) -> TimeArray:
    """The cue's own beats, to which its edges, fades and splices are drawn."""
    if handle.part in (Part.BODY, Part.SLIP, *LEVELS):
        return _EMPTY
    grid = grid_of(placed)
    if handle.part is Part.JOINT:
        return grid.beats_s
    beats_s = spaced(grid.beats_s, _ROOM * reach_s)
    return beats_s if len(beats_s) else spaced(grid.downbeats_s, _ROOM * reach_s)


def beat_step_s(placed: TimelineCue, handle: Handle, direction: int) -> float:
    """How far one beat forth (1) or back (-1) is from a handle, in seconds of the timeline; 0 without a pulse.

    Edges, fades and splices go to the cue's next beat; the whole cue, and what it plays, go by the length of one.
    """
    rhythm = placed.track.rhythm
    if rhythm is None or rhythm.tempo_bpm <= 0:
        return 0.0
    beats_s = grid_of(placed).beats_s
    at_s = handle_s(placed.cue, handle)
    if handle.part not in (Part.BODY, Part.SLIP):
        ahead_s = (beats_s - at_s) * direction
        ahead_s = ahead_s[ahead_s > 1e-3]
        if len(ahead_s):
            return float(ahead_s.min()) * direction
    return _period_s(placed.cue, rhythm, beats_s) * direction


def _period_s(cue: Cue, rhythm: Rhythm, beats_s: TimeArray) -> float:
    return float(beats_s[1] - beats_s[0]) if len(beats_s) > 1 else 60.0 / rhythm.tempo_bpm * cue.stretch
