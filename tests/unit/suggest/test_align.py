# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The start search: equal by copies and by FFT, exact on planted offsets, honest about chance."""

from __future__ import annotations

import numpy as np

from needledrop.suggest import align
from needledrop.suggest.align import (
    beat_offsets,
    beat_signal,
    chance_of,
    kernel,
    refine_start,
    refine_starts,
    start_scores,
)

BEATS = np.arange(0.3, 120.0, 0.5) + 0.01 * np.sin(np.arange(240))


def test_the_kernel_is_one_on_the_beat_and_kinder_to_late_beats() -> None:
    assert kernel(np.array([0.0]))[0] == 1.0
    assert kernel(np.array([0.03]))[0] > kernel(np.array([-0.03]))[0]
    assert not kernel(np.array([0.2, -0.2, np.inf])).any()


def test_copies_and_transform_agree() -> None:
    rng = np.random.default_rng(0)
    signal = beat_signal(BEATS, np.ones(len(BEATS), np.float32), 120.0)
    events = np.sort(rng.uniform(0, 60, 3000))
    weights = rng.uniform(0.1, 1.0, 3000).astype(np.float32)
    by_transform = start_scores(signal, events, weights, 6000)
    index = np.round(events / align.GRID_S).astype(int)
    plain = [float((signal[index + start] * weights).sum() / weights.sum()) for start in range(0, 6000, 500)]
    np.testing.assert_allclose(by_transform[::500], plain, atol=1e-4)


def test_the_planted_start_scores_best_and_refines_to_the_sample() -> None:
    rng = np.random.default_rng(1)
    truth = 31.2345
    cuts = np.sort(rng.choice(BEATS[(truth + 1 < BEATS) & (truth + 59 > BEATS)], 15, replace=False)) - truth
    signal = beat_signal(BEATS, np.ones(len(BEATS), np.float32), 120.0)
    scores = start_scores(signal, cuts, np.ones(15, np.float32), 6000)
    start = refine_start(BEATS, cuts, float(scores.argmax()) * align.GRID_S, 0.0, 60.0)
    offsets = beat_offsets(BEATS, cuts + start)
    assert np.abs(offsets).max() < 0.03
    assert abs(offsets.mean()) < 1e-4
    assert scores.max() > chance_of(signal, np.ones(15, np.float32), 6000, 2.0).mean


def test_offsets_are_signed_beat_minus_cut() -> None:
    offsets = beat_offsets(np.array([1.0, 2.0]), np.array([0.9, 1.1, 1.9, 5.0]))
    np.testing.assert_allclose(offsets, [0.1, -0.1, 0.1, -3.0])
    assert np.isinf(beat_offsets(np.zeros(0), np.array([1.0]))).all()


def test_refinement_stays_inside_its_bounds() -> None:
    assert refine_start(np.array([0.05, 0.55]), np.array([0.0, 0.5]), 0.0, 0.0, 0.0) == 0.0


def test_no_events_and_no_beats_score_zero() -> None:
    assert not start_scores(
        beat_signal(np.zeros(0), np.zeros(0, np.float32), 5.0), np.array([1.0]), np.ones(1), 50
    ).any()
    assert not start_scores(np.ones(10, np.float32), np.zeros(0), np.zeros(0, np.float32), 5).any()


def test_the_estimate_of_chance_is_near_the_shuffled_truth() -> None:
    rng = np.random.default_rng(4)
    weights = np.ones(16, np.float32)
    signal = beat_signal(BEATS, np.ones(len(BEATS), np.float32), 120.0)
    best = [start_scores(signal, np.sort(rng.uniform(0, 60, 16)), weights, 6000).max() for _ in range(40)]
    chance = chance_of(signal, weights, 6000, 2.0)
    assert abs(chance.excess(float(np.mean(best)))) < 1.0


def test_many_sets_of_events_are_refined_as_one_by_one() -> None:
    rng = np.random.default_rng(5)
    events = np.sort(rng.uniform(0, 60, (20, 14)), axis=1)
    starts = rng.uniform(0, 50, 20)
    together = refine_starts(BEATS, events, starts, 0.0, 60.0)
    alone = [refine_start(BEATS, row, float(start), 0.0, 60.0) for row, start in zip(events, starts, strict=True)]
    np.testing.assert_array_equal(together, alone)
    for row, start, refined in zip(events, starts, together, strict=True):
        before = np.abs(beat_offsets(BEATS, row + start)) <= align.HIT_S
        after = np.abs(beat_offsets(BEATS, row + refined)) <= align.HIT_S
        assert after.sum() >= before.sum()
