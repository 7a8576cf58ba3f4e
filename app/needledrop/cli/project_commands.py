# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop use`, `cues` and `spot`: which cues lie under a video."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE, NOTHING_FOUND
from needledrop.cli.output import counted, print_json, print_table
from needledrop.cli.suggest_command import add_wish, wish_of
from needledrop.core.cue import Cue
from needledrop.core.times import format_time
from needledrop.library.rows import TrackRow
from needledrop.workflows import project
from needledrop.workflows.suggest import Wish


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the commands to the parser."""
    use = commands.add_parser("use", parents=[shared], help="keep an entry of the list as a cue under the video")
    use.add_argument("video", type=Path)
    use.add_argument("--pick", type=int, default=1, metavar="N", help="entry of the list (default 1)")
    add_wish(use)
    use.set_defaults(run=_use)
    cues = commands.add_parser("cues", parents=[shared], help="list or drop the cues kept under a video")
    cues.add_argument("video", type=Path)
    cues.add_argument("--drop", type=int, nargs="*", metavar="N", help="drop cues by number; all without a number")
    cues.set_defaults(run=_cues)
    spot = commands.add_parser("spot", parents=[shared], help="propose where a whole film wants music")
    spot.add_argument("video", type=Path)
    spot.add_argument("--apply", action="store_true", help="keep the proposed cues")
    add_wish(spot)
    spot.set_defaults(run=_spot)


def _use(context: Context) -> int:
    options = context.options
    wish = wish_of(context, max(10, options.pick))
    selection = project.pick(context.profile, options.video, wish, options.pick, context.progress, context.cancel)
    cues = project.use(context.profile, selection)
    kept = project.kept_cues(context.profile, options.video, wish, context.progress, context.cancel)
    _print_cues(context, cues, kept.tracks)
    return DONE


def _cues(context: Context) -> int:
    options = context.options
    kept = project.kept_cues(context.profile, options.video, Wish(), context.progress, context.cancel)
    cues: Sequence[Cue] = kept.cues
    if options.drop is not None:
        cues = project.drop_cues(context.profile, kept, options.drop)
    _print_cues(context, cues, kept.tracks)
    return DONE


def _print_cues(context: Context, cues: Sequence[Cue], tracks: Mapping[int, TrackRow]) -> None:
    context.progress.clear()
    if context.is_json:
        print_json([dataclasses.asdict(cue) | {"track": tracks[cue.track_id].name} for cue in cues])
    elif cues:
        rows = [
            (
                str(number),
                format_time(cue.record_in_s),
                format_time(cue.record_out_s),
                format_time(cue.pieces[0].source_in_s),
                f"{cue.gain_db:+.1f}",
                tracks[cue.track_id].name,
            )
            for number, cue in enumerate(cues, start=1)
        ]
        print_table(("#", "in", "out", "from", "gain dB", "track"), rows, right=frozenset({0, 1, 2, 3, 4}))
    else:
        print("No cue is kept under this video yet: needledrop use VIDEO --pick 1")


def _spot(context: Context) -> int:
    options = context.options
    found = project.spot_film(context.profile, options.video, wish_of(context, 1), context.progress, context.cancel)
    context.progress.clear()
    if options.apply and found.selection.cues:
        project.use(context.profile, found.selection)
    if context.is_json:
        print_json(
            [
                {
                    "in_s": float(place.time_range.start_s),
                    "out_s": float(place.time_range.end_s),
                    "reason": place.reason,
                    "track": found.selection.tracks[one.track_id].name if one else None,
                    "cue": dataclasses.asdict(one.cue) if one else None,
                }
                for place, one in zip(found.ranges, found.suggestions, strict=True)
            ]
        )
        return DONE if found.ranges else NOTHING_FOUND
    for place, one in zip(found.ranges, found.suggestions, strict=True):
        name = found.selection.tracks[one.track_id].name if one else "nothing in the library fits"
        span = f"{format_time(float(place.time_range.start_s))} to {format_time(float(place.time_range.end_s))}"
        print(f"{span}  {name}\n    {place.reason}")
    if not found.ranges:
        print("No stretch of this video asks for music: it is too short, or full of speech.")
    elif options.apply:
        kept = counted(len(found.selection.cues), "cue")
        print(f"Kept: {kept}. Hear the film: needledrop preview {options.video}")
    return DONE if found.ranges else NOTHING_FOUND
