#!/usr/bin/env python3
# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Music for Final Cut Pro: an exported project (.fcpxml, .fcpxmld) or a video becomes a new project, opened there.

Extensions of Final Cut Pro must be apps built with Xcode; FCPXML is the way that needs none. Standard library only.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import needledrop_handoff as handoff

PROGRAMS = (("open", "-a", "Final Cut Pro"),)


def suggest(options: argparse.Namespace) -> None:
    """Ask, choose, write, open."""
    needledrop = handoff.Needledrop(Path(__file__).resolve().parent)
    project = handoff.project_of(options)
    number = handoff.choose(needledrop, project, options)
    target = handoff.write_project(needledrop, project, number, options, "--fcpxml", ".fcpxml")
    handoff.finish(target, options, PROGRAMS, "Final Cut Pro")


if __name__ == "__main__":
    sys.exit(handoff.run(suggest, handoff.parser_of("Music for a Final Cut Pro project.").parse_args()))
