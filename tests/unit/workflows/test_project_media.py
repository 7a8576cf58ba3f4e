# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Media that are not where the project says are taken from the folders that were pointed out."""

from __future__ import annotations

import zipfile
from fractions import Fraction
from pathlib import Path

from needledrop.core.edit import ClipKind, EditClip, MediaSource, ProjectEdit, missing_media
from needledrop.core.paths import Profile
from needledrop.workflows.project_media import remember_media_folder, with_media_found


def edit_of(*named: str) -> ProjectEdit:
    one = Fraction(1)
    clips = [
        EditClip("a", ClipKind.PICTURE, 0, MediaSource(name), Fraction(0), one, Fraction(0), one) for name in named
    ]
    return ProjectEdit("cut", Fraction(25), tuple(clips), duration_s=one)


def test_names_are_read_from_paths_and_addresses_of_any_system() -> None:
    edit = edit_of("C:\\Film\\day 1.mov", "file:///Volumes/A/day%202.mov", "/mnt/day 3.mov", "/mnt/day 3.mov")
    assert missing_media(edit) == ("day 1.mov", "day 2.mov", "day 3.mov")


def test_a_bundle_brings_its_media_along(profile: Profile, tmp_path: Path) -> None:
    bundle = tmp_path / "cut.otioz"
    with zipfile.ZipFile(bundle, "w") as packed:
        packed.writestr("content.otio", "{}")
        packed.writestr("media/day 1.mov", b"pictures")
        packed.writestr("../../outside.mov", b"elsewhere")
    edit = edit_of("media/day 1.mov", "../../outside.mov")
    for _ in range(2):  # The second time it is there already.
        found = with_media_found(profile, bundle, edit)
        paths = [clip.source.path for clip in found.clips if clip.source is not None and clip.source.path is not None]
        assert [path.read_bytes() for path in paths] == [b"pictures", b"elsewhere"]
        assert all(path.is_relative_to(profile.cache_dir / "bundles") for path in paths)
    bundle.write_bytes(b"no bundle")
    assert with_media_found(profile, bundle, edit) == edit


def test_they_are_found_below_a_folder_that_was_pointed_out(profile: Profile, tmp_path: Path) -> None:
    project, deep = tmp_path / "cut.otio", tmp_path / "drive" / "A" / "B"
    deep.mkdir(parents=True)
    (deep / "day 2.mov").touch()
    edit = edit_of("file:///Volumes/A/day%202.mov", "/mnt/day 3.mov")
    assert with_media_found(profile, project, edit) == edit
    remember_media_folder(profile, project, tmp_path / "drive")
    found = with_media_found(profile, project, edit)
    assert found.clips[0].source is not None and found.clips[0].source.path == deep / "day 2.mov"
    assert missing_media(found) == ("day 3.mov",)
    assert with_media_found(profile, tmp_path / "other.otio", edit) == edit
