# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Retrieval metrics from scores: ranks, recall, median and reciprocal rank, discounted gain, and what chance gives.

Sources: the definitions of CBVMR, CMVAE, UT-CMVMR and MGSV as docs/models.md sets them side by side. Ties count
against the model. Nothing here knows a model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

KS = (1, 5, 10, 25, 50)
Scores = NDArray[np.floating]
Ranks = NDArray[np.int64]


def ranks_of(scores: Scores, relevant: NDArray[np.bool_]) -> Ranks:
    """The rank [Q], from 1, of each query's best relevant item: scores and relevant are [Q, G].

    Every other item that scores as high stands before it; a score that is not a number counts as the lowest, and loses
    all ties.

    Raises:
        ValueError: a query has nothing relevant in the gallery.
    """
    if not relevant.any(axis=1).all():
        raise ValueError("a query has nothing relevant in the gallery")
    scores = np.where(np.isnan(scores), -np.inf, scores)
    best = np.where(relevant, scores, -np.inf).max(axis=1, keepdims=True)
    return np.asarray(1 + ((scores >= best) & ~relevant).sum(axis=1), np.int64)


def sampled_ranks(scores: Scores, relevant: NDArray[np.bool_], negatives: int, seed: int) -> Ranks:
    """Ranks as TT-150k takes them: each query's best relevant item among so many negatives drawn without putting back.

    Raises:
        ValueError: the gallery has fewer negatives than that, or nothing relevant.
    """
    rng = np.random.default_rng(seed)
    found = np.empty(len(scores), np.int64)
    for query in range(len(scores)):
        wrong = np.flatnonzero(~relevant[query])
        if len(wrong) < negatives:
            raise ValueError(f"only {len(wrong)} negatives for {negatives}")
        pool = np.append(rng.choice(wrong, negatives, replace=False), np.flatnonzero(relevant[query]))
        found[query] = ranks_of(scores[query, pool][None], relevant[query, pool][None])[0]
    return found


def recall_at(ranks: Ranks, k: int) -> float:
    """The share of queries whose rank is k or better."""
    return float((ranks <= k).mean())


def median_rank(ranks: Ranks) -> float:
    """MedR."""
    return float(np.median(ranks))


def mean_reciprocal_rank(ranks: Ranks) -> float:
    """MRR."""
    return float((1.0 / ranks).mean())


def rank_percentile(ranks: Ranks, gallery: int) -> float:
    """Mean rank percentile, 0 best, 0.5 by chance: (rank - 1) / (gallery - 1)."""
    return float(((ranks - 1) / max(gallery - 1, 1)).mean())


def ndcg(scores: Scores, gains: Scores, k: int) -> float:
    """Mean normalised discounted cumulative gain at k for graded relevance: scores and gains are [Q, G].

    Source: Jarvelin and Kekalainen, 2002, with log2 of the rank + 1. Queries without any gain are left out.
    """
    kept = gains.max(axis=1) > 0
    if not kept.any():
        return float("nan")
    scores, gains = scores[kept], gains[kept]
    discount = 1.0 / np.log2(np.arange(2, min(k, gains.shape[1]) + 2))
    # Equal scores are put in the order that serves the model least.
    order = np.lexsort((gains, -scores), axis=1)[:, :k]
    found = (np.take_along_axis(gains, order, axis=1) * discount).sum(axis=1)
    best = (-np.sort(-gains, axis=1)[:, :k] * discount).sum(axis=1)
    return float((found / best).mean())


def chance_recall(relevant: NDArray[np.bool_], k: int) -> float:
    """Exact R@k of a random order: with r relevant of G, 1 - C(G - r, k) / C(G, k), averaged over the queries."""
    gallery = relevant.shape[1]
    values = []
    for count in relevant.sum(axis=1):
        places = np.arange(min(k, gallery))
        missed = np.clip(gallery - count - places, 0, None) / (gallery - places)
        values.append(1.0 - float(missed.prod()))
    return float(np.mean(values))


@dataclass(frozen=True)
class Interval:
    """A mean and its central 95 % bootstrap interval."""

    value: float
    low: float
    high: float


def bootstrap(
    ranks: Ranks, measure: Callable[[Ranks], float], clusters: NDArray[np.int64], seed: int = 0, draws: int = 1000
) -> Interval:
    """A measure of ranks with its interval; whole clusters [Q] (a source, a track) are drawn, as queries of one are
    not independent. Source: Efron and Tibshirani, 1993; Field and Welsh, 2007 (cluster bootstrap)."""
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(clusters == cluster) for cluster in np.unique(clusters)]
    values = [
        measure(ranks[np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])])
        for _ in range(draws)
    ]
    low, high = np.percentile(values, (2.5, 97.5))
    return Interval(measure(ranks), float(low), float(high))


def paired_difference(
    first: Ranks, second: Ranks, measure: Callable[[Ranks], float], clusters: NDArray[np.int64], seed: int = 0
) -> Interval:
    """measure(first) - measure(second) on the same queries, clusters drawn together."""
    both = np.stack([first, second], axis=1)
    return bootstrap(both, lambda drawn: measure(drawn[:, 0]) - measure(drawn[:, 1]), clusters, seed)


def moment_iou(found_s: Scores, true_s: Scores) -> NDArray[np.float64]:
    """Intersection over union [Q] of stretches [Q, 2] in seconds (start, end)."""
    shared = np.minimum(found_s[:, 1], true_s[:, 1]) - np.maximum(found_s[:, 0], true_s[:, 0])
    joined = np.maximum(found_s[:, 1], true_s[:, 1]) - np.minimum(found_s[:, 0], true_s[:, 0])
    return np.asarray(np.clip(shared, 0, None) / np.maximum(joined, 1e-9), np.float64)
