# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which shot of a new cut is which stretch of the old one. Values in, values out; knows no music.

Every shot of the new cut has candidates: places of the old cut that show the same, each with a cost. The likeliest
chain of them is found by dynamic programming (Viterbi): running on is free, leaving something out costs next to
nothing, going back (shots that changed places) a little, and a shot that is nowhere costs as much as a poor likeness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NEW_COST = 0.3  # Of a shot that the old cut does not have.
_SKIP_COST = 0.01
_BACK_COST = 0.04
_RUNS_ON_S = 0.1


@dataclass(frozen=True)
class Place:
    """A stretch of the old cut that a new shot may be: what of the shot is found there, and how unlike it is (0..1)."""

    new_in_s: float
    old_in_s: float
    length_s: float
    cost: float

    @property
    def old_out_s(self) -> float:
        """Where it ends in the old cut."""
        return self.old_in_s + self.length_s

    @property
    def new_out_s(self) -> float:
        """Where it ends in the new cut."""
        return self.new_in_s + self.length_s

    @property
    def shift_s(self) -> float:
        """How much later it lies now."""
        return self.new_in_s - self.old_in_s


@dataclass(frozen=True)
class Shot:
    """A shot of the new cut, and where it was; None: nowhere."""

    start_s: float
    end_s: float
    place: Place | None


@dataclass(frozen=True)
class Recut:
    """A new cut as far as it was made of an old one.

    Attributes:
        shots: Of the new cut, one after another.
        duration_s: Of the new cut.
    """

    shots: tuple[Shot, ...]
    duration_s: float

    @property
    def found(self) -> int:
        """How many shots of the new cut were in the old one."""
        return sum(shot.place is not None for shot in self.shots)

    @property
    def is_same(self) -> bool:
        """Whether everything is where it was."""
        return all(shot.place is not None and abs(shot.place.shift_s) < 1e-3 for shot in self.shots)

    def moved(self, old_s: float) -> float:
        """Where a moment of the old cut lies now; one that is gone falls on the next that is not."""
        for shot in self.shots:
            place = shot.place
            if place is not None and place.old_in_s - 1e-6 <= old_s < place.old_out_s:
                return old_s + place.shift_s
        later = [shot.place for shot in self.shots if shot.place is not None and shot.place.old_in_s > old_s]
        if later:
            return min(later, key=lambda place: place.old_in_s).new_in_s
        return min(max(0.0, old_s), self.duration_s)


def likeliest(edges_s: Sequence[float], places: Sequence[Sequence[Place]]) -> tuple[Shot, ...]:
    """The shots of the new cut, each with the likeliest of its places.

    Args:
        edges_s: [n + 1], beginning of every shot and end of the last.
        places: [n] candidates of every shot.
    """
    states: list[list[Place | None]] = [[*one, None] for one in places]
    costs: list[list[float]] = []
    backs: list[list[int]] = []
    for number, here in enumerate(states):
        before, paid = (states[number - 1], costs[-1]) if number else ([None], [0.0])
        row, back = [], []
        for place in here:
            steps = [paid[at] + _step(earlier, place) for at, earlier in enumerate(before)]
            best = min(range(len(steps)), key=steps.__getitem__)
            row.append(steps[best] + (place.cost if place is not None else NEW_COST))
            back.append(best)
        costs.append(row)
        backs.append(back)
    chosen: list[Place | None] = []
    at = min(range(len(costs[-1])), key=costs[-1].__getitem__) if costs else 0
    for here, back in zip(reversed(states), reversed(backs), strict=True):
        chosen.append(here[at])
        at = back[at]
    spans = zip(edges_s, edges_s[1:], reversed(chosen), strict=False)
    return tuple(Shot(start_s, end_s, place) for start_s, end_s, place in spans)


def _step(earlier: Place | None, later: Place | None) -> float:
    if later is None or earlier is None:
        return 0.0
    gap_s = later.old_in_s - earlier.old_out_s
    if abs(gap_s) <= _RUNS_ON_S:
        return 0.0
    return _SKIP_COST if gap_s > 0 else _BACK_COST
