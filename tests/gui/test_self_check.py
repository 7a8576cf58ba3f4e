# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop self-test`: every part really tried, also at a real sound server; what is broken is a line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from needledrop.cli.self_test_command import window_checks
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.gui import self_check
from needledrop.workflows import self_test

NAMES = [
    "versions", "folders", "database", "decoders", "worker killed", "beat model", "sentence model", "suggestion",
    "window", "sound",
]  # fmt: skip


@pytest.fixture
def null_sink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A PulseAudio daemon of the test's own whose only output is heard by nobody."""
    if shutil.which("pulseaudio") is None or shutil.which("parec") is None:
        pytest.skip("there is no PulseAudio here")
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{runtime}/pulse/native")
    daemon = subprocess.Popen(
        ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes",
         "--load=module-native-protocol-unix", "--load=module-null-sink sink_name=nobody rate=48000"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    end = time.monotonic() + 20
    while subprocess.run(["pactl", "info"], capture_output=True, check=False).returncode:
        assert time.monotonic() < end, "the sound server did not start"
        time.sleep(0.1)
    yield
    daemon.terminate()
    daemon.wait()


@pytest.mark.slow
def test_everything_works_here_and_the_tone_reaches_the_monitor(null_sink: None, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "needledrop", "--profile", str(tmp_path / "mine"), "self-test", "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    answer = json.loads(ended.stdout)
    checks = {check["name"]: check for check in answer["checks"]}
    assert list(checks) == NAMES
    assert not [check for check in checks.values() if check["state"] == "failed"], ended.stdout
    assert ended.returncode == 0 and answer["ok"]
    assert checks["sound"]["state"] == "ok" and "nobody.monitor" in checks["sound"]["detail"]
    assert not (tmp_path / "mine" / "data" / "library.db").exists()


@pytest.mark.slow
def test_a_window_that_cannot_open_is_a_failed_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "nosuch")
    checks = list(window_checks(tmp_path))
    assert [(check.name, check.state) for check in checks] == [("window", "failed"), ("sound", "failed")]
    assert all(check.remedy for check in checks)


def test_a_missing_sound_server_is_skipped_not_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    assert self_check._sound(tmp_path)[0] == "skipped"


@pytest.mark.parametrize("level_db", [-30.0, -50.0])
def test_the_tone_is_measured_among_noise(level_db: float) -> None:
    at = np.arange(2 * self_check.RATE) / self_check.RATE
    tone = 10 ** (level_db / 20) * np.sin(2 * np.pi * self_check.TONE_HZ * at + 1.0)
    noise = np.random.default_rng(1).normal(0, 1e-3, len(at))
    assert self_check.tone_level_db((tone + noise).astype(np.float32)) == pytest.approx(level_db, abs=0.3)
    assert self_check.tone_level_db(noise.astype(np.float32)) < -70
    assert self_check.tone_level_db(np.zeros(10, np.float32)) < -100


def test_a_folder_that_cannot_be_made_fails_with_its_name_and_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file is in the way")
    check = self_test.checked("folders", lambda: self_test.folders(Profile.at(tmp_path)))
    assert check.state == "failed" and str(tmp_path / "data") in check.detail and "--profile" in check.remedy


def test_another_answer_of_a_model_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert self_test.checked("beats", self_test.beat_model).state == "ok"
    monkeypatch.setattr(self_test, "_BEAT_REFERENCE", (0.8, 0.1, 0.8, 0.8))
    check = self_test.checked("beats", self_test.beat_model)
    assert check.state == "failed" and "apart from the reference" in check.detail


def test_whatever_goes_wrong_is_a_line() -> None:
    def broken() -> str:
        raise ImportError("libmissing.so")

    def known() -> str:
        raise KnownError("It is broken.", remedy="Mend it.")

    def absent() -> str:
        raise self_test.Skipped("not here")

    states = [self_test.checked("part", probe) for probe in (broken, known, absent, lambda: "fine")]
    assert [check.state for check in states] == ["failed", "failed", "skipped", "ok"]
    assert states[0].remedy == self_test.REINSTALL and "libmissing.so" in states[0].detail
    assert (states[1].detail, states[1].remedy) == ("It is broken.", "Mend it.")


def test_a_backup_that_gives_back_something_else_fails(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    assert self_test.checked("database", lambda: self_test.database(profile)).state == "ok"
    monkeypatch.setattr("needledrop.workflows.browse.restore", lambda *_: None)
    check = self_test.checked("database", lambda: self_test.database(profile))
    assert check.state == "failed" and "'after'" in check.detail


def test_a_killed_worker_costs_its_task_only() -> None:
    assert self_test.checked("worker", self_test.worker_killed).state == "ok"
