#!/usr/bin/env python3
# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Music for Kdenlive: into the Kdenlive that is open, at its playhead (D-Bus, Linux), or as a new project.

Kdenlive's D-Bus methods take no position, no track and no range, and answer nothing: the music is laid as one WAV with
all of the mix in it, and the user is told where to put the playhead and what to look at. Standard library only.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import needledrop_handoff as handoff

PROGRAMS = (("kdenlive",), ("flatpak", "run", "org.kde.kdenlive"), ("open", "-a", "kdenlive"))
FIRST_WITH_SEQUENCES = (23, 4)
DOCUMENT_WITH_SEQUENCES = (1, 1)
WINDOW, INTERFACE = "/kdenlive/MainWindow_1", "org.kde.kdenlive.MainWindow"
CALL_S = 10
LOADING_S = 3


def suggest(options: argparse.Namespace) -> None:
    """Ask, choose; then insert or write and open."""
    needledrop = handoff.Needledrop(Path(__file__).resolve().parent)
    project = handoff.project_of(options)
    kdenlive = running_kdenlive() if options.insert else None
    if options.insert and kdenlive is None:
        raise handoff.HandoffError(
            "No Kdenlive is open that can be reached by D-Bus. Open one, or leave --insert out for a new project."
        )
    number = handoff.choose(needledrop, project, options)
    if kdenlive is not None:
        insert(kdenlive, sound_of(needledrop, project, number, options))
        return
    kind = "--kdenlive" if has_sequences(project) else "--kdenlive-22"
    target = handoff.write_project(needledrop, project, number, options, kind, ".kdenlive")
    handoff.finish(target, options, PROGRAMS, "Kdenlive")


def sound_of(needledrop: handoff.Needledrop, project: Path, number: int, options: argparse.Namespace) -> Path:
    """The music as one WAV beside the project, as long as the range, with its credits."""
    target = handoff.free_name(project, ".wav", " music")
    credits = target.with_name(f"{target.stem} credits.txt")
    wanted = ["--wav", str(target), "--attribution", str(credits)]
    needledrop.write(["export", str(project), "--pick", str(number), *handoff.wish_of(options), *wanted])
    return target


def has_sequences(project: Path) -> bool:
    """Whether the new project is for Kdenlive 23.04 and later, by the project's own version, else by the program's."""
    if project.suffix.casefold() == ".kdenlive":
        text = project.read_text(encoding="utf-8", errors="replace")
        found = re.search(r'name="kdenlive:docproperties\.version">(\d+)\.(\d+)', text)
        if found:
            return (int(found[1]), int(found[2][:1])) >= DOCUMENT_WITH_SEQUENCES
    version = _program_version()
    return version is None or version >= FIRST_WITH_SEQUENCES


def _program_version() -> tuple | None:  # type: ignore[type-arg]
    try:
        done = subprocess.run(["kdenlive", "--version"], capture_output=True, text=True, timeout=CALL_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"kdenlive (\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else None


def running_kdenlive() -> str | None:
    """The D-Bus name of the Kdenlive that is open, if one is."""
    try:
        names = _call(["--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.ListNames"])
    except handoff.HandoffError:
        return None
    found = re.search(r"org\.kde\.kdenlive-\d+", names)
    return found[0] if found else None


def insert(kdenlive: str, sound: Path) -> None:
    """Put a WAV into the bin and, when the user is ready, on the target track at the playhead.

    Raises:
        HandoffError: Kdenlive does not answer. What it did with the clip it does not say.
    """
    destination = [f"--dest={kdenlive}", WINDOW]
    _call([*destination, f"{INTERFACE}.addProjectClip", f"string:{sound}"])
    print(f"\n'{sound.name}' is in Kdenlive's bin.", flush=True)
    time.sleep(LOADING_S)  # A clip that is still being loaded is not laid, and Kdenlive does not say when it is done.
    input(
        "In Kdenlive make an empty audio track the target, put the playhead where the music begins, then press Enter. "
    )
    _call([*destination, f"{INTERFACE}.addTimelineClip", f"string:{sound}"])
    print("It was laid there. If it was not, Kdenlive says why at its lower edge: drag it from the bin instead.")


def _call(arguments: list[str]) -> str:
    if shutil.which("dbus-send") is None:
        raise handoff.HandoffError("dbus-send is missing: it is in the package dbus of your system.")
    try:
        done = subprocess.run(
            ["dbus-send", "--session", "--print-reply", *arguments],
            capture_output=True, text=True, timeout=CALL_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise handoff.HandoffError("Kdenlive does not answer. Close its dialogs, then try again.") from error
    if done.returncode != 0:
        raise handoff.HandoffError(f"Kdenlive refused: {done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    parser = handoff.parser_of("Music for a Kdenlive project.")
    parser.add_argument("--insert", action="store_true", help="lay it in the Kdenlive that is open, at its playhead")
    sys.exit(handoff.run(suggest, parser.parse_args()))
