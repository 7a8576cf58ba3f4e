# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from media_factory import music
from needledrop.core.music import Fingerprint
from needledrop.training.corpus import splits
from needledrop.training.descriptors.clip_descriptors import heard
from needledrop.training.pairs.pair_set import MusicItems, PairSet, VideoItems

RATE = 24_000


def fingerprint(stereo: np.ndarray) -> Fingerprint:
    return heard(stereo, RATE).fingerprint


def test_excerpts_and_changed_copies_are_one_recording() -> None:
    track = music(30, seed=1, rate=RATE)
    noise = np.random.default_rng(0).normal(0, 0.002, track.shape).astype(np.float32)
    other = music(30, seed=2, bpm=97, rate=RATE)
    clusters = splits.recording_clusters(
        [
            fingerprint(track),
            fingerprint(other),
            fingerprint(track[8 * RATE : 24 * RATE]),
            fingerprint(0.5 * track + noise),
        ]
    )
    assert clusters[0] == clusters[2] == clusters[3] != clusters[1]


def test_what_shares_any_label_stays_together() -> None:
    groups = splits.together(["a", "a", "b", "c", ""], ["x", "y", "y", "z", ""])
    assert groups[0] == groups[1] == groups[2]
    assert len(set(groups[2:].tolist())) == 3
    nobodys = splits.together(["", "", ""])
    assert len(set(nobodys.tolist())) == 3


def test_shares_are_kept_and_groups_never_parted() -> None:
    groups = np.repeat(np.arange(50), 4)
    split = splits.track_splits(groups, 1, splits.Shares())
    counts = Counter(split)
    assert counts == {splits.STRONG: 48, splits.VALIDATION: 24, splits.TRAIN: 128}
    assert all(len({split[track] for track in np.flatnonzero(groups == group)}) == 1 for group in range(50))
    assert split == splits.track_splits(groups, 1, splits.Shares())
    assert split != splits.track_splits(groups, 2, splits.Shares())


def test_one_video_in_five_of_a_trained_track_is_kept_for_the_weak_test() -> None:
    track_split = (splits.TRAIN, splits.STRONG, splits.TRAIN)
    split = splits.video_splits(track_split, np.array([0] * 5 + [1] * 5 + [2] * 2), 1, splits.Shares())
    assert Counter(split[:5]) == {splits.TRAIN: 4, splits.WEAK: 1}
    assert set(split[5:10]) == {splits.STRONG}
    assert set(split[10:]) == {splits.TRAIN}


def test_everything_may_be_for_the_strong_test() -> None:
    split = splits.track_splits(np.arange(7), 1, splits.EVERYTHING_STRONG)
    assert set(split) == {splits.STRONG}


@pytest.fixture
def pairs() -> PairSet:
    none = np.zeros((0,), np.float32)
    return PairSet(
        "made", MusicItems(none, none, none, none.astype(np.uint8), none.astype(bool)),
        VideoItems(none, none, none, none.astype(np.uint8), none, none.astype(bool), none.astype(bool)),
        np.array([0, 0, 1, 2]), ("a", "b", "c"), ("a0", "a1", "b0", "c0"), np.array([0, 1, 2]), ("s",) * 4,
        (splits.TRAIN, splits.WEAK, splits.VALIDATION, splits.STRONG),
        (splits.TRAIN, splits.VALIDATION, splits.STRONG), ((),) * 4, {},
    )  # fmt: skip


def test_leaks_are_named(pairs: PairSet) -> None:
    assert splits.leaks(pairs, np.array([0, 1, 2])) == []
    (parted,) = splits.leaks(pairs, np.array([0, 1, 0]))
    assert "group 0" in parted
    strayed = replace(pairs, split=(splits.TRAIN, splits.WEAK, splits.TRAIN, splits.STRONG))
    (found,) = splits.leaks(strayed, np.array([0, 1, 2]))
    assert "b0" in found
