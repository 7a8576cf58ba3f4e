# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only the candidates that are given are ranked."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from needledrop.training.evaluation.given_candidates import candidate_table, judged_among, ranks_among
from needledrop.training.evaluation.scorers import RandomOrder
from needledrop.training.pairs.style_features import CandidateLists

TABLE = np.array([[0.9, 0.5, 0.1, 0.7], [0.2, 0.2, 0.2, 0.9], [0.1, np.nan, 0.3, 0.2]])


class Table:
    """Scores as given."""

    name = "table"

    def scores(self, videos: NDArray[np.intp], tracks: NDArray[np.intp]) -> NDArray[np.float32]:
        return np.asarray(TABLE[np.ix_(videos, tracks)], np.float32)


def test_tracks_that_are_not_given_do_not_count() -> None:
    # By hand: 0.5 under 0.7 but over 0.1; a tie with 0; a score that is no number is last.
    lists = CandidateLists("test-weak", np.arange(3), tuple(map(np.array, ([1, 2, 3], [1, 0], [1, 0, 2]))))
    assert ranks_among(Table(), lists).tolist() == [2, 2, 3]
    found = judged_among(Table(), lists, ks=(1, 2))
    assert found.recall[2].value == pytest.approx(2 / 3)
    table = candidate_table([found])
    assert "test-weak, given candidates: 3 queries" in table and "R@2 (chance 77.8)" in table
    assert "| table | 0.0 [0.0, 0.0] | 66.7 [" in table
    assert found.chance == {1: pytest.approx((1 / 3 + 1 / 2 + 1 / 3) / 3), 2: pytest.approx((2 / 3 + 1 + 2 / 3) / 3)}


def test_weights_count_what_the_data_set_says() -> None:
    # Ranks 2, 2 and 3, as above; weights 1, 2 and 5 of 8.
    tracks = tuple(map(np.array, ([1, 2, 3], [1, 0], [1, 0, 2])))
    lists = CandidateLists("test-weak", np.arange(3), tracks, np.array([1.0, 2.0, 5.0]))
    found = judged_among(Table(), lists, ks=(2, 3))
    assert found.weighted_recall == {2: pytest.approx(3 / 8), 3: pytest.approx(1.0)}
    assert found.weighted_ndcg[2] == pytest.approx(3 / 8 * np.log(2) / np.log(3))
    assert found.weighted_ndcg[3] == pytest.approx(3 / 8 * np.log(2) / np.log(3) + 5 / 8 / 2)
    table = candidate_table([found])
    assert "| R@2, weighted | NDCG@2, weighted |" in table and "| 37.5 | 0.237 |" in table
    assert judged_among(Table(), CandidateLists("test-weak", np.arange(3), tracks), ks=(2,)).weighted_recall == {}


def test_chance_ranks_at_chance_among_101() -> None:
    rng = np.random.default_rng(0)
    tracks = tuple(rng.permutation(300)[:101] for _ in range(600))
    found = judged_among(RandomOrder(3), CandidateLists("test-strong", np.arange(600), tracks), np.arange(600))
    assert found.chance[10] == pytest.approx(10 / 101)
    assert found.recall[10].low < 10 / 101 < found.recall[10].high
