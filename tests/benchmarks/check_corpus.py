# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By hand: is a made corpus neither trivial nor hopeless? Ranks its test tracks by what its makers know, by a plain
rule, by a linear model of the training split, and by chance.

    python tests/benchmarks/check_corpus.py FOLDER [--test FOLDER]

Fitted on the split "train" of FOLDER only, tried on "test-strong" of the same set or of the one that --test names.
A gallery holds each recording once; ties count against the truth. Galleries of more than 100 tracks are drawn, ten
times a video.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from needledrop.training.pairs.pair_set import PairSet, load_pair_set

GALLERY, DRAWS, KS = 100, 10, (1, 5, 10, 25)
COMPONENTS, DIRECTIONS, RIDGE = 40, 16, 0.3


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


def reduced(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whitened principal components of both, of the training data's statistics."""
    mean, spread = train.mean(axis=0), train.std(axis=0) + 1e-6
    train, test = (np.clip((values - mean) / spread, -4, 4) for values in (train, test))
    axes = np.linalg.svd(train, full_matrices=False)[2][:COMPONENTS].T
    scale = (train @ axes).std(axis=0) + 1e-9
    return train @ axes / scale, test @ axes / scale


def canonical(music: np.ndarray, video: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Directions of regularised canonical correlation of paired rows, weighted by their correlation."""

    def whitener(values: np.ndarray) -> np.ndarray:
        covariance = values.T @ values / len(values) + RIDGE * np.eye(values.shape[1])
        return np.linalg.inv(np.linalg.cholesky(covariance))

    first, second = whitener(music), whitener(video)
    u, strength, vt = np.linalg.svd(first @ (music.T @ video / len(music)) @ second.T)
    weight = np.sqrt(strength[:DIRECTIONS])
    return first.T @ u[:, :DIRECTIONS] * weight, second.T @ vt[:DIRECTIONS].T * weight


def linear_scores(pairs: PairSet, test: PairSet, tracks: np.ndarray, videos: np.ndarray) -> np.ndarray:
    """Scores [videos, tracks] of the linear model."""
    learned = np.flatnonzero(np.array(pairs.split) == "train")
    of_learned = pairs.track_of_video[learned]
    music, test_music = reduced(music_of(pairs, of_learned), music_of(test, tracks))
    video, test_video = reduced(video_of(pairs, learned), video_of(test, videos))
    first, second = canonical(music, video)
    sides = [
        values / np.linalg.norm(values, axis=1, keepdims=True) for values in (test_video @ second, test_music @ first)
    ]
    return sides[0] @ sides[1].T


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
    strong = np.flatnonzero(np.array(test.track_split) == "test-strong")
    tracks = strong[np.unique(test.track_cluster[strong], return_index=True)[1]]
    videos = np.flatnonzero(np.isin(test.track_of_video, tracks))
    place = {track: index for index, track in enumerate(tracks)}
    truth = np.array([place[track] for track in test.track_of_video[videos]])
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
