# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.training.pairs.target_labels import (
    NO_LABEL,
    OTHER,
    merged,
    separate_labels,
    tags_of_tracks,
    tfidf,
    unified_labels,
)


def test_tfidf_by_hand():
    # Four tracks, the last without tags: M is 3. "sea" is used with all three, "sad" with two, "run" with one.
    tags = [Counter(sea=2, sad=1, run=1), Counter(sea=1, sad=3), Counter(sea=1), Counter()]
    weights = tfidf(tags)
    assert weights[0] == pytest.approx({"sea": 0.0, "sad": math.log(1.5) / 4, "run": math.log(3) / 4})
    assert weights[0]["run"] == pytest.approx(0.2746531)
    assert weights[1] == pytest.approx({"sea": 0.0, "sad": 0.75 * 0.4054651})
    assert weights[2] == {"sea": 0.0}
    assert weights[3] == {}


def test_tags_of_several_videos_are_counted_not_merged():
    documents = tags_of_tracks([("sea", "sad"), ("sea",), ("run",)], np.array([1, 1, 0]), 3)
    assert documents == [Counter(run=1), Counter(sea=2, sad=1), Counter()]


def test_the_label_is_decided_by_all_videos_of_a_track():
    # One video of track 0 says "run", two say "sea"; "sea" and "run" are equally rare among the tracks.
    tags = [("run",), ("sea",), ("sea",), ("run",), ("sea",)]
    track_of_video = np.array([0, 0, 0, 1, 2])
    labels = unified_labels(tags, track_of_video, 4, range(5), fewest=1)
    assert labels.names == ("run", "sea")
    assert labels.of_track.tolist() == [1, 0, 1, NO_LABEL]
    assert labels.of_video.tolist() == [1, 1, 1, 0, 1]


def test_ties_go_to_the_alphabetically_first():
    labels = unified_labels([("b", "a"), ("c",)], np.array([0, 1]), 2, range(2), fewest=1)
    assert labels.names == ("a", "c")


def test_rare_labels_are_merged_into_the_next_best_that_stays_else_into_other():
    weights = [
        {"big": 1.0},
        {"big": 1.0},
        {"rare": 2.0, "big": 1.0},  # Its best is carried once: it joins "big".
        {"lone": 1.0},  # Nothing else is said of these two: they are others.
        {"only": 1.0},
        {},
    ]
    names, label = merged(weights, fewest=2)
    assert names == (OTHER, "big")
    assert label.tolist() == [1, 1, 1, 0, 0, NO_LABEL]


def test_merging_can_save_a_label_that_was_rare_itself():
    # "b" is carried once, until "z" (alphabetically last of the rare ones) is taken away and its document joins "b".
    names, label = merged([{"b": 1.0}, {"z": 2.0, "b": 1.0}], fewest=2)
    assert names == ("b",)
    assert label.tolist() == [0, 0]


def test_others_that_are_too_few_have_no_label():
    names, label = merged([{"a": 1.0}, {"a": 1.0}, {"b": 1.0}], fewest=2)
    assert names == ("a",)
    assert label.tolist() == [0, 0, NO_LABEL]


def test_every_label_is_carried_often_enough_whatever_the_tags():
    rng = np.random.default_rng(0)
    vocabulary = [f"t{n:03}" for n in range(200)]
    tags = [tuple(rng.choice(vocabulary, 4, p=_zipf(200))) for _ in range(3000)]
    labels = unified_labels(tags, rng.integers(0, 600, 3000), 600, range(3000))
    counts = np.bincount(labels.of_track[labels.of_track >= 0], minlength=len(labels.names))
    assert len(labels.names) > 10
    assert counts.min() >= 10


def test_a_test_video_neither_has_a_label_nor_sways_one():
    tags = [("sea",), ("sea",), ("run",), ("run",), ("run",)]
    track_of_video = np.array([0, 1, 0, 0, 2])
    labels = unified_labels(tags, track_of_video, 3, [0, 1], fewest=2)
    assert labels.names == ("sea",)
    assert labels.of_track.tolist() == [0, 0, NO_LABEL]
    assert labels.of_video.tolist() == [0, 0, NO_LABEL, NO_LABEL, NO_LABEL]


def test_separate_target_sets_share_nothing():
    tags = [("sea",), ("run",), ("run",), ("sea",)]
    track_of_video = np.array([0, 0, 1, 1])
    separate = separate_labels(tags, track_of_video, 2, range(4), music_tags=[("rock",), ("folk",)], fewest=1)
    assert separate.music.names == ("folk", "rock")
    assert separate.music.of_track.tolist() == [1, 0]
    # The videos of one track keep what was said of each, which unified labels would not.
    assert separate.video.names == ("run", "sea")
    assert separate.video.of_video.tolist() == [1, 0, 0, 1]
    assert set(separate.video.of_track.tolist()) == set(separate.music.of_video.tolist()) == {NO_LABEL}


def test_without_tags_of_its_own_music_is_labelled_by_its_videos():
    tags = [("sea",), ("run",)]
    separate = separate_labels(tags, np.array([0, 1]), 2, range(2), fewest=1)
    assert separate.music.of_track.tolist() == [1, 0]


def test_nothing_to_learn_from_is_said_in_a_sentence():
    with pytest.raises(KnownError, match="No tag describes 10 items"):
        unified_labels([("sea",), ()], np.array([0, 1]), 2, range(2))


def _zipf(words: int) -> np.ndarray:
    weights = 1 / np.arange(1, words + 1)
    return weights / weights.sum()
