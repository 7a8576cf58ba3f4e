# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cheapest way through a track that takes a given time: dynamic programming over (time played, place reached).

Exact for the costs it is given, up to the rounding of times to units. Knows neither sound nor bars.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import TimeArray
from needledrop.suggest.fit_places import CostMatrix

_STEPS = 6000
_FINEST_S = 0.01
_WALKED, _BEGUN = -1, -2
Jump = tuple[int, int]


@dataclass(frozen=True)
class PathTask:
    """What is asked for; all indices are of places.

    times_s [n]: the places; cost [n, n]: of leaving at the row for the column, infinite where not allowed; start_s:
    where playing begins; first and last: nothing is left or entered outside them; landing [n]: to where one must play
    on after entering there, at most `last`; tail_s: how long the track plays on from `last`.
    """

    times_s: TimeArray
    cost: CostMatrix
    start_s: float
    first: int
    last: int
    landing: NDArray[np.intp]
    tail_s: float


def best_path(
    task: PathTask, bounds_s: tuple[float, float], length_cost: Callable[[TimeArray], TimeArray]
) -> tuple[Jump, ...] | None:
    """The jumps, in order, of the cheapest way that takes a time within bounds; None where there is no way.

    Args:
        length_cost: What each of these durations costs on top of the jumps.
    """
    unit_s = max(_FINEST_S, bounds_s[1] / _STEPS)
    table = _Table(task, unit_s, int(np.ceil((bounds_s[1] - task.tail_s) / unit_s)) + 1)
    table.fill()
    durations_s: TimeArray = np.arange(table.steps, dtype=np.float64) * unit_s + task.tail_s
    total = table.best[:, task.last] + length_cost(durations_s)
    total[(durations_s < bounds_s[0] - unit_s) | (durations_s > bounds_s[1] + unit_s)] = np.inf
    if not np.isfinite(total).any():
        return None
    return table.jumps_to(int(total.argmin()))


class _Table:
    """best [steps, n]: the least cost of having reached a place after so many units; came: how, as a code."""

    def __init__(self, task: PathTask, unit_s: float, steps: int) -> None:
        self._task = task
        self._count = len(task.times_s)
        self._at = np.round((task.times_s - task.start_s) / unit_s).astype(np.int64)
        self.steps = max(steps, 0)
        self.best = np.full((self.steps, self._count), np.inf)
        self._came = np.full((self.steps, self._count), _WALKED, np.int64)

    def fill(self) -> None:
        """Go through the times in order; each is final when it is reached, for playing takes time."""
        task = self._task
        begin = int(self._at[task.first])
        if begin >= self.steps:
            return
        self.best[begin, task.first], self._came[begin, task.first] = 0.0, _BEGUN
        for step in range(begin, self.steps):
            reached = np.flatnonzero(np.isfinite(self.best[step, : task.last + 1]))
            if len(reached):
                self._walk(step, reached[reached < task.last])
                self._jump(step, reached[reached >= task.first])

    def _walk(self, step: int, places: NDArray[np.intp]) -> None:
        to = step + self._at[places + 1] - self._at[places]
        self._improve(to, places + 1, self.best[step, places], np.full(len(places), _WALKED))

    def _jump(self, step: int, places: NDArray[np.intp]) -> None:
        if not len(places):
            return
        costs = self.best[step, places, np.newaxis] + self._task.cost[places]
        cheapest = costs.argmin(axis=0)
        cost = costs[cheapest, np.arange(self._count)]
        entries = np.flatnonzero(np.isfinite(cost))
        landing = self._task.landing[entries]
        to = step + self._at[landing] - self._at[entries]
        self._improve(to, landing, cost[entries], places[cheapest[entries]] * self._count + entries)

    def _improve(
        self, to: NDArray[np.int64], places: NDArray[np.intp], cost: TimeArray, codes: NDArray[np.intp]
    ) -> None:
        inside = np.flatnonzero(to < self.steps)
        better = inside[cost[inside] < self.best[to[inside], places[inside]]]
        self.best[to[better], places[better]] = cost[better]
        self._came[to[better], places[better]] = codes[better]

    def jumps_to(self, step: int) -> tuple[Jump, ...]:
        """How `last` was reached after so many units."""
        jumps, place = [], self._task.last
        while (code := int(self._came[step, place])) != _BEGUN:
            if code == _WALKED:
                step -= int(self._at[place] - self._at[place - 1])
                place -= 1
            else:
                leave, enter = divmod(code, self._count)
                step -= int(self._at[place] - self._at[enter])
                jumps.append((leave, enter))
                place = leave
        return tuple(reversed(jumps))
