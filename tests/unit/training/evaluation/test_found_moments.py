# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Found stretches are judged by hand-worked overlaps; rows that are missing or broken count as missed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.training.evaluation.found_moments import guesses_s, judged_moments, moment_table, read_found
from needledrop.training.pairs.mgsv import Moment

MOMENTS = [
    Moment("1", "a", 0.0, 20.0, 10.0, 30.0, 100.0, "test-strong", ""),
    Moment("2", "b", 5.0, 15.0, 0.0, 10.0, 40.0, "test-strong", ""),
    Moment("3", "c", 0.0, 60.0, 0.0, 50.0, 50.0, "test-strong", ""),
]


def found_at(folder: Path, *lines: str) -> Path:
    path = folder / "mine.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_overlaps_by_hand(tmp_path: Path) -> None:
    # Of video 1: 10..20 of 10..30, a half. Of 2: exact, in another order of the file. Of 3: no number.
    path = found_at(tmp_path, "video_id,music_start,music_end", "2,0,10", "1,10,20", "3,0,soon", "9,0,1")
    found_s, ranks = read_found(path, MOMENTS)
    assert ranks is None
    np.testing.assert_array_equal(found_s, [[10, 20], [0, 10], [0, np.nan]])
    result = judged_moments("mine", "test-strong", MOMENTS, found_s)
    assert result.alone.mean_iou.value == pytest.approx(0.5) and result.unanswered == 1
    assert [result.alone.above[threshold].value for threshold in (0.3, 0.5, 0.7)] == pytest.approx(
        [2 / 3, 1 / 3, 1 / 3]
    )
    assert "| mine | 50.0 [" in moment_table([result])


def test_ranks_count_where_they_are_given(tmp_path: Path) -> None:
    path = found_at(tmp_path, "video_id,music_start,music_end,rank", "1,10,30,1", "2,0,10,30", "3,0,50,")
    found_s, ranks = read_found(path, MOMENTS)
    assert ranks is not None and ranks[:2].tolist() == [1, 30] and ranks[2] > 1_000_000
    result = judged_moments("mine", "test-strong", MOMENTS, found_s, ranks)
    assert result.together is not None
    assert result.together.found[10, 0.5].value == pytest.approx(1 / 3)
    assert result.together.found[50, 0.5].value == pytest.approx(2 / 3)
    assert "| 50 | 66.7 [" in moment_table([result])


def test_guesses_lie_in_their_tracks_and_are_as_long_as_the_videos() -> None:
    guesses = guesses_s(MOMENTS, seed=3)
    assert list(guesses) == ["Beginning", "Middle", "Anywhere"]
    for found_s in guesses.values():
        np.testing.assert_allclose(found_s[:, 1] - found_s[:, 0], [20, 10, 50])
        assert (found_s[:, 0] >= 0).all() and (found_s[:, 1] <= [100, 40, 50]).all()
    np.testing.assert_array_equal(guesses["Middle"], [[40, 60], [15, 25], [0, 50]])


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="cannot be read as a table"):
        read_found(tmp_path / "not there.csv", MOMENTS)
    with pytest.raises(KnownError, match="no column 'music_end'"):
        read_found(found_at(tmp_path, "video_id,music_start", "1,2"), MOMENTS)
    with pytest.raises(KnownError, match="no moments in their split"):
        judged_moments("mine", "validation", [], np.zeros((0, 2)))
