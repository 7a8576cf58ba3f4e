# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Markers: the moments of music that an editor cuts picture to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction


class MarkerKind(IntEnum):
    """What a marker marks; of two at one moment the greater counts. NAMED is set by hand."""

    BEAT = 0
    DOWNBEAT = 1
    SECTION = 2
    NAMED = 3


@dataclass(frozen=True)
class Marker:
    """One moment in seconds, in words for the editor; bar and beat count from 1 and are 0 where there is no beat."""

    time_s: float
    kind: MarkerKind
    label: str
    bar: int = 0
    beat: int = 0


@dataclass(frozen=True)
class MarkerSheet:
    """Markers in order of time, and what any format needs to write them.

    Attributes:
        title: What they are of.
        duration_s: Length of what they lie on, in seconds.
        frame_rate: Of the timeline.
        start_frame: The frame number that its first frame is called by in timecode.
        is_drop_frame: Timecode leaves numbers out (29.97 and 59.94 only).
        bars_s: Every beat in seconds, bar by bar, whatever is marked: a tempo map needs them all. What lies before
            the first bar is a bar of its own.
    """

    title: str
    markers: tuple[Marker, ...]
    duration_s: float
    frame_rate: Fraction
    start_frame: int = 0
    is_drop_frame: bool = False
    bars_s: tuple[tuple[float, ...], ...] = ()
