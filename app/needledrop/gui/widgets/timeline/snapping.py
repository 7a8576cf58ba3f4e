# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawing moved points to what they should meet: cuts, beats, markers, the playhead. Knows no Qt and no widget."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from needledrop.core.music import TimeArray

REACH_PX = 8.0


@dataclass(frozen=True)
class Snap:
    """What a move is corrected by, and the time that points and targets then share."""

    by_s: float
    at_s: float


@dataclass(frozen=True, eq=False)
class SnapTargets:
    """Times that draw moved points to them, sorted, in seconds of the timeline."""

    times_s: TimeArray

    @classmethod
    def of(cls, *groups: TimeArray | list[float] | tuple[float, ...]) -> SnapTargets:
        """All times of several groups."""
        parts = [np.asarray(group, np.float64).reshape(-1) for group in groups]
        return cls(np.unique(np.concatenate([np.zeros(0), *parts])))

    def snap(self, points_s: TimeArray, reach_s: float) -> Snap | None:
        """The smallest move that brings one of the points onto a target; None where none is within reach.

        Of several points equally near, the first counts: give edges before beats.
        """
        points_s = np.asarray(points_s, np.float64).reshape(-1)
        if len(self.times_s) == 0 or len(points_s) == 0:
            return None
        after = np.searchsorted(self.times_s, points_s)
        near = np.stack([np.maximum(after - 1, 0), np.minimum(after, len(self.times_s) - 1)])
        moves = self.times_s[near] - points_s
        moves = np.where(np.abs(moves[0]) <= np.abs(moves[1]), moves[0], moves[1])
        best = int(np.abs(moves).argmin())
        if abs(float(moves[best])) > reach_s:
            return None
        return Snap(float(moves[best]), float(points_s[best] + moves[best]))


def spaced(times_s: TimeArray, least_s: float) -> TimeArray:
    """The times where they are on average `least_s` apart, else none: what snaps everywhere holds nowhere."""
    if len(times_s) < 2:
        return times_s
    return times_s if (times_s[-1] - times_s[0]) / (len(times_s) - 1) >= least_s else times_s[:0]
