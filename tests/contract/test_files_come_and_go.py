# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renaming, moving, retagging, copying and deleting files: tracks keep their id and what the user decided."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from mutagen.flac import FLAC

from contract.scanning import all_tracks, profile_with_models, quiet_scan
from media_factory import music, write_audio
from needledrop.core.paths import Profile
from needledrop.library.rows import ScanCounts, TrackRow
from needledrop.workflows import browse


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Path:
    """A folder that holds a folder of two tracks, and a profile that knows them; the user edited the first."""
    base = tmp_path_factory.mktemp("come-and-go")
    folder, profile = base / "now" / "music", profile_with_models(base / "now" / "profile", models_dir)
    folder.mkdir(parents=True)
    write_audio(folder / "a.flac", music(1.5, seed=1))
    write_audio(folder / "b.flac", music(1.5, seed=2))
    quiet_scan(profile, folder)
    browse.edit_track(profile, track_named(profile, "a.flac").id, ["title=Dawn", "licence=CC-BY-4.0"])
    (base / "now").rename(base / "kept")
    return base


@pytest.fixture
def folder(scanned: Path) -> Iterator[Path]:
    """The scanned folder, as new, in the place where it was scanned."""
    shutil.copytree(scanned / "kept", scanned / "now", symlinks=True)
    yield scanned / "now" / "music"
    shutil.rmtree(scanned / "now")


@pytest.fixture
def profile(scanned: Path) -> Profile:
    """The profile that knows the folder."""
    return Profile.at(scanned / "now" / "profile")


def track_named(profile: Profile, name: str) -> TrackRow:
    (track,) = (track for track in all_tracks(profile) if track.file_path.name == name)
    return track


def counts(profile: Profile, folder: Path) -> ScanCounts:
    report = quiet_scan(profile, folder)
    assert (report.analysed, report.failed) == (0, 0)
    return report.counts


def test_renamed_and_moved_files_keep_track_and_edits(folder: Path, profile: Profile) -> None:
    before = track_named(profile, "a.flac")
    (folder / "album").mkdir()
    (folder / "a.flac").rename(folder / "album" / "renamed.flac")
    assert counts(profile, folder) == ScanCounts(moved=1)
    after = track_named(profile, "renamed.flac")
    assert (after.id, after.state, after.tags.title, after.licence.name) == (before.id, "present", "Dawn", "CC-BY-4.0")
    assert len(all_tracks(profile)) == 2
    (folder / "album").rename(folder / "moved album")
    assert counts(profile, folder) == ScanCounts(moved=1)
    assert track_named(profile, "renamed.flac").id == before.id


def test_a_retagged_file_keeps_its_track_and_the_edit_wins(folder: Path, profile: Profile) -> None:
    before = track_named(profile, "a.flac")
    tags = FLAC(folder / "a.flac")
    tags["title"], tags["artist"] = "From the file", "The File"
    tags.save()
    assert counts(profile, folder) == ScanCounts(changed=1)
    after = track_named(profile, "a.flac")
    assert (after.id, after.tags.title, after.tags.artist) == (before.id, "Dawn", "The File")


def test_a_copied_file_makes_no_second_track(folder: Path, profile: Profile) -> None:
    shutil.copy(folder / "a.flac", folder / "copy of a.flac")
    assert counts(profile, folder).new == 0
    assert len(all_tracks(profile)) == 2
    (folder / "a.flac").unlink()
    assert counts(profile, folder).missing == 0
    assert track_named(profile, "copy of a.flac").tags.title == "Dawn"


def test_a_deleted_file_is_missing_and_comes_back_with_everything(folder: Path, profile: Profile) -> None:
    whole = (folder / "a.flac").read_bytes()
    before = track_named(profile, "a.flac")
    (folder / "a.flac").unlink()
    assert counts(profile, folder) == ScanCounts(missing=1)
    assert track_named(profile, "a.flac").state == "missing"
    (folder / "a.flac").write_bytes(whole)
    assert counts(profile, folder).returned == 1
    after = track_named(profile, "a.flac")
    assert (after.id, after.state, after.tags.title) == (before.id, "present", "Dawn")


def test_what_the_user_took_out_stays_out(folder: Path, profile: Profile) -> None:
    track = track_named(profile, "a.flac")
    browse.remove_tracks(profile, [track.id], is_undo=False)
    (folder / "a.flac").rename(folder / "renamed.flac")
    quiet_scan(profile, folder)
    assert track_named(profile, "renamed.flac").state == "deleted"
    browse.remove_tracks(profile, [track.id], is_undo=True)
    assert track_named(profile, "renamed.flac").state == "present"


def test_a_deleted_folder_is_not_an_offline_drive(folder: Path, profile: Profile) -> None:
    shutil.rmtree(folder)
    report = quiet_scan(profile)
    assert (report.counts.missing, report.offline) == (2, [])
    assert {track.state for track in all_tracks(profile)} == {"missing"}
