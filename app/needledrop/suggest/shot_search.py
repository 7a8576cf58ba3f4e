# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the shots of a new cut may be in an old one: by their pictures, or by what an editor's project says they are.

By pictures: a dozen pictures of a shot are laid over the whole old film at every frame at once; where most of them fit,
all of its pictures are compared. Likeness is that of the brightness, less its mean and on one scale, so that another
codec, another size and a change of level do no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from needledrop.core.edit import Shown
from needledrop.core.music import FloatArray
from needledrop.features.picture_prints import PicturePrints
from needledrop.suggest.recut import NEW_COST, Place

Ticks = NDArray[np.int64]

_SAMPLES = 16
_MOST_PLACES = 6
_CAP = 0.5
_ALIKE = 0.15  # Half the squared distance on one scale: 1 - r for pictures with any structure.
_LEAST_SPREAD = 6.0  # Grey levels; in a flatter picture differences are noise.
_LEVEL_STEP = 80.0
_NEAR = 0.15  # Of the best place's cost: places so near it are worth a closer look.
_LEAST_SHARE = 0.25
_LEAST_SPAN_S = 0.2
_EDGE_TICKS = 2
_AS_GOOD = 5e-4


def picture_places(
    old: PicturePrints,
    old_cuts_s: Sequence[float],
    new: PicturePrints,
    edges_s: Sequence[float],
    tick: Callable[[int], None] = lambda _: None,
) -> list[list[Place]]:
    """For each shot of the new cut (between edges_s) the places of the old cut that look like it.

    Args:
        tick: Called with the number of each shot before it is looked for: to report, or to stop by raising.
    """
    then, now = _Looks(old), _Looks(new)
    old_ticks = np.unique(np.rint(np.asarray([0.0, *old_cuts_s]) * old.rate_hz).astype(np.int64))
    found = []
    for number, (start_s, end_s) in enumerate(pairwise(edges_s)):
        tick(number)
        found.append(_places_of(then, now, old_ticks, start_s, end_s))
    return found


class _Looks:
    """Prints as vectors whose inner product is their likeness."""

    def __init__(self, prints: PicturePrints) -> None:
        self.rate_hz = prints.rate_hz
        grey = prints.prints.astype(np.float32)
        self.level = grey.mean(axis=1) if len(grey) else np.zeros(0, np.float32)
        spread = grey.std(axis=1) if len(grey) else np.zeros(0, np.float32)
        scale = np.maximum(spread, _LEAST_SPREAD) * np.float32(np.sqrt(grey.shape[1]))
        self.vectors: FloatArray = (grey - self.level[:, np.newaxis]) / scale[:, np.newaxis]
        self.power = np.einsum("ij,ij->i", self.vectors, self.vectors)

    def __len__(self) -> int:
        return len(self.level)


def _unlike(now: _Looks, ticks: Ticks, then: _Looks) -> FloatArray:
    """How unlike some new pictures are to every old one, [n, old] in 0.._CAP."""
    likeness = now.vectors[ticks] @ then.vectors.T
    distance = 0.5 * (now.power[ticks][:, np.newaxis] + then.power) - likeness
    level = (now.level[ticks][:, np.newaxis] - then.level) / np.float32(_LEVEL_STEP)
    return np.asarray(np.clip(distance + level * level, 0.0, _CAP), np.float32)


def _unlike_pairs(now: _Looks, ticks: Ticks, then: _Looks, old_ticks: Ticks) -> FloatArray:
    """The same for pairs; what lies outside the old film is as unlike as can be."""
    is_in = (old_ticks >= 0) & (old_ticks < len(then))
    safe = np.clip(old_ticks, 0, max(0, len(then) - 1))
    likeness = np.einsum("ij,ij->i", now.vectors[ticks], then.vectors[safe])
    level = (now.level[ticks] - then.level[safe]) / np.float32(_LEVEL_STEP)
    distance = 0.5 * (now.power[ticks] + then.power[safe]) - likeness + level * level
    return np.where(is_in, np.clip(distance, 0.0, _CAP), _CAP).astype(np.float32)


