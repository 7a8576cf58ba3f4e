# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is fitted is fitted to the training split alone, and comes back from a checkpoint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.crossmodal.quantise import INTERVAL_BINS, LEAST_USED, FlowBins
from needledrop.training.corpus import make
from needledrop.training.pairs.transforms import (
    Transforms,
    bin_use,
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


def test_the_use_of_bins_is_counted_on_the_training_split_alone() -> None:
    pairs = made_up_pairs(tracks=80)
    tracks, videos = training_items(pairs)
    beats, strength, interval, flow = bin_use(pairs, fit_transforms(pairs))
    counts = np.unique(pairs.music.rhythm[tracks][:, :, 0])
    assert beats.used == np.isin(np.arange(beats.bins) + counts.min(), counts).mean()
    assert beats.clips == strength.clips == interval.clips == 7 * len(tracks) and flow.clips == 7 * len(videos)
    assert str(flow) == f"flow {flow.bins} of at most 64, {100 * flow.used:.0f} % used by {flow.clips} clips"
    few = replace(pairs, music=replace(pairs.music, rhythm=np.full_like(pairs.music.rhythm, 2)))
    assert [use.bins for use in bin_use(few, fit_transforms(few))[:3]] == [1, 1, 1], "fewer bins are told"


@pytest.mark.slow
def test_what_the_extractors_measure_uses_the_fitted_bins(tmp_path: Path) -> None:
    """Sound and pictures through the program's own beats and optical flow."""
    recipe = make.Recipe(8, 2, seed=5, renderer="first", half_real="", side=16, is_synthesis_only=True)
    made = make.make_corpus(recipe, tmp_path, processes=1)
    pairs = replace(made, split=("train",) * len(made.split))
    fitted = fit_transforms(pairs)
    uses = {use.measure: use for use in bin_use(pairs, fitted)}
    assert all(use.used >= LEAST_USED for use in uses.values())
    assert uses["interval"].clips > 40 and uses["flow"].clips == 16 * 7
    # Eight tracks have too few tempos for 64 bins of intervals, and the count says so.
    assert uses["interval"].bins < INTERVAL_BINS and "of at most 64" in str(uses["interval"])
    flow, published = pairs.video.flow, FlowBins.published().flow
    assert published.used(flow) < 0.1, "all pictures fall into a few of the published bins"
    assert uses["flow"].bins * uses["flow"].used > 8 * published.bins * published.used(flow)
