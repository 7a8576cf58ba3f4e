# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from needledrop.features.peaks import PeaksBuilder


@pytest.mark.parametrize("rate", [8000, 44100, 48000, 192000])
def test_every_level_covers_the_whole_track(rate: int) -> None:
    builder = PeaksBuilder(rate)
    mono = np.sin(np.arange(rate * 10 + 77) * 0.01).astype(np.float32)
    first = builder.pair_samples * 300
    builder.feed(mono[:first])
    builder.feed(mono[first:])
    peaks = builder.finish()
    assert peaks.rate_hz == pytest.approx(200, rel=0.01)
    assert peaks.bounds[0] == 0
    assert peaks.bounds[-1] == len(peaks.pairs)
    counts = np.diff(peaks.bounds)
    assert counts[0] == -(-len(mono) // builder.pair_samples)
    assert all(coarse == -(-fine // 8) for fine, coarse in pairwise(counts))


def test_what_sounds_is_drawn_where_it_sounds() -> None:
    builder = PeaksBuilder(48000)
    mono = np.zeros(48000, np.float32)
    mono[24_000], mono[24_001] = 0.001, -1.0
    builder.feed(mono)
    peaks = builder.finish()
    assert peaks.pairs[100].tolist() == [-127, 1]
    assert np.flatnonzero(peaks.pairs[: peaks.bounds[1]].any(axis=1)).tolist() == [100]
    assert peaks.pairs[peaks.bounds[1] + 100 // 8].tolist() == [-127, 1]


def test_nothing() -> None:
    peaks = PeaksBuilder(44100).finish()
    assert peaks.pairs.shape == (0, 2)
    assert peaks.bounds.tolist() == [0, 0]
