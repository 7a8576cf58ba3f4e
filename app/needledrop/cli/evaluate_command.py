# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop evaluate`: rank pairs, write a page, prepare a listening test, count its ballots, judge moments."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE
from needledrop.cli.output import counted, print_json
from needledrop.core.errors import KnownError
from needledrop.workflows import evaluation
from needledrop.workflows.ranked_systems import BASELINES, Wanted

if TYPE_CHECKING:
    from needledrop.training.evaluation.ballots import Tally
    from needledrop.training.evaluation.found_moments import MomentResult
    from needledrop.training.evaluation.results import Change

_SHOWN_CASES = 10


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("evaluate", parents=[shared], help="rank the same pairs with any number of models")
    parser.add_argument("models", type=Path, nargs="*", metavar="MODEL", help="folders that `train` wrote")
    parser.add_argument("--pairs", type=Path, metavar="DIR", help="a set of pairs, finished videos, or a data set")
    parser.add_argument(
        "--split", choices=evaluation.SPLITS, action="append", default=[], help="which videos ask (default: the tests)"
    )
    parser.add_argument(
        "--baseline", choices=BASELINES, action="append", default=[], help="what to rank beside the models"
    )
    parser.add_argument("--real", type=Path, metavar="DIR", help="report on these finished videos as well")
    parser.add_argument("--cut-beats", action="store_true", help="count the cuts that beats fall on, and by chance")
    parser.add_argument("--rerank", type=int, default=0, metavar="N", help="judge the best N pair by pair as well")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the intervals and of all that is drawn")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep the results with every case's rank")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="name what got better and worse since a --save")
    parser.add_argument("--report", type=Path, metavar="DIR", help="write a page with the best tracks of every video")
    parser.add_argument("--blind", type=int, default=0, metavar="N", help="prepare a listening test with N videos")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the listening test goes")
    parser.add_argument("--media", type=Path, metavar="DIR", help="where videos and tracks lie (default: --pairs)")
    parser.add_argument("--ballots", type=Path, nargs="+", metavar="FILE", help="count the ballots of a listening test")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the key of that test")
    parser.add_argument("--moments", type=Path, metavar="DIR", help="judge stretches of tracks by MGSV-EC's tables")
    parser.add_argument("--found", type=Path, metavar="FILE", help="the stretches that were found, as CSV")
    parser.set_defaults(run=run)


def run(context: Context) -> int:
    """Count ballots, or rank and do all else that was asked for."""
    options = context.options
    _check(options)
    if options.ballots:
        return _count(context)
    if options.moments is not None:
        return _judge_moments(context)
    wanted = Wanted(options.models, options.baseline, options.rerank, options.seed, options.cut_beats)
    done = evaluation.evaluate_models(
        context.profile, wanted, options.pairs, options.split, context.progress, context.cancel, real=options.real
    )
    # First, for --save may name the same file.
    changes = evaluation.changes_since(done, options.compare) if options.compare else []
    if options.save is not None:
        evaluation.save_evaluation(done, options.save)
    made = _made(context, done)
    context.progress.clear()
    if context.is_json:
        facts = {"changes": [dataclasses.asdict(change) for change in changes]}
        print_json(_facts(done) | facts | _facts_of_made(made))
        return DONE
    _print_results(done, changes)
    _print_made(made)
    return DONE


def _check(options: argparse.Namespace) -> None:
    """Raises: KnownError: "usage": options that need each other do not stand together."""
    alone = (bool(options.ballots), options.moments is not None)
    ranked = options.models or options.pairs or options.real or options.cut_beats or options.blind or options.report
    wrong = [
        (bool(options.ballots) != bool(options.key), "--ballots and --key belong together.", "Give both."),
        (options.found is not None and not alone[1], "--found and --moments belong together.", "Give both."),
        (
            any(alone) and (all(alone) or bool(ranked)),
            "--ballots and --moments each stand alone.",
            "Leave models, --pairs, --real, --cut-beats, --blind and --report out: nothing is ranked for them.",
        ),
        (not any(alone) and options.pairs is None, "There are no pairs to rank.", "Name a folder with --pairs."),
        (bool(options.blind) != bool(options.out), "--blind and --out belong together.", "Name a new folder."),
        (min(options.blind, options.rerank, options.seed) < 0, "A number below 0 makes no sense.", "Give 0 or more."),
    ]
    for is_wrong, sentence, remedy in wrong:
        if is_wrong:
            raise KnownError(sentence, remedy=remedy, code="usage")


def _made(context: Context, done: evaluation.Evaluation) -> dict[str, Any]:
    """The page and the listening test, as far as they are wanted."""
    options, made = context.options, dict[str, Any]()
    media = options.media or options.pairs
    if options.report is not None:
        made["report"] = evaluation.write_page(done, media, options.report, context.progress, context.cancel)
    if options.blind:
        made["listening_test"] = evaluation.prepare_blind(
            done, options.blind, media, options.out, context.progress, context.cancel, seed=options.seed
        )
    return made


