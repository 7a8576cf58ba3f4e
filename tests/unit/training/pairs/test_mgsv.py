# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MGSV-EC's tables, as published: 16 columns, of which the moments need seven."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.training.pairs.mgsv import read_moments, stretches_s

HEAD = (
    "video_id,music_id,video_start,video_end,music_start,music_end,music_total_duration,video_segment_duration,"
    "music_segment_duration,music_path,video_total_duration,video_width,video_height,video_total_frames,"
    "video_frame_rate,video_category"
)


def line(video: str, music: str, start: object, end: object, duration: object = 120.0, category: str = "Food") -> str:
    return f'{video},{music},0.0,20.5,{start},{end},{duration},20.5,20.5,"/m/a, b.mp3",20.6,1080,1920,618,30,{category}'


def write(path: Path, *lines: str) -> None:
    path.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")


def test_moments_and_their_splits(tmp_path: Path) -> None:
    write(tmp_path / "train_data.csv", line("1", "4+5xa", 23.22, 48.942), line("2", "4+5xb", 0.0, 10.0))
    write(tmp_path / "val_data.csv", line("3", "4+5xc", 1.5, 9.0, category="Movies TV Shows"))
    write(tmp_path / "test_data.csv", line("4", "4+5xa", 3.0, 4.0), line("5", "4+5xd", 100.0, 120.05, 120.0))
    found = read_moments(tmp_path)
    assert found.left_out == ()
    assert [one.split for one in found.moments] == ["train", "train", "validation", "test-weak", "test-strong"]
    assert [one.video_id for one in found.of_split("test")] == ["4", "5"]
    assert [one.video_id for one in found.of_split("test-weak")] == ["4"]
    first = found.moments[0]
    assert (first.music_id, first.video_end_s, first.category) == ("4+5xa", 20.5, "Food")
    np.testing.assert_allclose(stretches_s(found.of_split("test")), [[3.0, 4.0], [100.0, 120.0]])


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (line("9", "4+5xa", 10.0, 10.0), "ends before it begins"),
        (line("9", "4+5xa", -1.0, 10.0), "ends before it begins"),
        (line("9", "4+5xa", 10.0, 130.0, 120.0), "ends after its track does"),
        (line("9", "4+5xa", "soon", 10.0), "has no number in music_start"),
        (line("9", "4+5xa", 1.0, "nan"), "has no number in music_end"),
        (line("9", "", 1.0, 2.0), "names no video or no track"),
        ("9,4+5xa,0.0", "has no number in video_end"),
    ],
)
def test_a_row_that_contradicts_itself_costs_itself(tmp_path: Path, broken: str, reason: str) -> None:
    write(tmp_path / "train_data.csv", line("1", "a", 1, 2), broken, line("2", "b", 1, 2))
    found = read_moments(tmp_path)
    assert [one.video_id for one in found.moments] == ["1", "2"]
    assert found.left_out == (f"Line 3 of train_data.csv {reason}: it is left out.",)


def test_no_video_is_trained_on_and_tested_on(tmp_path: Path) -> None:
    write(tmp_path / "train_data.csv", line("1", "a", 1, 2))
    write(tmp_path / "test_data.csv", line("1", "a", 5, 9), line("2", "a", 1, 2))
    found = read_moments(tmp_path)
    assert [one.split for one in found.moments] == ["train", "test-weak"]
    assert found.left_out == ("Video 1 of test_data.csv is in train_data.csv too: left out.",)


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "val_data.csv").write_text("video_id,music_id\n1,2\n")
    with pytest.raises(KnownError, match="no column 'video_start'"):
        read_moments(tmp_path)
    with pytest.raises(KnownError, match="none of MGSV-EC"):
        read_moments(tmp_path / "absent")
