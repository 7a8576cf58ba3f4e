# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Minimum and maximum of the mono mix for drawing, at several zooms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray, Peaks

BASE_RATE_HZ = 200.0
ZOOM = 8
_COARSEST_PAIRS = 64


class PeaksBuilder:
    """Gathers pairs of about 200 a second; feed blocks must be whole numbers of pairs, but for the last."""

    def __init__(self, sample_rate: int) -> None:
        self.pair_samples = max(1, round(sample_rate / BASE_RATE_HZ))
        self._rate_hz = sample_rate / self.pair_samples
        self._parts: list[NDArray[np.int8]] = []

    def feed(self, mono: FloatArray) -> None:
        """Take float32 [n]."""
        whole = len(mono) // self.pair_samples * self.pair_samples
        rows = mono[:whole].reshape(-1, self.pair_samples)
        self._parts.append(_to_int8(rows.min(axis=1), rows.max(axis=1)))
        if whole < len(mono):
            rest = mono[whole:]
            self._parts.append(_to_int8(rest.min(keepdims=True), rest.max(keepdims=True)))

    def finish(self) -> Peaks:
        """Every zoom, finest first; no pairs at all for an empty stream."""
        levels = [np.concatenate([*self._parts, np.zeros((0, 2), np.int8)])]
        while len(levels[-1]) > _COARSEST_PAIRS:
            levels.append(_coarser(levels[-1]))
        bounds = np.cumsum([0, *(len(level) for level in levels)], dtype=np.int64)
        return Peaks(self._rate_hz, np.concatenate(levels), bounds)


def _to_int8(low: FloatArray, high: FloatArray) -> NDArray[np.int8]:
    """Rounded outwards, so that what sounds is never drawn as nothing."""
    pairs = np.stack([np.floor(low * 127), np.ceil(high * 127)], axis=1)
    return np.asarray(np.clip(pairs, -127, 127), np.int8)


def _coarser(pairs: NDArray[np.int8]) -> NDArray[np.int8]:
    starts = np.arange(0, len(pairs), ZOOM)
    low, high = np.minimum.reduceat(pairs[:, 0], starts), np.maximum.reduceat(pairs[:, 1], starts)
    return np.stack([low, high], axis=1)
