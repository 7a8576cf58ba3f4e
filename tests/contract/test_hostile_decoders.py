# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A decoder that hangs, crashes or eats memory costs its one file: its process is killed and the scan goes on."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from contract.entries import HOSTILE_IDENTITY, HOSTILE_MUSIC
from contract.scanning import all_tracks, quiet_scan
from media_factory import music, write_audio
from needledrop.core.paths import Profile
from needledrop.jobs.pool import WorkerPool
from needledrop.workflows import scan as scan_module
from needledrop.workflows.profiles import read_library

SILENCE_LIMIT_S = 6.0
# A starting worker must not be taken for a hanging one, however busy the machine is.
TIMES_A_SCAN = 3.0


def seconds_of_a_scan(tmp_path: Path) -> float:
    """How long a scan of one harmless file takes here and now."""
    folder = tmp_path / "harmless"
    folder.mkdir()
    write_audio(folder / "a.wav", music(1.5))
    started_s = time.monotonic()
    assert quiet_scan(Profile.at(tmp_path / "harmless-profile"), folder).analysed == 1
    return time.monotonic() - started_s


def test_hostile_files_cost_themselves_only(tmp_path: Path, profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "MUSIC_ENTRY", HOSTILE_MUSIC)
    monkeypatch.setattr(scan_module, "IDENTITY_ENTRY", HOSTILE_IDENTITY)
    limit_s = max(SILENCE_LIMIT_S, TIMES_A_SCAN * seconds_of_a_scan(tmp_path))
    monkeypatch.setitem(WorkerPool.__init__.__kwdefaults__, "silence_limit_s", limit_s)
    folder = tmp_path / "music"
    folder.mkdir()
    wanted = {
        "crash-identity.wav": "crashed",
        "hang-analysis.wav": "hung",
        "crash-analysis.wav": "crashed",
        "abort-analysis.wav": "crashed",
        "bomb-analysis.wav": "memory",
    }
    for seed, name in enumerate([*wanted, "a.wav", "z.wav"]):
        write_audio(folder / name, music(1.5, seed=seed))
    report = quiet_scan(profile, folder, workers=2)
    assert (report.analysed, report.failed) == (2, len(wanted))
    with read_library(profile) as library:
        problems = {Path(problem.display).name: problem for problem in library.problems()}
        library.connection.check_integrity()
    assert {name: problem.code for name, problem in problems.items()} == wanted
    assert all(name in problem.sentence for name, problem in problems.items() if problem.code != "memory")
    analysed = {track.file_path.name for track in all_tracks(profile) if track.facts.tempo_bpm is not None}
    assert analysed == {"a.wav", "z.wav"}
    assert quiet_scan(profile, folder).failed == 0
