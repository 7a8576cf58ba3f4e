# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranking where the data set says what each query may choose from, as TT-150k does: one right track and 100 others.

Its figures cannot be compared with those of a whole gallery. Where the data set weights its queries, as the follow-up
of its first author does by how seldom their tracks are used, weighted figures stand beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from needledrop.training.evaluation.metrics import Interval, Ranks, bootstrap, recall_at
from needledrop.training.evaluation.protocol import SAMPLED_KS, Scorer
from needledrop.training.pairs.style_features import CandidateLists

_BLOCK = 256


@dataclass(frozen=True)
class CandidateResult:
    """How a system ranked the given candidates. ranks [Q], from 1; recall by k with its interval, clusters of one
    track drawn together; chance: exact, k / size of the list, averaged over the lists. weighted_recall and
    weighted_ndcg by k: by the queries' weights, empty where the data set has none."""

    system: str
    split: str
    ranks: Ranks
    recall: dict[int, Interval]
    chance: dict[int, float]
    weighted_recall: dict[int, float]
    weighted_ndcg: dict[int, float]


def ranks_among(scorer: Scorer, candidates: CandidateLists) -> Ranks:
    """The rank [Q] of each query's right track, the first of its list, among its candidates alone. Ties and scores
    that are not numbers count against the system."""
    ranks: list[int] = []
    for start in range(0, len(candidates.videos), _BLOCK):
        lists = candidates.tracks[start : start + _BLOCK]
        asked, place = np.unique(np.concatenate(lists), return_inverse=True)
        scores = np.asarray(scorer.scores(candidates.videos[start : start + _BLOCK], asked), np.float64)
        scores = np.where(np.isnan(scores), -np.inf, scores)
        places = np.split(place.ravel(), np.cumsum([len(one) for one in lists])[:-1])
        for row, columns in zip(scores, places, strict=True):
            own, others = row[columns[0]], row[columns[1:]]
            ranks.append(1 + int((others >= own).sum()))
    return np.array(ranks, np.int64)


def judged_among(
    scorer: Scorer,
    candidates: CandidateLists,
    clusters: NDArray[np.int64] | None = None,
    ks: Sequence[int] = SAMPLED_KS,
    seed: int = 0,
) -> CandidateResult:
    """One system on given lists; clusters [Q] default to the right tracks."""
    ranks = ranks_among(scorer, candidates)
    groups = np.array([tracks[0] for tracks in candidates.tracks], np.int64) if clusters is None else clusters
    sizes = np.array([len(tracks) for tracks in candidates.tracks])
    return CandidateResult(
        scorer.name,
        candidates.split,
        ranks,
        {k: bootstrap(ranks, partial(recall_at, k=k), groups, seed) for k in ks},
        {k: float(np.minimum(k / sizes, 1.0).mean()) for k in ks},
        *_weighted(ranks, candidates.weights, ks),
    )


def _weighted(
    ranks: Ranks, weights: NDArray[np.float64] | None, ks: Sequence[int]
) -> tuple[dict[int, float], dict[int, float]]:
    """Recall and NDCG (log 2 / log(rank + 1) for a hit) by k; weights are taken as shares of their sum."""
    if weights is None or not weights.any():
        return {}, {}
    shares = weights / weights.sum()
    gains = 1.0 / np.log2(ranks + 1.0)
    return {k: float(shares @ (ranks <= k)) for k in ks}, {k: float(shares @ ((ranks <= k) * gains)) for k in ks}


def candidate_table(results: Sequence[CandidateResult]) -> str:
    """A Markdown table a split, with chance beside every figure's column."""
    parts = []
    for split in dict.fromkeys(result.split for result in results):
        chosen = [result for result in results if result.split == split]
        ks = list(chosen[0].recall)
        head = [f"R@{k} (chance {100 * chosen[0].chance[k]:.1f})" for k in ks]
        weighted = list(chosen[0].weighted_recall)
        head += [f"{name}@{k}, weighted" for k in weighted for name in ("R", "NDCG")]
        lines = [f"{split}, given candidates: {len(chosen[0].ranks)} queries", ""]
        lines += [f"| system | {' | '.join(head)} |", "|" + "---|" * (len(head) + 1)]
        for result in chosen:
            shares = (result.recall[k] for k in ks)
            cells = [f"{100 * one.value:.1f} [{100 * one.low:.1f}, {100 * one.high:.1f}]" for one in shares]
            for k in weighted:
                cells += [f"{100 * result.weighted_recall[k]:.1f}", f"{result.weighted_ndcg[k]:.3f}"]
            lines.append(f"| {result.system} | {' | '.join(cells)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
