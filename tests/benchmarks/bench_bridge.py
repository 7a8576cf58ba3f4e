# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How soon the bridge answers: `status` for ten plugins at once, and from the click to the list.

Run: python tests/benchmarks/bench_bridge.py [--seconds 20] [--profile DIR --media FILE] [--runs 5]. The engine is the
real one, `needledrop serve` in a process of its own; the plugins are threads of this one, each with a kept connection.
First at the target's pace (what a question waits for here is counted in its time), then as fast as they can. With
--profile and --media, which must be known to it already, a list is asked for with the engine closed (from launching it
to the list) and running.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CLIENTS = 10
TARGET_HZ = 200.0
TARGET_P99_MS = 50.0
TARGET_WARM_S, TARGET_COLD_S = 1.0, 4.0
PATIENCE_S = 60.0


class Plugin:
    """One kept connection."""

    def __init__(self, profile: Path) -> None:
        endpoint = json.loads((profile / "data" / "bridge" / "endpoint.json").read_text())
        self._headers = {"Authorization": f"Bearer {endpoint['token']}"}
        self._http = http.client.HTTPConnection("127.0.0.1", endpoint["port"], timeout=PATIENCE_S)

    def ask(self, verb: str, **arguments: object) -> dict[str, Any]:
        """What a verb gives."""
        self._http.request("POST", f"/v1/{verb}", json.dumps(arguments), self._headers)
        answer = json.loads(self._http.getresponse().read())
        if not answer["ok"]:
            raise SystemExit(f"{verb}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    def wait_for_list(self, media: Path) -> int:
        """Ask for music; how many suggestions came."""
        job = self.ask("suggest", media=str(media))["job"]
        while (listed := self.ask("list", job=job, wait_s=20))["state"] == "running":
            pass
        if listed["state"] != "done":
            raise SystemExit(f"no list: {listed}")
        return len(listed["suggestions"])


@contextmanager
def serving(profile: Path) -> Iterator[None]:
    """An engine on a profile, listening."""
    command = [sys.executable, "-m", "needledrop", "--profile", str(profile), "serve", "--for-plugin", "--quiet"]
    process = subprocess.Popen(command)
    endpoint, end = profile / "data" / "bridge" / "endpoint.json", time.monotonic() + PATIENCE_S
    try:
        while not endpoint.exists():
            if time.monotonic() > end or process.poll() is not None:
                raise SystemExit("the engine did not start")
            time.sleep(0.01)
        yield
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--profile", type=Path)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="needledrop-bridge-") as folder, serving(Path(folder)):
        Plugin(Path(folder)).ask("status")
        show(
            f"paced, target {TARGET_HZ:g}/s, p99 {TARGET_P99_MS:g} ms", *load(Path(folder), options.seconds, TARGET_HZ)
        )
        show("as fast as they can", *load(Path(folder), options.seconds, None))
    if options.profile is not None and options.media is not None:
        click_to_list(options.profile, options.media.absolute(), options.runs)
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")


def load(profile: Path, seconds: float, rate_hz: float | None) -> tuple[float, list[float]]:
    """Ask for the status from all clients; requests a second and the time of each in ms."""
    begin = time.monotonic() + 0.2

    def client(number: int) -> list[float]:
        plugin, times_ms = Plugin(profile), []
        step_s = CLIENTS / rate_hz if rate_hz else 0.0
        due = begin + step_s * number / CLIENTS
        while due < begin + seconds:
            time.sleep(max(0.0, due - time.monotonic()))
            plugin.ask("status")
            now = time.monotonic()
            times_ms.append((now - due) * 1000)
            due = due + step_s if rate_hz else now
        return times_ms

    with ThreadPoolExecutor(CLIENTS) as threads:
        found = [one for times_ms in threads.map(client, range(CLIENTS)) for one in times_ms]
    return len(found) / (time.monotonic() - begin), found


def show(name: str, rate_hz: float, times_ms: list[float]) -> None:
    """One line of figures."""
    cuts = statistics.quantiles(times_ms, n=100)
    print(
        f"{CLIENTS} clients, {name}: {rate_hz:.0f} requests/s, median {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, "
        f"longest {max(times_ms):.1f} ms"
    )


def click_to_list(profile: Path, media: Path, runs: int) -> None:
    """With the engine closed, then running; on a copy of the profile."""
    cold_s, warm_s, count = [], [], 0
    with tempfile.TemporaryDirectory(prefix="needledrop-bridge-") as folder:
        copy = Path(folder) / "profile"
        shutil.copytree(profile, copy)
        for _ in range(runs):
            begin = time.monotonic()
            with serving(copy):
                plugin = Plugin(copy)
                count = plugin.wait_for_list(media)
                cold_s.append(time.monotonic() - begin)
                for _ in range(runs):
                    begin = time.monotonic()
                    plugin.wait_for_list(media)
                    warm_s.append(time.monotonic() - begin)
    for name, times_s, target_s in (("closed", cold_s, TARGET_COLD_S), ("running", warm_s, TARGET_WARM_S)):
        median_s = statistics.median(times_s)
        print(
            f"click to list of {count}, engine {name}: median {median_s:.2f} s, longest {max(times_s):.2f} s "
            f"of {len(times_s)} (target {target_s:g} s)"
        )


if __name__ == "__main__":
    main()
