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
from needledrop.export.interchange.write import EditFormat
from needledrop.workflows.interchange import HandoffWish, hand_off
from needledrop.workflows.output import Kind, RenderOptions, cues_text, export

_TERMINAL = Path("-")
_MEANINGS = {
    Kind.WAV: "the music alone, 48 kHz, exactly as long as the range",
    Kind.MP4: "the film with its music",
    Kind.JSON: "the cues and why they were chosen, for programs",
    Kind.ATTRIBUTION: "the credits the licences ask for",
    Kind.CUE_SHEET: "the cue sheet as CSV",
}
_EDITORS = {
    EditFormat.OTIO: "OpenTimelineIO: Premiere Pro, Kdenlive 25.04 and later, and others",
    EditFormat.RESOLVE: "OpenTimelineIO in the shape that DaVinci Resolve reads",
    EditFormat.FCPXML: "Final Cut Pro, DaVinci Resolve",
    EditFormat.FCP7: "Final Cut Pro 7 XML: Premiere Pro, DaVinci Resolve",
    EditFormat.KDENLIVE: "Kdenlive 23.04 and later",
    EditFormat.KDENLIVE_22: "Kdenlive 20.08 to 22.12",
    EditFormat.MLT: "Shotcut",
}


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    # Not the shared options: here --json names a file; without one it asks for JSON on the terminal, as elsewhere.
    parser = commands.add_parser(
        "export", help="write cues as WAV, MP4, JSON, attribution, cue sheet, or projects for editors"
    )
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
    _add_handoffs(parser)
    parser.set_defaults(run=run, json=False)


def _option(kind: Kind | EditFormat) -> str:
    return f"to_{kind.name.lower()}"


def _add_handoffs(parser: argparse.ArgumentParser) -> None:
    """The options that write projects for editors."""
    group = parser.add_argument_group("projects for editors, with the cut, the music and its beats; a WAV beside them")
    for target, meaning in _EDITORS.items():
        group.add_argument(f"--{target}", dest=_option(target), type=Path, metavar="FILE", help=meaning)
    group.add_argument(
        "--original-files",
        action="store_true",
        help="let the project play your own files, at most half a frame beside the beat, and write no WAV of tracks",
    )


def run(context: Context) -> int:
    """Write every file that was asked for, or print the cues as JSON."""
    options = context.options
    targets = {kind: path for kind in Kind if (path := getattr(options, _option(kind))) is not None}
    editors = {target: path for target in EditFormat if (path := getattr(options, _option(target))) is not None}
    if not targets and not editors:
        raise KnownError(
            "Nothing to write.", remedy="Name a file, such as --mp4 film.mp4 or --attribution credits.txt", code="usage"
        )
    options.json = targets.get(Kind.JSON) == _TERMINAL
    selection = selection_of(context)
    files = {kind: path for kind, path in targets.items() if path != _TERMINAL}
    render = RenderOptions(options.overwrite, options.music_only, options.full_mix)
    written = export(context.profile, selection, files, render, context.progress, context.cancel) if files else []
    if editors:
        wish = HandoffWish(
            editors,
            is_original_kept=options.original_files,
            is_counted=not files,  # What was exported above is counted already.
            overwrite=options.overwrite,
        )
        written += hand_off(context.profile, selection, wish, context.progress, context.cancel)
    context.progress.clear()
    if options.json:
        print(cues_text(selection), end="")
        return DONE
    for one in written:
        print(f"{one.path}" + (f" ({one.note})" if one.note else ""))
    return DONE
