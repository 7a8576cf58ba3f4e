# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact cosine search against the definition."""

from __future__ import annotations

import numpy as np

from needledrop.index.neighbours import cosine


def test_cosine_is_the_definition_and_zero_for_zero_vectors() -> None:
    vectors = np.array([[1, 0], [1, 1], [0, 0], [-2, 0]], np.float32)
    np.testing.assert_allclose(cosine(vectors, np.array([3, 0], np.float32)), [1, 2**-0.5, 0, -1], atol=1e-6)
    assert not cosine(vectors, np.zeros(2, np.float32)).any()
