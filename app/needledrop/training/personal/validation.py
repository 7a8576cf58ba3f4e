# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Never worse: what a taste would have done for projects it had not seen, beside what the base did.

Labels are split by project, so that two cues of one film never stand on both sides. Every form and precision is tried;
one is taken only if the held-out picks rise by more than chance explains and the base's finds are not lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.suggest.taste import Taste, standing
from needledrop.training.personal.evidence import Evidence, told_from

FOLDS = 5
# Held-out picks that the base has among its first ten: so much of the share may be lost, no more.
RECALL_BOUND = 0.05
_AMONG = 10
_SHORTEST_LIST = 4
# The mean gain has to stand so many standard errors (over projects) above 0, for many projects: one chance in twenty
# that labels which say nothing pass, shared among some eight forms and precisions that differ.
_SURE_DEVIATIONS = 2.5
PRECISIONS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
FEWEST_GROUPS = 4

Learner = Callable[[Evidence], Taste]


@dataclass(frozen=True)
class HeldOut:
    """What one way of learning did for held-out picks.

    rank and base_rank are median ranks (from 1) among `tracks`; recall and base_recall the shares among the first ten;
    gain the mean rise within the list a pick was offered in, as a share of the list (of the gallery, where there was
    none), with its standard error over projects; picks how many were held out, of how many projects.
    """

    form: str
    precision: float
    picks: int
    projects: int
    tracks: int
    rank: float
    base_rank: float
    recall: float
    base_recall: float
    gain: float
    error: float

    @property
    def is_better(self) -> bool:
        """True where it may replace the base."""
        return (
            self.gain > self.error * sure_deviations(self.projects)
            and self.rank < self.base_rank
            and self.keeps_the_base
        )

    @property
    def keeps_the_base(self) -> bool:
        """True where the recall of the base falls by no more than the bound."""
        return self.recall >= self.base_recall - RECALL_BOUND


def folds_of(evidence: Evidence, count: int = FOLDS) -> list[NDArray[np.int64]]:
    """The places of the labels held out in each fold: whole projects, spread so that folds are as large as can be."""
    groups, sizes = np.unique(evidence.groups, return_counts=True)
    folds: list[list[int]] = [[] for _ in range(min(count, len(groups)))]
    totals = [0] * len(folds)
    for place in np.lexsort((groups, -sizes)):
        smallest = int(np.argmin(totals))
        folds[smallest].append(int(groups[place]))
        totals[smallest] += int(sizes[place])
    return [np.flatnonzero(np.isin(evidence.groups, fold)) for fold in folds]


def held_out_ranks(evidence: Evidence, fold: NDArray[np.int64], learn: Learner) -> list[list[float]]:
    """For each liked label of a fold: its project; its rank in the gallery by the base and under each precision; and
    its place in its list, 0 (first) to 1, by the same."""
    inside = set(fold.tolist())
    taste = learn(evidence.only([one for place, one in enumerate(evidence.labels) if place not in inside]))
    found = []
    for place in fold.tolist():
        label = evidence.labels[place]
        if label.weight <= 0 or evidence.base_precision[label.context] <= 0:
            continue  # Where the base has no opinion, being better than it means nothing.
        base = evidence.base_precision[label.context] * evidence.standings[label.context]
        own = standing(evidence.tracks @ taste.direction(evidence.contexts[label.context]))
        # Everything that was ever offered has something in common, which is no taste: a pick has to rise in its list.
        listed = np.array(sorted({label.row, *label.offered}))
        if len(listed) < _SHORTEST_LIST:
            listed = np.arange(len(base))
        ways = [base, *(base + one * own for one in PRECISIONS)]
        ranks = [rank_of(scores, label.row) for scores in ways]
        at = int(np.searchsorted(listed, label.row))
        places = [(rank_of(scores[listed], at) - 1.0) / max(len(listed) - 1.0, 1.0) for scores in ways]
        found.append([float(label.group), *ranks, *places])
    return found


