#!/usr/bin/env python3
# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Music for a Shotcut project: a new project with the music on a track of its own, opened in Shotcut.

Shotcut has no scripts and takes no commands, so a file is all there is. Standard library only.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import needledrop_handoff as handoff

PROGRAMS = (
    ("shotcut",),
    ("flatpak", "run", "org.shotcut.Shotcut"),
    ("open", "-a", "Shotcut"),
    ("C:\\Program Files\\Shotcut\\shotcut.exe",),
)


def suggest(options: argparse.Namespace) -> None:
    """Ask, choose, write, open."""
    needledrop = handoff.Needledrop(Path(__file__).resolve().parent)
    project = handoff.project_of(options)
    number = handoff.choose(needledrop, project, options)
    target = handoff.write_project(needledrop, project, number, options, "--mlt", ".mlt")
    handoff.finish(target, options, PROGRAMS, "Shotcut")


if __name__ == "__main__":
    sys.exit(handoff.run(suggest, handoff.parser_of("Music for a Shotcut project.").parse_args()))
