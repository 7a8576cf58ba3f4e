# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where in each track a picture goes best: one sequence of vectors slid along many, by a learned model's two measures.

Only numpy. Tracks lie end to end; every start that leaves the picture inside the track is tried. A track shorter than
the picture is compared, from its beginning, with the picture's beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.index.gallery import OffsetArray
from needledrop.suggest.running_sums import running_sums

_TINY = 1e-6
# Rows worked through at a time: they stay in the processor's cache.
_BLOCK = 8192

Stretches = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True)
class BestStarts:
    """Of each track [T]: the score of its best start, less what so many starts reach by chance; and that start, counted
    in elements of its sequence."""

    scores: FloatArray
    starts: NDArray[np.int64]


def whole_and_course(
    music: FloatArray, offsets: OffsetArray, picture: FloatArray, shares: tuple[float, float]
) -> BestStarts:
    """The best start of each track by whole and course. music [N, 2 w], picture [P, 2 w]: whole, then course."""

    def compared(block: FloatArray, shown: FloatArray) -> FloatArray:
        return stretch_scores(block, shown, shares)

    return _best(_scores(music, offsets, picture, compared), offsets)


def best_steps(tracks: list[FloatArray], picture: FloatArray) -> BestStarts:
    """The best start of each track [n, w] by the course of its steps alone; picture [P, w]."""
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in tracks])]).astype(np.int64)
    return _best(_scores(np.concatenate(tracks), offsets, picture, deviation_cosine), offsets)


def stretch_scores(music: FloatArray, picture: FloatArray, shares: tuple[float, float]) -> FloatArray:
    """For each of the N - P + 1 starts i of music[i : i + P] [N, 2 w] beside picture [P, 2 w]: shares[0] times the
    cosine of the means in the first half of the columns, shares[1] times that of the deviations in the second."""
    width, length = picture.shape[1] // 2, len(picture)
    # Both halves at once: rows that lie one behind the other are summed fastest.
    sums = running_sums(music, length)
    whole, course = _squares(sums, width)
    total = np.float32(shares[0]) * _mean_cosine(sums[:, :width], whole, picture[:, :width])
    if shares[1]:
        powers = running_sums(_squares(music, width)[1], length)
        total += np.float32(shares[1]) * _deviation_cosine(music[:, width:], course, powers, picture[:, width:])
    return total


def deviation_cosine(music: FloatArray, picture: FloatArray) -> FloatArray:
    """Cosine of the deviations from their own means of music[i : i + P] [N, w] and picture [P, w], for each of the
    N - P + 1 starts i."""
    width, length = music.shape[1], len(picture)
    squares = _squares(running_sums(music, length), width)[0]
    return _deviation_cosine(music, squares, running_sums(_squares(music, width)[0], length), picture)


def _mean_cosine(sums: FloatArray, squares: FloatArray, picture: FloatArray) -> FloatArray:
    """sums [n, w] over the stretches, and their squared lengths [n]."""
    wanted = picture.mean(axis=0)
    norms = np.sqrt(squares) * float(np.linalg.norm(wanted))
    return np.asarray(sums @ wanted / np.maximum(norms, _TINY), np.float32)


def _deviation_cosine(music: FloatArray, squares: FloatArray, powers: FloatArray, picture: FloatArray) -> FloatArray:
    """squares [n] of the lengths of the sums over the stretches; powers [n], the sums of the rows' squared lengths."""
    length, count = len(picture), len(powers)
    centred = (picture - picture.mean(axis=0, dtype=np.float64)).astype(np.float32)
    norm = float(np.linalg.norm(centred))
    if length < 2 or norm < _TINY:
        return np.zeros(count, np.float32)
    by_place = centred @ music.T  # [P, N]
    products = np.zeros(count, np.float32)
    for place in range(length):
        products += by_place[place, place : place + count]
    spread = np.maximum(powers - squares / np.float32(length), _TINY)
    return np.asarray(products / (np.sqrt(spread) * np.float32(norm)), np.float32)


def _squares(rows: FloatArray, width: int) -> FloatArray:
    """The squared length of each `width` columns of rows [n, k width], [k, n]."""
    parts = np.repeat(np.eye(rows.shape[1] // width, dtype=np.float32), width, axis=0)
    return np.ascontiguousarray((np.square(rows) @ parts).T)


def _scores(music: FloatArray, offsets: OffsetArray, picture: FloatArray, compared: Stretches) -> FloatArray:
    """The score of every start [N], minus infinity where the picture would reach beyond its track."""
    lengths = np.diff(offsets)
    scores = np.full(len(music), -np.inf, np.float32)
    span = len(picture)
    for first in range(0, len(music) - span + 1, _BLOCK):
        block = np.asarray(music[first : first + _BLOCK + span - 1])
        scores[first : first + len(block) - span + 1] = compared(block, picture)
    room = np.repeat(offsets[1:], lengths) - np.arange(len(music))
    scores[room < span] = -np.inf
    for row in np.flatnonzero((lengths > 0) & (lengths < span)).tolist():
        own = np.asarray(music[offsets[row] : offsets[row + 1]])
        scores[offsets[row]] = compared(own, picture[: len(own)])[0]
    return scores


def _best(scores: FloatArray, offsets: OffsetArray) -> BestStarts:
    """The best of each track, made comparable between long tracks and short ones.

    Of M starts that have nothing to do with the picture the best lies about sqrt(2 ln M) deviations above their mean;
    the deviation is taken over all starts of all tracks, within a track.
    """
    count = len(offsets) - 1
    best, starts = np.zeros(count, np.float32), np.zeros(count, np.int64)
    rows = np.flatnonzero(np.diff(offsets) > 0)
    if not len(rows):
        return BestStarts(best, starts)
    firsts = offsets[rows]
    highest = np.maximum.reduceat(scores, firsts)
    at = np.flatnonzero(scores == np.repeat(highest, np.diff(offsets)[rows]))
    first_of_track = at[np.searchsorted(at, firsts)]
    usable = np.isfinite(scores)
    values = np.where(usable, scores, 0.0).astype(np.float64)
    tried = np.add.reduceat(usable.astype(np.int64), firsts)
    variances = np.add.reduceat(values**2, firsts) / tried - (np.add.reduceat(values, firsts) / tried) ** 2
    many = tried > 2
    deviation = float(np.sqrt(max(variances[many].mean(), 0.0))) if many.any() else 0.0
    best[rows] = highest - deviation * np.sqrt(2.0 * np.log(tried))
    starts[rows] = first_of_track - firsts
    return BestStarts(best, starts)
