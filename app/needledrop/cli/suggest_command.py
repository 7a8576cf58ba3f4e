# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop suggest`: the best music for a video, with reasons."""

from __future__ import annotations

import argparse
import dataclasses
from fractions import Fraction
from pathlib import Path
from typing import Any

from needledrop.cli.arguments import bpm_range, licence_names, time_text
from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE, NOTHING_FOUND
from needledrop.cli.output import counted, print_json, print_table
from needledrop.core.cue import MixTargets
from needledrop.core.query import Suggestion
from needledrop.core.times import format_time
from needledrop.library.rows import TrackRow
from needledrop.workflows.library_export import track_facts
from needledrop.workflows.suggest import Answer, Wish, suggest_music


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("suggest", parents=[shared], help="find music for a video")
    parser.add_argument("video", type=Path)
    add_wish(parser)
    parser.add_argument("-n", dest="count", type=int, default=10, metavar="N", help="length of the list")
    parser.add_argument("--reasons", type=int, default=3, metavar="N", help="explain the first N (default 3)")
    parser.set_defaults(run=run)


def add_wish(parser: argparse.ArgumentParser) -> None:
    """The options that say what music is wanted, shared by suggest, preview, use and export."""
    parser.add_argument("--in", dest="in_s", type=time_text, metavar="TIME", help="in-point, such as 1:23.5")
    parser.add_argument("--out", dest="out_s", type=time_text, metavar="TIME", help="out-point")
    parser.add_argument("--text", default="", metavar="WORDS", help='such as "calm sunrise hike"')
    parser.add_argument("--no-words", action="store_true", help="ignore the words found about the video")
    parser.add_argument(
        "--like",
        dest="likes",
        action="append",
        default=[],
        metavar="FILE|TRACK",
        help="a file with sound or a track it shall sound like; may be given several times",
    )
    parser.add_argument("--like-temp", action="store_true", help="it shall sound like the music inside the video")
    parser.add_argument("--offer-reference", action="store_true", help="do not leave the references out of the list")
    parser.add_argument("--bpm", type=bpm_range, metavar="LOW-HIGH", help="such as 90-120")
    parser.add_argument("--licence", type=licence_names, default=frozenset(), metavar="NAME,...", help="only these")
    parser.add_argument("--exclude-used", action="store_true", help="leave out music used in other projects")
    parser.add_argument("--fast", action="store_true", help="skip video frames while analysing; cuts are less exact")


def wish_of(context: Context, count: int) -> Wish:
    """The wish in the options of a command."""
    options, settings = context.options, context.settings()
    return Wish(
        in_s=options.in_s,
        out_s=options.out_s,
        text=options.text,
        has_found_words=not options.no_words,
        likes=tuple(options.likes),
        is_like_temp=options.like_temp,
        is_reference_offered=options.offer_reference,
        bpm_range=options.bpm,
        licences=options.licence,
        is_commercial=settings.is_on("commercial-project"),
        is_used_excluded=options.exclude_used,
        is_every_frame=not options.fast,
        count=count,
        mix=MixTargets(settings.number("music-lufs"), settings.number("ducking-db")),
    )


def run(context: Context) -> int:
    """Print the list."""
    wish = wish_of(context, max(0, context.options.count))
    answer = suggest_music(context.profile, context.options.video, wish, context.progress, context.cancel)
    context.progress.clear()
    if context.is_json:
        print_json(answer_facts(answer))
    else:
        print_answer(answer, reasons=context.options.reasons)
    return DONE if answer.suggestions else NOTHING_FOUND


def print_answer(answer: Answer, *, reasons: int) -> None:
    """The list as a table, then the reasons of the first entries."""
    features, span = answer.video.features, answer.time_range
    facts = [f"{answer.video.path.name}", f"{format_time(float(span.duration_s))} of picture"]
    if answer.suggestions:
        facts.append(counted(answer.suggestions[0].cuts, "cut"))
    if not features.is_every_frame:
        facts.append("fast mode: frames were skipped")
    print(" · ".join(facts))
    if answer.suggestions:
        headings = ("#", "score", "cuts on beats", "from", "bpm", "key", "length", "licence", "track")
        rows = [_row(one, answer.tracks[one.track_id]) for one in answer.suggestions]
        print_table(headings, rows, right=frozenset({0, 1, 2, 3, 4, 6}))
        print(f"{len(rows)} of {counted(answer.library_size, 'track')}")
    for one in answer.suggestions[: max(0, reasons)]:
        print(f"\n{one.rank}. {answer.tracks[one.track_id].name}")
        for line in (*(reason.text for reason in one.reasons), *one.warnings):
            print(f"   {line}")
    for note in answer.notes:
        print(note)


def _row(one: Suggestion, track: TrackRow) -> tuple[str, ...]:
    hits = f"{one.cut_hits}/{one.cuts}" if one.has_pulse and one.cuts else "-"
    return (
        str(one.rank),
        f"{one.score:.2f}",
        hits,
        format_time(one.cue.pieces[0].source_in_s) if one.cue.pieces else "-",
        f"{track.facts.tempo_bpm:.0f}" if track.facts.tempo_bpm else "-",
        track.facts.key_name or "-",
        format_time(track.duration_s),
        track.licence.name or "unknown",
        track.name,
    )


def answer_facts(answer: Answer) -> dict[str, Any]:
    """The whole answer as JSON shows it."""
    shots = answer.video.features.shots
    return {
        "video": str(answer.video.path),
        "range_s": [float(answer.time_range.start_s), float(answer.time_range.end_s)],
        "duration_s": answer.video.features.duration_s,
        "cuts_s": [round(cut, 4) for cut in shots.cuts_s.tolist()],
        "is_every_frame": answer.video.features.is_every_frame,
        "library_size": answer.library_size,
        "notes": list(answer.notes),
        "versions": dict(answer.versions),
        "words": [{"word": found.word, "source": found.source} for found in answer.words.words],
        "suggestions": [
            _plain(dataclasses.asdict(one))
            | {"track": track_facts(answer.tracks[one.track_id]), "tags": list(answer.tags.get(one.track_id, ()))}
            for one in answer.suggestions
        ],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return float(value) if isinstance(value, Fraction) else value
