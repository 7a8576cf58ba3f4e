# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work on one video: everything that undo takes back. Plain values, loaded before the window is painted."""

from __future__ import annotations

from dataclasses import dataclass

from needledrop.core.cue import Cue


@dataclass(frozen=True)
class Verdict:
    """What the user said of a suggestion: "accept" or "reject", for a range, out of the list that was offered."""

    track_id: int
    verdict: str
    range_s: tuple[float, float]
    offered: tuple[int, ...]


@dataclass(frozen=True)
class TimelineMarker:
    """A moment of the timeline that the user marked, in seconds; its name may be empty."""

    time_s: float
    name: str = ""


@dataclass(frozen=True)
class WorkState:
    """The work on one video: cues in the order of the timeline, the selected one, the range, the verdicts, markers in
    order of time, and which cut of the film all of it was laid on ("" before that is known)."""

    cues: tuple[Cue, ...] = ()
    selected: int | None = None
    range_s: tuple[float, float] | None = None
    verdicts: tuple[Verdict, ...] = ()
    markers: tuple[TimelineMarker, ...] = ()
    laid_on: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that a new cut could move."""
        return not self.cues and not self.markers and self.range_s is None
