# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter by blocks against scipy's, sample after sample."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import sosfilt

from needledrop.features.block_filter import BlockFilter
from needledrop.features.loudness import k_weighting


@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
@pytest.mark.parametrize("calls", [(), (1, 5, 70, 4000), (64, 128, 64 * 33, 64 * 40), (30_001,)])
def test_it_is_scipys_filter_however_the_stream_is_cut(rate: int, calls: tuple[int, ...]) -> None:
    signal = (np.random.default_rng(0).normal(0.05, 0.1, (2, 40_017))).astype(np.float32)
    whole = sosfilt(k_weighting(rate), signal.astype(np.float64), axis=1)
    by_blocks = BlockFilter(k_weighting(rate), channels=2)
    found = [by_blocks.feed(signal[:, low:high]) for low, high in pairwise([0, *calls, signal.shape[1]])]
    assert np.abs(np.concatenate(found, axis=1) - whole).max() < 2e-5


def test_nothing_in_gives_nothing_out() -> None:
    by_blocks = BlockFilter(k_weighting(48_000), channels=1)
    assert by_blocks.feed(np.zeros((1, 0), np.float32)).shape == (1, 0)


def test_silence_after_sound_dies_away() -> None:
    by_blocks = BlockFilter(k_weighting(48_000), channels=1)
    by_blocks.feed(np.ones((1, 1000), np.float32))
    assert np.abs(by_blocks.feed(np.zeros((1, 480_000), np.float32))[:, -1000:]).max() < 1e-12
