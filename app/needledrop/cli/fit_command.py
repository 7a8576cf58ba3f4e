# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop fit`: one track cut to exactly the length of the picture, with every splice shown."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from needledrop.cli.arguments import time_text
from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE
from needledrop.cli.output import counted, print_json, print_table
from needledrop.cli.suggest_command import add_wish, wish_of
from needledrop.core.cue import Cue
from needledrop.suggest.fit_joints import Splice
from needledrop.suggest.fit_length import FitEdit, FitResult
from needledrop.workflows import project
from needledrop.workflows.fit import Fitting, FitWish, fit_track

_ROUGH_QUALITY = 0.25
_HEARD_RING_S = 0.1


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("fit", parents=[shared], help="cut one track to exactly the length of the picture")
    parser.add_argument("video", type=Path)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--pick", type=int, default=1, metavar="N", help="entry of the list (default 1)")
    which.add_argument("--track", type=int, metavar="TRACK", help="this track of the library, by its id")
    parser.add_argument("--stretch", type=float, default=3.0, metavar="PERCENT", help="at most (default 3, up to 6)")
    parser.add_argument(
        "--without", dest="edits", action="append", type=_refusal, metavar="N", help="find a way without splice N"
    )
    parser.add_argument(
        "--splice-at", dest="edits", action="append", type=_move, metavar="N=TIME",
        help="move splice N to the beat of the track nearest to TIME",
    )  # fmt: skip
    parser.add_argument("--keep", action="store_true", help="keep the result as a cue under the video")
    add_wish(parser)
    parser.set_defaults(run=run)


def _refusal(text: str) -> FitEdit:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not the number of a splice")
    return FitEdit(int(text))


def _move(text: str) -> FitEdit:
    number, equals, time = text.partition("=")
    if not number.isdecimal() or not equals:
        raise argparse.ArgumentTypeError(f"'{text}' is not such as 2=1:03.5")
    return FitEdit(int(number), float(time_text(time)))


def run(context: Context) -> int:
    """Fit, show how, and keep it if asked to."""
    options = context.options
    wish = wish_of(context, max(10, options.pick))
    fit_wish = FitWish(options.pick, options.track, options.stretch / 100.0, tuple(options.edits or ()))
    fitting = fit_track(context.profile, options.video, wish, fit_wish, context.progress, context.cancel)
    if options.keep:
        project.use(context.profile, fitting.selection)
    context.progress.clear()
    if context.is_json:
        print_json(_facts(fitting))
    else:
        _print_fitting(fitting, is_kept=options.keep)
    return DONE


def _record_times_s(cue: Cue) -> list[float]:
    """Where in the video each joint of a cue is heard."""
    times_s, at_s = [], cue.record_in_s
    for piece in cue.pieces[:-1]:
        at_s += piece.duration_s * cue.stretch
        times_s.append(at_s)
    return times_s


def _facts(fitting: Fitting) -> dict[str, Any]:
    result, cue = fitting.result, fitting.selection.cues[0]
    joints = zip(result.splices, _record_times_s(cue), strict=True)
    return {
        "track": fitting.track.name,
        "track_id": fitting.track.id,
        "duration_s": cue.duration_s,
        "speed_percent": cue.speed_percent,
        "ring_s": result.ring_s,
        "has_pulse": result.has_pulse,
        "is_end_only": result.is_end_only,
        "splices": [
            {
                "record_s": record_s,
                "out_s": one.out_s,
                "in_s": one.in_s,
                "beats": one.beats,
                "quality": round(one.quality, 4),
                "alternatives_s": list(one.alternatives_s),
            }
            for one, record_s in joints
        ],
        "cue": dataclasses.asdict(cue),
    }


def _print_fitting(fitting: Fitting, *, is_kept: bool) -> None:
    cue, result = fitting.selection.cues[0], fitting.result
    splices = counted(len(result.splices), "splice") if result.splices else "no splice"
    print(f"{fitting.track.name} · {_clock(cue.duration_s)} · {splices} · speed {cue.speed_percent:.2f} %")
    if result.splices:
        headings = ("#", "in the film", "leaves at", "goes on at", "bars", "quality", "could also leave at")
        print_table(headings, _rows(fitting), right=frozenset({0, 1, 2, 3, 5}))
    for line in _notes(result):
        print(line)
    video = fitting.selection.video.path.name
    print(f"Kept. Hear it: needledrop preview {video}" if is_kept else "Not kept yet: the same command with --keep")


def _rows(fitting: Fitting) -> list[tuple[str, ...]]:
    cue, result = fitting.selection.cues[0], fitting.result
    return [
        (
            str(number),
            _clock(record_s),
            _clock(one.out_s),
            _clock(one.in_s),
            _change(one, result),
            f"{one.quality:.2f}",
            "  ".join(_clock(time_s) for time_s in one.alternatives_s) or "-",
        )
        for number, (one, record_s) in enumerate(zip(result.splices, _record_times_s(cue), strict=True), start=1)
    ]


def _change(splice: Splice, result: FitResult) -> str:
    """What a splice does to the music: "12 left out", "8 repeated"; without bars, in seconds."""
    verb = "left out" if splice.in_s > splice.out_s else "repeated"
    if not result.has_pulse:
        return f"{abs(splice.in_s - splice.out_s):.1f} s {verb}"
    return f"{abs(splice.beats) / result.beats_per_bar:g} {verb}"


def _notes(result: FitResult) -> Sequence[str]:
    notes = []
    if result.is_end_only:
        notes.append("The range is too short for beginning and end: only the end of the track is heard.")
    if not result.has_pulse:
        notes.append("The track has no steady pulse: it is cut where it is quiet and alike, not on beats.")
    if result.ring_s > _HEARD_RING_S:
        notes.append(f"The music ends {result.ring_s:.1f} s before the picture.")
    elif result.ring_s < -_HEARD_RING_S:
        notes.append(f"The last {-result.ring_s:.1f} s of the track's tail are faded out.")
    rough = [str(number) for number, one in enumerate(result.splices, start=1) if one.quality < _ROUGH_QUALITY]
    if rough:
        which = f"Splice {rough[0]} joins" if len(rough) == 1 else f"Splices {', '.join(rough)} join"
        notes.append(f"{which} bars that differ: listen, and try --without {rough[0]} or --splice-at {rough[0]}=TIME.")
    return notes


def _clock(seconds: float) -> str:
    """Times to a tenth, as --splice-at takes them: "0:21.4", "1:03:07.2"."""
    minutes, tenths = divmod(max(0, round(seconds * 10)), 600)
    hours, minutes = divmod(minutes, 60)
    return (f"{hours}:{minutes:02d}:" if hours else f"{minutes}:") + f"{tenths / 10:04.1f}"
