# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running scans and the program, and looking at what became of the library."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.library.rows import Problem, TrackRow
from needledrop.workflows.profiles import read_library
from needledrop.workflows.scan import ScanReport, scan


@dataclass(frozen=True)
class World:
    """A scanned folder of bad files, with what came of it."""

    folder: Path
    profile: Profile
    wanted_codes: dict[str, set[str]]
    odd_paths: list[bytes]
    report: ScanReport

    def tracks(self) -> list[TrackRow]:
        return all_tracks(self.profile)

    def problems(self) -> list[Problem]:
        with read_library(self.profile) as library:
            return library.problems()

    def rescan(self, **options: bool) -> ScanReport:
        return quiet_scan(self.profile, self.folder, **options)


def quiet_scan(profile: Profile, *folders: Path, workers: int = 1, is_retry: bool = False) -> ScanReport:
    """The real scan with real worker processes."""
    return scan(profile, folders, workers=workers, progress=ignore_progress, cancel=CancelToken(), is_retry=is_retry)


def profile_with_models(folder: Path, models_dir: Path) -> Profile:
    """A profile whose sentence model is the one in `models_dir`, if any."""
    profile = Profile.at(folder)
    if models_dir.is_dir():
        profile.cache_dir.mkdir(parents=True)
        (profile.cache_dir / "models").symlink_to(models_dir)
    return profile


def all_tracks(profile: Profile) -> list[TrackRow]:
    """Every track of the library, hidden ones too, by id."""
    with read_library(profile) as library:
        states = ("present", "missing", "offline", "removed", "deleted")
        return list(library.tracks(library.track_ids(states)).values())


def command(profile: Profile, arguments: Sequence[str | Path]) -> list[str]:
    """The command line of the program."""
    folder = profile.data_dir.parent
    return [sys.executable, "-m", "needledrop", "--profile", str(folder), *(str(argument) for argument in arguments)]