def _facts(done: evaluation.Evaluation) -> dict[str, Any]:
    from needledrop.training.evaluation.results import as_dict

    facts: dict[str, Any] = {
        "pairs": done.pairs.name,
        "results": [as_dict(result) for result in done.results],
        "among_candidates": [{**dataclasses.asdict(one), "ranks": one.ranks.tolist()} for one in done.among],
        "left_out": list(done.left_out),
        "unranked": dict(done.unranked),
    }
    if done.cut_beats is not None:
        facts["cut_beats"] = dataclasses.asdict(done.cut_beats)
    if done.real is not None:
        facts["real"] = _facts(done.real)
    return facts


def _facts_of_made(made: dict[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if "report" in made:
        facts["report"] = {**dataclasses.asdict(made["report"]), "page": str(made["report"].page)}
    if "listening_test" in made:
        test = made["listening_test"]  # What each question is about stays in the key.
        facts["listening_test"] = {
            "page": str(test.page), "key": str(test.key), "questions": len(test.questions), "agreed": test.agreed,
            "left_out": list(test.left_out),
        }  # fmt: skip
    return facts


def _print_results(done: evaluation.Evaluation, changes: Sequence[Change]) -> None:
    _print_tables(done)
    if done.real is not None:
        pairs = done.real.pairs
        videos, sources = len(pairs.video_names), len(set(pairs.video_source))
        print(f"Real pairs: {counted(videos, 'video')} of {counted(sources, 'maker')} in {pairs.name}.", end="\n\n")
        _print_tables(done.real)
    _print_changes(changes)


def _print_tables(done: evaluation.Evaluation) -> None:
    from needledrop.training.evaluation.cut_beat import cut_beat_table
    from needledrop.training.evaluation.given_candidates import candidate_table
    from needledrop.training.evaluation.results import table

    _print_left_out(done.left_out)
    if not done.results:
        print(*(f"{system}: {sentence}" for system, sentence in done.unranked.items()), sep="\n", end="\n\n")
    for direction in dict.fromkeys(result.direction for result in done.results):
        print(table(done.results, direction, done.unranked), end="\n\n")
    if done.among:
        print(candidate_table(done.among), end="\n\n")
    if done.cut_beats is not None:
        print(cut_beat_table(done.cut_beats), end="\n\n")


def _print_changes(changes: Sequence[Change]) -> None:
    for change in changes:
        recall = change.recall
        print(
            f"{change.system}, {change.split}, {change.direction}: R@10 {100 * recall.value:+.1f} "
            f"[{100 * recall.low:+.1f}, {100 * recall.high:+.1f}]"
        )
        for word, cases in (("better", change.better), ("worse", change.worse)):
            shown = ", ".join(f"{case.name} {case.before} -> {case.after}" for case in cases[:_SHOWN_CASES])
            print(f"  {len(cases)} {word}: {shown}" if cases else f"  0 {word}")


def _print_left_out(sentences: Sequence[str]) -> None:
    for sentence in sentences[:_SHOWN_CASES]:
        print(sentence)
    if len(sentences) > _SHOWN_CASES:
        print(f"{counted(len(sentences) - _SHOWN_CASES, 'more item')} left out; --json names all.")
    if sentences:
        print()


def _print_made(made: dict[str, Any]) -> None:
    if "report" in made:
        report = made["report"]
        print(f"{report.page} shows {report.shown} of {counted(report.queries, 'video')}.")
    if "listening_test" in made:
        test = made["listening_test"]
        _print_left_out(test.left_out)
        print(
            f"{counted(len(test.questions), 'question')} in {test.page}; on {counted(test.agreed, 'video')} all "
            f"systems agreed. {test.key} says who chose what: keep it from the listeners."
        )


def _count(context: Context) -> int:
    from needledrop.training.evaluation.ballots import tally_text

    options = context.options
    tally, left_out = evaluation.count_ballots(options.ballots, options.key, options.seed)
    if context.is_json:
        print_json({**_tally_facts(tally), "left_out": list(left_out)})
        return DONE
    _print_left_out(left_out)
    print(tally_text(tally))
    return DONE


def _tally_facts(tally: Tally) -> dict[str, Any]:
    facts = {field.name: getattr(tally, field.name) for field in dataclasses.fields(tally)}
    facts["preference"] = {system: dataclasses.asdict(one) for system, one in tally.preference.items()}
    facts["fit"] = [
        {"system": system, "aspect": aspect, **dataclasses.asdict(one)} for (system, aspect), one in tally.fit.items()
    ]
    facts["preference_of_training"] = {
        training: {"raters": raters, "preference": shares}
        for training, (raters, shares) in tally.preference_of_training.items()
    }
    return facts


def _judge_moments(context: Context) -> int:
    from needledrop.training.evaluation.found_moments import moment_table

    options = context.options
    results, left_out = evaluation.judge_moments(options.moments, options.split, options.found, options.seed)
    if context.is_json:
        print_json({"moments": [_moment_facts(result) for result in results], "left_out": list(left_out)})
        return DONE
    _print_left_out(left_out)
    print(moment_table(results))
    return DONE


def _moment_facts(result: MomentResult) -> dict[str, Any]:
    facts = dataclasses.asdict(result)
    if result.together is not None:
        facts["together"] = {
            "found": [
                {"k": k, "iou_above": threshold, **dataclasses.asdict(one)}
                for (k, threshold), one in result.together.found.items()
            ],
            "mean_iou": result.together.mean_iou,
        }
    return facts
