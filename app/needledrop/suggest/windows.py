# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing one curve with every stretch of very many: exact normalised correlation over all starts of all tracks.

Only numpy. The whole gallery is one long curve; it is worked through in blocks that stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.index.gallery import OffsetArray
from needledrop.suggest.running_sums import running_sums

_BLOCK = 1 << 14
# Below this deviation a stretch counts as flat: its noise must not be blown up to a perfect match.
_FLAT = 0.02
# Up to this length of a query products of matrices are quicker than transforms.
_FEW = 256


@dataclass(frozen=True)
class WindowWeights:
    """How much the shape of a stretch counts against its mean level."""

    shape: float = 0.6
    level: float = 0.4
    level_span: float = 0.5


@dataclass(frozen=True)
class Window:
    """The best stretch of one track: its first value's index in the track, correlation -1..1, level match 0..1."""

    start: int
    correlation: float
    level: float


class WindowSearch:
    """The best stretch of every track of a gallery for one query.

    total [T] is the weighted sum of correlation and level match at each track's best start.

    Args:
        curve: the curves of all tracks end to end, [N]; track i, never empty, at offsets[i] : offsets[i + 1].
        query: the wanted shape, [L]. A track shorter than that is compared, from its start, with the query's beginning.
        target_level: the wanted mean.
    """

    def __init__(
        self,
        curve: FloatArray,
        offsets: OffsetArray,
        query: FloatArray,
        target_level: float,
        weights: WindowWeights,
    ) -> None:
        self._curve, self._offsets, self._query = curve, offsets, query
        self._target_level, self._weights = target_level, weights
        self._totals = np.zeros(0, np.float32)
        is_long = np.diff(offsets) >= len(query)
        self.total = np.zeros(len(is_long), np.float32)
        if is_long.any():
            self.total[is_long] = self._search_long(np.flatnonzero(is_long))
        if not is_long.all():
            rows = np.flatnonzero(~is_long)
            correlation, level = self._compare(offsets[rows], np.diff(offsets)[rows])
            self.total[~is_long] = weights.shape * correlation + weights.level * level

    def window(self, row: int) -> Window:
        """What the best stretch of one track is made of."""
        first, end = int(self._offsets[row]), int(self._offsets[row + 1])
        length = min(len(self._query), end - first)
        start = int(self._totals[first : end - length + 1].argmax()) if length == len(self._query) else 0
        correlation, level = self._compare(np.array([first + start]), np.array([length]))
        return Window(start, float(correlation[0]), float(level[0]))

    def _search_long(self, rows: NDArray[np.int64]) -> FloatArray:
        starts = len(self._curve) - len(self._query) + 1
        # The value past the end closes the last pair of bounds below and must never win.
        self._totals = np.full(starts + 1, -9.0, np.float32)
        weights = self._weights
        for first, correlation, level in sliding_scores(self._curve, self._query, self._target_level, weights):
            self._totals[first : first + len(level)] = weights.shape * correlation + weights.level * level
        bounds = np.stack([self._offsets[rows], self._offsets[rows + 1] - len(self._query) + 1], axis=1)
        highest: FloatArray = np.maximum.reduceat(self._totals, bounds.ravel())[::2]
        return highest

    def _compare(self, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
        """Correlation and level match of stretches of the curve with as much of the query; all stretches at once."""
        bounds = np.concatenate([[0], np.cumsum(lengths)])
        within = np.arange(bounds[-1]) - np.repeat(bounds[:-1], lengths)
        music = np.asarray(self._curve[np.repeat(starts, lengths) + within], dtype=np.float64)
        picture = self._query[within].astype(np.float64)

        def means(values: NDArray[np.float64]) -> NDArray[np.float64]:
            sums: NDArray[np.float64] = np.add.reduceat(values, bounds[:-1])
            return sums / lengths

        mean = means(music)
        covariance = means(music * picture) - mean * means(picture)
        music_deviation = np.sqrt(np.maximum(means(music * music) - mean * mean, 0.0))
        picture_deviation = np.sqrt(np.maximum(means(picture * picture) - means(picture) ** 2, 0.0))
        correlation = covariance / (np.maximum(music_deviation, _FLAT) * np.maximum(picture_deviation, 1e-3))
        level = np.maximum(0.0, 1.0 - np.abs(mean - self._target_level) / self._weights.level_span)
        return correlation.astype(np.float32), level.astype(np.float32)


def sliding_scores(
    curve: FloatArray, query: FloatArray, target_level: float, weights: WindowWeights
) -> Iterator[tuple[int, FloatArray, FloatArray]]:
    """Over every start of one long curve: yields (first start, correlation [n], level match [n]) block by block."""
    length = len(query)
    centred = query - query.mean(dtype=np.float64)
    norm = float(np.linalg.norm(centred))
    unit = (centred / norm if norm > 1e-6 else np.zeros(length)).astype(np.float32)
    products_of = _by_matrices(unit) if length <= _FEW else _by_transform(unit)
    size = max(_BLOCK, 1 << (4 * length - 1).bit_length())
    for first in range(0, len(curve) - length + 1, size - length + 1):
        block = np.asarray(curve[first : first + size])
        mean, deviation = _running_moments(block, length)
        correlation = products_of(block) / np.maximum(deviation * np.float32(np.sqrt(length)), _FLAT * np.sqrt(length))
        level = np.maximum(0.0, 1.0 - np.abs(mean - target_level) / weights.level_span)
        yield first, correlation.astype(np.float32, copy=False), level.astype(np.float32, copy=False)


def _by_matrices(unit: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Sums of products with every full stretch of a block: rows of the block times all shifts of the query at once."""
    length = len(unit)
    shifted = np.zeros((2 * length, length), np.float32)
    for place in range(length):
        shifted[place : place + length, place] = unit

    def products_of(block: FloatArray) -> FloatArray:
        rows = np.pad(block, (0, -len(block) % length + length)).reshape(-1, length)
        found = rows[:-1] @ shifted[:length] + rows[1:] @ shifted[length:]
        return np.asarray(found.ravel()[: len(block) - length + 1], np.float32)

    return products_of


def _by_transform(unit: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """The same by FFT, which is quicker for a long query."""

    def products_of(block: FloatArray) -> FloatArray:
        size = 1 << (len(block) - 1).bit_length()
        spectrum = np.fft.rfft(block, size) * np.conj(np.fft.rfft(unit, size))
        return np.asarray(np.fft.irfft(spectrum, size)[: len(block) - len(unit) + 1], np.float32)

    return products_of


def _running_moments(block: FloatArray, length: int) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of each stretch of `length`, [n - length + 1] each."""
    # About the block's own mean, so that squares lose no digits in single precision.
    middle = np.float32(block.mean(dtype=np.float64))
    centred = np.asarray(block - middle, np.float32)
    mean = running_sums(centred, length) / np.float32(length)
    variance = running_sums(np.square(centred), length) / np.float32(length) - np.square(mean)
    return mean + middle, np.sqrt(np.maximum(variance, 0.0))
