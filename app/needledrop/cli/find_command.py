# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop find`: find by ear. A few tracks at a time; the user says which is warmer, and the next are nearer."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from needledrop.cli.arguments import time_text
from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE, NOTHING_FOUND
from needledrop.cli.output import print_error, print_json, print_table
from needledrop.core.errors import KnownError
from needledrop.core.times import format_time
from needledrop.workflows.by_ear import ANSWERS, EarSession, find_by_ear, heard_tracks
from needledrop.workflows.library_export import track_facts
from needledrop.workflows.suggest import Wish

_HELP = (
    "Say what you hear: TRACK ANSWER, such as `12 warmer` or `12 slower`. Answers: {answers}. "
    "`undo` takes the last one back, Enter shows others, `done` ends."
)


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("find", parents=[shared], help="find music by ear: warmer, colder, slower")
    parser.add_argument("video", type=Path)
    parser.add_argument("--in", dest="in_s", type=time_text, metavar="TIME", help="in-point, such as 1:23.5")
    parser.add_argument("--out", dest="out_s", type=time_text, metavar="TIME", help="out-point")
    parser.add_argument("-n", dest="count", type=int, default=4, metavar="N", help="tracks in a list (default 4)")
    parser.add_argument(
        "--answer",
        dest="answers",
        action="append",
        default=[],
        type=_answer,
        metavar="TRACK:WORD",
        help="what was heard so far, such as 12:warmer; may be given several times, in their order",
    )
    parser.set_defaults(run=run)


def run(context: Context) -> int:
    """Print the next list; ask on where a person reads it and nothing was answered on the command line."""
    options = context.options
    wish = Wish(in_s=options.in_s, out_s=options.out_s)
    answers: Sequence[tuple[int, str]] = options.answers
    session = find_by_ear(context.profile, options.video, wish, answers, context.progress, context.cancel)
    context.progress.clear()
    count = max(1, options.count)
    if context.is_json:
        shown = session.next_tracks(count)
        rows = heard_tracks(context.profile, shown)
        print_json({"heard": len(session.ear.heard[-1]), "next": [track_facts(rows[one]) for one in shown]})
        return DONE if shown else NOTHING_FOUND
    shown = _print_list(context, session, count)
    if shown and not answers and sys.stdin.isatty():
        _ask(context, session, shown, count)
    return DONE if shown else NOTHING_FOUND


def _ask(context: Context, session: EarSession, shown: Sequence[int], count: int) -> None:
    """Answers line by line, until `done` or the end of the input. A list is answered as long as the user likes."""
    print(_HELP.format(answers=", ".join(ANSWERS)))
    while shown:
        try:
            words = input("> ").split()
        except EOFError:
            return
        if words == ["done"]:
            return
        try:
            session = _after(session, words, shown)
        except KnownError as error:
            print_error(error, as_json=False)
            continue
        shown = _print_list(context, session, count)


def _after(session: EarSession, words: Sequence[str], shown: Sequence[int]) -> EarSession:
    """The session after one line; an empty one passes the list over."""
    if not words:
        for track_id in shown:
            session = session.passed(track_id)
        return session
    if list(words) == ["undo"]:
        return session.undone()
    try:
        return session.answered(*_answer(":".join(words)))
    except argparse.ArgumentTypeError as error:
        raise KnownError(f"{error}", remedy=_HELP.format(answers=", ".join(ANSWERS)), code="usage") from error


def _print_list(context: Context, session: EarSession, count: int) -> list[int]:
    shown = session.next_tracks(count)
    rows = heard_tracks(context.profile, shown)
    if not shown:
        print("Every track has been heard.")
        return shown
    table = [
        (
            str(track_id),
            f"{rows[track_id].facts.tempo_bpm:.0f}" if rows[track_id].facts.tempo_bpm else "-",
            format_time(rows[track_id].duration_s),
            rows[track_id].name,
            str(rows[track_id].file_path),
        )
        for track_id in shown
    ]
    print_table(("track", "bpm", "length", "name", "file"), table, right=frozenset({0, 1, 2}))
    return shown


def _answer(text: str) -> tuple[int, str]:
    number, _, word = text.partition(":")
    if not number.strip().isdecimal() or word.strip() not in ANSWERS:
        raise argparse.ArgumentTypeError(f"'{text}' is no TRACK:WORD; words are {', '.join(ANSWERS)}")
    return int(number), word.strip()
