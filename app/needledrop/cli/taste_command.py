# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop learn` and `needledrop taste ...`: what the program learned of its user, and the say over it."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE, NOTHING_FOUND
from needledrop.cli.output import counted, print_json, print_table
from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.core.times import format_time

if TYPE_CHECKING:
    from needledrop.workflows.past_edits import PastPair, PastReport
    from needledrop.workflows.taste import LearnReport
    from needledrop.workflows.taste_store import TasteState


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the commands to the parser."""
    learn = commands.add_parser("learn", parents=[shared], help="learn your taste from your feedback and past edits")
    past = "finished videos, projects (OTIO, FCPXML, XML, Kdenlive, MLT), folders of them: whose music to learn from"
    learn.add_argument("past_edits", nargs="*", type=Path, metavar="PAST_EDITS", help=past)
    learn.set_defaults(run=_learn)
    taste = commands.add_parser("taste", help="what was learned of your taste, and how much it counts")
    verbs = taste.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("list", parents=[shared], help="versions, and which one counts").set_defaults(run=_list)
    use = verbs.add_parser("use", parents=[shared], help="let a version count")
    use.add_argument("version", metavar="VERSION", help="a number, live (your feedback as it comes) or base (no taste)")
    use.set_defaults(run=_use)
    blend = verbs.add_parser("blend", parents=[shared], help="how much the taste counts")
    blend.add_argument("share", type=float, metavar="SHARE", help="0 (base) to 1 (all of it)")
    blend.set_defaults(run=_blend)
    verbs.add_parser("reset", parents=[shared], help="back to the base, exactly").set_defaults(run=_reset)
    export = verbs.add_parser("export", parents=[shared], help="write a version to a file")
    export.add_argument("file", type=Path, metavar="FILE", help="FILE.safetensors and FILE.json are written")
    export.add_argument("--version", type=int, metavar="N", dest="number", help="default: the one that counts")
    export.add_argument("--overwrite", action="store_true", help="replace files of that name")
    export.set_defaults(run=_export)
    imported = verbs.add_parser("import", parents=[shared], help="take a taste from a file; it counts from now on")
    imported.add_argument("file", type=Path, metavar="FILE", help="FILE.safetensors, with FILE.json beside it")
    imported.set_defaults(run=_import)
    verbs.add_parser("pairs", parents=[shared], help="the music found in past edits").set_defaults(run=_pairs)
    strike = verbs.add_parser("strike", parents=[shared], help="let pairs of `taste pairs` not count")
    strike.add_argument("pairs", nargs="+", type=int, metavar="N", help="as `taste pairs` shows them")
    strike.add_argument("--undo", action="store_true", help="let them count again")
    strike.set_defaults(run=_strike)
    _register_feedback(verbs, shared)


def _register_feedback(verbs: Commands, shared: argparse.ArgumentParser) -> None:
    feedback = verbs.add_parser("feedback", help="what you used, turned down, listened to")
    actions = feedback.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", parents=[shared], help="all of it, oldest first").set_defaults(run=_feedback_list)
    delete = actions.add_parser("delete", parents=[shared], help="delete entries for good")
    delete.add_argument("entries", nargs="*", type=int, metavar="ID", help="as `taste feedback list` shows them")
    delete.add_argument("--all", action="store_true", dest="is_all", help="delete all of it")
    delete.set_defaults(run=_feedback_delete)
    export = actions.add_parser("export", parents=[shared], help="all of it as JSON text")
    export.add_argument("--output", "-o", type=Path, metavar="FILE", help="default: standard output")
    export.add_argument("--overwrite", action="store_true", help="replace a file of that name")
    export.set_defaults(run=_feedback_export)


def _learn(context: Context) -> int:
    from needledrop.workflows.taste import learn_taste

    past = _past_edits(context)
    report = learn_taste(context.profile, context.progress, context.cancel)
    context.progress.clear()
    if context.is_json:
        print_json(_learn_facts(report) | ({"past_edits": dataclasses.asdict(past)} if past is not None else {}))
    else:
        for line in _learn_lines(report):
            print(line)
    return DONE if report.version is not None else NOTHING_FOUND


def _past_edits(context: Context) -> PastReport | None:
    """Look through the past edits that were named, and say what was found in them."""
    if not context.options.past_edits:
        return None
    from needledrop.workflows.past_edits import find_past_edits

    report = find_past_edits(context.profile, context.options.past_edits, context.progress, context.cancel)
    context.progress.clear()
    if not context.is_json:
        found = f"{counted(report.pairs, 'piece')} of music in {counted(report.looked_at + report.known, 'past edit')}"
        print(f"{found}, {report.known:,} of them known before. Look and strike: needledrop taste pairs")
        for note in report.notes:
            print(f"  {note}")
    return report


def _learn_lines(report: LearnReport) -> list[str]:
    from needledrop.training.personal.learning import FEWEST_LIKES
    from needledrop.training.personal.validation import FEWEST_GROUPS

    learned, lines = report.learned, []
    if report.lost:
        lines.append(f"{counted(report.lost, 'verdict')} left out: the library does not have the tracks any more.")
    if not learned.is_enough:
        counts = f"{counted(learned.likes, 'track')} you used in {counted(learned.projects, 'project')}"
        enough = f"From {FEWEST_LIKES} tracks in {FEWEST_GROUPS} projects on it can be checked."
        lines.append(f"Too little to learn from yet: {counts}. {enough}")
        lines.append("What you used counts already, by itself: needledrop taste list")
        return lines
    for name, one in sorted(learned.tried.items()):
        lines.append(
            f"{name:<11} held-out median rank {one.rank:.0f} of {one.tracks:,} (base {one.base_rank:.0f}), "
            f"among the first ten {one.recall:.0%} (base {one.base_recall:.0%})"
        )
    if learned.best is None or report.version is None:
        lines.append("None is surely better than what there was, so nothing changes.")
        return lines
    lines.append(f"Version {report.version} counts from now on: {learned.best.form}, {learned.likes} likes.")
    lines += [f"It puts other tracks first: {one.fact} {one.yours:.3g} {one.unit} where the base has {one.base:.3g}."
              for one in report.moved]  # fmt: skip
    lines.append("Back: needledrop taste reset")
    return lines


def _learn_facts(report: LearnReport) -> dict[str, Any]:
    learned = report.learned
    return {
        "version": report.version,
        "likes": learned.likes,
        "projects": learned.projects,
        "lost": report.lost,
        "is_enough": learned.is_enough,
        "chosen": _figures(learned.best) if learned.best else None,
        "tried": {name: _figures(one) for name, one in learned.tried.items()},
        "moved": [dataclasses.asdict(one) for one in report.moved],
    }


def _figures(one: Any) -> dict[str, Any]:
    facts = dataclasses.asdict(one)
    return facts | {"error": facts["error"] if facts["error"] != float("inf") else None}


def _list(context: Context) -> int:
    from needledrop.workflows import taste_store

    state, found = taste_store.state_of(context.profile), taste_store.versions(context.profile)
    if context.is_json:
        print_json(_state_facts(state) | {"versions": found})
        return DONE
    rows = [("base", "", "", "", "the list without any taste"), ("live", "", "", "", "your feedback as it comes")]
    for about in found:
        chosen = about.get("chosen") or {}
        rank = f"{chosen['rank']:.0f} (base {chosen['base_rank']:.0f})" if chosen else ""
        made = time.strftime("%Y-%m-%d %H:%M", time.localtime(float(about.get("made_at", 0))))
        rows.append((str(about["version"]), made, str(about.get("likes", "")), rank, str(about.get("form", ""))))
    marked = [(("*" if row[0] == state.current else "") + row[0], *row[1:]) for row in rows]
    print_table(("version", "learned", "likes", "held-out rank", "what"), marked, right=frozenset({0, 2}))
    print(f"* counts, at {state.blend:.0%}.")
    return DONE


def _use(context: Context) -> int:
    from needledrop.workflows.taste import use_taste

    return _print_state(context, use_taste(context.profile, context.options.version))


def _blend(context: Context) -> int:
    from needledrop.workflows.taste import blend_taste

    return _print_state(context, blend_taste(context.profile, context.options.share))


def _reset(context: Context) -> int:
    from needledrop.workflows.taste import reset_taste

    return _print_state(context, reset_taste(context.profile))


def _print_state(context: Context, state: TasteState) -> int:
    if context.is_json:
        print_json(_state_facts(state))
    elif state.current == "base":
        print("The base alone counts. Your feedback and all versions are kept: needledrop taste list")
    else:
        what = "Your feedback as it comes" if state.current == "live" else f"Version {state.current} of your taste"
        print(f"{what} counts, at {state.blend:.0%}.")
    return DONE


def _state_facts(state: TasteState) -> dict[str, Any]:
    return {"current": state.current, "blend": state.blend}


def _export(context: Context) -> int:
    from needledrop.workflows.taste import export_taste

    options = context.options
    written = export_taste(context.profile, options.file, options.number, overwrite=options.overwrite)
    if context.is_json:
        print_json({"written": [str(path) for path in written]})
    else:
        print("Written: " + ", ".join(str(path) for path in written))
    return DONE


def _import(context: Context) -> int:
    from needledrop.workflows.taste import import_taste

    number = import_taste(context.profile, context.options.file)
    if context.is_json:
        print_json({"version": number})
    else:
        print(f"Version {number} counts from now on. Back: needledrop taste reset")
    return DONE


def _pairs(context: Context) -> int:
    from needledrop.workflows.past_edits import pairs

    found = pairs(context.profile)
    if context.is_json:
        print_json([_pair_facts(pair) for pair in found])
    elif found:
        rows = [
            (
                str(pair.pair_id),
                f"{format_time(pair.start_s)}-{format_time(pair.end_s)}",
                format_time(pair.track_start_s),
                f"{pair.speed:.3f}",
                f"{pair.confidence:.2f}",
                pair.state,
                pair.name,
                display_path(pair.video.name),
            )
            for pair in found
        ]
        head = ("N", "in the edit", "from", "speed", "sure", "state", "track", "edit")
        print_table(head, rows, right=frozenset({0, 2, 3, 4}))
    else:
        print("Nothing was found in past edits yet: needledrop learn FOLDER")
    return DONE if found else NOTHING_FOUND


def _pair_facts(pair: PastPair) -> dict[str, Any]:
    return {
        "id": pair.pair_id,
        "edit": str(pair.video),
        "start_s": pair.start_s,
        "end_s": pair.end_s,
        "track_id": pair.track.id if pair.track is not None else None,
        "track": pair.name,
        "track_start_s": pair.track_start_s,
        "speed": pair.speed,
        "confidence": pair.confidence,
        "level_db": pair.level_db,
        "state": pair.state,
    }


def _strike(context: Context) -> int:
    from needledrop.workflows.past_edits import strike

    options = context.options
    for number in options.pairs:
        strike(context.profile, number, struck=not options.undo)
    if context.is_json:
        print_json({"pairs": options.pairs, "is_struck": not options.undo})
    else:
        what = "counts again" if options.undo else "does not count any more"
        named = ", ".join(str(number) for number in options.pairs)
        print(f"{named}: {what}. What was learned changes when you learn again: needledrop learn")
    return DONE


def _feedback_list(context: Context) -> int:
    from needledrop.workflows.feedback import list_feedback

    entries = list_feedback(context.profile)
    if context.is_json:
        print_json(entries)
    elif entries:
        rows = [
            (
                str(entry["id"]),
                time.strftime("%Y-%m-%d %H:%M", time.localtime(entry["given_at"])),
                entry["verdict"],
                f"{entry['start_s']:.1f}-{entry['end_s']:.1f}",
                entry["track"] + ("" if entry["state"] == "present" else f" ({entry['state']})"),
                entry["video"],
            )
            for entry in entries
        ]
        print_table(("id", "given", "verdict", "range s", "track", "video"), rows, right=frozenset({0, 3}))
    else:
        print("There is no feedback yet: needledrop use VIDEO --pick 1")
    return DONE if entries else NOTHING_FOUND


def _feedback_delete(context: Context) -> int:
    from needledrop.workflows.feedback import delete_feedback

    options = context.options
    if bool(options.entries) == options.is_all:
        raise KnownError("Say which feedback to delete.", remedy="Name ids, or --all for all of it.", code="usage")
    deleted = delete_feedback(context.profile, None if options.is_all else options.entries)
    if context.is_json:
        print_json({"deleted": deleted})
    else:
        print(f"Deleted: {deleted:,}. What was learned from it stays until you learn again or reset.")
    return DONE


def _feedback_export(context: Context) -> int:
    from needledrop.workflows.feedback import export_feedback, feedback_text

    options = context.options
    if options.output is None:
        sys.stdout.write(feedback_text(context.profile))
    else:
        export_feedback(context.profile, options.output, overwrite=options.overwrite)
    return DONE
