# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are there whole or not at all, and never in place of another one unasked."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.media.output_file import output_error, written_whole


def test_the_file_appears_at_the_end_under_its_name(tmp_path: Path) -> None:
    out = tmp_path / "a.txt"
    with written_whole(out) as part:
        part.write_text("all of it")
        assert part.suffix == ".txt"
        assert not out.exists()
    assert out.read_text() == "all of it"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_nothing_and_keeps_what_was_there(tmp_path: Path, error: type[BaseException]) -> None:
    out = tmp_path / "a.txt"
    out.write_text("old")
    with pytest.raises(error), written_whole(out, overwrite=True) as part:
        part.write_text("half")
        raise error
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "a.txt"
    with pytest.raises(KnownError, match="exists already"), written_whole(out) as part:
        part.write_text("mine")
        out.write_text("theirs")
    assert out.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [out]


def test_a_folder_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    for path, code in ((tmp_path, "exists"), (tmp_path / "no" / "a.txt", "missing")):
        with pytest.raises(KnownError) as refused, written_whole(path, overwrite=True):
            pass
        assert refused.value.code == code


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    out = tmp_path / ("ä" * 125 + ".txt")
    with written_whole(out) as part:
        part.write_text("x")
    assert out.exists()


def test_permissions_follow_the_user(tmp_path: Path) -> None:
    (tmp_path / "b").touch()
    with written_whole(tmp_path / "a") as part:
        part.touch()
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "disk-full"), (errno.EDQUOT, "disk-full"), (errno.EFBIG, "disk-full"), (errno.EROFS, "unwritable")],
)
def test_errors_of_the_disk_become_sentences(number: int, code: str) -> None:
    error = output_error(OSError(number, os.strerror(number)), Path("film.mp4"))
    assert error.code == code
    assert "film.mp4" in error.sentence
    assert error.remedy
