# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where in each track a picture goes best: one sequence of vectors slid along many, by a learned model's two measures.

Only numpy. Tracks lie end to end; every start that leaves the picture inside the track is tried. A track shorter than
the picture is compared, from its beginning, with the picture's beginning.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.index.gallery import OffsetArray

_TINY = 1e-6


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
    width = picture.shape[1] // 2
    lengths = np.minimum(np.diff(offsets), len(picture))
    scores = np.full(len(music), -np.inf, np.float32)
    for length in np.unique(lengths[lengths > 0]).tolist():
        starts = _starts(offsets, lengths, length)
        shown = picture[:length]
        parts = shares[0] * _mean_cosine(music[:, :width], shown[:, :width], starts)
        if shares[1]:
            parts = parts + shares[1] * deviation_cosine(music[:, width:], shown[:, width:], starts)
        scores[starts] = parts
    return _best(scores, offsets)


def deviation_cosine(music: FloatArray, picture: FloatArray, starts: NDArray[np.int64]) -> FloatArray:
    """Cosine [starts] of the deviations from their own means of music[start : start + P] [N, w] and picture [P, w]."""
    length = len(picture)
    centred = picture - picture.mean(axis=0, dtype=np.float64).astype(np.float32)
    norm = float(np.linalg.norm(centred))
    if length < 2 or norm < _TINY:
        return np.zeros(len(starts), np.float32)
    products = np.zeros(len(starts), np.float32)
    for place in range(length):
        products += music[starts + place] @ centred[place]
    squares = _sums((music * music).sum(axis=1, dtype=np.float64)[:, None], starts, length)[:, 0]
    squares -= (_sums(music, starts, length) ** 2).sum(axis=1) / length
    return (products / (np.sqrt(np.maximum(squares, _TINY)) * norm)).astype(np.float32)


def _mean_cosine(music: FloatArray, picture: FloatArray, starts: NDArray[np.int64]) -> FloatArray:
    """Cosine [starts] of the means of music[start : start + P] and of the picture."""
    wanted = picture.mean(axis=0, dtype=np.float64)
    means = _sums(music, starts, len(picture))
    norms = np.linalg.norm(means, axis=1) * np.linalg.norm(wanted)
    return np.asarray(means @ wanted / np.maximum(norms, _TINY), np.float32)


def _sums(values: FloatArray | NDArray[np.float64], starts: NDArray[np.int64], length: int) -> NDArray[np.float64]:
    total = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, dtype=np.float64, out=total[1:])
    sums: NDArray[np.float64] = total[starts + length] - total[starts]
    return sums


def _starts(offsets: OffsetArray, lengths: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Where all tracks that are compared over this length may begin."""
    rows = np.flatnonzero(lengths == length)
    counts = offsets[rows + 1] - offsets[rows] - length + 1
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.asarray(np.repeat(offsets[rows], counts) + within, np.int64)


def _best(scores: FloatArray, offsets: OffsetArray) -> BestStarts:
    """The best of each track, made comparable between long tracks and short ones.

    Of M starts that have nothing to do with the picture the best lies sqrt(2 ln M) deviations above their mean; the
    deviation is taken over all starts of all tracks, within a track.
    """
    count = len(offsets) - 1
    best, starts, tried = np.zeros(count, np.float32), np.zeros(count, np.int64), np.ones(count)
    deviations = [0.0]
    for row in range(count):
        own = scores[offsets[row] : offsets[row + 1]]
        own = own[np.isfinite(own)]
        if not len(own):
            continue
        starts[row] = int(own.argmax())
        best[row], tried[row] = own[starts[row]], len(own)
        if len(own) > 2:
            deviations.append(float(own.var()))
    deviation = float(np.sqrt(np.mean(deviations[1:] or deviations)))
    return BestStarts((best - deviation * np.sqrt(2.0 * np.log(tried))).astype(np.float32), starts)


def best_steps(tracks: list[FloatArray], picture: FloatArray) -> BestStarts:
    """The best start of each track [n, w] by the course of its steps alone; picture [P, w]."""
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in tracks])]).astype(np.int64)
    music = np.concatenate(tracks)
    lengths = np.minimum(np.diff(offsets), len(picture))
    scores = np.full(len(music), -np.inf, np.float32)
    for length in np.unique(lengths[lengths > 0]).tolist():
        starts = _starts(offsets, lengths, length)
        scores[starts] = deviation_cosine(music, picture[:length], starts)
    return _best(scores, offsets)
