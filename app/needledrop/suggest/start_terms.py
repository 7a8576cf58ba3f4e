# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each possible start of a track is worth under a picture, at every GRID_S of the track.

It scores starts and knows nothing of cues; place.py takes the best start and makes a cue of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from needledrop.core.music import FloatArray, TimeArray
from needledrop.suggest.align import AFTER_CUT_S, GRID_S, beat_signal, start_scores
from needledrop.suggest.picture_shape import CURVE_RATE_HZ, PictureShape, rise_curve
from needledrop.suggest.unrolled import Unrolled

STEPS = round(1.0 / (CURVE_RATE_HZ * GRID_S))
NATURAL_S = 0.35
_RISE_SPAN = round(4.0 * CURVE_RATE_HZ)
# A rise of the music smaller than this (arousal units) is none, however much it is the track's largest.
_LEAST_RISE = 0.08
# An ending is worth the more, the more came before it: a range this long wants one, a one-second range none.
_ENDING_FULL_S = 20.0
_SHORTEST_SHAPE = 8
_FLAT = 0.02


@dataclass(frozen=True)
class StartWeights:
    """What decides where in a track the music starts. Of 10 cuts, one more on a beat weighs as 0.4 of correlation."""

    cuts: float = 1.0
    energy: float = 0.12
    rise: float = 0.06
    ending: float = 0.08
    silence: float = 2.0


@dataclass(frozen=True)
class StartTerms:
    """What each start is worth: [starts] at GRID_S apart, from lowest to len(rest) - 1 allowed.

    signal is what a cut at each instant of the line is worth and cuts its mean under the events, both None without a
    pulse; rest is all the others together, weighed. correlation and rise are at CURVE_RATE_HZ, None where nothing can
    be said.
    """

    signal: FloatArray | None
    cuts: FloatArray | None
    rest: FloatArray
    lowest: int
    correlation: FloatArray | None
    rise: FloatArray | None

    def best(self, cuts: FloatArray | None, weights: StartWeights) -> int:
        """The best allowed start with these worths of the cuts."""
        rest = self.rest[self.lowest :]
        total = rest if cuts is None else rest + np.float32(weights.cuts) * cuts[self.lowest :]
        return self.lowest + int(total.argmax())


def start_terms(line: Unrolled, shape: PictureShape, weights: StartWeights) -> StartTerms:
    """Score every start of a line under a picture."""
    highest_s = highest_start_s(line, shape)
    starts = int(highest_s / GRID_S + 1e-6) + 1
    correlation = _correlations(line, shape, highest_s)
    rise = _rises(line, shape, highest_s)
    slow = -weights.silence * _silent_shares(line, shape, highest_s)
    if correlation is not None:
        slow = slow + weights.energy * correlation
    if rise is not None:
        slow = slow + weights.rise * rise
    rest = _to_grid(slow, starts)
    if line.end_s >= shape.duration_s:
        near = min(starts, int(NATURAL_S / GRID_S) + 1)
        rest[starts - near :] += (
            weights.ending * ending_share(shape.duration_s) * np.linspace(0.3, 1.0, near, dtype=np.float32)
        )
    signal, cuts = None, None
    if line.has_pulse:
        signal = beat_signal(line.beats_s, line.beat_weights, line.end_s + AFTER_CUT_S)
        cuts = start_scores(signal, *shape.events, starts)
    lowest = int(np.ceil(min(line.first_s, highest_s) / GRID_S - 1e-6))
    return StartTerms(signal, cuts, rest, min(lowest, starts - 1), correlation, rise)


def highest_start_s(line: Unrolled, shape: PictureShape) -> float:
    """The last start from which the music lasts for the whole range, 0 where none does."""
    return max(0.0, line.end_s - shape.duration_s)


def ending_share(duration_s: float) -> float:
    """How much a range of this length wants an ending, 0..1."""
    return min(1.0, duration_s / _ENDING_FULL_S)


