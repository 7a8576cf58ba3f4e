# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The block search over the whole gallery equals the plain definition, track by track and start by start."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from needledrop.suggest.windows import WindowSearch, WindowWeights


def plain_best(curve: np.ndarray, query: np.ndarray, target: float, weights: WindowWeights) -> float:
    if len(curve) < len(query):
        query = query[: len(curve)]
    totals = []
    for start in range(len(curve) - len(query) + 1):
        stretch = curve[start : start + len(query)].astype(float)
        covariance = np.mean((stretch - stretch.mean()) * (query - query.mean()))
        correlation = covariance / (max(stretch.std(), 0.02) * max(query.std(), 1e-3))
        level = max(0.0, 1.0 - abs(stretch.mean() - target) / weights.level_span)
        totals.append(weights.shape * correlation + weights.level * level)
    return max(totals)


@pytest.mark.parametrize("length", [8, 60, 400])
def test_every_track_gets_its_best_stretch(length: int) -> None:
    rng = np.random.default_rng(length)
    lengths = rng.integers(1, 500, 20)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    curve = np.cumsum(rng.normal(0, 0.05, offsets[-1])).astype(np.float32) % 1.0
    query = np.cumsum(rng.normal(0, 1, length)).astype(np.float32)
    weights = WindowWeights()
    search = WindowSearch(curve, offsets, query, 0.4, weights)
    expected = [plain_best(curve[a:b], query, 0.4, weights) for a, b in itertools.pairwise(offsets)]
    np.testing.assert_allclose(search.total, expected, atol=2e-3)
    for row in (0, 10, 19):
        window = search.window(row)
        total = weights.shape * window.correlation + weights.level * window.level
        assert total == pytest.approx(float(search.total[row]), abs=2e-3)


def test_a_planted_shape_is_found_where_it_was_put() -> None:
    rng = np.random.default_rng(3)
    query = np.sin(np.arange(60) / 7.0).astype(np.float32)
    curve = (0.5 + 0.1 * rng.normal(0, 1, 40_000)).astype(np.float32)
    offsets = np.arange(0, 40_001, 200)
    curve[23_456 : 23_456 + 60] = 0.5 + 0.2 * query
    search = WindowSearch(curve, offsets, query, 0.5, WindowWeights())
    row = int(search.total.argmax())
    assert row == 23_456 // 200
    assert search.window(row).start == 56
    assert search.window(row).correlation > 0.99


def test_flat_music_does_not_correlate() -> None:
    query = np.sin(np.arange(30) / 3.0).astype(np.float32)
    curve = np.full(100, 0.5, np.float32) + np.float32(1e-4) * query.repeat(4)[:100]
    search = WindowSearch(curve, np.array([0, 100]), query, 0.5, WindowWeights())
    assert abs(search.window(0).correlation) < 0.05
