# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Freeze the program into one folder, `dist/needledrop`; a part of bootstrap.py.

Standard library only. It must not change what the other verbs use: the freezer is one more package in `.venv`.
"""

import os
import subprocess
import sys
from pathlib import Path

from bootstrap_system import CannotGoOn, run_logged, say
from bootstrap_venv import closing_lines, pip_install

FREEZER = "pyinstaller>=6.10"
PROGRAM = "needledrop.exe" if sys.platform == "win32" else "needledrop"


def package(root: Path, python: Path, arguments: "list[str]") -> int:
    """Freeze, say how large it became; with --check run its self-test. Return the exit code."""
    unknown = [one for one in arguments if one != "--check"]
    if unknown:
        raise CannotGoOn(f"package does not know {unknown[0]}.", "leave it out, or give --check.")
    if not has_freezer(python):
        pip_install(root / ".venv", [FREEZER], "Fetching the freezer")
    folder = root / "dist" / "needledrop"
    command = [str(python), "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    places = ["--distpath", str(root / "dist"), "--workpath", str(root / "build" / "frozen")]
    spec = str(root / "packaging" / "needledrop.spec")
    code, output = run_logged(
        [*command, *places, spec], root / ".venv" / "bootstrap.log", "Freezing the program", dict(os.environ)
    )
    if code:
        raise CannotGoOn("Freezing the program failed.", "read the lines above, mend the cause and start again.",
                         closing_lines(output))  # fmt: skip
    say(f"{folder}: {size_mb(folder):.0f} MB. Start it: {folder / PROGRAM}")
    return subprocess.call([str(folder / PROGRAM), "self-test"]) if arguments else 0


def has_freezer(python: Path) -> bool:
    """Say whether PyInstaller is installed."""
    asked = subprocess.run([str(python), "-m", "PyInstaller", "--version"], capture_output=True, check=False)
    return asked.returncode == 0


def size_mb(folder: Path) -> float:
    """Return how much a folder holds, each file once however many links lead to it."""
    files = {file.resolve() for file in folder.rglob("*") if file.is_file()}
    return sum(file.stat().st_size for file in files) / 1e6
