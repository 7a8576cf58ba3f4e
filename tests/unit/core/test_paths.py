# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles and printable paths."""

from __future__ import annotations

import os
from pathlib import Path

from needledrop.core.paths import Profile, display_path, is_shipped, shipped_dir


def test_a_profile_at_a_folder_keeps_everything_below_it(tmp_path: Path) -> None:
    profile = Profile.at(tmp_path)
    for path in (profile.library_path, profile.backups_dir, profile.gallery_dir, profile.log_path, profile.config_dir):
        assert path.is_relative_to(tmp_path)


def test_the_default_profile_is_named_after_the_program() -> None:
    assert "needledrop" in str(Profile.default().library_path)


def test_what_ships_is_told_from_what_is_the_users(tmp_path: Path) -> None:
    assert is_shipped(shipped_dir("resources") / "demo" / "demo.mp4") and is_shipped(shipped_dir("models"))
    assert not is_shipped(shipped_dir("resources").parent) and not is_shipped(tmp_path / "demo.mp4")
    (tmp_path / "demo").symlink_to(shipped_dir("resources") / "demo")
    assert is_shipped(tmp_path / "demo" / "demo.mp4")


def test_any_path_can_be_printed() -> None:
    for raw in (b"caf\xe9.mp3", b"line\nbreak.mp3", "🎵.flac".encode(), b"\x1b[31m.wav"):
        text = display_path(raw)
        assert text.isprintable()
        text.encode("utf-8")
    assert display_path("🎵 é.flac") == "🎵 é.flac"
    assert display_path(os.fsdecode(b"caf\xe9.mp3")) == "caf\\xe9.mp3"
