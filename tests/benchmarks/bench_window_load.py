# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window's event loop feels while a library is scanned, and what thousands of jobs leave behind.

Run: python tests/benchmarks/bench_window_load.py [--files 2000] [--jobs 3000]. The window is the real one (offscreen,
or on the display of QT_QPA_PLATFORM), the files are made, short, and all different; the scan is the one that adding a
folder starts. A timer of 5 ms says how long the loop was away, first without any work, in the same run.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import sys

import numpy as np
import soundfile
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from needledrop.core import log
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.application import Shell

TARGET_MS = 50
TICK_MS = 5
IDLE_S = 5.0
RATE = 22050


class Gaps:
    """How long the event loop was away, each time, in ms."""

    def __init__(self) -> None:
        self.found: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(self._timer.timerType().PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)

    def take(self) -> list[float]:
        """Those since the last call."""
        taken, self.found = self.found, []
        return taken

    def _tick(self) -> None:
        now = time.perf_counter()
        self.found.append(1000 * (now - self._last))
        self._last = now


def make_files(folder: Path, count: int) -> None:
    """Short WAV files that all differ."""
    t = np.arange(2 * RATE) / RATE
    for number in range(count):
        rng = np.random.default_rng(number)
        tone = 0.3 * np.sin(2 * np.pi * rng.uniform(100, 900) * t) * (np.mod(t, 0.5) < 0.2)
        soundfile.write(folder / f"{number:05}.wav", tone + rng.normal(0, 0.01, len(t)), RATE)


def run_until(application: QApplication, is_over: Callable[[], bool], patience_s: float) -> None:
    """Let the event loop run as it does, until something is over."""
    end = time.monotonic() + patience_s
    check = QTimer()
    check.timeout.connect(lambda: application.quit() if is_over() or time.monotonic() > end else None)
    check.start(100)
    application.exec()
    if not is_over():
        raise SystemExit("It did not end in time.")


def report(name: str, gaps: list[float]) -> None:
    """One line of figures."""
    p50, p99, p999 = np.percentile(gaps, (50, 99, 99.9))
    over = sum(gap > TARGET_MS for gap in gaps)
    print(
        f"{name}: {len(gaps)} turns, p50 {p50:.1f} ms, p99 {p99:.1f}, p99.9 {p999:.1f}, longest {max(gaps):.1f} ms "
        f"(target {TARGET_MS}); {over} over it"
    )


def resident_mb() -> float:
    """The resident set of this process (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    """Print the gaps at rest, during a scan and during jobs, and the memory before and after the jobs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=3000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="needledrop-load-") as name:
        folder = Path(name) / "music"
        folder.mkdir()
        make_files(folder, options.files)
        application = QApplication([sys.argv[0]])
        profile = Profile.at(Path(name) / "profile")
        log.start(profile.log_path, is_verbose=False)
        shell = Shell(application, profile)
        shell.start()
        gaps = Gaps()
        begun = time.monotonic()
        run_until(application, lambda: time.monotonic() - begun > IDLE_S, 60.0)
        gaps.take()  # The start itself is bench_startup's.
        begun = time.monotonic()
        run_until(application, lambda: time.monotonic() - begun > IDLE_S, 60.0)
        report("at rest", gaps.take())
        begun = time.monotonic()
        shell.scans.scan([folder])
        run_until(application, lambda: not shell.scans.is_scanning, 1800.0)
        report(f"scan of {options.files} files in {time.monotonic() - begun:.0f} s", gaps.take())
        run_jobs(application, shell, 300)
        gaps.take()
        before_mb = resident_mb()
        run_jobs(application, shell, options.jobs)
        report(f"{options.jobs} jobs", gaps.take())
        print(f"memory before them {before_mb:.1f} MB, after {resident_mb():.1f} MB; load {os.getloadavg()[0]:.1f}")
        shell.end()


def run_jobs(application: QApplication, shell: Shell, count: int) -> None:
    """So many short jobs that report progress, one after another as fast as they come."""
    finished = 0

    def work(progress: ProgressSink, cancel: CancelToken) -> bytes:
        cancel.check()
        return os.urandom(100_000)

    def done(result: bytes) -> None:
        nonlocal finished
        finished += 1
        if finished + 1 < count:
            shell.background.run(f"job {finished}", work, done)

    shell.background.run("job", work, done)
    shell.background.run("job", work, done)
    run_until(application, lambda: finished >= count, 600.0)


if __name__ == "__main__":
    main()
