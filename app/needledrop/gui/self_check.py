# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window's part of `needledrop self-test`: is it painted, is sound heard. A process of its own runs this.

Qt ends the process where it finds no display or a library is missing; whoever started it says so then.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PAINT_S = 20.0
TONE_HZ = 440.0
TONE_DB = -30.0
RATE = 48_000
_LISTEN_S = 4.0
_HEARD_S = 1.0
_LEAST_COLOURS = 8
_LEAST_DB = -60.0


def run(folder: Path) -> int:
    """Try window and sound with a profile in `folder`; print one JSON object a line, flush each."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    probes: tuple[tuple[str, Callable[[], tuple[str, str]]], ...] = (
        ("window", lambda: _window(folder)),
        ("sound", lambda: _sound(folder)),
    )
    for name, probe in probes:
        started = time.monotonic()
        try:
            state, detail = probe()
        except Exception as error:  # Whatever a missing part of Qt comes out as is a line of the answer.
            state, detail = "failed", f"{type(error).__name__}: {error}"
        line = {"name": name, "state": state, "detail": detail, "elapsed_s": round(time.monotonic() - started, 2)}
        print(json.dumps(line), flush=True)
    return 0


def _window(folder: Path) -> tuple[str, str]:
    """Open the real window on an empty profile and look at its picture."""
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QApplication

    from needledrop.core.paths import APPLICATION_NAME, Profile
    from needledrop.gui.application import Shell
    from needledrop.workflows.first_steps import note_first_run

    profile = Profile.at(folder)
    note_first_run(profile)
    application = QApplication.instance() or QApplication([APPLICATION_NAME])
    assert isinstance(application, QApplication)
    started = time.monotonic()
    shell = Shell(application, profile)
    painted: list[float] = []
    shell.window.painted.connect(lambda: painted.append(time.monotonic() - started))
    shell.start()
    _until(lambda: shell.player is not None, PAINT_S)
    picture = shell.window.grab().toImage()
    pixels = {picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)}
    shell.window.close()
    shell.end()
    if not painted or len(pixels) < _LEAST_COLOURS:
        return "failed", f"The window stayed empty on {QGuiApplication.platformName()} ({len(pixels)} colours)."
    size = f"{picture.width()}x{picture.height()}"
    return "ok", f"painted after {painted[0]:.1f} s on {QGuiApplication.platformName()}, {size}"


def _sound(folder: Path) -> tuple[str, str]:
    """Play a quiet tone and listen to it at the monitor of the sound server's own output."""
    monitor = _monitor()
    if not monitor:
        return "skipped", "there is no PulseAudio server with pactl and parec to listen at"
    from PySide6.QtWidgets import QApplication

    from needledrop.gui.sound_output import SoundOutput

    QApplication.instance() or QApplication([])
    output = SoundOutput()
    phase = 0

    def render(frames: int) -> NDArray[np.float32]:
        nonlocal phase
        at = np.arange(phase, phase + frames) / RATE
        phase += frames
        tone = 10 ** (TONE_DB / 20) * np.sin(2 * np.pi * TONE_HZ * at)
        return np.repeat(tone[:, None], 2, axis=1).astype(np.float32)

    folder.mkdir(parents=True, exist_ok=True)
    recording = folder / "monitor.f32"  # A file: a pipe that nobody empties would hold the recorder up.
    with recording.open("wb") as sink:
        listener = subprocess.Popen(
            ["parec", f"--device={monitor}", "--format=float32le", f"--rate={RATE}", "--channels=1"],
            stdout=sink,
            stderr=subprocess.DEVNULL,
        )
        try:
            output.start()
            output.set_render(render)
            _until(lambda: phase > RATE * _LISTEN_S, 2 * _LISTEN_S)
            output.set_render(None)
            output.stop()
        finally:
            listener.terminate()
            listener.wait(timeout=5)
    recorded = recording.read_bytes()
    level_db = tone_level_db(np.frombuffer(recorded[: len(recorded) // 4 * 4], np.float32))
    if level_db < _LEAST_DB:
        return "failed", f"The tone did not reach {monitor} ({level_db:.0f} dB)."
    return "ok", f"a tone of {TONE_DB:.0f} dB was measured at {monitor} with {level_db:.1f} dB"


def tone_level_db(sound: NDArray[np.float32]) -> float:
    """The level of the tone in its loudest second: its amplitude in dB of full scale."""
    width = int(RATE * _HEARD_S)
    wave = np.exp(-2j * np.pi * TONE_HZ * np.arange(width) / RATE)
    levels = [
        2 * abs(np.dot(sound[start : start + width], wave)) / width
        for start in range(0, len(sound) - width + 1, width // 2)
    ]
    return float(20 * np.log10(max([1e-9, *levels])))


def _monitor() -> str:
    """The monitor of the default output, or "" where there is none to listen at."""
    if shutil.which("pactl") is None or shutil.which("parec") is None:
        return ""
    asked = subprocess.run(["pactl", "get-default-sink"], capture_output=True, text=True, check=False, timeout=5)
    sink = asked.stdout.strip()
    return f"{sink}.monitor" if asked.returncode == 0 and sink else ""


def _until(is_so: Callable[[], bool], patience_s: float) -> None:
    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + patience_s
    while not is_so() and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)
