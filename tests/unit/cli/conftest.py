# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program as its users type it, run in the test's own process."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from needledrop.cli.main import run
from needledrop.core.packing import pack
from needledrop.core.paths import Profile
from needledrop.features.music import FEATURE_VERSIONS
from needledrop.workflows.profiles import write_library
from retrieval.synthetic_gallery import make_track
from unit.workflows.made_library import add_track

Program = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run_at(capsys: pytest.CaptureFixture[str]) -> Iterator[Program]:
    """Run it on the profile in a folder, given first: exit status, output, messages."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def call(folder: Path, *words: str | Path) -> tuple[int, str, str]:
        status = run(["--profile", str(folder), *map(str, words)])
        said = capsys.readouterr()
        return status, said.out, said.err

    yield call
    for number, handler in handlers.items():
        signal.signal(number, handler)
    root = logging.getLogger("needledrop")
    for log_handler in list(root.handlers):
        log_handler.close()
        root.removeHandler(log_handler)


@pytest.fixture
def program(profile: Profile, run_at: Program) -> Program:
    """Run it on the test's profile."""
    return partial(run_at, profile.data_dir.parent)


@pytest.fixture
def track(profile: Profile) -> str:
    """A track of 91 BPM whose first beat, which begins a bar, lies at 0.4 s."""
    with write_library(profile, "test") as library:
        return str(add_track(library, 1))


@pytest.fixture
def drone(profile: Profile) -> str:
    """A track without beats."""
    with write_library(profile, "test") as library:
        track_id = add_track(library, 5)
        rhythm = make_track(5, duration_s=60.0, has_pulse=False).rhythm
        rhythm = replace(rhythm, onset_curve=np.zeros(6000, np.uint8), beats_s=np.zeros(0), downbeats_s=np.zeros(0))
        library.put_features(track_id, {"rhythm": (FEATURE_VERSIONS["rhythm"], pack(rhythm))})
        return str(track_id)
