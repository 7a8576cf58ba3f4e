# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list with choice in it: not ten tracks of one album, not ten that sound the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray


@dataclass(frozen=True)
class DiversityWeights:
    """What a candidate loses for what already stands in the list, on the scale of scores in 0..1.

    sound: for a track that sounds the same as one of them; album and artist: for each track they share, up to three.
    """

    sound: float = 0.12
    album: float = 0.1
    artist: float = 0.05
    most_repeats: int = 3


def diversified(
    scores: Sequence[float],
    descriptors: FloatArray,
    albums: Sequence[str],
    artists: Sequence[str],
    count: int,
    weights: DiversityWeights | None = None,
) -> list[int]:
    """Indices of the chosen candidates in order (maximal marginal relevance, Carbonell & Goldstein 1998).

    Args:
        scores: best first; the first candidate is always chosen.
        descriptors: standardised, [n, D].
        albums, artists: names, empty where unknown (unknown is never the same as unknown).
    """
    weights = weights or DiversityWeights()
    alike = _similarities(descriptors)
    album_keys = _keys([f"{artist}\x00{album}" if album else "" for artist, album in zip(artists, albums, strict=True)])
    artist_keys = _keys(artists)
    value = np.asarray(scores, dtype=np.float64).copy()
    nearest = np.zeros(len(value))
    shared = np.zeros((2, len(value)))
    chosen: list[int] = []
    while len(chosen) < min(count, len(value)):
        repeats = np.minimum(shared, weights.most_repeats)
        worth = value - weights.sound * nearest - weights.album * repeats[0] - weights.artist * repeats[1]
        best = int(np.argmax(np.round(worth, 6)))
        chosen.append(best)
        value[best] = -np.inf
        nearest = np.maximum(nearest, alike[best])
        shared[0] += (album_keys == album_keys[best]) & (album_keys >= 0)
        shared[1] += (artist_keys == artist_keys[best]) & (artist_keys >= 0)
    return chosen


def _similarities(descriptors: FloatArray) -> NDArray[np.float64]:
    """1 for equal sound, falling to 0 for tracks a typical distance apart, [n, n]."""
    vectors = descriptors.astype(np.float64)
    squared = (vectors * vectors).sum(axis=1)
    distance = np.sqrt(np.maximum(squared[:, None] + squared[None, :] - 2.0 * vectors @ vectors.T, 0.0))
    typical = np.sqrt(2.0 * max(vectors.shape[1], 1))
    similarity: NDArray[np.float64] = np.maximum(0.0, 1.0 - distance / typical)
    return similarity


def _keys(names: Sequence[str]) -> NDArray[np.int64]:
    """The same number for the same name, -1 for none."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name.casefold(), len(numbers)) if name else -1 for name in names], np.int64)