def summed_up(form: str, ranks: Sequence[Sequence[float]], tracks: int) -> list[HeldOut]:
    """One HeldOut for each precision; ranks as held_out_ranks gives them, of all folds."""
    ways = 1 + len(PRECISIONS)
    table = np.array(ranks, np.float64).reshape(-1, 1 + 2 * ways)
    groups, base, places = table[:, 0], table[:, 1], table[:, 1 + ways :]
    found = []
    for number, precision in enumerate(PRECISIONS, start=1):
        own = table[:, 1 + number]
        gain, error = by_group(places[:, 0] - places[:, number], groups)
        rank, base_rank = (float(np.median(one)) if len(one) else 0.0 for one in (own, base))
        recall, base_recall = (float((one <= _AMONG).mean()) if len(one) else 0.0 for one in (own, base))
        figures = (rank, base_rank, recall, base_recall, gain, error)
        found.append(HeldOut(form, precision, len(table), len(np.unique(groups)), tracks, *figures))
    return found


def own_ranks(evidence: Evidence, fold: NDArray[np.int64], learn: Learner) -> list[list[float]]:
    """For each liked label of a fold a row for beside_base: the base, and a taste at the precision it gives itself."""
    inside = set(fold.tolist())
    taste = learn(evidence.only([one for place, one in enumerate(evidence.labels) if place not in inside]))
    found = []
    for place in fold.tolist():
        label = evidence.labels[place]
        if label.weight <= 0 or evidence.base_precision[label.context] <= 0:
            continue
        base = evidence.base_precision[label.context] * evidence.standings[label.context]
        own = standing(evidence.tracks @ taste.direction(evidence.contexts[label.context]))
        rows = np.array([label.row, *told_from(label, len(base))])
        ways = [base, base + taste.precision * own]
        ranks = [rank_of(scores, label.row) for scores in ways]
        places = [(rank_of(scores[rows], 0) - 1.0) / max(len(rows) - 1.0, 1.0) for scores in ways]
        found.append([float(label.group), *ranks, *places])
    return found


def beside_base(form: str, rows: Sequence[Sequence[float]], tracks: int) -> HeldOut:
    """One way beside the base, of all folds. Each row: project; rank in the gallery by the base and that way; place in
    the list, 0 to 1, by the same."""
    table = np.array(rows, np.float64).reshape(-1, 5)
    groups = table[:, 0]
    gain, error = by_group(table[:, 3] - table[:, 4], groups)
    base_rank, rank = (float(np.median(table[:, column])) if len(table) else 0.0 for column in (1, 2))
    base_recall, recall = (float((table[:, column] <= _AMONG).mean()) if len(table) else 0.0 for column in (1, 2))
    figures = (rank, base_rank, recall, base_recall, gain, error)
    return HeldOut(form, 0.0, len(table), len(np.unique(groups)), tracks, *figures)


def best_of(found: Mapping[str, Sequence[HeldOut]]) -> HeldOut | None:
    """The way with the largest gain among those that are better than the base; None where none is."""
    better = [one for ways in found.values() for one in ways if one.is_better]
    return max(better, key=lambda one: (one.gain - one.error, -one.precision), default=None)


def sure_deviations(projects: int) -> float:
    """By how many standard errors a gain over so many projects has to stand above 0: the quantile of Student's t that
    _SURE_DEVIATIONS is of the normal distribution (its expansion in 1 / freedom; Fisher and Cornish, 1960)."""
    z, freedom = _SURE_DEVIATIONS, max(projects - 1, 1)
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def rank_of(scores: FloatArray, row: int) -> float:
    """Where a row stands by some scores [T], from 1; of equal scores the middle place."""
    return 1.0 + float((scores > scores[row]).sum()) + 0.5 * float((scores == scores[row]).sum() - 1)


def by_group(values: NDArray[np.float64], groups: NDArray[np.float64]) -> tuple[float, float]:
    """Mean over groups of their means, and its standard error; infinite where there are too few to tell."""
    means = np.array([values[groups == one].mean() for one in np.unique(groups)])
    if len(means) < FEWEST_GROUPS:
        return (float(means.mean()) if len(means) else 0.0), float("inf")
    return float(means.mean()), float(means.std(ddof=1) / np.sqrt(len(means)))
