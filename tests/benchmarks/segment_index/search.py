# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Search among the segments of all tracks: which of a million vectors are nearest to one, by cosine.

`exact` looks at every segment. `approximate` walks a graph where there is one that was measured to find nearly the same
(`graph`), and looks at every segment otherwise. Takes plain vectors; it must not know where they come from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.segment_index.file import SegmentArrays, inverse_norms, quantised
from benchmarks.segment_index.graph import SegmentGraph
from needledrop.core.music import FloatArray

# Rows scored at once: few enough that the scores stay in the processor's cache, enough that a call costs nothing.
_BLOCK_ROWS = 1 << 16


@dataclass(frozen=True)
class Found:
    """The nearest segments, best first, ties by row: rows int64 [k], cosines float32 [k]."""

    rows: NDArray[np.int64]
    cosines: FloatArray


class SegmentSearch:
    """Finds the nearest of mapped segments; with a graph of these very segments also approximately."""

    def __init__(self, segments: SegmentArrays, graph: SegmentGraph | None = None) -> None:
        self.segments = segments
        self._graph = graph

    @property
    def is_approximate(self) -> bool:
        """True where `approximate` has a graph it may trust."""
        return self._graph is not None

    def exact(self, query: FloatArray, count: int) -> Found:
        """The `count` nearest of all segments to a vector float [D] of any length; the zero vector has cosine 0 to all.

        The cosines are those of the stored int8 rows with the query quantised alike.

        Raises:
            ValueError: another dimension, NaN or infinity.
        """
        row = self._query_row(query)
        best = Found(np.zeros(0, np.int64), np.zeros(0, np.float32))
        for start in range(0, len(self.segments.vectors), _BLOCK_ROWS):
            block = slice(start, start + _BLOCK_ROWS)
            cosines = self._cosines(row, self.segments.vectors[block], self.segments.inverse_norms[block])
            best = _merged(best, cosines, start, max(count, 0))
        return best

    def approximate(self, query: FloatArray, count: int) -> Found:
        """As `exact`, but a nearer segment may be missed where a graph is used; the cosines are as exact.

        Raises:
            ValueError: another dimension, NaN or infinity.
        """
        row = self._query_row(query)
        if self._graph is None or count <= 0 or len(self.segments.vectors) == 0:
            return self.exact(query, count)
        rows = np.sort(self._graph.candidates(row[0], count))
        segments = self.segments
        cosines = self._cosines(row, segments.vectors[rows], segments.inverse_norms[rows])
        order = np.lexsort((rows, -cosines))[:count]
        return Found(rows[order], cosines[order])

    def _query_row(self, query: FloatArray) -> NDArray[np.int8]:
        return quantised(np.asarray(query, np.float32)[None, :], self.segments.vectors.shape[1])

    def _cosines(self, query: NDArray[np.int8], rows: NDArray[np.int8], inverse: FloatArray) -> FloatArray:
        """Cosines [m] of int8 rows [m, D] with the query [1, D]; sums of products are whole numbers, so exact."""
        # Only here: a run that never searches segments need not load it.
        import numkong

        dots = np.asarray(numkong.cdist(query, np.ascontiguousarray(rows), "dot")).reshape(-1)
        cosines: FloatArray = dots.astype(np.float32) * inverse * inverse_norms(query)[0]
        return cosines


def _merged(best: Found, cosines: FloatArray, start: int, count: int) -> Found:
    """The best `count` of those found so far and of the next rows, which begin at row `start`."""
    if len(best.rows) == count and count > 0:
        # Rows come in rising order, so that one as good as the last of the list loses the tie.
        near = np.flatnonzero(cosines > best.cosines[-1])
    elif len(cosines) > count > 0:
        near = np.flatnonzero(cosines >= np.partition(cosines, len(cosines) - count)[len(cosines) - count])
    else:
        near = np.arange(len(cosines))
    rows = np.concatenate([best.rows, near + start])
    values = np.concatenate([best.cosines, cosines[near]])
    order = np.lexsort((rows, -values))[:count]
    return Found(rows[order], values[order])
