# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.suggest import course_search
from needledrop.suggest.course_search import best_steps, deviation_cosine, stretch_scores, whole_and_course


def noise(rows: int, seed: int, width: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)


def cosine(first: np.ndarray, second: np.ndarray) -> float:
    return float((first * second).sum() / np.linalg.norm(first) / np.linalg.norm(second))


def test_both_cosines_are_those_of_the_definition() -> None:
    music, picture = noise(30, 1), noise(7, 2)
    stretches = [music[start : start + 7] for start in range(24)]
    courses = [cosine(one - one.mean(axis=0), picture - picture.mean(axis=0)) for one in stretches]
    assert deviation_cosine(music, picture) == pytest.approx(courses, abs=1e-5)
    wholes = [cosine(one.mean(axis=0), picture.mean(axis=0)) for one in stretches]
    pair = np.tile(music, 2), np.tile(picture, 2)
    for shares in ((1.0, 0.0), (0.0, 1.0), (0.3, 0.7)):
        expected = shares[0] * np.array(wholes) + shares[1] * np.array(courses)
        assert stretch_scores(*pair, shares) == pytest.approx(expected, abs=1e-5)


def test_a_gallery_in_blocks_is_ranked_as_track_by_track_in_double_precision() -> None:
    rng = np.random.default_rng(9)
    lengths = rng.integers(15, 60, 400)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    music, picture = noise(int(offsets[-1]), 10, 32) + noise(1, 11, 32), noise(15, 12, 32)
    best, starts = [], []
    for first, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        scores = []
        for start in range(first, end - 14):
            stretch = music[start : start + 15].astype(np.float64)
            whole = cosine(stretch[:, :16].mean(axis=0), picture[:, :16].mean(axis=0))
            course, shown = stretch[:, 16:], picture[:, 16:].astype(np.float64)
            scores.append(0.4 * whole + 0.6 * cosine(course - course.mean(axis=0), shown - shown.mean(axis=0)))
        best.append(scores)
        starts.append(int(np.argmax(scores)))
    deviation = np.sqrt(np.mean([np.var(scores) for scores in best if len(scores) > 2]))
    expected = np.array([max(scores) - deviation * np.sqrt(2 * np.log(len(scores))) for scores in best])
    found = whole_and_course(music, offsets, picture, (0.4, 0.6))
    assert found.scores == pytest.approx(expected, abs=1e-5)
    assert found.starts.tolist() == starts
    assert np.argsort(-found.scores, kind="stable")[:50].tolist() == np.argsort(-expected, kind="stable")[:50].tolist()


def test_a_picture_is_found_where_it_was_cut_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course_search, "_BLOCK", 16)  # Stretches lie across blocks, too.
    offsets = np.array([0, 40, 45, 45, 120])
    music = noise(120, 3, 8)
    found = whole_and_course(music, offsets, music[71:86], (0.5, 0.5))
    assert found.starts.tolist()[3] == 26 and found.scores.argmax() == 3
    # Five clips against the first five of fifteen, and a track without any.
    assert found.starts.tolist()[1:3] == [0, 0] and np.isfinite(found.scores).all()


def test_no_stretch_reaches_into_the_next_track() -> None:
    music = noise(40, 5)
    found = best_steps([music[:20], music[20:]], music[15:25])
    assert found.starts.max() <= 10 and found.scores.max() < 0.9


def test_a_long_track_gains_nothing_by_its_length_alone() -> None:
    picture = noise(10, 6)
    tracks = [noise(rows, 100 + number) for number in range(40) for rows in (14, 400)]
    scores = best_steps(tracks, picture).scores
    assert abs(float(scores[::2].mean() - scores[1::2].mean())) < 0.5 * float(scores.std())


def test_a_picture_that_does_not_change_has_no_course() -> None:
    assert not deviation_cosine(noise(20, 7), np.ones((5, 4), np.float32)).any()
    assert not best_steps([noise(20, 7)], noise(1, 8)).scores.any()
