# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is trained on and who is tested on: whole recordings, sources and scripts go to one side, before any fitting."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import Fingerprint
from needledrop.features.recordings import build_lookup, is_same_recording
from needledrop.training.pairs.pair_set import PairSet

TRAIN, VALIDATION, WEAK, STRONG = "train", "validation", "test-weak", "test-strong"
_FEWEST_FOR_WEAK = 3


@dataclass(frozen=True)
class Shares:
    """Shares of the tracks: validation and test-strong (the rest is trained on); of a trained track's videos, weak
    are for test-weak."""

    validation: float = 0.125
    strong: float = 0.25
    weak: float = 0.2


EVERYTHING_STRONG = Shares(0.0, 1.0, 0.0)


def recording_clusters(fingerprints: Sequence[Fingerprint]) -> NDArray[np.int64]:
    """A number per track [M]; tracks that are one recording (excerpts and re-encodings too) have the same."""
    lookup = build_lookup(fingerprints)
    pairs = [
        (index, row)
        for index, fingerprint in enumerate(fingerprints)
        for row, _, _ in lookup.query(fingerprint)
        if row > index and is_same_recording(fingerprint, fingerprints[row])
    ]
    return _numbered(_joined(len(fingerprints), pairs))


def together(*labels: Sequence[Hashable]) -> NDArray[np.int64]:
    """A number per track [M]; tracks that share a label of any kind (cluster, source, seed) have the same.

    An empty or None label is nobody's.
    """
    first: dict[tuple[int, Hashable], int] = {}
    pairs = []
    for kind, column in enumerate(labels):
        for index, label in enumerate(column):
            if label not in ("", None):
                pairs.append((first.setdefault((kind, label), index), index))
    return _numbered(_joined(len(labels[0]), pairs))


def track_splits(groups: NDArray[np.int64], seed: int, shares: Shares) -> tuple[str, ...]:
    """A split per track: groups are drawn at random and go whole to test-strong, then to validation, while there is
    room; the rest is trained on."""
    split = np.full(len(groups), TRAIN, object)
    room = {STRONG: round(shares.strong * len(groups)), VALIDATION: round(shares.validation * len(groups))}
    for group in np.random.default_rng((seed, 8)).permutation(np.unique(groups)):
        members = np.flatnonzero(groups == group)
        for name, free in room.items():
            if len(members) <= free:
                split[members] = name
                room[name] -= len(members)
                break
    return tuple(split)


def video_splits(
    track_split: Sequence[str], track_of_video: NDArray[np.int64], seed: int, shares: Shares
) -> tuple[str, ...]:
    """A split per video: its track's, but a share of the videos of each trained track of three or more is kept for
    test-weak."""
    rng = np.random.default_rng((seed, 9))
    split = np.array([track_split[track] for track in track_of_video], object)
    for track in np.flatnonzero(np.array(track_split, object) == TRAIN):
        videos = np.flatnonzero(track_of_video == track)
        if len(videos) >= _FEWEST_FOR_WEAK and shares.weak > 0:
            split[rng.permutation(videos)[: max(1, round(shares.weak * len(videos)))]] = WEAK
    return tuple(split)


def leaks(pairs: PairSet, groups: NDArray[np.int64]) -> list[str]:
    """A sentence for each way in which something trained on is tested on as well; empty where all is well."""
    found = []
    for group in np.unique(groups):
        splits = {pairs.track_split[track] for track in np.flatnonzero(groups == group)}
        if len(splits) > 1:
            found.append(f"tracks of group {group} are in {', '.join(sorted(splits))}")
    for video, split in enumerate(pairs.split):
        of_track = pairs.track_split[int(pairs.track_of_video[video])]
        if split != of_track and (split, of_track) != (WEAK, TRAIN):
            found.append(f"{pairs.video_names[video]} is in {split}, its track in {of_track}")
    return found


def _joined(count: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    parent = list(range(count))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for first, second in pairs:
        parent[root(second)] = root(first)
    return [root(index) for index in range(count)]


def _numbered(roots: Sequence[int]) -> NDArray[np.int64]:
    return np.asarray(np.unique(np.asarray(roots, np.int64), return_inverse=True)[1], np.int64)
