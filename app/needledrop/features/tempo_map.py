# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From beats to the stretches in which the tempo is steady. Only arithmetic on beat times; finds no beats itself.

Beat times over beat numbers are cut into straight lines: where one line through a stretch leaves too much over, the
stretch is cut at the beat that explains most of it; cuts that prove needless are taken out again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import TimeArray

# Intervals a stretch has at least: eight beats, below which a tempo is a hesitation.
_FEWEST = 8
# How far beats scatter about an even grid (played by people, found in frames of 10 ms), and how many such squares a
# cut must explain: chance explains some ten at the best of many places.
_SCATTER_S = 0.015
_WORTH = 30.0
# Tempi nearer than this share to each other are one.
_SAME_TEMPO = 0.01


@dataclass(frozen=True)
class _Sums:
    """Running sums of beat times, of their squares, and of beat number times beat time, from 0 [B + 1]."""

    time: NDArray[np.float64]
    square: NDArray[np.float64]
    product: NDArray[np.float64]


def tempo_map(beats_s: TimeArray) -> NDArray[np.float64]:
    """Stretches of steady tempo [stretches, 2]: where each starts in seconds, and its beats a minute.

    A steady track has one. Jitter of the beats, one missed beat or a drift of less than a hundredth starts no new
    one. Empty where there are fewer than two beats.
    """
    beats_s = np.unique(beats_s)
    if len(beats_s) < 2:
        return np.zeros((0, 2))
    sums = _sums(beats_s)
    cuts = _without_needless(_cuts(sums, 0, len(beats_s)), sums)
    starts = cuts[:-1]
    counts = np.diff(cuts)
    periods = np.array([_period(beats_s[low:high]) for low, high in pairwise(cuts)])
    return _joined(beats_s[starts], periods, counts)


def _sums(beats_s: TimeArray) -> _Sums:
    times = beats_s - beats_s.mean()  # Small numbers keep their digits when squares are subtracted.
    rows = (times, times * times, times * np.arange(len(times)))
    return _Sums(*(np.concatenate([[0.0], np.cumsum(row)]) for row in rows))


def _left_over(sums: _Sums, low: NDArray[np.intp] | int, high: NDArray[np.intp] | int) -> NDArray[np.float64]:
    """What the best line through beats low..high leaves: the sum of squared distances in seconds squared."""
    count = np.asarray(high, np.float64) - low
    time = sums.time[high] - sums.time[low]
    product = sums.product[high] - sums.product[low] - time * (low + (count - 1) / 2)
    spread = count * (count * count - 1) / 12
    square = sums.square[high] - sums.square[low] - time * time / count
    return np.asarray(np.maximum(square - product * product / np.maximum(spread, 1e-9), 0.0))


def _cuts(sums: _Sums, low: int, high: int) -> list[int]:
    """Beat numbers where stretches begin, and `high`: top down, the stretch that gains most by a cut first halved."""
    pending, done = [(low, high)], [high]
    while pending:
        low, high = pending.pop()
        done.append(low)
        if high - low < 2 * _FEWEST:
            continue
        at = np.arange(low + _FEWEST, high - _FEWEST + 1)
        both = _left_over(sums, low, at) + _left_over(sums, at, high)
        best = int(both.argmin())
        if float(_left_over(sums, low, high)) - both[best] > _WORTH * _SCATTER_S**2:
            done.pop()
            pending += [(int(at[best]), high), (low, int(at[best]))]
    return sorted(done)


def _without_needless(cuts: list[int], sums: _Sums) -> NDArray[np.intp]:
    """Cuts whose two stretches fit one line as well; an early cut may have been made so by a better one later."""
    while len(cuts) > 2:
        bounds = np.array(cuts, np.intp)
        low, middle, high = bounds[:-2], bounds[1:-1], bounds[2:]
        gains = _left_over(sums, low, high) - _left_over(sums, low, middle) - _left_over(sums, middle, high)
        least = int(gains.argmin())
        if gains[least] > _WORTH * _SCATTER_S**2:
            break
        del cuts[least + 1]
    return np.array(cuts, np.intp)


def _period(times_s: TimeArray) -> float:
    """Slope of the line through some beats; steps that a missed beat doubled would bend it, so they are left out."""
    steps = np.diff(times_s)
    usual = np.abs(steps - np.median(steps)) <= 0.25 * np.median(steps)
    if not usual.all():
        return float(steps[usual].mean())
    at = np.arange(len(times_s)) - (len(times_s) - 1) / 2
    return float(at @ times_s / (at @ at))


def _joined(starts_s: TimeArray, periods: NDArray[np.float64], counts: NDArray[np.intp]) -> NDArray[np.float64]:
    """Neighbours of nearly one tempo made one, the nearest first: a pause between them is no change of tempo."""
    rows = [list(row) for row in zip(starts_s.tolist(), periods.tolist(), counts.tolist(), strict=True)]
    while len(rows) > 1:
        apart = [abs(np.log(after[1] / before[1])) for before, after in pairwise(rows)]
        nearest = int(np.argmin(apart))
        if apart[nearest] >= _SAME_TEMPO:
            break
        before, after = rows[nearest], rows.pop(nearest + 1)
        before[1] = (before[1] * before[2] + after[1] * after[2]) / (before[2] + after[2])
        before[2] += after[2]
    return np.array([[start_s, round(60.0 / period, 3)] for start_s, period, _ in rows])
