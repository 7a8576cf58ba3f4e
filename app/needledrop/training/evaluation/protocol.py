# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one protocol all systems are measured by: which videos ask, which tracks answer, and what counts as found.

A split's gallery holds each recording once. A track is found where it, or another copy of its recording, is ranked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.training.evaluation.metrics import (
    KS,
    Interval,
    bootstrap,
    chance_recall,
    mean_reciprocal_rank,
    median_rank,
    ndcg,
    rank_percentile,
    ranks_of,
    recall_at,
    sampled_ranks,
)
from needledrop.training.pairs.pair_set import PairSet

Indices = NDArray[np.intp]
DIRECTIONS = ("video to music", "music to video")
# TT-150k: one positive and 100 sampled negatives, R@10, 15, 20 and 25.
NEGATIVES, SAMPLED_KS = 100, (10, 15, 20, 25)


class Scorer(Protocol):
    """Whatever ranks: a trained system, a rule, or chance."""

    name: str

    def scores(self, videos: Indices, tracks: Indices) -> FloatArray:
        """How well each of these tracks goes with each of these videos [V, T]; greater is better."""
        ...


@dataclass(frozen=True)
class Trial:
    """One question to all systems: queries and gallery (indices), relevant [Q, G], gains [Q, G] where relevance is
    graded, and the cluster of each query [Q] for the bootstrap."""

    split: str
    direction: str
    videos: Indices
    tracks: Indices
    relevant: NDArray[np.bool_]
    clusters: NDArray[np.int64]
    gains: FloatArray | None

    @property
    def gallery_size(self) -> int:
        """How many there are to choose from."""
        return int(self.relevant.shape[1])


@dataclass(frozen=True)
class Result:
    """How one system answered a trial. ranks [Q]; recall by k with its interval; sampled is TT-150k's protocol, empty
    where the gallery is too small; ndcg_at_10 is None where relevance is not graded."""

    system: str
    split: str
    direction: str
    gallery_size: int
    ranks: NDArray[np.int64]
    recall: dict[int, Interval]
    chance: dict[int, float]
    median_rank: Interval
    reciprocal_rank: Interval
    percentile: Interval
    sampled: dict[int, float]
    ndcg_at_10: float | None


def trials(pairs: PairSet, split: str) -> list[Trial]:
    """Both directions of a split.

    Raises:
        KnownError: "few-pairs": the split has no videos, or only one track.
    """
    videos = np.flatnonzero(np.array(pairs.split) == split)
    used = np.unique(pairs.track_of_video[videos])
    _, first = np.unique(pairs.track_cluster[used], return_index=True)
    tracks = used[np.sort(first)].astype(np.intp)
    if len(tracks) < 2:
        raise KnownError(
            f"{pairs.name} has {len(videos)} videos with {len(tracks)} tracks in its split {split!r}.",
            remedy="Ranking needs at least two tracks: choose another split, or add videos.",
            code="few-pairs",
        )
    relevant = pairs.track_cluster[pairs.track_of_video[videos]][:, None] == pairs.track_cluster[tracks]
    gains = _graded(pairs, videos, tracks)
    groups = joined_groups(pairs, videos)
    of_track = np.array([groups[np.argmax(relevant[:, place])] for place in range(len(tracks))], np.int64)
    return [
        Trial(split, DIRECTIONS[0], videos, tracks, relevant, groups, gains),
        Trial(split, DIRECTIONS[1], videos, tracks, relevant.T, of_track, None if gains is None else gains.T),
    ]


def _graded(pairs: PairSet, videos: Indices, tracks: Indices) -> FloatArray | None:
    """Relevance by the corpus's true latents, where it has them: their similarity, above the median of all."""
    if "video_latent" not in pairs.truth or "music_latent" not in pairs.truth:
        return None
    similar = _unit(pairs.truth["video_latent"][videos]) @ _unit(pairs.truth["music_latent"][tracks]).T
    return np.asarray(np.maximum(similar - np.median(similar), 0), np.float32)


def _unit(values: FloatArray) -> FloatArray:
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-9), np.float32)


def joined_groups(pairs: PairSet, videos: Indices) -> NDArray[np.int64]:
    """One number for all videos that share a source or a recording, through however many others."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    count = len(videos)
    keys = [("source", pairs.video_source[video]) for video in videos if pairs.video_source[video]]
    rows = [row for row, video in enumerate(videos) if pairs.video_source[video]]
    keys += [("recording", str(pairs.track_cluster[pairs.track_of_video[video]])) for video in videos]
    rows += list(range(count))
    numbers = {key: count + place for place, key in enumerate(dict.fromkeys(keys))}
    columns = [numbers[key] for key in keys]
    size = count + len(numbers)
    graph = coo_matrix((np.ones(len(rows)), (np.array(rows), np.array(columns))), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1][:count], np.int64)


def judged(scorer: Scorer, trial: Trial, seed: int = 0) -> Result:
    """One system's answer to a trial."""
    scores = scorer.scores(trial.videos, trial.tracks)
    if trial.direction == DIRECTIONS[1]:
        scores = scores.T
    ranks = ranks_of(scores, trial.relevant)
    size = trial.gallery_size
    interval = partial(bootstrap, ranks, clusters=trial.clusters, seed=seed)
    sampled: dict[int, float] = {}
    if int((~trial.relevant).sum(axis=1).min()) >= NEGATIVES:
        drawn = sampled_ranks(scores, trial.relevant, NEGATIVES, seed)
        sampled = {k: recall_at(drawn, k) for k in SAMPLED_KS}
    return Result(
        system=scorer.name,
        split=trial.split,
        direction=trial.direction,
        gallery_size=size,
        ranks=ranks,
        recall={k: interval(partial(recall_at, k=k)) for k in KS if k < size},
        chance={k: chance_recall(trial.relevant, k) for k in KS if k < size},
        median_rank=interval(median_rank),
        reciprocal_rank=interval(mean_reciprocal_rank),
        percentile=interval(partial(rank_percentile, gallery=size)),
        sampled=sampled,
        ndcg_at_10=None if trial.gains is None else ndcg(scores, trial.gains, 10),
    )


def compared(pairs: PairSet, scorers: Sequence[Scorer], splits: Sequence[str], seed: int = 0) -> list[Result]:
    """All systems on all splits, in both directions, on the same trials."""
    return [judged(scorer, trial, seed) for split in splits for trial in trials(pairs, split) for scorer in scorers]
