# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cosines of rows of vectors with one. Plain numpy; no approximation, no state."""

from __future__ import annotations

import numpy as np

from needledrop.core.music import FloatArray


def cosine(vectors: FloatArray, query: FloatArray) -> FloatArray:
    """Cosine of each row of vectors [n, D] with query [D], float32 [n]; 0 where either is the zero vector."""
    norms = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
    similarity = np.zeros(len(vectors), np.float32)
    np.divide(vectors @ query, norms, out=similarity, where=norms > 1e-9)
    return similarity
