# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`scan --watch` takes in what comes, also what came between the scan and the watch, and stops when asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.scanning import all_tracks, quiet_scan
from media_factory import music, write_audio
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.jobs import watch as watch_module
from needledrop.workflows.profiles import write_library
from needledrop.workflows.scan import ScanReport, watch

PATIENCE_S = 120.0


@pytest.fixture
def cancel(monkeypatch: pytest.MonkeyPatch) -> Iterator[CancelToken]:
    """A token that is set in the end, so that no test waits for ever."""
    monkeypatch.setattr(watch_module, "DEBOUNCE_MS", 300)
    token = CancelToken()
    timer = threading.Timer(PATIENCE_S, token.cancel)
    timer.start()
    yield token
    timer.cancel()


def reports(profile: Profile, cancel: CancelToken) -> Iterator[ScanReport]:
    return watch(profile, workers=1, progress=ignore_progress, cancel=cancel)


def test_new_files_are_taken_in_and_nothing_is_missed(tmp_path: Path, profile: Profile, cancel: CancelToken) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    quiet_scan(profile, folder)
    write_audio(folder / "between.flac", music(1.5, seed=1))
    seen = []
    for report in reports(profile, cancel):
        seen.append(report.counts.new)
        if len(seen) == 1:
            (folder / "album").mkdir()
            write_audio(folder / "album" / "later.flac", music(1.5, seed=2))
        elif len(all_tracks(profile)) == 2:
            cancel.cancel()
    assert sum(seen) == 2
    assert {track.file_path.name for track in all_tracks(profile)} == {"between.flac", "later.flac"}


def test_a_library_locked_for_a_moment_does_not_end_the_watch(
    tmp_path: Path, profile: Profile, cancel: CancelToken
) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    quiet_scan(profile, folder)
    write_audio(folder / "new.flac", music(1.5, seed=1))
    writer = write_library(profile, "edit")
    release = threading.Timer(1.5, writer._lock.release, kwargs={"is_clean": True})
    release.start()
    for report in reports(profile, cancel):
        assert report.counts.new == 1
        cancel.cancel()
    release.join()
    writer.close()
    assert len(all_tracks(profile)) == 1
