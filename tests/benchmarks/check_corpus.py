# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By hand: is a made corpus neither trivial nor hopeless? Ranks its test tracks by what its makers know, by a plain
rule, by a linear model of the training split, and by chance.

    python tests/benchmarks/check_corpus.py FOLDER [--test FOLDER]

Fitted on the split "train" of FOLDER only, its two settings chosen on "validation", tried on "test-strong" of the
same set or of the one that --test names. A gallery holds each recording once; ties count against the truth. Galleries
of more than 100 tracks are drawn, ten times a video.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from needledrop.training.pairs.pair_set import PairSet, load_pair_set

GALLERY, DRAWS, KS = 100, 10, (1, 5, 10, 25)
DIRECTIONS = 16
CHOICES = [(components, ridge) for components in (10, 20, 40, 80) for ridge in (0.03, 0.3, 3.0)]


def music_of(pairs: PairSet, tracks: np.ndarray) -> np.ndarray:
    """Vectors, clips and rhythm of tracks, side by side."""
    items = pairs.music
    return np.concatenate(
        [part[tracks].reshape(len(tracks), -1) for part in (items.vector, items.clips, items.rhythm)], 1
    )


def video_of(pairs: PairSet, videos: np.ndarray) -> np.ndarray:
    """Vectors, clips and flow of videos, side by side."""
    items = pairs.video
    return np.concatenate(
        [part[videos].reshape(len(videos), -1) for part in (items.vector, items.clips, items.flow)], 1
    )


def reduced(train: np.ndarray, *others: np.ndarray, components: int) -> list[np.ndarray]:
    """Principal components of all, of the training data's statistics, the greatest of variance 1."""
    mean, spread = train.mean(axis=0), train.std(axis=0) + 1e-6
    standard = [np.clip((values - mean) / spread, -4, 4) for values in (train, *others)]
    axes = np.linalg.svd(standard[0], full_matrices=False)[2][:components].T
    scale = (standard[0] @ axes[:, 0]).std()
    return [values @ axes / scale for values in standard]


def canonical(music: np.ndarray, video: np.ndarray, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    """Directions of regularised canonical correlation of paired rows, weighted by their correlation."""

    def whitener(values: np.ndarray) -> np.ndarray:
        covariance = values.T @ values / len(values) + ridge * np.eye(values.shape[1])
        return np.linalg.inv(np.linalg.cholesky(covariance))

    first, second = whitener(music), whitener(video)
    u, strength, vt = np.linalg.svd(first @ (music.T @ video / len(music)) @ second.T)
    weight = np.sqrt(strength[:DIRECTIONS])
    return first.T @ u[:, :DIRECTIONS] * weight, second.T @ vt[:DIRECTIONS].T * weight


def of_split(pairs: PairSet, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tracks of a split, each recording once; their videos; the place of each video's track among them."""
    members = np.flatnonzero(np.array(pairs.track_split) == name)
    tracks = members[np.unique(pairs.track_cluster[members], return_index=True)[1]]
    videos = np.flatnonzero(np.isin(pairs.track_of_video, tracks))
    place = {track: index for index, track in enumerate(tracks)}
    return tracks, videos, np.array([place[track] for track in pairs.track_of_video[videos]])


def linear_scores(pairs: PairSet, test: PairSet, tracks: np.ndarray, videos: np.ndarray) -> np.ndarray:
    """Scores [videos, tracks] of the linear model."""
    learned = np.flatnonzero(np.array(pairs.split) == "train")
    of_learned = pairs.track_of_video[learned]
    own_tracks, own_videos, own_truth = of_split(pairs, "validation")
    music = [music_of(pairs, of_learned), music_of(pairs, own_tracks), music_of(test, tracks)]
    video = [video_of(pairs, learned), video_of(pairs, own_videos), video_of(test, videos)]
    best, best_scores = -1.0, np.zeros(0)
    for components, ridge in CHOICES:
        first, *others = reduced(*music, components=components)
        second, *shown = reduced(*video, components=components)
        maps = canonical(first, second, ridge)
        validation, scores = (
            cosines(show @ maps[1], other @ maps[0]) for show, other in zip(shown, others, strict=True)
        )
        reciprocal = np.mean(1 / (validation >= validation[np.arange(len(own_truth)), own_truth][:, None]).sum(axis=1))
        if reciprocal > best:
            best, best_scores = reciprocal, scores
    return best_scores


def cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosine of every row of one with every row of the other."""
    rows = [values / np.linalg.norm(values, axis=1, keepdims=True) for values in (first, second)]
    return rows[0] @ rows[1].T


def rule_scores(test: PairSet, tracks: np.ndarray, videos: np.ndarray) -> np.ndarray:
    """Loud and busy music for moving pictures, fast music for many cuts."""

    def standard(values: np.ndarray) -> np.ndarray:
        return (values - values.mean()) / (values.std() + 1e-9)

    clips, interval_s = test.music.clips[tracks], test.music.rhythm[tracks][:, :, 2]
    pace = (1 / np.where(interval_s > 0, interval_s, 1.5)).mean(axis=1)
    energy = standard(clips[:, :, 0].mean(axis=1)) + standard(clips[:, :, 3].mean(axis=1))
    motion = standard(np.log1p(test.video.flow[videos]).mean(axis=1))
    cutting = standard(np.log1p(test.video.vector[videos][:, -4]))
    return -((standard(motion)[:, None] - standard(energy)) ** 2) - (cutting[:, None] - standard(pace)) ** 2


def recalls(scores: np.ndarray, truth: np.ndarray) -> str:
    """R@K over galleries of GALLERY tracks with the true one among them."""
    rng, ranks = np.random.default_rng(0), []
    for row, true in zip(scores, truth, strict=True):
        others = np.delete(np.arange(scores.shape[1]), true)
        for _ in range(DRAWS if len(others) >= GALLERY else 1):
            drawn = rng.choice(others, min(GALLERY - 1, len(others)), replace=False)
            ranks.append(1 + int((row[drawn] >= row[true]).sum()))
    figures = "  ".join(f"R@{k} {np.mean(np.array(ranks) <= k):.3f}" for k in KS)
    return f"{figures}  median rank {np.median(ranks):.0f}"


def main() -> None:
    """Print one line a way of ranking."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--test", type=Path)
    given = parser.parse_args()
    pairs = load_pair_set(given.folder)
    test = load_pair_set(given.test) if given.test else pairs
    tracks, videos, truth = of_split(test, "test-strong")
    size = min(GALLERY, len(tracks))
    learned = pairs.split.count("train")
    print(f"{learned} training videos; {len(videos)} test videos, galleries of {size}, chance of R@10 {10 / size:.3f}")
    known, shown = test.truth["music_latent"][tracks], test.truth["video_latent"][videos]
    print("scripts ", recalls(-((shown[:, None] - known[None]) ** 2).sum(axis=2), truth))
    print("rule    ", recalls(rule_scores(test, tracks, videos), truth))
    print("linear  ", recalls(linear_scores(pairs, test, tracks, videos), truth))
    print("chance  ", recalls(np.random.default_rng(1).random((len(videos), len(tracks))), truth))


if __name__ == "__main__":
    main()
