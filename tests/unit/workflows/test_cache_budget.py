# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.workflows.cache_budget import keep_within, read_kept, write_kept


def aged(file: Path, seconds: int) -> Path:
    """The file as if last used so many seconds after the epoch."""
    os.utime(file, (seconds, seconds))
    return file


def kept_file(profile: Profile, name: str, size: int, used_at: int) -> Path:
    file = profile.cache_dir / name
    write_kept(file, b"x" * size)
    return aged(file, used_at)


def test_what_was_kept_is_read_and_what_was_not_is_none(profile: Profile) -> None:
    file = profile.cache_dir / "peaks" / "a.peaks"
    assert read_kept(file) is None
    write_kept(file, b"abc")
    assert read_kept(file) == b"abc"


def test_the_least_recently_used_go_first_with_some_room_to_spare(profile: Profile) -> None:
    old = kept_file(profile, "thumbnails/v/1.jpg", 400, 1)
    used = kept_file(profile, "peaks/2.peaks", 400, 2)
    new = kept_file(profile, "thumbnails/v/3.jpg", 400, 3)
    read_kept(used)  # Now the most recent.
    assert keep_within(profile, 900) == 400
    assert [file.exists() for file in (old, used, new)] == [False, True, True]
    assert keep_within(profile, 900) == 0


def test_other_files_of_the_cache_are_left_alone(profile: Profile) -> None:
    model = kept_file(profile, "models/words.onnx", 5000, 1)
    kept_file(profile, "peaks/1.peaks", 200, 2)
    assert keep_within(profile, 100) == 200
    assert model.exists()


def test_a_cache_without_folders_holds_nothing(profile: Profile) -> None:
    assert keep_within(profile, 0) == 0


def test_a_cache_that_cannot_be_made_is_named(profile: Profile, tmp_path: Path) -> None:
    profile.cache_dir.parent.mkdir(parents=True)
    profile.cache_dir.write_text("a file where a folder should be")
    with pytest.raises(KnownError, match="cache folder"):
        write_kept(profile.cache_dir / "peaks" / "a.peaks", b"abc")
