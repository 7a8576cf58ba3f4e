# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tracks of a library may play in a sound, and where: votes of landmarks for one offset, at each speed that an
editor may have played music at. Proposes only; features.landmark_alignment decides.

Speeds: a stretch keeps the pitch, so only the distances of peaks in time change, and coarse steps do; where the pitch
follows the speed, the bins change too and the steps have to be fine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from needledrop.features.fingerprint import FRAME_S
from needledrop.features.landmarks import PeakPairs
from needledrop.index.landmark_index import LandmarkIndex

_WINDOW_FRAMES = round(15.0 / FRAME_S)
_FEWEST_VOTES = 4
_SPREAD_FRAMES = 6
_PER_SPEED, _PER_WINDOW = 4, 24
_CELL_BITS, _CELLS = 3, 1 << 20
_KEPT_PITCH_STEPS = (0.0, -0.012, 0.012, -0.024, 0.024)
_FREE_PITCH_STEPS = sorted((step * 0.002 for step in range(-15, 16) if step), key=abs)
# So many votes are no chance: the speeds that are left need not be tried.
_SURE_VOTES = 16
# (speed, pitch) of what is heard against the track. The first group is always tried whole: of its coarse steps a wrong
# one gets votes too.
_SPEED_GROUPS = [[(1 + one, 1.0) for one in _KEPT_PITCH_STEPS], *([(1 + one, 1 + one)] for one in _FREE_PITCH_STEPS)]


@dataclass(frozen=True)
class Candidate:
    """A track that may play at `frame` of the sound: its frame there, at which speed and pitch, by how many votes."""

    row: int
    frame: float
    track_frame: float
    speed: float
    pitch: float
    votes: int


def candidates(
    index: LandmarkIndex, pairs: PeakPairs, report: Callable[[float], None] = lambda done_s: None
) -> list[Candidate]:
    """What each window of a sound may hold, most votes first within each; `report` is told the seconds searched."""
    if not len(index.track_ids) or not len(pairs.frames):
        return []
    edges = np.arange(0, float(pairs.frames[-1]) + _WINDOW_FRAMES, _WINDOW_FRAMES)
    bounds = np.searchsorted(pairs.frames, edges)
    found: list[Candidate] = []
    for (first, last), start in zip(pairwise(bounds), edges, strict=False):
        report(float(start) * FRAME_S)
        window = PeakPairs(*(getattr(pairs, name)[first:last] for name in ("frames", "apart", "low", "high")))
        found += _best(_proposed(index, window, start))
    return found


def _proposed(index: LandmarkIndex, window: PeakPairs, start: float) -> list[Candidate]:
    found: list[Candidate] = []
    for group in _SPEED_GROUPS:
        found += [one for speed, pitch in group for one in _voted(index, window, start, speed, pitch)]
        if max((one.votes for one in found), default=0) >= _SURE_VOTES:
            break
    return found


def _voted(index: LandmarkIndex, pairs: PeakPairs, start: float, speed: float, pitch: float) -> Iterator[Candidate]:
    """Places of the index with the most landmarks of a window at one offset, at one speed."""
    middle = start + _WINDOW_FRAMES / 2
    keys, of = pairs.keys_at(speed, pitch)
    # The middle of the window stands still: what is left of the speed's error spreads the votes least around it.
    ahead = np.rint((pairs.frames[of] - middle) * speed).astype(np.int64)
    from_at = index.starts[keys].astype(np.int64)
    counts = index.starts[keys + 1].astype(np.int64) - from_at
    at = np.arange(counts.sum()) + np.repeat(from_at - np.cumsum(counts) + counts, counts)
    places = index.positions[at]
    places -= np.repeat((ahead & 0xFFFFFFFF).astype(np.uint32), counts)
    for place, votes in _crowded(_in_company(places)):
        row = int(index.rows_at(np.array([place]))[0])
        yield Candidate(row, middle, float(place - index.bases[row]), speed, pitch, votes)


def _in_company(places: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Those places, sorted, that may have enough others near them: sorting all would take four fifths of the time."""
    cells = (places >> np.uint32(_CELL_BITS)) & np.uint32(_CELLS - 1)
    counts = np.bincount(cells, minlength=_CELLS)
    with_next = counts + np.roll(counts, -1)
    is_crowded = (with_next >= _FEWEST_VOTES) | (np.roll(with_next, 1) >= _FEWEST_VOTES)
    return np.sort(places[is_crowded[cells]])


def _crowded(places: NDArray[np.uint32]) -> list[tuple[int, int]]:
    """(place, votes) where enough sorted votes fall within _SPREAD_FRAMES, the most crowded first."""
    if len(places) < _FEWEST_VOTES:
        return []
    is_crowded = places[_FEWEST_VOTES - 1 :] - places[: 1 - _FEWEST_VOTES] <= _SPREAD_FRAMES
    at = np.flatnonzero(is_crowded)
    if not len(at):
        return []
    votes = np.searchsorted(places, places[at] + _SPREAD_FRAMES, "right") - at
    found: list[tuple[int, int]] = []
    for one in np.lexsort((at, -votes)):
        middle = int(places[at[one] : at[one] + votes[one]].mean())
        if all(abs(middle - other) > 2 * _SPREAD_FRAMES for other, _ in found):
            found.append((middle, int(votes[one])))
        if len(found) == _PER_SPEED:
            break
    return found


def _best(proposed: list[Candidate]) -> list[Candidate]:
    """Of neighbouring speeds that propose one place, that with the most votes; the most voted for of these."""
    kept: list[Candidate] = []
    for one in sorted(proposed, key=lambda each: (-each.votes, abs(each.speed - 1), each.row, each.track_frame)):
        is_new = all(one.row != other.row or abs(one.track_frame - other.track_frame) > 25 for other in kept)
        if is_new:
            kept.append(one)
        if len(kept) == _PER_WINDOW:
            break
    return kept
