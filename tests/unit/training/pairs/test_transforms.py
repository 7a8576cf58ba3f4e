# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is fitted is fitted to the training split alone, and comes back from a checkpoint."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.training.pairs.transforms import (
    Transforms,
    fit_scale,
    fit_transforms,
    fit_whitening,
    training_items,
)
from retrieval.made_up_pairs import made_up_pairs


def test_training_items_are_scaled_to_mean_0_and_deviation_1() -> None:
    pairs = made_up_pairs()
    tracks, _ = training_items(pairs)
    scaled = fit_transforms(pairs).music_vector(pairs.music.vector[tracks])
    assert np.abs(scaled.mean(axis=0)).max() < 1e-4
    assert scaled.std(axis=0) == pytest.approx(np.ones(50), abs=1e-3)


def test_what_is_outside_the_training_split_changes_nothing() -> None:
    pairs = made_up_pairs()
    tracks, videos = training_items(pairs)
    vector, flow = np.array(pairs.music.vector), np.array(pairs.video.flow)
    vector[np.setdiff1d(np.arange(len(vector)), tracks)] = 1e6
    flow[np.setdiff1d(np.arange(len(flow)), videos)] = 1e6
    spoilt = replace(pairs, music=replace(pairs.music, vector=vector), video=replace(pairs.video, flow=flow))
    fitted, other = fit_transforms(pairs).as_arrays(), fit_transforms(spoilt).as_arrays()
    assert all(np.array_equal(fitted[name], other[name]) for name in fitted)


def test_whitened_components_are_uncorrelated_and_as_many_as_the_rank() -> None:
    rng = np.random.default_rng(1)
    values = (rng.normal(size=(200, 5)) @ rng.normal(size=(5, 30))).astype(np.float32)
    white = fit_whitening(values)(values)
    assert white.shape == (200, 5)
    assert np.cov(white.T) == pytest.approx(np.eye(5), abs=0.02)


def test_a_column_that_never_changes_stays_at_0() -> None:
    values = np.ones((10, 2), np.float32)
    values[:, 1] = np.arange(10)
    assert fit_scale(values)(np.full((1, 2), 9.0, np.float32))[0, 0] == 0.0


def test_transforms_come_back_from_their_arrays() -> None:
    fitted = fit_transforms(made_up_pairs())
    again = Transforms.from_arrays(fitted.as_arrays())
    assert all(np.array_equal(again.as_arrays()[name], values) for name, values in fitted.as_arrays().items())
    assert again.rhythm == fitted.rhythm and again.flow == fitted.flow


def test_a_checkpoint_without_its_transforms_is_refused() -> None:
    arrays = fit_transforms(made_up_pairs()).as_arrays()
    del arrays["video_vector.basis"]
    with pytest.raises(KnownError, match="inputs were prepared"):
        Transforms.from_arrays(arrays)


def test_one_track_is_nothing_to_train_on() -> None:
    with pytest.raises(KnownError, match="at least two different tracks"):
        fit_transforms(made_up_pairs(tracks=1))
