# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The start of the music that puts beats on cuts: an exact search over every start at 10 ms, then refined.

Times only: this module knows beats and events, not tracks or videos.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray, TimeArray

GRID_S = 0.01
HIT_S = 0.07
# A beat shortly after the cut is natural (in edited videos the median lies 6 ms after it, and viewers accept sound
# that lags far sooner than sound that leads): the kernel reaches farther on that side.
AFTER_CUT_S = 0.09
BEFORE_CUT_S = 0.06
_FINE = 100
_MOST_STEPS = 6
_CENTRED_S = 1e-4


@dataclass(frozen=True)
class Chance:
    """What an optimised start is expected to reach on cuts that have nothing to do with the music."""

    mean: float
    deviation: float

    def excess(self, value: float) -> float:
        """How far a value stands above chance, in deviations of one random start."""
        return (value - self.mean) / self.deviation if self.deviation > 1e-9 else 0.0


def beat_signal(beats_s: TimeArray, weights: FloatArray, duration_s: float) -> FloatArray:
    """What a cut at each instant of the music is worth, float32 at 1 / GRID_S from zero.

    A beat's weight times cos^2, 1 on the beat, 0 where the beat comes AFTER_CUT_S later or came BEFORE_CUT_S before.
    """
    count = max(1, int(np.ceil(duration_s / GRID_S)) + 1)
    signal = np.zeros(count, np.float32)
    nearest = np.round(beats_s / GRID_S).astype(np.int64)
    frames = nearest[:, None] + _REACH
    late = np.round((beats_s - nearest * GRID_S) * (_FINE / GRID_S)).astype(np.int64) + _FINE // 2
    values = weights[:, None] * _WORTH_OF_FRAMES[late]
    inside = (frames >= 0) & (frames < count) & (values > 0)
    np.maximum.at(signal, frames[inside], values[inside])
    return signal


