# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop train`, `tune` and `evaluate`: the lab that makes and compares the models."""

from __future__ import annotations

import argparse
from pathlib import Path

from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE
from needledrop.cli.output import counted, print_json
from needledrop.workflows import lab

_SPLITS = ("validation", "test-weak", "test-strong")
_SHOWN_CASES = 10


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the commands to the parser."""
    _register_train(commands, shared)
    _register_tune(commands, shared)
    _register_evaluate(commands, shared)


def _register_train(commands: Commands, shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("train", parents=[shared], help="train a model from its recipe")
    _add_recipe(parser)
    parser.add_argument("--devices", type=int, default=1, metavar="N", help="graphics cards to use (default: 1)")
    parser.set_defaults(run=run_train)


def _register_tune(commands: Commands, shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("tune", parents=[shared], help="search a recipe's settings on the validation split")
    _add_recipe(parser)
    parser.add_argument("--trials", type=int, default=20, metavar="N", help="trainings to run (default: 20)")
    parser.set_defaults(run=run_tune)


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--recipe", type=Path, required=True, metavar="FILE", help="the TOML file of the model")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the result goes, and the state")
    parser.add_argument("--pairs", type=Path, metavar="DIR", help="a set of pairs, instead of the recipe's own corpus")
    parser.add_argument(
        "--device", choices=("auto", "cpu", "gpu"), default="auto", help="what to train on (default: the GPU if any)"
    )


def _register_evaluate(commands: Commands, shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("evaluate", parents=[shared], help="rank the same pairs with any number of models")
    parser.add_argument("models", type=Path, nargs="*", metavar="MODEL", help="folders that `train` wrote")
    parser.add_argument("--pairs", type=Path, required=True, metavar="DIR", help="the set of pairs")
    parser.add_argument(
        "--split", choices=_SPLITS, action="append", help="which videos ask (default: test-weak and test-strong)"
    )
    parser.add_argument(
        "--baseline", choices=lab.BASELINES, action="append", default=[], help="what to rank beside the models"
    )
    parser.add_argument("--rerank", type=int, default=0, metavar="N", help="judge the best N pair by pair as well")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the intervals and sampled negatives")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep the results with every case's rank")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="name what got better and worse since a --save")
    parser.set_defaults(run=run_evaluate)


def run_train(context: Context) -> int:
    """Train and say how it went."""
    options = context.options
    history = lab.train_model(
        context.profile, options.recipe, options.out, context.progress, context.cancel,
        pairs=options.pairs, device=options.device, devices=options.devices,
    )  # fmt: skip
    context.progress.clear()
    if context.is_json:
        print_json({"folder": str(options.out), **vars(history)})
        return DONE
    for note in history.notes:
        print(note)
    print(
        f"{counted(history.steps, 'step')}; best at {history.best_step}, "
        f"validation R@10 {100 * history.best_recall:.1f} %. The model is in {options.out}"
    )
    return DONE


def run_tune(context: Context) -> int:
    """Search and show the trials, best first."""
    options = context.options
    best, trials = lab.tune_model(
        context.profile, options.recipe, options.out, options.trials, context.progress, context.cancel,
        pairs=options.pairs, device=options.device,
    )  # fmt: skip
    context.progress.clear()
    if context.is_json:
        print_json({"recipe": best.as_dict(), "trials": [vars(trial) for trial in trials]})
        return DONE
    for trial in sorted(trials, key=lambda one: (-one.recall, one.number)):
        settings = ", ".join(f"{name} {value:g}" for name, value in trial.settings.items()) or "as the recipe has them"
        print(f"{trial.number:4}  R@10 {100 * trial.recall:5.1f} %  {trial.problem or settings}")
    print(f"The best recipe is in {options.out / 'recipe.json'}")
    return DONE


def run_evaluate(context: Context) -> int:
    """Rank, print the tables, keep and compare."""
    from needledrop.training.evaluation.results import as_dict, changes, table

    options = context.options
    splits = options.split or ["test-weak", "test-strong"]
    evaluation = lab.evaluate_models(
        options.models, options.pairs, splits, baselines=options.baseline, rerank=options.rerank, seed=options.seed
    )
    if options.save is not None:
        lab.save_evaluation(evaluation, options.save)
    if context.is_json:
        print_json({"pairs": evaluation.pairs.name, "results": [as_dict(result) for result in evaluation.results]})
        return DONE
    for direction in dict.fromkeys(result.direction for result in evaluation.results):
        print(table(evaluation.results, direction), end="\n\n")
    if options.compare is not None and options.save is not None:
        for change in changes(options.compare, options.save):
            recall = change.recall
            print(
                f"{change.system}, {change.split}, {change.direction}: R@10 {100 * recall.value:+.1f} "
                f"[{100 * recall.low:+.1f}, {100 * recall.high:+.1f}]"
            )
            for word, cases in (("better", change.better), ("worse", change.worse)):
                shown = ", ".join(f"{case.name} {case.before} -> {case.after}" for case in cases[:_SHOWN_CASES])
                print(f"  {len(cases)} {word}: {shown}")
    return DONE
