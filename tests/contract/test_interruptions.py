# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C, kill and kill -9 at any moment: what was finished is kept, the next scan does the rest, nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.entries import ENDLESS_MUSIC, SLOW_MUSIC
from contract.scanning import all_tracks, command, profile_with_models, quiet_scan
from media_factory import music, write_audio
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.features.music import FEATURE_VERSIONS
from needledrop.workflows import browse
from needledrop.workflows.profiles import read_library

TRACKS = 14
PROGRAM = Path(__file__).with_name("slow_program.py")
TESTS = Path(__file__).parent.parent
PATIENCE_S = 120.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
Content = dict[str, tuple[object, ...]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Short tracks and one broken file."""
    folder = tmp_path_factory.mktemp("interruptions") / "music"
    folder.mkdir()
    for seed in range(TRACKS):
        write_audio(folder / f"{seed:02}.flac", music(1.2, seed=seed, bpm=80.0 + 5 * seed))
    (folder / "broken.mp3").write_bytes(b"\0" * 100)
    return folder


@pytest.fixture(scope="module")
def undisturbed(folder: Path, tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Content:
    """What a scan finds that nobody disturbs."""
    profile = profile_with_models(tmp_path_factory.mktemp("undisturbed") / "profile", models_dir)
    quiet_scan(profile, folder)
    return content(profile)


def content(profile: Profile) -> Content:
    """Everything a library holds of its tracks, by content; ids and times left out."""
    with read_library(profile) as library:
        library.connection.check_integrity()
        tracks = list(library.tracks(library.track_ids()).values())
        features = {
            name: library.features(library.track_ids(), name, version) for name, version in FEATURE_VERSIONS.items()
        }
        problems = tuple((problem.path, problem.code) for problem in library.problems())
        recordings: dict[int, set[str]] = {}
        for track in tracks:
            recordings.setdefault(track.recording_id, set()).add(track.content_hash)
        found: Content = {
            track.content_hash: (
                track.path,
                track.state,
                track.tags,
                track.facts,
                frozenset(recordings[track.recording_id]),
                tuple(packed.get(track.id) for packed in features.values()),
            )
            for track in tracks
        }
        return found | {"problems": problems}


class Running:
    """The program with another analysis, in a process of its own."""

    def __init__(self, profile: Profile, folder: Path, analysis: str = SLOW_MUSIC) -> None:
        self.mark = f"NEEDLEDROP_TEST={time.monotonic_ns()}"
        name, value = self.mark.split("=")
        arguments = command(profile, ["scan", folder, "--quiet", "--workers", "2"])
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), analysis, *arguments[3:]],
            env=os.environ | {"PYTHONPATH": str(TESTS), name: value},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def send(self, number: signal.Signals) -> None:
        """Signal the program; an interrupt reaches its workers too, as from a terminal."""
        if number == signal.SIGINT:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)

    def finish(self) -> tuple[int, str]:
        """Wait; exit status and everything it said."""
        out, err = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, out + err

    def has_left_no_workers(self) -> bool:
        """True once no process of this run is alive any more."""
        deadline = time.monotonic() + 30.0
        while time.monotonic() < deadline:
            if not any(self.mark in environment for environment in _environments()):
                return True
            time.sleep(0.1)
        return False


def _environments() -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            yield path.read_bytes().decode(errors="replace")
        except OSError:
            continue


def wait_until_analysed(profile: Profile, least: int) -> None:
    """Wait until a running scan has finished some tracks."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if analysed(profile) >= least:
                return
        except KnownError:  # The library is just being made.
            pass
        time.sleep(0.02)
    raise AssertionError("the scan finished nothing")


def analysed(profile: Profile) -> int:
    return sum(track.facts.integrated_lufs is not None for track in all_tracks(profile))


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_an_interrupted_scan_keeps_what_is_done_and_resumes(
    folder: Path, profile: Profile, undisturbed: Content, number: signal.Signals
) -> None:
    running = Running(profile, folder, ENDLESS_MUSIC)  # However late the signal comes, it finds the scan at work.
    wait_until_analysed(profile, 2)
    running.send(number)
    status, said = running.finish()
    assert (status, said) == (130, "needledrop: stopped. What was finished is kept.\n")
    assert running.has_left_no_workers()
    done = analysed(profile)
    assert 2 <= done < TRACKS
    with read_library(profile) as library:
        assert [job.state.value for job in library.jobs()] == ["cancelled"]
    report = quiet_scan(profile, folder)
    assert (report.analysed, report.counts.new) == (TRACKS - done, 0)
    assert content(profile) == undisturbed


@pytest.mark.parametrize("delay_s", [0.0, 0.2, 0.4, 0.8])
def test_an_early_interrupt_leaves_no_traceback_and_no_process(folder: Path, profile: Profile, delay_s: float) -> None:
    running = Running(profile, folder)
    while not profile.library_path.exists():
        assert running.process.poll() is None
        time.sleep(0.01)
    time.sleep(delay_s)  # The workers are starting, and have not heard yet that the signal is not theirs.
    running.send(signal.SIGINT)
    status, said = running.finish()
    assert status in (130, -signal.SIGINT)
    assert "Traceback" not in said and "KeyboardInterrupt" not in said, said
    assert running.has_left_no_workers()


def test_a_second_interrupt_ends_it_at_once(folder: Path, profile: Profile) -> None:
    running = Running(profile, folder, ENDLESS_MUSIC)
    wait_until_analysed(profile, 1)
    running.process.send_signal(signal.SIGSTOP)
    running.process.send_signal(signal.SIGINT)
    running.process.send_signal(signal.SIGCONT)
    for _ in range(100):
        if running.process.poll() is not None:
            break
        running.process.send_signal(signal.SIGINT)
        time.sleep(0.005)
    status, said = running.finish()
    assert status in (-signal.SIGINT, 130)
    assert "Traceback" not in said
    assert running.has_left_no_workers()
    with read_library(profile) as library:
        library.connection.check_integrity()


def kill_and_resume(folder: Path, profile: Profile, moments: int, seed: int) -> None:
    """Kill the scan at random moments of its life; what was analysed before each kill must still be there after it."""
    delays = random.Random(seed)
    before = 0
    for left in reversed(range(moments)):
        running = Running(profile, folder)
        if left == 0:  # However busy the machine is, one kill has something to lose.
            wait_until_analysed(profile, 1)
        time.sleep(delays.uniform(0.0, 3.0))
        running.process.kill()
        running.finish()
        assert running.has_left_no_workers()
        if profile.library_path.exists():
            now = analysed(profile)
            assert now >= before
            before = now
            tracks = all_tracks(profile)
            if tracks and not browse.show_track(profile, tracks[0].id).edits:
                browse.edit_track(profile, tracks[0].id, ["title=Kept"])


def check_after_kills(folder: Path, profile: Profile, undisturbed: Content) -> None:
    report = quiet_scan(profile, folder)
    assert report.failed <= 1  # The broken file, where no scan had come to it yet.
    (edited,) = (track for track in all_tracks(profile) if track.tags.title == "Kept")
    browse.edit_track(profile, edited.id, ["title="])
    assert content(profile) == undisturbed


def test_kill_9_at_a_few_moments_loses_nothing(folder: Path, profile: Profile, undisturbed: Content) -> None:
    kill_and_resume(folder, profile, moments=3, seed=1)
    check_after_kills(folder, profile, undisturbed)


@pytest.mark.slow
def test_kill_9_at_twenty_moments_loses_nothing(folder: Path, profile: Profile, undisturbed: Content) -> None:
    kill_and_resume(folder, profile, moments=20, seed=2)
    check_after_kills(folder, profile, undisturbed)
