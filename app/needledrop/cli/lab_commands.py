# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop train`, `tune`, `describe` and `pretrain`, which make models and the sets they learn from.

`evaluate` has a module of its own.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from needledrop.cli import evaluate_command
from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE
from needledrop.cli.output import counted, print_json
from needledrop.core.errors import KnownError
from needledrop.workflows import lab

if TYPE_CHECKING:
    from needledrop.training.pairs.pair_set import PairSet

_STEPS = 400  # Of pretraining.


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the commands to the parser."""
    _register_train(commands, shared)
    _register_tune(commands, shared)
    _register_describe(commands, shared)
    _register_pretrain(commands, shared)
    evaluate_command.register(commands, shared)


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


def _register_describe(commands: Commands, shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "describe", parents=[shared], help="describe films or a corpus by published models that you installed"
    )
    parser.add_argument("--pairs", type=Path, required=True, metavar="DIR", help="the films, or the corpus")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the new set goes")
    parser.add_argument("--pictures", choices=("resnet-50", "efficientnet-b5"), help="what describes the videos")
    parser.add_argument("--music", choices=("vggish",), help="what describes the tracks")
    parser.set_defaults(run=run_describe)


def _register_pretrain(commands: Commands, shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "pretrain", parents=[shared], help="describe the clips of a set anew, by Conformers trained on its tags"
    )
    parser.add_argument("--pairs", type=Path, required=True, metavar="DIR", help="the set of pairs")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the new set goes")
    parser.add_argument("--steps", type=int, metavar="N", help=f"training steps of each (default: {_STEPS})")
    parser.add_argument("--separate", action="store_true", help="labels of their own for music and for pictures")
    parser.add_argument(
        "--with", type=Path, dest="pretrained", metavar="DIR", help="train nothing: use those that an earlier call made"
    )
    parser.set_defaults(run=run_pretrain)


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--recipe", type=Path, required=True, metavar="FILE", help="the TOML file of the model")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the result goes, and the state")
    parser.add_argument(
        "--pairs", type=Path, nargs="+", default=[], metavar="DIR",
        help="sets of pairs, joined, instead of the recipe's corpus",
    )  # fmt: skip
    parser.add_argument(
        "--device", choices=("auto", "cpu", "gpu"), default="auto", help="what to train on (default: the GPU if any)"
    )


def run_train(context: Context) -> int:
    """Train and say how it went."""
    options = context.options
    history = lab.train_model(
        context.profile, options.recipe, options.out, context.progress, context.cancel,
        pairs=options.pairs, device=options.device, devices=options.devices,
    )  # fmt: skip
    context.progress.clear()
    if not lab.is_first_process():
        return DONE
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


def run_describe(context: Context) -> int:
    """Describe, write, say what was given up."""
    options = context.options
    made, notices = lab.describe_pairs(
        context.profile, options.pairs, options.out, context.progress, context.cancel,
        pictures=options.pictures, music=options.music is not None,
    )  # fmt: skip
    context.progress.clear()
    if context.is_json:
        extractors = dict(made.extractors)
        print_json({"folder": str(options.out), "name": made.name, "extractors": extractors, "notes": notices})
        return DONE
    for notice in notices:
        print(notice)
    print(f"{made.name} is in {options.out}")
    return DONE


def run_pretrain(context: Context) -> int:
    """Pretrain (or take what was pretrained), describe, write."""
    made = _conformers_applied(context) if context.options.pretrained else _conformers_trained(context)
    options = context.options
    context.progress.clear()
    if context.is_json:
        print_json({"folder": str(options.out), "name": made.name})
    else:
        print(f"{made.name} is in {options.out}")
    return DONE


def _conformers_trained(context: Context) -> PairSet:
    options = context.options
    return lab.pretrain_conformers(
        context.profile, options.pairs, options.out, context.progress, context.cancel,
        steps=_STEPS if options.steps is None else options.steps, is_unified=not options.separate,
    )  # fmt: skip


def _conformers_applied(context: Context) -> PairSet:
    options = context.options
    if options.steps is not None or options.separate:
        raise KnownError("With --with nothing is trained.", remedy="Leave --steps and --separate out.", code="usage")
    return lab.apply_conformers(
        context.profile, options.pretrained, options.pairs, options.out, context.progress, context.cancel
    )