def energy_correlation(line: Unrolled, shape: PictureShape, start_s: float) -> float | None:
    """Correlation of the energy curves of music and picture for a start at any instant, -1..1; None for a picture
    without movement or of a few seconds."""
    query = shape.energy
    if len(query) < _SHORTEST_SHAPE or not shape.has_movement:
        return None
    place = start_s * CURVE_RATE_HZ + np.arange(len(query))
    music = np.interp(place, np.arange(len(line.energy)), line.energy)
    deviation = max(float(music.std()), _FLAT)
    centred = query - query.mean(dtype=np.float64)
    return float(centred @ music / (len(query) * deviation * query.std(dtype=np.float64)))


def _slow_starts(highest_s: float) -> int:
    """Starts at CURVE_RATE_HZ, one more than fit so that the grid between can be interpolated."""
    return int(highest_s * CURVE_RATE_HZ + 1e-6) + 2


def _stretches(curve: FloatArray, length: int, starts: int) -> FloatArray:
    """The curve lengthened by its last value so that every start has a full stretch."""
    missing = starts + length - 1 - len(curve)
    return np.pad(curve, (0, missing), mode="edge") if missing > 0 else curve[: starts + length - 1]


def _correlations(line: Unrolled, shape: PictureShape, highest_s: float) -> FloatArray | None:
    """Correlation of the energy curves at each slow start, [starts]; None for a still or very short picture."""
    query = shape.energy
    if len(query) < _SHORTEST_SHAPE or not shape.has_movement:
        return None
    starts, length = _slow_starts(highest_s), len(query)
    curve = _stretches(line.energy, length, starts).astype(np.float64)
    centred = query - query.mean(dtype=np.float64)
    products = _sliding_products(curve, centred)
    mean = _sliding_sums(curve, length) / length
    deviation = np.sqrt(np.maximum(_sliding_sums(curve * curve, length) / length - mean * mean, _FLAT**2))
    correlation: FloatArray = (products / (length * deviation * query.std(dtype=np.float64))).astype(np.float32)
    return correlation


def _sliding_sums(curve: TimeArray, length: int) -> TimeArray:
    """Sums of every full stretch of the curve."""
    total = np.cumsum(curve)
    sums = total[length - 1 :].copy()
    sums[1:] -= total[:-length]
    return sums


def _sliding_products(curve: TimeArray, query: TimeArray) -> TimeArray:
    """Sums of products of the query with every full stretch of the curve; by FFT where that is quicker."""
    starts = len(curve) - len(query) + 1
    if starts * len(query) < 1 << 19:
        return np.correlate(curve, query, mode="valid")
    size = 1 << (len(curve) - 1).bit_length()
    return np.fft.irfft(np.fft.rfft(curve, size) * np.conj(np.fft.rfft(query, size)), size)[:starts]


def _rises(line: Unrolled, shape: PictureShape, highest_s: float) -> FloatArray | None:
    """How much of the track's largest rise falls on the picture's turning point, 0..1 at each slow start."""
    if shape.turning_s is None:
        return None
    rise = rise_curve(line.energy, _RISE_SPAN)
    relative = np.clip(rise / max(float(rise.max(initial=0.0)), _LEAST_RISE), 0.0, 1.0)
    starts, shift = _slow_starts(highest_s), round(shape.turning_s * CURVE_RATE_HZ)
    reach = relative[shift : shift + starts]
    return np.pad(reach, (0, starts - len(reach))).astype(np.float32)


def _silent_shares(line: Unrolled, shape: PictureShape, highest_s: float) -> FloatArray:
    """The share of each stretch in which nothing sounds; its first second counts three times."""
    starts, length = _slow_starts(highest_s), max(1, round(shape.duration_s * CURVE_RATE_HZ))
    silent = _stretches(line.is_silent, length, starts)
    total = np.concatenate([[0.0], np.cumsum(silent, dtype=np.float64)])
    entry = min(length, round(CURVE_RATE_HZ))
    share = (total[length:] - total[:-length]) / length
    opening = (total[entry : entry + starts] - total[:starts]) / entry
    shares: FloatArray = (0.7 * share + 0.3 * opening).astype(np.float32)
    return shares


def _to_grid(slow: FloatArray, starts: int) -> FloatArray:
    """Linear interpolation from CURVE_RATE_HZ to GRID_S."""
    fraction = (np.arange(STEPS, dtype=np.float32) / STEPS)[None, :]
    fine = slow[:-1, None] + (slow[1:] - slow[:-1])[:, None] * fraction
    return fine.ravel()[:starts].astype(np.float32)
