# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.progress import CancelToken
from needledrop.crossmodal.conformer import ConformerSize, small_video
from needledrop.training.conformers import (
    ConformerRecipe,
    ConformerState,
    clip_features,
    drawn,
    features_of,
    label_accuracy,
    pretrain,
    train_conformer,
)
from needledrop.training.pairs.pair_set import MusicItems, PairSet, VideoItems
from needledrop.training.pairs.target_labels import separate_labels, unified_labels

TRACKS, T, STEPS, BANDS, SIDE = 24, 3, 24, 16, 12
TINY = ConformerSize(BANDS, width=16, blocks=1, heads=2, channels=4, kernel=7, dropout=0.0)
RECIPE = ConformerRecipe(steps=6, batch=8, seed=3)


def striped(rng: np.random.Generator, kind: int, shape: tuple[int, ...]) -> np.ndarray:
    """Noise of which one third of the last axis is brighter: the third is the kind."""
    codes = rng.integers(0, 120, shape)
    third = shape[-1] // 3
    codes[..., kind * third : (kind + 1) * third] += 100
    return codes.astype(np.uint8)


def pair_set(tags: tuple[str, ...] = ("sea", "run", "sad")) -> PairSet:
    rng = np.random.default_rng(0)
    kinds = np.arange(TRACKS) % 3
    mask = np.ones((TRACKS, T), bool)
    mask[::4, 1:] = False
    mel = np.stack([striped(rng, kind, (T, STEPS, BANDS)) for kind in kinds])
    frames = np.stack([striped(rng, kind, (T, 4, SIDE, SIDE)) for kind in kinds])
    none = np.zeros((TRACKS, 0), np.float32)
    names = tuple(f"item {n}" for n in range(TRACKS))
    split = tuple("train" if n < 18 else "test-strong" for n in range(TRACKS))
    return PairSet(
        name="stripes",
        music=MusicItems(none, np.zeros((TRACKS, T, 0), np.float32), np.zeros((TRACKS, T, 3), np.float32), mel, mask),
        video=VideoItems(
            none,
            np.zeros((TRACKS, T, 0), np.float32),
            np.zeros((TRACKS, T), np.float32),
            frames,
            none,
            np.zeros(TRACKS, bool),
            mask,
        ),
        track_of_video=np.arange(TRACKS),
        track_names=names,
        video_names=names,
        track_cluster=np.arange(TRACKS),
        video_source=names,
        split=split,
        track_split=split,
        tags=tuple((tags[kind],) for kind in kinds),
        truth={},
    )


def same(a: ConformerState, b: ConformerState) -> bool:
    return a.losses == b.losses and all(torch.equal(a.model[name], b.model[name]) for name in a.model)


@pytest.mark.slow
def test_both_modalities_learn_unified_labels_and_tell_items_they_never_saw():
    pairs = pair_set()
    labels = unified_labels(pairs.tags, pairs.track_of_video, TRACKS, range(18), fewest=2)
    recipe = dataclasses.replace(RECIPE, steps=60, learning_rate=3e-3)
    found = pretrain(pairs, labels, recipe, TINY, ConformerSize(4 * SIDE, 16, 1, 2, 4, 7, dropout=0.0))
    heard, seen = features_of(pairs, found)
    assert heard.shape == seen.shape == (TRACKS, T, 16)
    truth = np.array([labels.names.index(tags[0]) for tags in pairs.tags])
    truth[:18] = -1
    assert label_accuracy(found.music, pairs.music.mel, pairs.music.mask, truth) == 1.0
    assert found.music.losses[-1] < found.music.losses[0] / 2
    assert found.video.losses[-1] < found.video.losses[0]
    assert not heard[~pairs.music.mask].any()
    assert heard[pairs.music.mask].any(axis=-1).all()


