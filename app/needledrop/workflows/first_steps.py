# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new user is led through: where music lies, how fast this machine is, and a first suggestion from a sample.

The window asks at every start whether this is the first: what the work itself needs is imported by the work.
"""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from needledrop.core.errors import KnownError
from needledrop.core.json_file import read_json, write_json
from needledrop.core.paths import Profile, shipped_dir
from needledrop.core.progress import CancelToken, ProgressSink

if TYPE_CHECKING:
    from needledrop.workflows.analysis import Analysis
    from needledrop.workflows.scan import ScanReport
    from needledrop.workflows.suggest import Answer

SAMPLE_TRACKS = 20
_MEASURED = "night_circuit.opus"


@dataclass(frozen=True)
class Machine:
    """What analysis runs on. memory_gb is 0 where the system does not say."""

    processor: str
    cores: int
    memory_gb: float


@dataclass(frozen=True)
class FirstSuggestion:
    """What the sample led to."""

    scan: ScanReport
    answer: Answer


def is_first_run(profile: Profile) -> bool:
    """Whether there is no library yet, and the user has not put the first steps away."""
    return not profile.library_path.exists() and read_json(_done_path(profile)) is None


def note_first_run(profile: Profile) -> None:
    """Do not open the first steps by themselves again."""
    write_json(_done_path(profile), {"done_at": time.time()})


def likely_folders() -> list[Path]:
    """Folders of this user in which music usually lies, those that are there and hold anything."""
    import platformdirs

    found: list[Path] = []
    for path in (Path(platformdirs.user_music_dir()), Path.home() / "Music"):
        with contextlib.suppress(OSError):  # A folder that may not be read is none to propose.
            if path not in found and path.is_dir() and any(path.iterdir()):
                found.append(path)
    return found


def machine() -> Machine:
    """Look at this machine; quick."""
    return Machine(_processor(), os.cpu_count() or 1, _memory_gb())


def measure_speed(cancel: CancelToken) -> float:
    """Analyse a track of the demo in a worker process, as a scan would: seconds of music a second, for one worker.

    Raises:
        KnownError: the installation is incomplete, or the worker could not do it.
        Cancelled: stopped by the user.
    """
    from needledrop.workflows.analysis import MUSIC_ENTRY
    from needledrop.workflows.videos import run_in_worker

    track = shipped_dir("resources") / "demo" / "music" / _MEASURED
    started = time.monotonic()
    analysis: Analysis = run_in_worker(MUSIC_ENTRY, track, (), cancel)
    return analysis.duration_s / (time.monotonic() - started)


def first_suggestion(
    profile: Profile, folders: Sequence[Path], *, workers: int, progress: ProgressSink, cancel: CancelToken
) -> FirstSuggestion:
    """Analyse a sample of the folders' music, and suggest from it for the film of the demo.

    Raises:
        KnownError: a folder is not there or holds no music, or the library cannot be written.
        Cancelled: stopped by the user; what was analysed is kept.
    """
    from needledrop.workflows.profiles import read_library
    from needledrop.workflows.scan import scan
    from needledrop.workflows.suggest import Wish, suggest_music

    report = scan(profile, folders, workers=workers, progress=progress, cancel=cancel, most=SAMPLE_TRACKS)
    with read_library(profile) as library:
        if not library.count():
            raise _no_music()
    answer = suggest_music(profile, demo_film(), Wish(has_found_words=False), progress, cancel)
    if not answer.suggestions:
        raise _no_music()
    return FirstSuggestion(report, answer)


def demo_film() -> Path:
    """The film that comes with the program."""
    return shipped_dir("resources") / "demo" / "demo.mp4"


def _no_music() -> KnownError:
    return KnownError(
        "No music that could be used was found there.",
        remedy="Choose another folder, or look at the list of problems in the library.",
        code="nothing-found",
    )


def _done_path(profile: Profile) -> Path:
    return profile.data_dir / "window" / "first-run.json"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name" and value.strip():
                return value.strip()
    return platform.processor() or platform.machine()


def _memory_gb() -> float:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (AttributeError, ValueError, OSError):  # Not a system that says.
        return 0.0
