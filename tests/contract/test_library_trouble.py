# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A library that is locked, damaged, from a newer version or nowhere to be written: a sentence, a remedy, no loss."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from contract.scanning import command, profile_with_models, quiet_scan
from media_factory import music, shot_frames, write_audio, write_video
from needledrop.core.paths import Profile
from needledrop.workflows import browse
from needledrop.workflows.profiles import write_library

Program = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Path:
    """A folder of one track, and a profile that knows it."""
    base = tmp_path_factory.mktemp("trouble")
    (base / "music").mkdir()
    write_audio(base / "music" / "a.flac", music(6.0))
    quiet_scan(profile_with_models(base / "profile", models_dir), base / "music")
    return base


@pytest.fixture
def folder(scanned: Path, profile: Profile) -> Path:
    """The scanned folder; the test's own profile knows it."""
    shutil.rmtree(profile.data_dir.parent, ignore_errors=True)
    shutil.copytree(scanned / "profile", profile.data_dir.parent, symlinks=True)
    return scanned / "music"


def test_a_second_writer_is_refused_by_name_and_readers_go_on(
    folder: Path, profile: Profile, needledrop: Program, tmp_path: Path
) -> None:
    video = write_video(tmp_path / "film.mp4", shot_frames([20, 45], 75))
    with write_library(profile, "scan"):
        refused = needledrop("scan", folder)
        listed = needledrop("library", "list")
        suggested = needledrop("suggest", video, "--quiet", "--json")
    assert refused.returncode == 3
    assert f"`needledrop scan` (process {os.getpid()})" in refused.stderr
    assert "Wait until it has finished" in refused.stderr
    assert (listed.returncode, suggested.returncode) == (0, 0), suggested.stderr
    assert json.loads(suggested.stdout)["library_size"] == 1


def test_a_damaged_library_is_named_and_restore_brings_it_back(
    folder: Path, profile: Profile, needledrop: Program
) -> None:
    browse.edit_track(profile, 1, ["title=Kept"])
    browse.back_up(profile)
    with profile.library_path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(profile.library_path.stat().st_size - 8192))
    for words in (["library", "list"], ["scan"]):
        done = needledrop(*words)
        assert done.returncode == 3
        assert "is damaged" in done.stderr and "needledrop library restore" in done.stderr
        assert "Traceback" not in done.stderr
    restored = needledrop("library", "restore")
    assert restored.returncode == 0
    assert "kept as" in restored.stdout
    assert "Kept" in needledrop("library", "list").stdout
    assert needledrop("scan").returncode == 0


def test_a_library_of_a_newer_version_is_left_alone(folder: Path, profile: Profile, needledrop: Program) -> None:
    with closing(sqlite3.connect(profile.library_path)) as raw:
        (version,) = raw.execute("PRAGMA user_version").fetchone()
        raw.execute(f"PRAGMA user_version = {version + 1_000_000}")
    before = profile.library_path.read_bytes()
    for words in (["library", "list"], ["scan"]):
        done = needledrop(*words)
        assert done.returncode == 3
        assert "newer" in done.stderr and "Traceback" not in done.stderr
    assert profile.library_path.read_bytes() == before


def test_no_stale_gallery_survives_a_restore(folder: Path, profile: Profile) -> None:
    """Ids and revisions start again from the backup: the cache of the library before must not pass for its own."""
    backup = browse.back_up(profile)
    write_audio(folder / "b.flac", music(6.0, seed=5, bpm=100.0))
    quiet_scan(profile, folder)
    assert any(profile.gallery_dir.iterdir())
    (folder / "b.flac").unlink()
    browse.restore(profile, backup)
    assert not profile.gallery_dir.exists()


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["scan", "/no such folder"], 3),
        (["scan"], 3),
        (["scan", "--workers", "0"], 2),
        (["library", "list"], 4),
        (["library", "show", "77"], 3),
        (["library", "list", "--sort", "beauty"], 3),
        (["library", "list", "--bpm", "fast"], 2),
        (["suggest", "/no such film.mp4"], 3),
        (["config", "no-such-setting"], 3),
        (["dance"], 2),
    ],
)
def test_exit_codes_without_a_traceback(needledrop: Program, words: list[str], status: int) -> None:
    done = needledrop(*words)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout or done.stderr


def test_a_profile_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    profile = Profile.at(tmp_path / "file" / "profile")
    done = subprocess.run(command(profile, ["scan", tmp_path]), capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr and "Logging error" not in done.stderr


def test_a_log_that_cannot_be_written_is_no_reason_to_stop(profile: Profile) -> None:
    profile.log_path.mkdir(parents=True)
    done = subprocess.run(command(profile, ["scan", "/nowhere"]), capture_output=True, text=True, check=False)
    assert (done.returncode, "Logging error" in done.stderr) == (3, False)


def test_a_closed_pipe_ends_quietly(folder: Path, profile: Profile) -> None:
    line = " ".join(f"'{word}'" for word in command(profile, ["library", "export"]))
    done = subprocess.run(["sh", "-c", f"{line} | head -c 1"], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("{", "")
