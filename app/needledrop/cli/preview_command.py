# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop preview`: the video with its music, as a file to watch."""

from __future__ import annotations

import argparse
from pathlib import Path

from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE
from needledrop.cli.output import print_json
from needledrop.cli.suggest_command import add_wish, wish_of
from needledrop.workflows.output import RenderOptions, preview
from needledrop.workflows.project import Selection, cues_to_render


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("preview", parents=[shared], help="render the video with its music")
    parser.add_argument("video", type=Path)
    add_render_options(parser)
    parser.add_argument("--output", "-o", type=Path, metavar="FILE", help="default: VIDEO-needledrop.* here")
    parser.set_defaults(run=run)


def add_render_options(parser: argparse.ArgumentParser) -> None:
    """The options that say which cues are rendered and how, shared by preview and export."""
    parser.add_argument(
        "--pick", type=int, metavar="N", help="entry of the list; default: the kept cues, else the first entry"
    )
    add_wish(parser)
    parser.add_argument("--music-only", action="store_true", help="leave the video's own sound out")
    parser.add_argument("--overwrite", action="store_true", help="replace a file of that name")


def selection_of(context: Context) -> Selection:
    """The cues that the options ask for."""
    options = context.options
    wish = wish_of(context, max(10, options.pick or 1))
    return cues_to_render(context.profile, options.video, wish, options.pick, context.progress, context.cancel)


def run(context: Context) -> int:
    """Render and say what was rendered."""
    options = context.options
    selection = selection_of(context)
    render = RenderOptions(overwrite=options.overwrite, music_only=options.music_only)
    written = preview(selection, options.output, render, context.progress, context.cancel)
    context.progress.clear()
    names = [selection.tracks[cue.track_id].name for cue in selection.cues]
    if context.is_json:
        print_json({"path": str(written.path), "note": written.note, "tracks": names})
    else:
        print(f"{written.path}\n    {' · '.join(names)} ({written.note})")
    return DONE