def kernel(lag_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """The worth of a beat lag_s after the cut, 0..1."""
    reach = np.where(lag_s >= 0, AFTER_CUT_S, BEFORE_CUT_S)
    share = np.minimum(np.abs(lag_s) / reach, 1.0)
    return np.where(share < 1.0, np.cos(0.5 * np.pi * share) ** 2, 0.0)


# Frames about a beat within its kernel's reach, and their worth for a beat that lies 0, 1 ... _FINE parts of a frame
# behind the middle between two frames: cosines of every beat of every track would take most of the time.
_REACH = np.arange(-int(AFTER_CUT_S / GRID_S) - 1, int(BEFORE_CUT_S / GRID_S) + 2)
_LATE_S = (np.arange(_FINE + 1) - _FINE // 2)[:, None] * (GRID_S / _FINE)
_WORTH_OF_FRAMES = kernel(_LATE_S - _REACH * GRID_S).astype(np.float32)


def start_scores(signal: FloatArray, events_s: TimeArray, weights: FloatArray, starts: int) -> FloatArray:
    """The weighted mean of the signal under the events, for music that starts at 0, GRID_S ..., [starts]."""
    return next(start_scores_of_orders(signal, np.asarray(events_s)[None], weights, starts))


def start_scores_of_orders(
    signal: FloatArray, orders_s: TimeArray, weights: FloatArray, starts: int
) -> Iterator[FloatArray]:
    """start_scores for one set of events after the other, orders_s [n, K], all of the same weights [K].

    The sum over events of shifted copies is the correlation; it is done by copies where these are fewer operations
    than a transform (few cuts, or few possible starts) and by FFT otherwise. Events of the same weight share the copy.
    """
    shifts = np.round(orders_s / GRID_S).astype(np.int64)
    shares = (weights / max(float(weights.sum()), 1e-9)).astype(np.float32)
    size = starts + int(shifts.max(initial=0))
    padded = signal[:size] if len(signal) >= size else np.pad(signal, (0, size - len(signal)))
    if len(shares) * starts <= 60.0 * size * np.log2(size + 1.0):
        distinct, counts = np.unique(shares, return_counts=True)
        copies = {share: padded * share for share in distinct[counts > 1]}
        copy = np.empty(starts, np.float32)
        for own in shifts.tolist():
            scores = np.zeros(starts, np.float32)
            for shift, share in zip(own, shares, strict=True):
                part = slice(shift, shift + starts)
                scores += copies[share][part] if share in copies else np.multiply(padded[part], share, out=copy)
            yield scores
        return
    length = 1 << (size - 1).bit_length()
    spectrum = np.fft.rfft(padded, length)
    for row in shifts:
        impulses = np.zeros(size, np.float32)
        np.add.at(impulses, row, shares)
        yield np.fft.irfft(spectrum * np.conj(np.fft.rfft(impulses, length)), length)[:starts].astype(np.float32)


def chance_of(signal: FloatArray, weights: FloatArray, starts: int, bar_s: float) -> Chance:
    """Mean and deviation of start_scores at its best start if the events were scattered at random.

    Scores at one start are a weighted mean of independent draws from the signal; trying every start gives the expected
    maximum of M independent normals, sqrt(2 ln M) deviations higher, where starts count as different when they are
    half a kernel apart, and repeat after a bar.
    """
    share = weights / max(float(weights.sum()), 1e-9)
    mean = float(signal.mean(dtype=np.float64))
    variance = max(float(signal @ signal) / len(signal) - mean * mean, 0.0)
    deviation = float(np.sqrt(variance * np.square(share).sum(dtype=np.float64)))
    different = min(starts * GRID_S, bar_s) / (0.5 * (AFTER_CUT_S + BEFORE_CUT_S))
    lift = float(np.sqrt(2.0 * np.log(max(different, 1.0))))
    return Chance(mean + lift * deviation, deviation)


def beat_offsets(beats_s: TimeArray, instants_s: TimeArray) -> TimeArray:
    """Nearest beat minus instant, of any shape; infinite where there are no beats. Positive: the beat comes later."""
    if len(beats_s) == 0:
        return np.full(instants_s.shape, np.inf)
    after = np.searchsorted(beats_s, instants_s)
    late = beats_s[np.minimum(after, len(beats_s) - 1)] - instants_s
    early = beats_s[np.maximum(after - 1, 0)] - instants_s
    return np.where(np.abs(early) < np.abs(late), early, late)


def refine_start(beats_s: TimeArray, events_s: TimeArray, start_s: float, lowest_s: float, highest_s: float) -> float:
    """Move a start so that the beats within reach of the events lie on them on average, without losing any."""
    events = np.asarray(events_s, dtype=np.float64)[None, :]
    return float(refine_starts(beats_s, events, np.array([start_s]), lowest_s, highest_s)[0])


def refine_starts(
    beats_s: TimeArray, events_s: TimeArray, starts_s: TimeArray, lowest_s: float, highest_s: float
) -> TimeArray:
    """refine_start for many sets of events [n, K] with a start each, [n]."""
    best_s = starts_s.copy()
    most = np.ones(len(starts_s))
    is_moving = np.ones(len(starts_s), np.bool_)
    for _ in range(_MOST_STEPS):
        offsets = beat_offsets(beats_s, events_s + starts_s[:, None])
        is_hit = np.abs(offsets) <= HIT_S
        hits = is_hit.sum(axis=1)
        is_moving &= hits >= most
        best_s[is_moving], most[is_moving] = starts_s[is_moving], hits[is_moving]
        mean_s = np.where(is_hit, offsets, 0.0).sum(axis=1) / np.maximum(hits, 1)
        is_moving &= np.abs(mean_s) >= _CENTRED_S
        if not is_moving.any():
            break
        starts_s = np.clip(starts_s + np.where(is_moving, mean_s, 0.0), lowest_s, highest_s)
    return best_s


@dataclass(frozen=True)
class ChanceHits:
    """What the same search finds on the same track for the same shots in other orders, [shuffles] each.

    worths are the weighted means of what the cuts reach (1: hard cuts, all exactly on downbeats), hits the numbers of
    cuts with a beat within HIT_S; worth and own_hits are those of the true order, by the same search.
    """

    worth: float
    own_hits: int
    worths: NDArray[np.float64]
    hits: NDArray[np.int64]

    @property
    def excess(self) -> float:
        """How far the true order's worth stands above the mean of the others'."""
        return self.worth - float(self.worths.mean())

    @property
    def orders(self) -> int:
        """How many other orders were tried."""
        return len(self.worths)

    @property
    def percentile(self) -> float:
        """The share of the other orders that the true one beats in worth, 0..100; ties count half."""
        close = np.isclose(self.worths, self.worth, rtol=0.0, atol=1e-6)
        return 100.0 * float(np.mean(np.where(close, 0.5, self.worths < self.worth)))

    @property
    def mean(self) -> float:
        """How many cuts the other orders bring on beats, on average."""
        return float(self.hits.mean())
