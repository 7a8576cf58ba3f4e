# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring in system packages and run installers quietly; a part of bootstrap.py.

Standard library only. It must not know of the virtual environment's contents, and must not stop the
set-up for a library that only the window needs.
"""

import contextlib
import ctypes
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What the window and its sound load from the system, and the Debian packages that hold it (newer name first).
SYSTEM_LIBRARIES = {
    "libEGL.so.1": ("libegl1",),
    "libGL.so.1": ("libgl1",),
    "libglib-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
    "libxkbcommon.so.0": ("libxkbcommon0",),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0",),
    "libdbus-1.so.3": ("libdbus-1-3",),
    "libfontconfig.so.1": ("libfontconfig1",),
    "libxcb-cursor.so.0": ("libxcb-cursor0",),
    "libxcb-icccm.so.4": ("libxcb-icccm4",),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1",),
    "libxcb-shape.so.0": ("libxcb-shape0",),
    "libpulse.so.0": ("libpulse0",),
}


class CannotGoOn(Exception):
    """The world is at fault: a sentence for the user and what to do about it."""

    def __init__(self, sentence: str, remedy: str, details: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.remedy = remedy
        self.details = details


def say(line: str) -> None:
    """Print one line on stderr, so that stdout belongs to the program."""
    print(line, file=sys.stderr, flush=True)


def run_logged(command: list[str], log: Path, label: str, env: dict[str, str]) -> tuple[int, str]:
    """Run `command` with its output in `log` and one quiet progress line; return exit code and output."""
    with log.open("ab") as sink:
        sink.write(("\n$ " + " ".join(command) + "\n").encode(errors="replace"))
        sink.flush()
        offset = sink.tell()
        process = subprocess.Popen(
            command,
            cwd=str(ROOT),
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            close_fds=False,  # of Python's files only the lock is inheritable
        )
        try:
            wait_with_progress(process, label)
        except BaseException:
            process.kill()
            process.wait()
            raise
    return process.returncode, log.read_bytes()[offset:].decode(errors="replace")


def wait_with_progress(process: "subprocess.Popen[bytes]", label: str) -> None:
    """Wait for `process`; tick the seconds on a terminal, else say the label and a line each minute."""
    on_terminal = sys.stderr.isatty()
    started = time.monotonic()
    said_s = 0.0
    if not on_terminal:
        say(label + " ...")
    while process.poll() is None:
        elapsed_s = time.monotonic() - started
        if on_terminal:
            line = f"{label} ... {elapsed_s:.0f} s"[: shutil.get_terminal_size().columns - 1]
            print("\r\033[K" + line, end="", file=sys.stderr, flush=True)
        elif elapsed_s - said_s >= 60:
            said_s = elapsed_s
            say(f"  ... {elapsed_s:.0f} s")
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
    if on_terminal:
        say(f"\r\033[K{label}: {time.monotonic() - started:.0f} s")


def missing_libraries() -> list[str]:
    """Return the names of the system libraries that cannot be loaded (Linux only; elsewhere none)."""
    missing = []
    for name in SYSTEM_LIBRARIES if sys.platform.startswith("linux") else ():
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return missing


def can_use_apt() -> bool:
    """Say whether this is root on a system with apt."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def known_to_apt(package: str) -> bool:
    """Say whether apt has a real package of that name (a virtual one does not count)."""
    shown = subprocess.run(["apt-cache", "show", package], capture_output=True, check=False)
    return shown.returncode == 0 and b"Package: " in shown.stdout


def choose_packages(alternatives: list[tuple[str, ...]]) -> list[str]:
    """Return, of each tuple of names, the first that apt knows, or the last when it knows none."""
    return [next((name for name in names if known_to_apt(name)), names[-1]) for names in alternatives]


def apt_install(alternatives: list[tuple[str, ...]], log: Path) -> bool:
    """Install one package of each tuple; return whether that worked."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run_logged(["apt-get", "update", "-q"], log, "Refreshing the list of system packages", env)
    packages = choose_packages(alternatives)
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "install", "-q", "-y", "--no-install-recommends"]
    code, _ = run_logged([*command, *packages], log, "Installing system packages: " + " ".join(packages), env)
    return code == 0


def ensure_system_libraries(log: Path) -> None:
    """Install the missing system libraries when allowed to, else say in one line which are missing."""
    missing = missing_libraries()
    if missing and can_use_apt() and apt_install([SYSTEM_LIBRARIES[name] for name in missing], log):
        missing = missing_libraries()
    if missing:
        say("Notice: the window and its sound will not start without " + ", ".join(missing) + ".")
        if shutil.which("apt-get"):
            packages = choose_packages([SYSTEM_LIBRARIES[name] for name in missing])
            say("  To install them: sudo apt-get install " + " ".join(packages))


def ensure_venv_module(log: Path) -> None:
    """Raise CannotGoOn unless this Python can make virtual environments; install the module when root."""
    absent = absent_venv_modules()
    packages = (f"python{sys.version_info[0]}.{sys.version_info[1]}-venv", "python3-venv")
    if absent and can_use_apt() and apt_install([packages], log):
        importlib.invalidate_caches()
        absent = absent_venv_modules()
    if absent:
        raise CannotGoOn(
            f"This Python cannot make a virtual environment: its module {absent[0]} is not installed.",
            "install python3-venv, then start again: sudo apt-get install python3-venv",
        )


def absent_venv_modules() -> list[str]:
    """Return which of the modules that make a virtual environment this Python lacks."""
    return [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
