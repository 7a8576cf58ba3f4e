# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a way through a track costs: its splices, and what is left for the stretch and for the last sound's tail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from needledrop.core.music import TimeArray
from needledrop.suggest.fit_path import PathTask
from needledrop.suggest.fit_places import CostMatrix, FitPlaces

# What is kept of both ends whatever happens, and for how long one must play on after a splice; less, as a share, where
# range or track are short.
_KEPT_S = 8.0
_KEPT_SHARE = 1 / 6
# Costs beside the mismatch, which is 1 for any two bars. From _CLASH on a mismatch counts more: two good joints are
# better than one that is heard.
_SPLICE_COST = 0.2
_CLASH, _CLASH_COST = 0.6, 1.0
_BREAK_COST = 0.6
_PHRASE_COSTS = ((8, 0.0), (4, 0.03), (2, 0.12), (1, 0.2))
_OFF_BAR_COST = 0.6
_SECTION_BONUS = 0.1
_STUTTER_COST = 0.5
# Of a stretch by a percent, and of a second by which the last sound is shortened or followed by silence.
_PERCENT_COST = 0.1
_TAIL_COST = 0.3
# The tail may be faded so much earlier, or be followed by so much silence; a little of either is heard by nobody.
TRIM_S, RING_S = 0.4, 0.6
_UNHEARD_S = 0.15
# Without a pulse nothing carries the ear across a worse joint.
_WORST_WITHOUT_PULSE = 0.9
_REFUSED_BARS = 1.5


@dataclass(frozen=True)
class Remainder:
    """How a duration is brought to the length wanted: by ring_s at the end, then by the stretch. All arrays [n]."""

    stretch: TimeArray
    ring_s: TimeArray
    cost: TimeArray


def remainder(durations_s: TimeArray, length_s: float, most_stretch: float) -> Remainder:
    """The cheapest ring and stretch for each duration; the cost is infinite where both together do not reach."""
    missing_s = length_s - durations_s
    within = (missing_s >= -TRIM_S) & (missing_s <= RING_S)
    stretch = length_s / np.maximum(durations_s, 1e-3)
    ring_cost = _TAIL_COST * np.abs(missing_s)
    stretch_cost = 100.0 * _PERCENT_COST * np.abs(stretch - 1.0)
    by_ring = within & ((np.abs(missing_s) <= _UNHEARD_S) | (ring_cost <= stretch_cost))
    limited = np.clip(stretch, 1.0 - most_stretch, 1.0 + most_stretch)
    ring_s = np.where(by_ring, missing_s, length_s / limited - durations_s)
    limited = np.where(by_ring, 1.0, limited)
    is_possible = (ring_s >= -TRIM_S - 1e-9) & (ring_s <= RING_S + 1e-9)
    cost = _TAIL_COST * np.abs(ring_s) + 100.0 * _PERCENT_COST * np.abs(limited - 1.0)
    return Remainder(limited, ring_s, np.where(is_possible, cost, np.inf))


def bounds_s(length_s: float, most_stretch: float) -> tuple[float, float]:
    """The shortest and the longest duration that `remainder` can bring to a length."""
    return length_s / (1.0 + most_stretch) - RING_S, length_s / (1.0 - most_stretch) + TRIM_S


def path_task(places: FitPlaces, length_s: float, refused: Sequence[tuple[float, float]]) -> PathTask | None:
    """The search for one set of places; None where both ends together leave nothing between them."""
    shorter_s = min(length_s, places.end_s - places.first_s)
    kept_s = max(min(_KEPT_S, shorter_s * _KEPT_SHARE), 0.9 * places.bar_s)
    times_s = places.times_s
    first = int(np.searchsorted(times_s, places.first_s + kept_s - 0.05))
    last = int(np.searchsorted(times_s, places.end_s - kept_s + 0.05, side="right")) - 1
    if first > last or last < 0:
        return None
    landing = np.minimum(np.searchsorted(times_s, times_s + kept_s - 0.05), last)
    return PathTask(
        times_s=times_s,
        cost=splice_costs(places, refused, (first, last)),
        start_s=places.first_s,
        first=first,
        last=last,
        landing=landing,
        tail_s=places.end_s - float(times_s[last]),
    )


def splice_costs(
    places: FitPlaces, refused: Sequence[tuple[float, float]], allowed: tuple[int, int] | None = None
) -> CostMatrix:
    """The cost [n, n] of leaving a place (row) for another (column); infinite outside `allowed` (first, last)."""
    count = len(places.times_s)
    number = np.arange(count)
    apart = np.abs(number[None, :] - number[:, None])
    mismatch = places.mismatches()
    cost = _SPLICE_COST + mismatch + _CLASH_COST * np.maximum(0.0, mismatch - _CLASH) + _BREAK_COST * places.breaks()
    cost += _STUTTER_COST * (apart <= 1)
    if places.has_pulse:
        cost += _phrase_costs(places)
        at_section = _is_section(places)
        cost -= _SECTION_BONUS * (at_section[:, None] & at_section[None, :])
    else:
        cost[mismatch > _WORST_WITHOUT_PULSE] = np.inf
    np.fill_diagonal(cost, np.inf)
    near_s = _REFUSED_BARS * places.bar_s
    for out_s, in_s in refused:
        is_near = np.abs(places.times_s - out_s) < near_s
        cost[np.ix_(is_near, np.abs(places.times_s - in_s) < near_s)] = np.inf
    if allowed is not None:
        outside = (number < allowed[0]) | (number > allowed[1])
        cost[outside, :] = np.inf
        cost[:, outside] = np.inf
    return cost


def _phrase_costs(places: FitPlaces) -> CostMatrix:
    """Music is built of two, four and eight bars: leaving out three breaks the phrase."""
    beats = np.abs(places.beat_of[None, :] - places.beat_of[:, None])
    bars, rest = np.divmod(beats, places.beats_per_bar)
    cost = np.full(bars.shape, _PHRASE_COSTS[-1][1])
    for length, price in reversed(_PHRASE_COSTS):
        cost[bars % length == 0] = price
    cost[rest > 0] = _OFF_BAR_COST
    return cost


def _is_section(places: FitPlaces) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Places [n] where a section begins."""
    if not len(places.sections_s):
        return np.zeros(len(places.times_s), np.bool_)
    gaps_s = np.abs(places.times_s[:, None] - places.sections_s[None, :]).min(axis=1)
    return np.asarray(gaps_s < 0.3 * places.bar_s)
