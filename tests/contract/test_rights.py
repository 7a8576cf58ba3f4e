# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders and files that may not be read are named, and what was known of them stays. Run without root's privileges."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from contract.scanning import all_tracks, command
from media_factory import music, write_audio
from needledrop.core.paths import Profile
from needledrop.workflows.profiles import read_library

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="rights are given and taken as on Linux")


def drop_privileges() -> None:
    """Give up, for the program about to start, root's right to read what it may not."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def run(profile: Profile, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(profile, arguments), capture_output=True, text=True, check=False, preexec_fn=drop_privileges
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Music, some of it in a folder that nobody may read."""
    folder = tmp_path / "music"
    (folder / "closed").mkdir(parents=True)
    write_audio(folder / "open.flac", music(1.5, seed=1))
    write_audio(folder / "closed" / "inside.flac", music(1.5, seed=2))
    probe = folder / "probe"
    probe.touch(mode=0)
    reads = "open(__import__('sys').argv[1]).read()"
    tried = subprocess.run([sys.executable, "-c", reads, probe], preexec_fn=drop_privileges, capture_output=True)
    probe.unlink()
    if tried.returncode == 0:
        pytest.skip("root's privileges cannot be dropped here")
    return folder


def test_an_unreadable_folder_is_listed_and_its_tracks_stay(folder: Path, profile: Profile) -> None:
    assert run(profile, "scan", folder).returncode == 0
    for mode in (0o000, 0o444):  # Closed; and names may be read but nothing of the files.
        (folder / "closed").chmod(mode)
        try:
            done = run(profile, "scan", "--json")
        finally:
            (folder / "closed").chmod(0o755)
        report = json.loads(done.stdout)
        assert (done.returncode, report["counts"]["missing"]) == (0, 0)
        assert "closed" in report["unreadable"][0]["sentence"]
        with read_library(profile) as library:
            assert [problem.code for problem in library.problems()] == ["unreadable"]
        assert {track.state for track in all_tracks(profile)} == {"present"}
    assert json.loads(run(profile, "scan", "--json").stdout)["problems"] == 0


def test_a_file_is_tried_again_once_it_may_be_read(folder: Path, profile: Profile) -> None:
    (folder / "open.flac").chmod(0)
    first = json.loads(run(profile, "scan", folder, "--json").stdout)
    assert (first["counts"]["new"], first["failed"]) == (1, 1)
    (folder / "open.flac").chmod(0o644)
    second = json.loads(run(profile, "scan", "--json").stdout)
    assert (second["counts"]["new"], second["analysed"], second["problems"]) == (1, 1, 0)
