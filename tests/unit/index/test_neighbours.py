# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact cosine search against the definition."""

from __future__ import annotations

import numpy as np

from needledrop.index.neighbours import cosine, nearest


def test_cosine_is_the_definition_and_zero_for_zero_vectors() -> None:
    vectors = np.array([[1, 0], [1, 1], [0, 0], [-2, 0]], np.float32)
    np.testing.assert_allclose(cosine(vectors, np.array([3, 0], np.float32)), [1, 2**-0.5, 0, -1], atol=1e-6)
    assert not cosine(vectors, np.zeros(2, np.float32)).any()


def test_the_nearest_come_first_and_ties_by_row() -> None:
    vectors = np.array([[0, 1], [1, 0], [2, 0], [1, 1]], np.float32)
    rows, similarity = nearest(vectors, np.array([1, 0], np.float32), 3)
    assert rows.tolist() == [1, 2, 3]
    assert similarity[0] == similarity[1] == 1.0
    assert len(nearest(vectors[:0], np.array([1, 0], np.float32), 3)[0]) == 0
