# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop markers`: beats, bars and sections for the editor who cuts picture to music."""

from __future__ import annotations

import argparse
from pathlib import Path

from needledrop.cli.arguments import frame_rate
from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE, NOTHING_FOUND
from needledrop.cli.output import print_table
from needledrop.core.errors import KnownError
from needledrop.export.marker_texts import marker_facts, marker_json
from needledrop.export.markers import EVERY, MarkerChoice
from needledrop.workflows.markers import (
    MarkedMusic,
    MarkerFormat,
    MarkerWish,
    cue_markers,
    track_markers,
    write_markers,
)

_MEANINGS = {
    MarkerFormat.CSV: "a table, for spreadsheets and scripts",
    MarkerFormat.AUDACITY: "a label track for Audacity",
    MarkerFormat.RESOLVE: "an edit list of timeline markers for DaVinci Resolve",
    MarkerFormat.PREMIERE: "a sequence with markers for Premiere Pro (Final Cut Pro 7 XML)",
    MarkerFormat.MIDI: "a tempo map for music programs (Standard MIDI File)",
    MarkerFormat.WAV: "the sound itself, 48 kHz, with cue points, for audio editors",
}


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("markers", parents=[shared], help="write beats, bars and sections as markers")
    parser.add_argument("source", metavar="TRACK|VIDEO", help="a track's id, or a video under which cues are kept")
    parser.add_argument("--cue", type=int, metavar="N", help="this cue only, as `cues` numbers them")
    parser.add_argument("--every", type=int, choices=EVERY, help="every so many beats (default: every one)")
    parser.add_argument("--only", choices=("downbeats", "sections"), help="first beats of bars, or sections, alone")
    parser.add_argument("--no-sections", action="store_true", help="leave the sections out")
    parser.add_argument("--fps", type=frame_rate, metavar="R", help="frames a second (default: the video's, or 25)")
    parser.add_argument("--start", metavar="TIMECODE", help="of the first frame (default: the video's, or 01:00:00:00)")
    parser.add_argument("--non-drop", action="store_true", help="count all frames at 29.97 and 59.94 too")
    for target, meaning in _MEANINGS.items():
        parser.add_argument(f"--{target}", dest=_option(target), type=Path, metavar="FILE", help=meaning)
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there")
    parser.set_defaults(run=run)


def run(context: Context) -> int:
    """Write the files that were asked for, else list the markers."""
    options = context.options
    marked = _marked(context)
    context.progress.clear()
    targets = {target: path for target in MarkerFormat if (path := getattr(options, _option(target))) is not None}
    if targets:
        write_markers(marked, targets, overwrite=options.overwrite, progress=context.progress, cancel=context.cancel)
        context.progress.clear()
    if context.is_json:
        print(marker_json(marked.sheet), end="")
    elif targets:
        for path in targets.values():
            print(path)
    else:
        _print_markers(marked)
    return DONE if marked.sheet.markers else NOTHING_FOUND


def _option(target: MarkerFormat) -> str:
    return f"to_{target.name.lower()}"


def _marked(context: Context) -> MarkedMusic:
    options = context.options
    wish = MarkerWish(_choice(options), options.fps, options.start, not options.non_drop)
    if options.source.isascii() and options.source.isdigit():
        if options.cue is not None:
            raise KnownError(
                "--cue belongs to a video.", remedy="Give the video's path, not a track's id.", code="usage"
            )
        return track_markers(context.profile, int(options.source), wish)
    video = Path(options.source)
    return cue_markers(context.profile, video, options.cue, wish, context.progress, context.cancel)


def _choice(options: argparse.Namespace) -> MarkerChoice:
    if options.only is not None and (options.every is not None or options.no_sections):
        raise KnownError("--only stands alone.", remedy="Leave --every and --no-sections out.", code="usage")
    if options.only is not None:
        is_downbeats = options.only == "downbeats"
        return MarkerChoice(None, downbeats=is_downbeats, sections=not is_downbeats)
    return MarkerChoice(options.every or 1, sections=not options.no_sections)


def _print_markers(marked: MarkedMusic) -> None:
    rows = [
        (f"{facts['time_s']:.3f}", str(facts["timecode"]), str(facts["kind"]), str(facts["label"]))
        for facts in marker_facts(marked.sheet)
    ]
    print_table(("seconds", "timecode", "kind", "label"), rows, right=frozenset({0}))
