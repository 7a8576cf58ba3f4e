# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walking folders: what is found, what is left out, links, cancel."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from needledrop.core.errors import Cancelled
from needledrop.core.progress import CancelToken
from needledrop.workflows.discover import discover

SUFFIXES = frozenset({".mp3", ".flac"})


def names(root: Path) -> list[str]:
    found = discover(os.fsencode(root), SUFFIXES, CancelToken())
    assert found.faults == []
    return [os.fsdecode(os.path.relpath(file.path, os.fsencode(root))) for file in found.files]


def make(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)


def test_media_in_any_case_and_depth_in_order_of_path(tmp_path: Path) -> None:
    make(tmp_path, "b.MP3", "a/x.flac", "a/b/c/d.Flac", "note.txt", "mp3", "c.mp3.part")
    assert names(tmp_path) == ["a/b/c/d.Flac", "a/x.flac", "b.MP3"]


def test_hidden_and_system_folders_are_left_out(tmp_path: Path) -> None:
    make(tmp_path, ".hidden/a.mp3", "._a.mp3", "@eaDir/a.mp3", "$RECYCLE.BIN/a.mp3", "__MACOSX/a.mp3", "kept.mp3")
    assert names(tmp_path) == ["kept.mp3"]


def test_the_stat_of_a_file_is_its_own(tmp_path: Path) -> None:
    make(tmp_path, "a.mp3")
    (file,) = discover(os.fsencode(tmp_path), SUFFIXES, CancelToken()).files
    status = (tmp_path / "a.mp3").stat()
    assert (file.size, file.mtime_ns, file.inode) == (status.st_size, status.st_mtime_ns, status.st_ino)


def test_a_folder_with_two_names_is_walked_under_its_own(tmp_path: Path) -> None:
    make(tmp_path, "music/a_real/x.mp3", "elsewhere/y.mp3")
    (tmp_path / "music" / "z_link").symlink_to(tmp_path / "music" / "a_real")
    (tmp_path / "music" / "0_link").symlink_to(tmp_path / "music" / "a_real")
    (tmp_path / "music" / "other").symlink_to(tmp_path / "elsewhere")
    assert names(tmp_path / "music") == ["a_real/x.mp3", "other/y.mp3"]


def test_a_link_to_a_folder_around_the_root_brings_nothing_in(tmp_path: Path) -> None:
    make(tmp_path, "outside.mp3", "music/a.mp3")
    (tmp_path / "music" / "up").symlink_to(tmp_path)
    (tmp_path / "music" / "drive").symlink_to("/")
    assert names(tmp_path / "music") == ["a.mp3"]


def test_a_root_that_is_gone_is_a_fault_and_not_an_empty_folder(tmp_path: Path) -> None:
    found = discover(os.fsencode(tmp_path / "gone"), SUFFIXES, CancelToken())
    assert found.files == []
    ((path, fault),) = found.faults
    assert path == os.fsencode(tmp_path / "gone") and fault.code == "unreadable"


def test_cancel_stops_the_walk(tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        discover(os.fsencode(tmp_path), SUFFIXES, cancel)
