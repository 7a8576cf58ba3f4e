# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real editors on a screen of their own: Xvfb, a private D-Bus, a home folder that is thrown away. Knows no test.

Needs, from Debian: kdenlive shotcut xvfb xdotool dbus dbus-x11 frei0r-plugins mediainfo ffmpeg
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("Xvfb", "xdotool", "dbus-daemon", "dbus-send", "ffmpeg")
WIDTH, HEIGHT = 1600, 1200
SIZE = f"{WIDTH}x{HEIGHT}"
LOOK_S = 0.25
START_S, ANSWER_S, PAINTED_S = 90.0, 10.0, 3.0


def missing(*programs: str) -> list[str]:
    """Those of the programs that are not installed, and of those every screen needs."""
    return [name for name in (*programs, *PROGRAMS) if shutil.which(name) is None]


def wait_for(happened: Callable[[], object], what: str, timeout_s: float = START_S) -> None:
    """Wait until something has happened.

    Raises:
        TimeoutError: it did not.
    """
    end = time.monotonic() + timeout_s
    while not happened():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen within {timeout_s:.0f} s")
        time.sleep(LOOK_S)


@dataclass(frozen=True)
class Screen:
    """A screen without a monitor, with a session bus; `environment` is that of the programs on it."""

    environment: dict[str, str]
    folder: Path

    def start(self, command: Sequence[str | Path]) -> subprocess.Popen[bytes]:
        """Start a program on it; what it prints is in the folder."""
        with (self.folder / f"{Path(command[0]).name}.log").open("ab") as log:
            return subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def run(self, *command: str | Path) -> str:
        """Run a small tool on it; nothing where it fails."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=ANSWER_S, check=False
        )
        return done.stdout if done.returncode == 0 else ""

    def windows(self, name: str) -> list[str]:
        """The numbers of the visible windows whose title matches."""
        return self.run("xdotool", "search", "--onlyvisible", "--name", name).split()

    def fill(self, window: str) -> None:
        """Make a window as large as the screen: nothing else does so without a window manager."""
        self.run("xdotool", "windowmove", window, "0", "0", "windowsize", "--sync", window, str(WIDTH), str(HEIGHT))

    def press(self, window: str, key: str) -> None:
        """Press a key in a window."""
        self.run("xdotool", "windowfocus", "--sync", window)
        self.run("xdotool", "key", "--clearmodifiers", key)

    def type(self, window: str, text: str) -> None:
        """Answer a dialog that has just come up: type, then Return."""
        time.sleep(PAINTED_S)  # Keys that come before it is painted are lost.
        self.run("xdotool", "windowfocus", "--sync", window)
        self.run("xdotool", "type", "--delay", "40", text)
        self.run("xdotool", "key", "Return")

    def picture(self, path: Path) -> None:
        """What is on the screen, as a PNG."""
        grab = ["-f", "x11grab", "-video_size", SIZE, "-i", self.environment["DISPLAY"], "-frames:v", "1"]
        self.run("ffmpeg", "-v", "error", "-y", *grab, path)

    def call(self, service: str, path: str, method: str, *words: str) -> bool:
        """Call a method on the bus; whether it was taken."""
        target = [f"--dest={service}", path, method, *(f"string:{word}" for word in words)]
        return bool(self.run("dbus-send", "--session", "--print-reply", *target))


@contextmanager
def screen(folder: Path) -> Iterator[Screen]:
    """A screen for as long as it is used; everything on it ends with it."""
    parts = {name: folder / name for name in ("home", "temporary")}
    for part in parts.values():
        part.mkdir(parents=True)
    runtime = Path(tempfile.mkdtemp(prefix="desk-"))  # Names of sockets are at most 107 bytes long: not in the folder.
    environment = {
        "HOME": str(parts["home"]),
        "XDG_RUNTIME_DIR": str(runtime),
        "TMPDIR": str(parts["temporary"]),  # Kdenlive's lock lies there, and would be another Kdenlive's.
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "QT_QPA_PLATFORM": "xcb",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "SDL_AUDIODRIVER": "dummy",
    }
    started: list[subprocess.Popen[str]] = []

    def start(command: Sequence[str]) -> str:
        """Start a server that says how it is reached on its first line."""
        started.append(
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        )
        stream = started[-1].stdout
        assert stream is not None
        return stream.readline().strip()

    try:
        xvfb = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{SIZE}x24", "-nolisten", "tcp"]
        environment["DISPLAY"] = f":{start(xvfb)}"
        environment["DBUS_SESSION_BUS_ADDRESS"] = start(["dbus-daemon", "--session", "--print-address", "--nofork"])
        yield Screen(environment, folder)
    finally:
        for server in reversed(started):
            server.terminate()
            server.wait()
            if server.stdout is not None:
                server.stdout.close()
        shutil.rmtree(runtime, ignore_errors=True)


@contextmanager
def running(on: Screen, *command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program for as long as it is used."""
    program = on.start(command)
    try:
        yield program
    finally:
        program.kill()
        program.wait()


def kdenlive_window(on: Screen, program: subprocess.Popen[bytes], title: str) -> str:
    """Wait until Kdenlive shows a project; its name on the bus."""
    service = f"org.kde.kdenlive-{program.pid}"
    wait_for(
        lambda: on.call(service, "/kdenlive/MainWindow_1", "org.freedesktop.DBus.Peer.Ping"), "Kdenlive on the bus"
    )
    wait_for(lambda: on.windows(title), f"a window named {title}")
    return service
