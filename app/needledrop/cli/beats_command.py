# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop library beats`: show where a track's beats are, and correct them."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from needledrop.cli.arguments import time_text
from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE
from needledrop.cli.output import counted, print_json, print_table
from needledrop.core.errors import KnownError
from needledrop.core.music import Rhythm, RhythmEdit
from needledrop.workflows.rhythms import BeatSheet, correct_beats, reset_beats, show_beats

_SHOWN_BARS = 4
_SHOWN_TEMPI = 6
# Options that cannot be told in one breath, as their names in the parsed options.
_CONFLICTS = (("double", "halve"), ("bpm", "tap"), ("bpm", "double"), ("bpm", "halve"), ("tap", "double"),
              ("tap", "halve"))  # fmt: skip


def register(verbs: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser of `library`."""
    parser = verbs.add_parser("beats", parents=[shared], help="show a track's beats, or correct them for good")
    parser.add_argument("track", type=int, metavar="TRACK", help="its id, as `library list` shows it")
    parser.add_argument("--double", action="store_true", help="twice as many beats: the tempo is double")
    parser.add_argument("--halve", action="store_true", help="every second beat only: the tempo is half")
    parser.add_argument("--bpm", type=float, metavar="B", help="even beats at this tempo, from --first on")
    parser.add_argument("--first", type=time_text, metavar="SECONDS", help="the first beat, which begins a bar")
    parser.add_argument("--tap", type=_times, metavar="T,T,...", help="even beats through four tapped times or more")
    parser.add_argument(
        "--move", type=time_text, nargs=2, action="append", metavar=("FROM", "TO"),
        help="move the beat at FROM to TO; the beats around it follow up to the next one you moved",
    )  # fmt: skip
    parser.add_argument("--insert", type=time_text, action="append", metavar="SECONDS", help="add a beat")
    parser.add_argument("--delete", type=time_text, action="append", metavar="SECONDS", help="take a beat away")
    parser.add_argument("--offset", type=float, metavar="SECONDS", help="move all beats, earlier with a minus")
    parser.add_argument("--metre", type=int, metavar="N", help="beats a bar: 3, 4, 5, 6 or 7")
    parser.add_argument("--shift", type=int, metavar="N", help="begin each bar N beats later, earlier with a minus")
    parser.add_argument("--reset", action="store_true", help="take all corrections of this track back")
    parser.set_defaults(run=run)


def run(context: Context) -> int:
    """Show the beats after whatever correction was asked for."""
    options = context.options
    _check(options)
    edits = _edits(options)
    if options.reset:
        sheet = reset_beats(context.profile, options.track)
    elif edits:
        sheet = correct_beats(context.profile, options.track, edits)
    else:
        sheet = show_beats(context.profile, options.track)
    if context.is_json:
        print_json(_facts(sheet))
    else:
        _print_sheet(sheet)
    return DONE


def _times(text: str) -> tuple[float, ...]:
    return tuple(float(time_text(word)) for word in text.replace(",", " ").split())


def _is_given(options: argparse.Namespace, name: str) -> bool:
    value = getattr(options, name)
    return value is not None and value is not False  # A zero is given.


def _check(options: argparse.Namespace) -> None:
    for one, other in _CONFLICTS:
        if _is_given(options, one) and _is_given(options, other):
            raise _usage(f"--{one} and --{other} exclude each other.", "Give one of them.")
    if _is_given(options, "bpm") != _is_given(options, "first"):
        raise _usage("--bpm and --first belong together.", "Write --bpm 120 --first 0.5, or tap with --tap.")
    others = ("double", "halve", "bpm", "tap", "offset", "move", "insert", "delete", "metre", "shift")
    if options.reset and any(_is_given(options, name) for name in others):
        raise _usage("--reset stands alone.", "Take the corrections back first, then correct.")


def _usage(sentence: str, remedy: str) -> KnownError:
    return KnownError(sentence, remedy=remedy, code="usage")


def _edits(options: argparse.Namespace) -> list[RhythmEdit]:
    """The corrections in the order they are applied: first where the beats are, then how they form bars."""
    edits = []
    if options.bpm is not None:
        edits.append(RhythmEdit("grid", bpm=options.bpm, seconds=float(options.first)))
    if options.tap is not None:
        edits.append(RhythmEdit("taps", taps_s=options.tap))
    edits += [RhythmEdit(kind) for kind in ("double", "halve") if getattr(options, kind)]
    if options.offset is not None:
        edits.append(RhythmEdit("offset", seconds=options.offset))
    edits += [RhythmEdit("move", seconds=float(was), to_s=float(to)) for was, to in options.move or ()]
    for kind in ("insert", "delete"):
        edits += [RhythmEdit(kind, seconds=float(at)) for at in getattr(options, kind) or ()]
    edits += [RhythmEdit(kind, beats=getattr(options, kind)) for kind in ("metre", "shift") if _is_given(options, kind)]
    return edits


def _facts(sheet: BeatSheet) -> dict[str, Any]:
    return {
        "id": sheet.track.id,
        "name": sheet.track.name,
        "is_corrected": bool(sheet.edits),
        "corrections": [dataclasses.asdict(edit) for edit in sheet.edits],
        "analysed": _tempo_facts(sheet.analysed),
        "beats_s": np.round(sheet.rhythm.beats_s, 4).tolist(),
        "downbeats_s": np.round(sheet.rhythm.downbeats_s, 4).tolist(),
        "tempo_map": [
            {"start_s": start_s, "bpm": bpm} for start_s, bpm in np.round(sheet.rhythm.tempo_map, 4).tolist()
        ],
        "sections": _section_facts(sheet.rhythm),
    } | _tempo_facts(sheet.rhythm)


def _section_facts(rhythm: Rhythm) -> list[dict[str, Any]]:
    columns = (rhythm.sections_s, rhythm.section_roles, rhythm.section_role_confidence, rhythm.section_novelty)
    return [
        {
            "start_s": round(float(start_s), 3),
            "role": role,
            "role_confidence": round(float(sure), 3),
            "novelty": round(float(strength), 3),
        }
        for start_s, role, sure, strength in zip(*columns, strict=True)
    ]


def _tempo_facts(rhythm: Rhythm) -> dict[str, Any]:
    return {
        "tempo_bpm": rhythm.tempo_bpm,
        "tempo_alternatives_bpm": list(rhythm.tempo_alternatives_bpm),
        "confidence": round(rhythm.confidence, 4),
        "beats_per_bar": rhythm.beats_per_bar,
    }


def _print_sheet(sheet: BeatSheet) -> None:
    rhythm, analysed = sheet.rhythm, sheet.analysed
    alternatives = " or ".join(f"{bpm:.1f}" for bpm in rhythm.tempo_alternatives_bpm)
    rows = [
        ("track", sheet.track.name),
        ("tempo", f"{rhythm.tempo_bpm:.2f} BPM" if rhythm.tempo_bpm else "no steady pulse"),
        ("also felt as", alternatives or "-"),
        ("confidence", "corrected by you" if sheet.edits else f"{rhythm.confidence:.2f}"),
        ("metre", f"{rhythm.beats_per_bar} beats a bar" if len(rhythm.beats_s) else "-"),
        ("beats", f"{counted(len(rhythm.beats_s), 'beat')}, {counted(len(rhythm.downbeats_s), 'bar')}"),
        *_bar_rows(rhythm),
        *_tempo_rows(rhythm),
        ("sections", "  ".join(f"{start_s:.1f} {role}" for start_s, role in _sections(rhythm)) or "-"),
    ]
    if sheet.edits:
        rows.append(("corrections", ", ".join(_words(edit) for edit in sheet.edits)))
        rows.append(("analysis found", f"{analysed.tempo_bpm:.2f} BPM" if analysed.tempo_bpm else "no steady pulse"))
    print_table(("what", "value"), rows)


def _tempo_rows(rhythm: Rhythm) -> list[tuple[str, str]]:
    """Where the tempo changes, if it does."""
    if len(rhythm.tempo_map) < 2:
        return []
    stretches = rhythm.tempo_map.tolist()
    shown = "  ".join(f"{bpm:.1f} from {start_s:.1f} s" for start_s, bpm in stretches[:_SHOWN_TEMPI])
    more = len(stretches) - _SHOWN_TEMPI
    return [("tempo changes", shown + (f"  and {more} more" if more > 0 else ""))]


def _sections(rhythm: Rhythm) -> list[tuple[float, str]]:
    return list(zip(rhythm.sections_s.tolist(), rhythm.section_roles, strict=True))


def _bar_rows(rhythm: Rhythm) -> list[tuple[str, str]]:
    """The first bars, a row each, with the times of their beats."""
    starts: Sequence[float] = rhythm.downbeats_s[: _SHOWN_BARS + 1].tolist()
    rows = []
    for number, start_s in enumerate(starts[:_SHOWN_BARS], start=1):
        end_s = starts[number] if number < len(starts) else np.inf
        beats = rhythm.beats_s[(rhythm.beats_s >= start_s) & (rhythm.beats_s < end_s)]
        rows.append((f"bar {number}", "  ".join(f"{beat_s:.3f}" for beat_s in beats[: rhythm.beats_per_bar])))
    return rows


def _words(edit: RhythmEdit) -> str:
    said = {
        "shift": f"shift {edit.beats:+d}",
        "metre": f"metre {edit.beats}",
        "offset": f"offset {edit.seconds:+g} s",
        "grid": f"{edit.bpm:g} BPM from {edit.seconds:g} s",
        "taps": f"{len(edit.taps_s)} taps",
        "move": f"move {edit.seconds:g} s to {edit.to_s:g} s",
        "insert": f"insert at {edit.seconds:g} s",
        "delete": f"delete at {edit.seconds:g} s",
    }
    return said.get(edit.kind, edit.kind)
