# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needledrop.core.errors import KnownError
from needledrop.crossmodal.quantise import (
    FLOW_BINS,
    INTERVAL_BINS,
    LEAST_USED,
    STRENGTH_BINS,
    BinEdges,
    FlowBins,
    RhythmBins,
    fit_count_edges,
    fit_edges,
)

REAL = np.array([True])


def test_published_rhythm_bins_by_hand():
    rhythm = np.array([[8, 12.4, 0.5], [0, 0.0, 0.0], [1, 48.6, 0.0], [30, 99.0, 5.0], [2, 0.6, 0.0]])
    tokens = RhythmBins.published()(rhythm, np.ones(5, bool))
    # 0.5 s is the ninth of the bins of 1/16 s; fewer than two beats have no interval; what is beyond is clipped.
    assert tokens.tolist() == [[8, 12, 8], [0, 0, 64], [1, 48, 64], [17, 48, 63], [2, 1, 0]]
    published = RhythmBins.published()
    assert [published.count.classes, published.strength.classes, published.interval.classes] == [18, 49, 65]


def test_published_flow_bins_by_hand():
    flow = np.array([0.0, 4.99, 5.0, 319.9, 320.0, 4000.0, -3.0])
    tokens = FlowBins.published()(flow, np.ones(7, bool))
    assert tokens[:, 0].tolist() == [0, 0, 1, 63, 63, 63, 0]
    assert FlowBins.published().flow.classes == 65


def test_missing_clips_have_their_class_whatever_they_hold():
    mask = np.array([True, False])
    assert FlowBins.published()(np.array([7.0, np.nan]), mask)[:, 0].tolist() == [1, 64]
    rhythm = np.array([[4, 3.0, 1.0], [np.nan, np.nan, np.nan]])
    assert RhythmBins.published()(rhythm, mask).tolist() == [[4, 3, 16], [0, 0, 64]]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_a_number_is_refused_with_a_sentence(bad):
    with pytest.raises(KnownError, match="not a number") as caught:
        FlowBins.published()(np.array([bad]), REAL)
    assert caught.value.remedy
    with pytest.raises(KnownError, match="not a number"):
        RhythmBins.published()(np.array([[4, bad, 0.5]]), REAL)


def test_at_least_eighty_per_cent_of_fitted_bins_are_used_where_published_ones_are_not():
    rng = np.random.default_rng(0)
    count = rng.binomial(13, 0.55, 3000)
    interval = np.where(count >= 2, 4 / np.maximum(count, 1), 0) * rng.lognormal(0, 0.1, 3000)
    rhythm = np.stack((count, rng.gamma(2, 0.3, 3000), interval), axis=-1)
    flow = rng.lognormal(0, 1.2, 3000)
    music, video = RhythmBins.fitted(rhythm), FlowBins.fitted(flow)
    heard = interval[count >= 2]
    assert music.count.used(count) >= LEAST_USED
    assert music.strength.used(rhythm[:, 1]) >= LEAST_USED
    assert music.interval.used(heard) >= LEAST_USED
    assert video.flow.used(flow) >= LEAST_USED
    assert (music.strength.bins, music.interval.bins, video.flow.bins) == (STRENGTH_BINS, INTERVAL_BINS, FLOW_BINS)
    published = RhythmBins.published()
    assert published.strength.used(rhythm[:, 1]) < 0.2
    assert FlowBins.published().flow.used(flow) < 0.5


def test_a_single_outlier_does_not_stretch_the_bins():
    values = np.append(np.linspace(0, 1, 2000), 1000.0)
    edges = fit_edges(values, 64)
    assert edges.high <= 1.0
    assert edges(1000.0) == 63


def test_few_different_values_get_fewer_bins():
    edges = fit_edges(np.repeat([0.0, 1.0, 2.0], 50), 64)
    assert edges.bins == 3
    assert edges([0.0, 1.0, 2.0]).tolist() == [0, 1, 2]


def test_counts_keep_a_bin_each():
    edges = fit_count_edges(np.repeat(np.arange(5, 13), 20), 18)
    assert edges.bins == 8
    assert edges([5, 6, 12, 3, 40]).tolist() == [0, 1, 7, 0, 7]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(-1e4, 1e4, width=32), max_size=60),
    st.integers(1, 65),
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=20),
)
def test_fitted_bins_are_used_never_too_many_and_never_left(seen, most, later):
    edges = fit_edges(seen, most, has_empty=True)
    assert 1 <= edges.bins <= most
    assert not seen or edges.used(seen) >= LEAST_USED
    tokens = edges(later)
    assert tokens.min() >= 0
    assert tokens.max() < edges.bins
    order = np.argsort(later, kind="stable")
    assert (np.diff(tokens[order]) >= 0).all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-100, 100, width=32), max_size=40), st.integers(1, 65))
def test_a_checkpoint_keeps_the_edges_exactly(seen, most):
    edges = fit_edges(seen, most)
    assert BinEdges.from_array(edges.as_array()) == edges


def test_the_sets_of_bins_survive_a_checkpoint():
    rng = np.random.default_rng(1)
    music, video = RhythmBins.fitted(rng.random((300, 3)) * (12, 3, 1)), FlowBins.fitted(rng.random(300))
    assert RhythmBins.from_arrays(music.as_arrays()) == music
    assert FlowBins.from_arrays(video.as_arrays()) == video
    with pytest.raises(KnownError, match="damaged"):
        FlowBins.from_arrays({"flow": np.array([3.0, 1.0, 64, 1])})


def test_fitting_does_not_depend_on_the_order_of_items():
    values = np.random.default_rng(2).gamma(2, 3, 500)
    assert fit_edges(values, 64) == fit_edges(values[::-1], 64)