def _places_of(then: _Looks, now: _Looks, cuts: Ticks, start_s: float, end_s: float) -> list[Place]:
    first, last = round(start_s * now.rate_hz), min(round(end_s * now.rate_hz), len(now))
    if last <= first or not len(then):
        return []
    spare = 1 if last - first > 6 else 0  # The very edges may show both shots.
    ticks = np.unique(np.linspace(first + spare, last - 1 - spare, _SAMPLES).round().astype(np.int64))
    later = np.rint((ticks - first) / now.rate_hz * then.rate_hz).astype(np.int64)
    reach = int(later[-1])
    # cost[j + reach]: of the shot beginning at tick j of the old film.
    cost = np.full(len(then) + reach, 0.0, np.float32)
    for row, by in zip(_unlike(now, ticks, then), later.tolist(), strict=True):
        padded = np.full(len(then) + reach, _CAP, np.float32)
        padded[reach - by : reach - by + len(then)] = row
        cost += padded / len(ticks)
    length = round((end_s - start_s) * then.rate_hz)
    found = [
        _looked_at(then, now, cuts, (start_s, end_s), at - reach) for at in _worth_a_look(cost, reach, cuts, length)
    ]
    return list(dict.fromkeys(place for place in found if place is not None))


def _worth_a_look(cost: FloatArray, reach: int, cuts: Ticks, length: int) -> list[int]:
    """Indices into cost: its deepest valleys, and where the shot would begin or end with an old one as well."""
    best = float(cost.min())
    places: list[int] = []
    for at in np.argsort(cost, kind="stable")[: 50 * _MOST_PLACES].tolist():
        if cost[at] > best + _NEAR or len(places) >= _MOST_PLACES:
            break
        if all(abs(at - other) > _EDGE_TICKS + 1 for other in places):
            places.append(at)
    aligned = np.unique(np.concatenate([cuts, cuts - length])) + reach
    aligned = aligned[(aligned >= 0) & (aligned < len(cost))]
    return [*places, *(int(at) for at in aligned[cost[aligned] <= best + 0.02] if at not in places)]


def _looked_at(then: _Looks, now: _Looks, cuts: Ticks, shot_s: tuple[float, float], near: int) -> Place | None:
    """The place near a tick of the old film where all pictures of the shot fit best; None where too few do."""
    start_s, end_s = shot_s
    first, last = round(start_s * now.rate_hz), min(round(end_s * now.rate_hz), len(now))
    ticks = np.arange(first, last, dtype=np.int64)
    later = np.rint((ticks - first) / now.rate_hz * then.rate_hz).astype(np.int64)
    rows = {at: _unlike_pairs(now, ticks, then, later + at) for at in range(near - 2, near + 3)}
    # By the better half of the pictures: the others may be new.
    half = (len(ticks) + 1) // 2
    scores = {at: float(np.sort(row)[:half].mean()) for at, row in rows.items()}
    at = min(rows, key=lambda one: (round(scores[one], 6), abs(one - near)))
    # A still shot fits anywhere: of places as good as equal the one that begins with an old shot counts.
    at = next((edge for edge in cuts.tolist() if scores.get(edge, 1.0) <= scores[at] + _AS_GOOD), at)
    is_alike = rows[at] < _ALIKE
    here = np.flatnonzero(is_alike)
    if not len(here) or is_alike.mean() < _LEAST_SHARE:
        return None
    low = start_s if here[0] <= _EDGE_TICKS else start_s + float(here[0]) / now.rate_hz
    high = end_s if here[-1] >= len(ticks) - 1 - _EDGE_TICKS else start_s + float(here[-1] + 1) / now.rate_hz
    if high - low < min(_LEAST_SPAN_S, 0.5 * (end_s - start_s)):
        return None
    shift_s = first / now.rate_hz - at / then.rate_hz
    span = rows[at][here[0] : here[-1] + 1]
    share = (high - low) / (end_s - start_s)
    return Place(low, low - shift_s, high - low, float(span.mean()) / _CAP + (1.0 - share) * NEW_COST)


def clip_places(old: Sequence[Shown], new: Sequence[Shown]) -> list[list[Place]]:
    """For each stretch of a project's new timeline the stretches of the old one that show the same of the same file."""
    return [[place for other in old if (place := _same_source(other, shown)) is not None] for shown in new]


def _same_source(then: Shown, now: Shown) -> Place | None:
    old, clip = then.clip, now.clip
    if old is None or clip is None or old.source is None or clip.source is None or old.speed <= 0:
        return None
    if old.source.named != clip.source.named or old.speed != clip.speed:
        return None
    first = max(old.source_at(then.start_s), clip.source_at(now.start_s))
    last = min(old.source_at(then.end_s), clip.source_at(now.end_s))
    if last <= first:
        return None
    new_in_s = now.start_s + (first - clip.source_at(now.start_s)) / clip.speed
    old_in_s = then.start_s + (first - old.source_at(then.start_s)) / old.speed
    length_s = (last - first) / clip.speed
    share = length_s / (now.end_s - now.start_s)
    return Place(float(new_in_s), float(old_in_s), float(length_s), float(1 - share) * NEW_COST)
