# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives that are unplugged or full. They are small file systems in memory, which only root can mount."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.scanning import all_tracks, profile_with_models, quiet_scan
from media_factory import music, write_audio
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.crossmodal.sentence import published_model_dir
from needledrop.library.rows import ScanCounts
from needledrop.workflows.profiles import read_library
from needledrop.workflows.words import open_model

ROOM_BYTES = 600 << 10  # Enough to make the library, not to fill it.


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    place = tmp_path / "drive"
    place.mkdir()
    mount(place)
    yield place
    subprocess.run(["umount", str(place)], check=False, capture_output=True)


def mount(place: Path) -> None:
    tool = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    if tool is None or subprocess.run([tool, *options], check=False, capture_output=True).returncode:
        pytest.skip("a drive can only be mounted by root")


def test_an_unplugged_drive_is_offline_and_loses_nothing(drive: Path, profile: Profile) -> None:
    folder = drive / "music"
    folder.mkdir()
    write_audio(folder / "a.flac", music(1.5, seed=1))
    kept = (folder / "a.flac").read_bytes()
    quiet_scan(profile, folder)
    subprocess.run(["umount", str(drive)], check=True)
    report = quiet_scan(profile)
    assert (report.counts, len(report.offline)) == (ScanCounts(), 1)
    assert [track.state for track in all_tracks(profile)] == ["offline"]
    mount(drive)
    folder.mkdir()
    (folder / "a.flac").write_bytes(kept)
    report = quiet_scan(profile)
    assert (report.counts.new, report.analysed) == (0, 0)
    assert [track.state for track in all_tracks(profile)] == ["present"]


def test_a_full_disk_stops_the_scan_with_a_sentence_and_loses_nothing(
    drive: Path, tmp_path: Path, models_dir: Path
) -> None:
    folder, profile = tmp_path / "music", profile_with_models(drive / "profile", models_dir)
    folder.mkdir()
    for seed in range(6):
        write_audio(folder / f"{seed}.flac", music(1.5, seed=seed))
    profile.data_dir.mkdir()
    ballast = drive / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(drive).free - ROOM_BYTES))
    with pytest.raises(KnownError) as caught:
        quiet_scan(profile, folder)
    assert (caught.value.code, caught.value.remedy[:10]) == ("disk-full", "Free some ")
    with read_library(profile) as library:
        library.connection.check_integrity()
        assert library.count() <= 6
    ballast.unlink()
    report = quiet_scan(profile, folder)
    assert (report.failed, report.problems, len(all_tracks(profile))) == (0, 0, 6)
    assert all(track.facts.integrated_lufs is not None for track in all_tracks(profile))


def test_no_room_for_the_sentence_model_is_said(drive: Path) -> None:
    if published_model_dir() is None:
        pytest.skip("the extra `text` is not installed")
    with pytest.raises(KnownError, match="sentence model") as caught:
        open_model(Profile.at(drive))
    assert caught.value.code == "disk-full"
