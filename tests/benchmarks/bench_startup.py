# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How soon the window is there: process start to the first painted picture, and the memory it holds then.

Run: python tests/benchmarks/bench_startup.py [--runs 5] [--platform offscreen|xcb]. With xcb a display is needed
(xvfb-run -s "-screen 0 1920x1080x24" python tests/benchmarks/bench_startup.py --platform xcb). The process is the real
one, with a fresh profile each time; the end of the first paint event is read from its log, to a millisecond. One run
before the first is not counted, so that the disk is warm. Memory is the resident set of the window's process, two
seconds after the first picture, when panels and the sound device are there.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

TARGET_S = 1.0
TARGET_MB = 180
SETTLED_S = 2.0
PATIENCE_S = 60.0
MARK = "first picture painted"


def main() -> None:
    """Print each run and the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--platform", default="offscreen")
    options = parser.parse_args()
    measure(options.platform)
    runs = [measure(options.platform) for _ in range(options.runs)]
    for number, (start_s, memory_mb) in enumerate(runs, start=1):
        print(f"run {number}: first picture {start_s:.3f} s, resident {memory_mb:.0f} MB")
    start_s = statistics.median(run[0] for run in runs)
    memory_mb = statistics.median(run[1] for run in runs)
    print(f"median of {len(runs)} on {options.platform}: {start_s:.3f} s (target {TARGET_S} s), ", end="")
    print(f"{memory_mb:.0f} MB (target {TARGET_MB} MB); load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")


def measure(platform: str) -> tuple[float, float]:
    """One start: seconds to the first picture, megabytes when it has settled."""
    with tempfile.TemporaryDirectory(prefix="needledrop-start-") as folder:
        command = [sys.executable, "-m", "needledrop", "--profile", folder, "gui"]
        environment = {**os.environ, "QT_QPA_PLATFORM": platform}
        began_at = time.time()
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            painted_at = wait_for_picture(Path(folder) / "cache" / "needledrop.log", process)
            time.sleep(SETTLED_S)
            return painted_at - began_at, resident_mb(process.pid)
        finally:
            process.terminate()
            process.wait()


def wait_for_picture(log: Path, process: subprocess.Popen[bytes]) -> float:
    """The time of day at which the log says that the window was painted."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        for line in lines:
            if MARK in line:
                return datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S,%f").timestamp()
        time.sleep(0.02)
    raise SystemExit("The window was not painted.")


def resident_mb(pid: int) -> float:
    """The resident set of a process (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("No memory figure on this system.")


if __name__ == "__main__":
    main()
