# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop export`: cues as sound, film, data and credits."""

from __future__ import annotations

import argparse
from pathlib import Path

from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE
from needledrop.cli.preview_command import add_render_options, selection_of
from needledrop.core.errors import KnownError
from needledrop.workflows.output import Kind, RenderOptions, cues_text, export

_TERMINAL = Path("-")
_MEANINGS = {
    Kind.WAV: "the music alone, 48 kHz, exactly as long as the range",
    Kind.MP4: "the film with its music",
    Kind.JSON: "the cues and why they were chosen, for programs",
    Kind.ATTRIBUTION: "the credits the licences ask for",
    Kind.CUE_SHEET: "the cue sheet as CSV",
}


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    # Not the shared options: here --json names a file; without one it asks for JSON on the terminal, as elsewhere.
    parser = commands.add_parser("export", help="write cues as WAV, MP4, JSON, attribution, cue sheet")
    parser.add_argument("video", type=Path)
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    for kind, meaning in _MEANINGS.items():
        if kind is Kind.JSON:
            parser.add_argument(
                "--json", dest=_option(kind), type=Path, nargs="?", const=_TERMINAL, metavar="FILE", help=meaning
            )
        else:
            parser.add_argument(f"--{kind}", dest=_option(kind), type=Path, metavar="FILE", help=meaning)
    add_render_options(parser)
    parser.add_argument("--full-mix", action="store_true", help="put the video's own sound into the WAV too")
    parser.set_defaults(run=run, json=False)


def _option(kind: Kind) -> str:
    return f"to_{kind.name.lower()}"


def run(context: Context) -> int:
    """Write every file that was asked for, or print the cues as JSON."""
    options = context.options
    targets = {kind: path for kind in Kind if (path := getattr(options, _option(kind))) is not None}
    if not targets:
        raise KnownError(
            "Nothing to write.", remedy="Name a file, such as --mp4 film.mp4 or --attribution credits.txt", code="usage"
        )
    options.json = targets.get(Kind.JSON) == _TERMINAL
    selection = selection_of(context)
    files = {kind: path for kind, path in targets.items() if path != _TERMINAL}
    render = RenderOptions(options.overwrite, options.music_only, options.full_mix)
    written = export(context.profile, selection, files, render, context.progress, context.cancel) if files else []
    context.progress.clear()
    if options.json:
        print(cues_text(selection), end="")
        return DONE
    for one in written:
        print(f"{one.path}" + (f" ({one.note})" if one.note else ""))
    return DONE
