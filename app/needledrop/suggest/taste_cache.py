# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A taste from the first label on, without training: labels become the keys and values of a cache. Only arithmetic.

Each label pulls towards its track and away from what else stood in the list it was chosen from (Rocchio 1971, with
the list as what was not relevant): a pick out of tracks that are all alike says little. How sure the cache is grows
with the labels, and with how well the labels of the other projects foretell each one; labels that say nothing about
each other leave the base as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.suggest.taste import Taste
from needledrop.suggest.taste_space import TasteSpace

# How sure the cache may become; after how many labels it is half as sure as it can be. It grows as their square: which
# way one pick out of ten pulls is wrong for one taste in six whatever is done with it, so one counts little.
MOST_PRECISION = 6.0
_HALF_WAY = 3.0
# What labels are expected to foretell before any has been put to the test, and how many tests that is worth.
_PRIOR_AGREEMENT = 0.5
_PRIOR_WEIGHT = 4.0
# Tracks that tell how much scores deviate: the next list is wanted within a tenth of a second.
_SAMPLED = 1000
_TINY = 1e-6


@dataclass(frozen=True)
class Label:
    """One verdict in rows of a gallery. context: which of the pictures asked about; weight: above 0 for liked, below
    for disliked; offered: the rows it was chosen from; group: the project."""

    context: int
    row: int
    weight: float
    offered: tuple[int, ...]
    group: int


def pulls(labels: Sequence[Label], tracks: FloatArray) -> FloatArray:
    """Where each label pulls, float32 [n, P]: to its track, from the mean of the rest of its list."""
    found = np.zeros((len(labels), tracks.shape[1]), np.float32)
    for place, label in enumerate(labels):
        others = [row for row in label.offered if row != label.row]
        found[place] = label.weight * (tracks[label.row] - (tracks[others].mean(axis=0) if others else 0.0))
    return found


def cached_taste(space: TasteSpace, tracks: FloatArray, contexts: FloatArray, labels: Sequence[Label]) -> Taste:
    """The taste of some labels. tracks float32 [T, P] in `space`; contexts [C, w]."""
    base = Taste.empty(space, contexts.shape[1])
    if not labels:
        return base
    keys = contexts[[label.context for label in labels]]
    values = pulls(labels, tracks)
    agreement = _agreement(labels, values, tracks)
    evidence = float(sum(abs(label.weight) for label in labels))
    precision = MOST_PRECISION * agreement * evidence**2 / (evidence**2 + _HALF_WAY**2)
    return replace(base, keys=keys, values=values / np.float32(len(labels)), precision=precision)


def _agreement(labels: Sequence[Label], values: FloatArray, tracks: FloatArray) -> float:
    """How far, in deviations over the gallery, the labels of other projects pull along with each label, 0..1; 0 where
    they pull the other way on average: such labels are none to go by."""
    groups = np.array([label.group for label in labels])
    rest = values.sum(axis=0, dtype=np.float64) - _group_sums(groups, values)
    every = max(1, len(tracks) // _SAMPLED)
    covariance = np.atleast_2d(np.cov(tracks[::every].T, bias=True))
    deviations = np.sqrt(np.maximum(((rest @ covariance) * rest).sum(axis=1), 0.0))
    tested = deviations > _TINY
    gains = (values * rest).sum(axis=1)[tested] / deviations[tested]
    weights = np.array([abs(label.weight) for label in labels])[tested]
    # Labels of one project are one edit: together they count as one test.
    _, place, counts = np.unique(groups[tested], return_inverse=True, return_counts=True)
    shares = 1.0 / counts[place] if len(counts) else np.zeros(0)
    if tested.any() and gains @ shares <= 0.0:
        return 0.0
    total = _PRIOR_WEIGHT * _PRIOR_AGREEMENT + float((gains * shares).sum())
    return float(np.clip(total / (_PRIOR_WEIGHT + float((weights * shares).sum())), 0.0, 1.0))


def _group_sums(groups: NDArray[np.int64], values: FloatArray) -> NDArray[np.float64]:
    """Of each label the sum of the values of its project, [n, P]."""
    _, places = np.unique(groups, return_inverse=True)
    sums = np.zeros((int(places.max()) + 1, values.shape[1]))
    np.add.at(sums, places, values)
    found: NDArray[np.float64] = sums[places]
    return found


def with_news(taste: Taste, news: Taste, tracks: FloatArray) -> Taste:
    """A learned taste and the cache of labels given since, each counting as much as it is sure of. tracks [T, P].

    Their opinions are taken as independent, so that their precisions add as squares do.
    """
    if news.precision <= 0.0:
        return taste
    nowhere = np.zeros(taste.adapter.shape[0], np.float32)
    learned, cached = (float((tracks @ one.direction(nowhere)).std()) for one in (taste, news))
    if min(learned, cached) <= _TINY:
        return taste if cached <= _TINY else news
    gain = np.float32((news.precision / cached) / (taste.precision / learned)) if taste.precision else np.float32(1.0)
    keys = np.concatenate([taste.keys, news.keys])
    values = np.concatenate([taste.values, gain * news.values])
    return replace(taste, keys=keys, values=values, precision=float(np.hypot(taste.precision, news.precision)))
