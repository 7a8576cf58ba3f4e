# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One writer process: the second is refused with the first one's name, and a dead one locks nobody out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.library.lock import WriterLock


def test_a_second_writer_is_told_who_is_first(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    first = WriterLock(path, "scan")
    with pytest.raises(KnownError, match=rf"`needledrop scan` \(process {os.getpid()}\)") as caught:
        WriterLock(path, "edit")
    assert caught.value.code == "locked"
    first.release(is_clean=True)
    WriterLock(path, "edit").release(is_clean=True)


def test_an_unclean_close_is_seen_by_the_next_writer(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    first = WriterLock(path, "scan")
    assert not first.was_unclean
    first.release(is_clean=False)
    second = WriterLock(path, "scan")
    assert second.was_unclean
    second.release(is_clean=True)
    assert (tmp_path / "library.lock").read_text() == ""


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"pid": 1}), json.dumps({"pid": 1, "verb": ""})])
def test_an_unreadable_name_still_gives_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "library.db"
    first = WriterLock(path, "scan")
    (tmp_path / "library.lock").write_text(text)
    with pytest.raises(KnownError, match="another Needledrop"):
        WriterLock(path, "scan")
    first.release(is_clean=True)
    first.release(is_clean=True)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        WriterLock(tmp_path / "gone" / "library.db", "scan")
    assert caught.value.code == "cannot-open"
