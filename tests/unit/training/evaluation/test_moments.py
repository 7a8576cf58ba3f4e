# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Overlaps of stretches and what is counted of them, against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.training.evaluation.moments import composite, grounding, overlaps

# By hand: 10/10; 5/15; 3/10 (cut to the track); none; exactly one half.
FOUND = np.array([[10, 20], [5, 15], [-4, 3], [50, 60], [0, 5]], float)
TRUE = np.array([[10, 20], [10, 20], [0, 10], [10, 20], [0, 10]], float)
DURATION = np.array([100.0, 100.0, 100.0, 55.0, 100.0])
BY_HAND = [1.0, 1 / 3, 0.3, 0.0, 0.5]
APART = np.arange(5)


def test_overlaps_are_those_worked_out_by_hand() -> None:
    np.testing.assert_allclose(overlaps(FOUND, TRUE, DURATION), BY_HAND)


def test_what_is_no_stretch_does_not_overlap() -> None:
    found = np.array([[12, 11], [np.nan, 20], [10, np.nan], [200, 300]], float)
    np.testing.assert_allclose(overlaps(found, TRUE[:4] * 0 + [10, 20], np.full(4, 100.0)), [0, 0.5, 0, 0])


def test_an_overlap_counts_above_its_threshold_not_at_it() -> None:
    found = grounding(np.array(BY_HAND), APART)
    assert found.queries == 5
    assert found.mean_iou.value == pytest.approx(np.mean(BY_HAND))
    assert [found.above[threshold].value for threshold in (0.3, 0.5, 0.7)] == pytest.approx([0.6, 0.2, 0.2])
    assert found.mean_iou.low < found.mean_iou.value < found.mean_iou.high


def test_track_and_stretch_together() -> None:
    iou, ranks = np.array([0.9, 0.6, 0.8, 0.2, 1.0]), np.array([1, 1, 11, 10, 60])
    found = composite(ranks, iou, APART)
    assert found.found[1, 0.5].value == pytest.approx(0.4)
    assert found.found[1, 0.7].value == pytest.approx(0.2)
    assert found.found[10, 0.5].value == pytest.approx(0.4)
    assert found.found[50, 0.7].value == pytest.approx(0.4)
    assert found.found[100, 0.7].value == pytest.approx(0.6)
    assert found.mean_iou[1] == pytest.approx(0.75)
    assert found.mean_iou[10] == pytest.approx((0.9 + 0.6 + 0.2) / 3)
    assert composite(np.array([7]), np.array([1.0]), np.zeros(1, np.int64), ks=(1,)).mean_iou[1] == 0.0
