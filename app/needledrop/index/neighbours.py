# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact nearest neighbours by cosine over rows of vectors. Plain numpy; no approximation, no state."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray


def cosine(vectors: FloatArray, query: FloatArray) -> FloatArray:
    """Cosine of each row of vectors [n, D] with query [D], float32 [n]; 0 where either is the zero vector."""
    norms = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
    similarity = np.zeros(len(vectors), np.float32)
    np.divide(vectors @ query, norms, out=similarity, where=norms > 1e-9)
    return similarity


def nearest(vectors: FloatArray, query: FloatArray, count: int) -> tuple[NDArray[np.int64], FloatArray]:
    """The rows with the highest cosine, best first, ties by row: indices [k] and cosines [k], k <= count."""
    similarity = cosine(vectors, query)
    order = np.argsort(-similarity, kind="stable")[: max(count, 0)]
    return order.astype(np.int64), similarity[order]