def test_separate_target_sets_have_heads_of_their_own():
    pairs = pair_set()
    labels = separate_labels(
        pairs.tags, pairs.track_of_video, TRACKS, range(18), [("folk", "rock")[n % 2 :][:1] for n in range(TRACKS)], 2
    )
    found = pretrain(pairs, labels, RECIPE, TINY, dataclasses.replace(small_video(SIDE), width=16))
    assert (found.music.classes, found.video.classes) == (2, 3) and not found.is_unified


def test_a_training_that_was_stopped_comes_to_the_same():
    pairs = pair_set()
    labels = np.arange(TRACKS) % 3
    given = pairs.music.mel, pairs.music.mask, labels, dataclasses.replace(TINY, dropout=0.3)
    through = train_conformer(*given, RECIPE)
    stopped = train_conformer(*given, dataclasses.replace(RECIPE, steps=2))
    torch.rand(7)  # Whatever else draws from torch in between does not matter.
    assert stopped.steps == 2
    assert same(train_conformer(*given, RECIPE, state=stopped), through)
    assert not same(train_conformer(*given, dataclasses.replace(RECIPE, seed=4)), through)


def test_training_leaves_torchs_own_draws_alone():
    pairs = pair_set()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train_conformer(
        pairs.music.mel, pairs.music.mask, np.arange(TRACKS) % 2, TINY, dataclasses.replace(RECIPE, steps=1)
    )
    assert torch.equal(torch.rand(3), expected)


def test_unlabelled_items_are_not_looked_at():
    pairs = pair_set()
    labels = np.where(np.arange(TRACKS) < 18, np.arange(TRACKS) % 3, -1)
    spoiled = pairs.music.mel.copy()
    spoiled[18:] = 255
    states = [train_conformer(mel, pairs.music.mask, labels, TINY, RECIPE) for mel in (pairs.music.mel, spoiled)]
    assert same(*states)


def test_batches_hold_every_label_equally_often_and_real_clips_only():
    mask = np.zeros((40, T), bool)
    mask[:, 1] = True
    by_label = [np.arange(0, 36), np.arange(36, 39), np.arange(39, 40)]
    rows = np.concatenate([drawn(by_label, mask, dataclasses.replace(RECIPE, batch=9), step)[0] for step in range(20)])
    counts = [int(np.isin(rows, label).sum()) for label in by_label]
    assert counts == [60, 60, 60]
    assert set(drawn(by_label, mask, RECIPE, 0)[1].tolist()) == {1}


def test_pictures_stand_side_by_side_in_time():
    pairs = pair_set()
    size = ConformerSize(4 * SIDE, width=16, blocks=1, heads=2, channels=4, kernel=7, dropout=0.0)
    state = train_conformer(pairs.video.frames, pairs.video.mask, np.arange(TRACKS) % 3, size, RECIPE)
    by_hand = np.concatenate([pairs.video.frames[:, :, number] for number in range(4)], axis=-1)
    features = clip_features(state, pairs.video.frames, pairs.video.mask)
    assert np.array_equal(features, clip_features(state, by_hand, pairs.video.mask))
    assert np.allclose(features, clip_features(state, by_hand, pairs.video.mask, batch=5), atol=1e-5)


def test_what_cannot_be_learnt_is_said_in_a_sentence():
    pairs = pair_set()
    with pytest.raises(KnownError, match="target labels to tell apart"):
        train_conformer(pairs.music.mel, pairs.music.mask, np.zeros(TRACKS, np.int64), TINY, RECIPE)
    labels = unified_labels(pairs.tags, pairs.track_of_video, TRACKS, range(18), fewest=2)
    without = dataclasses.replace(
        pairs, video=dataclasses.replace(pairs.video, frames=np.zeros((TRACKS, 0, 0, 0, 0), np.uint8))
    )
    with pytest.raises(KnownError, match="keeps no spectrograms or pictures"):
        pretrain(without, labels, RECIPE)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        train_conformer(pairs.music.mel, pairs.music.mask, labels.of_track, TINY, RECIPE, cancel=token)
