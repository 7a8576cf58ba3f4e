# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of a set find their files, where there is no doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.training.pairs.media_files import files_by_name


def test_a_name_finds_its_file_by_path_or_by_being_the_only_one(tmp_path: Path) -> None:
    for name in ("a.mp4", "x/b.mp3", "x/c.mp3", "y/c.mp3", "y/a.mp4", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    found = files_by_name(["a.mp4", "x/c.mp3", "c.mp3", "b.mp3", "track-00001", "notes.txt"], tmp_path)
    assert {name: path.relative_to(tmp_path).as_posix() for name, path in found.items()} == {
        "a.mp4": "a.mp4",
        "x/c.mp3": "x/c.mp3",
        "b.mp3": "x/b.mp3",
    }
    with pytest.raises(KnownError, match="is no folder"):
        files_by_name([], tmp_path / "absent")
