# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first steps: when they open, what is proposed, a sample of a folder, and that a later scan goes on from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_factory import music, write_audio
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.workflows import first_steps
from needledrop.workflows.browse import list_folders
from needledrop.workflows.profiles import read_library, write_library
from needledrop.workflows.scan import scan


def test_the_first_run_is_one_until_it_is_put_away_or_there_is_a_library(profile: Profile) -> None:
    assert first_steps.is_first_run(profile)
    assert not profile.library_path.exists()
    first_steps.note_first_run(profile)
    assert not first_steps.is_first_run(profile)


def test_a_library_made_elsewhere_counts(profile: Profile) -> None:
    write_library(profile, "test").close()
    assert not first_steps.is_first_run(profile)


def test_folders_are_proposed_only_where_something_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_MUSIC_DIR", str(tmp_path / "Music"))
    (tmp_path / "Music").mkdir()
    assert first_steps.likely_folders() == []
    (tmp_path / "Music" / "a.mp3").touch()
    assert first_steps.likely_folders() == [tmp_path / "Music"]


def test_the_machine_is_described() -> None:
    machine = first_steps.machine()
    assert machine.cores >= 1 and machine.processor and machine.memory_gb >= 0


def test_the_speed_is_measured_on_a_real_track() -> None:
    assert first_steps.measure_speed(CancelToken()) > 0


@pytest.mark.slow
def test_a_sample_comes_from_all_over_the_folder_and_the_next_scan_goes_on(profile: Profile, tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    for number in range(6):
        write_audio(folder / f"{number}.flac", music(3.0, bpm=100 + number, seed=number))
    say = {"workers": 1, "progress": ignore_progress, "cancel": CancelToken()}
    report = scan(profile, [folder], most=2, **say)  # type: ignore[arg-type]
    assert (report.counts.new, report.analysed) == (2, 2)
    with read_library(profile) as library:
        names = {track.file_path.name for track in library.tracks(library.track_ids()).values()}
    assert names == {"0.flac", "3.flac"}
    assert list_folders(profile)[0].scanned_at is None
    report = scan(profile, [], **say)  # type: ignore[arg-type]
    assert (report.counts.new, report.analysed, report.unchanged) == (4, 4, 2)
    assert list_folders(profile)[0].scanned_at is not None


def test_a_folder_without_music_is_said(profile: Profile, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="No music"):
        first_steps.first_suggestion(profile, [tmp_path], workers=1, progress=ignore_progress, cancel=CancelToken())
