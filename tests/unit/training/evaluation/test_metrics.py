# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics against numbers worked out by hand."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

from needledrop.training.evaluation.metrics import (
    bootstrap,
    chance_recall,
    mean_reciprocal_rank,
    median_rank,
    moment_iou,
    ndcg,
    paired_difference,
    rank_percentile,
    ranks_of,
    recall_at,
    sampled_ranks,
)

SCORES = np.array([[0.9, 0.5, 0.1], [0.2, 0.2, 0.2], [0.1, 0.9, 0.5]])
RELEVANT = np.eye(3, dtype=bool)


def test_ranks_count_ties_against_the_model() -> None:
    assert ranks_of(SCORES, RELEVANT).tolist() == [1, 3, 2]


def test_the_best_of_several_relevant_items_counts() -> None:
    relevant = np.array([[False, True, True]])
    assert ranks_of(SCORES[:1], relevant).tolist() == [2]


def test_a_score_that_is_no_number_comes_last() -> None:
    assert ranks_of(np.array([[np.nan, 0.1, 0.2]]), RELEVANT[:1]).tolist() == [3]
    assert ranks_of(np.full((1, 3), np.nan), RELEVANT[:1]).tolist() == [3]


def test_a_query_without_anything_relevant_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing relevant"):
        ranks_of(SCORES, np.zeros((3, 3), bool))


def test_measures_of_ranks() -> None:
    ranks = np.array([1, 3, 2, 10])
    assert recall_at(ranks, 2) == 0.5
    assert median_rank(ranks) == 2.5
    assert mean_reciprocal_rank(ranks) == pytest.approx((1 + 1 / 3 + 1 / 2 + 1 / 10) / 4)
    assert rank_percentile(ranks, 11) == pytest.approx((0 + 0.2 + 0.1 + 0.9) / 4)


def test_ndcg_by_hand() -> None:
    # Order by score: gains 1, 3, 0; the best order is 3, 1, 0.
    found = 1 / math.log2(2) + 3 / math.log2(3)
    best = 3 / math.log2(2) + 1 / math.log2(3)
    assert ndcg(np.array([[0.3, 0.9, 0.1]]), np.array([[3.0, 1.0, 0.0]]), 3) == pytest.approx(found / best)
    assert ndcg(np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]]), 1) == 0.0
    assert math.isnan(ndcg(np.array([[0.5, 0.5]]), np.zeros((1, 2)), 1))


def test_chance_is_exact() -> None:
    relevant = np.zeros((2, 10), bool)
    relevant[0, 0] = True
    relevant[1, :2] = True
    # One of ten: 3/10. Two of ten in the first three: 1 - (8*7*6)/(10*9*8).
    assert chance_recall(relevant, 3) == pytest.approx((0.3 + 1 - 336 / 720) / 2)
    assert chance_recall(relevant, 50) == 1.0


def test_random_scores_give_chance() -> None:
    scores = np.random.default_rng(1).random((4000, 20))
    relevant = np.zeros_like(scores, dtype=bool)
    relevant[:, 7] = True
    assert recall_at(ranks_of(scores, relevant), 5) == pytest.approx(chance_recall(relevant, 5), abs=0.02)


def test_sampled_ranks_give_k_of_101_by_chance() -> None:
    scores = np.random.default_rng(2).random((1500, 300))
    relevant = np.zeros_like(scores, dtype=bool)
    relevant[np.arange(1500), np.arange(1500) % 300] = True
    ranks = sampled_ranks(scores, relevant, 100, seed=3)
    assert ranks.max() <= 101
    assert recall_at(ranks, 10) == pytest.approx(10 / 101, abs=0.025)
    assert np.array_equal(ranks, sampled_ranks(scores, relevant, 100, seed=3))
    with pytest.raises(ValueError, match="negatives"):
        sampled_ranks(scores[:, :50], relevant[:50, :50], 100, seed=3)


def test_the_interval_holds_the_true_value_as_often_as_it_says() -> None:
    rng = np.random.default_rng(4)
    held = 0
    for trial in range(100):
        ranks = rng.integers(1, 21, 120)
        interval = bootstrap(ranks, partial(recall_at, k=5), np.arange(120), seed=trial, draws=200)
        held += interval.low <= 0.25 <= interval.high
    assert 85 <= held <= 100


def test_clusters_widen_the_interval() -> None:
    ranks = np.repeat(np.array([1, 20] * 10), 6)
    alone = bootstrap(ranks, partial(recall_at, k=5), np.arange(120))
    together = bootstrap(ranks, partial(recall_at, k=5), np.repeat(np.arange(20), 6))
    assert together.high - together.low > 1.8 * (alone.high - alone.low)


def test_a_difference_on_the_same_queries_is_narrow() -> None:
    rng = np.random.default_rng(5)
    second = rng.integers(2, 21, 200)
    difference = paired_difference(second - 1, second, partial(recall_at, k=10), np.arange(200))
    assert 0 < difference.low <= difference.value <= difference.high < 0.15


def test_moments_by_hand() -> None:
    found = np.array([[0.0, 10.0], [0.0, 4.0]])
    true = np.array([[5.0, 15.0], [6.0, 8.0]])
    assert moment_iou(found, true) == pytest.approx([5 / 15, 0.0])
