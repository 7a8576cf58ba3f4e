# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What towers are shown of items of unlike length: never the length that a pair shares."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from needledrop.training import batching
from needledrop.training.batching import without_shared_lengths
from needledrop.training.evaluation.protocol import Result, judged, trials
from needledrop.training.lab import load_towers, prepared, train_recipe
from needledrop.training.pairs.pair_set import PairSet
from needledrop.training.recipe import Recipe, Schedule
from retrieval.made_up_pairs import CLIPS, made_up_pairs

INPUT = {"form": "SE", "width": 32, "heads": 2, "head_width": 8, "feed_forward": 32, "dropout": 0.0}
TIVM = Recipe(
    "small",
    "tivm",
    {"input": INPUT, "layers": 1, "music_hidden": 32, "video_hidden": 32, "width": 16},
    Schedule(steps=150, batch=48, learning_rate=3e-3, warm_up_steps=5, validate_every=150),
)


def masks(*lengths: int) -> np.ndarray:
    return np.arange(CLIPS) < np.array(lengths)[:, None]


def counts(mask: np.ndarray) -> list[int]:
    return [int(count) for count in mask.sum(axis=1)]


def test_the_side_that_loses_less_is_cropped_to_its_shortest_item() -> None:
    music, video = without_shared_lengths(masks(5, 7, 6), masks(2, 7, 7))
    assert counts(music) == [5, 5, 5] and counts(video) == [2, 7, 7]
    music, video = without_shared_lengths(masks(1, 7, 6), masks(6, 7, 7))
    assert counts(music) == [1, 7, 6] and counts(video) == [6, 6, 6]


def test_where_one_side_has_one_length_nothing_is_lost() -> None:
    music, video = without_shared_lengths(masks(7, 7, 7), masks(2, 3, 7))
    assert counts(music) == [7, 7, 7] and counts(video) == [2, 3, 7]
    music, video = without_shared_lengths(masks(2, 3, 7), masks(4, 4, 4))
    assert counts(music) == [2, 3, 7] and counts(video) == [4, 4, 4]


def test_what_is_cropped_is_shown_nowhere() -> None:
    pairs = made_up_pairs(tracks=12)
    lengths = np.arange(12) % 4 + 4
    music = replace(pairs.music, mask=masks(*lengths))
    video = replace(pairs.video, mask=masks(*lengths[pairs.track_of_video]))
    tensors = prepared(replace(pairs, music=music, video=video), fewest=1).tensors
    shown = tensors.music(np.arange(12))
    assert counts(shown.mask.numpy()) == [4] * 12
    assert not shown.clips[:, 4:].any() and shown.clips[:, :4].any()
    padded = shown.tokens[:, 4:]
    assert (padded == padded[0, 0]).all(), "tokens of clips that are not shown are all alike"


def only_lengths_agree(seed: int = 5) -> PairSet:
    """Noise on both sides; a video has as many clips as its track, and nothing else in common with it."""
    pairs = made_up_pairs(tracks=160, videos_per_track=2, is_related=False, seed=seed)
    lengths = np.random.default_rng(seed).integers(1, CLIPS + 1, len(pairs.track_names))
    return replace(
        pairs,
        music=replace(pairs.music, mask=masks(*lengths)),
        video=replace(pairs.video, mask=masks(*lengths[pairs.track_of_video])),
    )


def trained_and_judged(pairs: PairSet, folder: Path) -> Result:
    train_recipe(prepared(pairs, fewest=3), TIVM, folder)
    return judged(load_towers(folder, pairs), trials(pairs, "test-strong")[0])


def test_a_trained_tower_cannot_find_a_pair_by_its_length(tmp_path: Path) -> None:
    result = trained_and_judged(only_lengths_agree(), tmp_path)
    assert result.recall[10].low <= result.chance[10] <= result.recall[10].high


def test_masks_as_they_are_would_give_the_pair_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "without_shared_lengths", lambda music, video: (np.array(music), np.array(video)))
    result = trained_and_judged(only_lengths_agree(), tmp_path)
    assert result.recall[10].low > 1.5 * result.chance[10]
