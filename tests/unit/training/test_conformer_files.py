# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pretrained Conformers come back from the disk as they were; what is damaged or of another size is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from needledrop.core.errors import KnownError
from needledrop.training.conformer_files import (
    CONFIG_NAME,
    WEIGHTS_NAME,
    key_of,
    load_conformers,
    save_conformers,
)
from needledrop.training.conformers import Conformers, features_of, train_conformer
from needledrop.training.lab import with_conformer_clips
from needledrop.training.pairs.pair_set import PairSet, load_pair_set, save_pair_set
from unit.training.test_conformers import RECIPE, SIDE, TINY, TRACKS, pair_set


@pytest.fixture(scope="module")
def pairs() -> PairSet:
    return pair_set()


@pytest.fixture(scope="module")
def conformers(pairs: PairSet) -> Conformers:
    labels, recipe = np.arange(TRACKS) % 3, replace(RECIPE, steps=2)
    size = replace(TINY, input_dim=4 * SIDE)
    return Conformers(
        train_conformer(pairs.music.mel, pairs.music.mask, labels, TINY, recipe),
        train_conformer(pairs.video.frames, pairs.video.mask, labels, size, recipe),
        is_unified=True,
    )


def refusal(folder: Path) -> str:
    with pytest.raises(KnownError, match="cannot be used") as caught:
        load_conformers(folder)
    assert caught.value.code == "model" and "pretrain" in caught.value.remedy
    return str(caught.value)


def test_they_give_the_same_clips_bit_for_bit(pairs: PairSet, conformers: Conformers, tmp_path: Path) -> None:
    save_conformers(conformers, tmp_path)
    read = load_conformers(tmp_path)
    for one, other in zip(features_of(pairs, conformers), features_of(pairs, read), strict=True):
        assert one.any() and np.array_equal(one, other)
    assert read.is_unified and read.music.steps == 2 and key_of(read) == key_of(conformers)


def test_a_set_notes_which_conformers_described_it(pairs: PairSet, conformers: Conformers, tmp_path: Path) -> None:
    save_pair_set(with_conformer_clips(pairs, conformers), tmp_path)
    made = load_pair_set(tmp_path)
    assert made.name == "stripes, unified Conformers"
    assert made.extractors == dict.fromkeys(("music.clips", "video.clips"), key_of(conformers))
    other = replace(conformers, music=replace(conformers.music, mean=conformers.music.mean + 1))
    assert key_of(other) != key_of(conformers), "all that decides a feature is in the key"


def test_a_set_of_another_size_is_refused(pairs: PairSet, conformers: Conformers) -> None:
    larger = np.zeros((TRACKS, 3, 4, SIDE + 4, SIDE + 4), np.uint8)
    with pytest.raises(KnownError, match="of another size than these Conformers") as caught:
        with_conformer_clips(replace(pairs, video=replace(pairs.video, frames=larger)), conformers)
    assert caught.value.code == "other-pairs" and f"of {SIDE} pixels" in caught.value.remedy
    nothing = np.zeros((TRACKS, 0, 0, 0), np.uint8)
    with pytest.raises(KnownError, match="keeps no spectrograms or pictures"):
        with_conformer_clips(replace(pairs, music=replace(pairs.music, mel=nothing)), conformers)


def test_damaged_files_are_refused(conformers: Conformers, tmp_path: Path) -> None:
    assert f"There is no {CONFIG_NAME}" in refusal(tmp_path)
    save_conformers(conformers, tmp_path)
    weights, config = tmp_path / WEIGHTS_NAME, tmp_path / CONFIG_NAME
    whole, told = weights.read_bytes(), json.loads(config.read_text())
    for damaged in (whole[:-100], whole[:-1] + bytes([whole[-1] ^ 1])):
        weights.write_bytes(damaged)
        assert "truncated or of others" in refusal(tmp_path)
    weights.unlink()
    refusal(tmp_path)
    weights.write_bytes(whole)
    for changed in ({"format": 9}, {"music": told["video"]}, {"video": {"size": {}}}, {"sha256": None}):
        config.write_text(json.dumps(told | changed))
        refusal(tmp_path)
    config.write_text(json.dumps(told)[:-20])
    assert f"{CONFIG_NAME} is damaged" in refusal(tmp_path)


def test_weights_that_are_no_numbers_are_refused(conformers: Conformers, tmp_path: Path) -> None:
    name, value = next(iter(conformers.music.model.items()))
    broken = conformers.music.model | {name: torch.full_like(value, float("nan"))}
    save_conformers(replace(conformers, music=replace(conformers.music, model=broken)), tmp_path)
    refusal(tmp_path)
