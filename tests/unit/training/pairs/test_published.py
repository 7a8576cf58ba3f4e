# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Means over clips of vectors whose windows do not end with the clips, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.crossmodal.vggish import LEAST_SAMPLES, log_mel_windows
from needledrop.training.pairs.published import clip_means


def test_seconds_fall_into_their_clips() -> None:
    rows = np.arange(10, dtype=np.float32)[:, np.newaxis]
    np.testing.assert_allclose(clip_means(rows, 1.0, 3), [[1.5], [5.5], [8.5]])


def test_a_window_over_a_clips_end_counts_in_both_by_its_share() -> None:
    rows = np.arange(9, dtype=np.float32)[:, np.newaxis]
    first, second = clip_means(rows, 0.96, 2)[:, 0]
    # Window 4 lies from 3.84 to 4.80 s: 0.16 s in the first clip, 0.80 s in the second; window 8 ends at 8.64 s.
    assert first == pytest.approx((0.96 * (0 + 1 + 2 + 3) + 0.16 * 4) / 4)
    assert second == pytest.approx((0.80 * 4 + 0.96 * (5 + 6 + 7) + 0.32 * 8) / 4)


def test_a_clip_that_no_window_reaches_takes_the_last() -> None:
    rows = np.array([[1.0], [3.0]], np.float32)
    np.testing.assert_allclose(clip_means(rows, 1.0, 2), [[2.0], [3.0]])


def test_the_shortest_sound_makes_one_window() -> None:
    assert len(log_mel_windows(np.zeros(LEAST_SAMPLES, np.float32))) == 1
    assert len(log_mel_windows(np.zeros(LEAST_SAMPLES - 1, np.float32))) == 0
