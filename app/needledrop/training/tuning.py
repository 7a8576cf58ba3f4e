# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A search over a recipe's settings by chance, on the validation split only, resumable after any trial.

The rule: the trial with the highest validation R@10; of equal ones the earliest. Every trial is kept with its settings,
so that the budget each system was given can be read. Source: Bergstra and Bengio, "Random search for hyper-parameter
optimization", JMLR 2012.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch, ignore_progress
from needledrop.training.recipe import Recipe, recipe_from

TRIALS_NAME = "trials.jsonl"
# UT-CMVMR, "implementation details": what the authors searched over, for every system alike.
MARGINS = (0.01, 0.1, 0.5, 1.0, 2.0, 4.0)
LEARNING_RATES = (1e-2, 1e-3, 1e-4, 1e-5)
WEIGHTS = (0.0, 0.5, 1.0, 2.0)
RULE = "highest validation R@10, the earliest of equals"


@dataclass(frozen=True)
class Trial:
    """One training of the search: its settings by dotted name ("model.margin", "schedule.learning_rate"), the
    validation R@10 of its best step, and what went wrong where something did (its R@10 is then 0)."""

    number: int
    settings: dict[str, float]
    recall: float
    best_step: int
    problem: str = ""


def space_of(recipe: Recipe, weights: Mapping[str, float], has_margin: bool) -> dict[str, tuple[float, ...]]:
    """What is searched for a system: its learning rate, its margin if it has one, and each loss term's weight.

    The weights are multiples of the recipe's own, which carry the terms' units; a weight of 0 stays 0.
    """
    space: dict[str, tuple[float, ...]] = {"schedule.learning_rate": LEARNING_RATES}
    if has_margin:
        space["model.margin"] = MARGINS
    own = {name: float(recipe.model.get(name, usual)) for name, usual in weights.items()}
    return {**space, **{f"model.{name}": tuple(own[name] * factor for factor in WEIGHTS) for name in weights}}


def settings_of(space: dict[str, tuple[float, ...]], seed: int, number: int) -> dict[str, float]:
    """The settings of a trial, which follow from the seed and its number alone."""
    rng = np.random.default_rng((seed, number))
    return {name: float(values[rng.integers(len(values))]) for name, values in space.items()}


def with_settings(recipe: Recipe, settings: dict[str, float]) -> Recipe:
    """The recipe with these settings in place of its own."""
    values: dict[str, Any] = recipe.as_dict()
    for name, value in settings.items():
        *tables, key = name.split(".")
        inner = values
        for table in tables:
            inner = inner[table]
        inner[key] = value
    return recipe_from(values, recipe.name)


def search(
    recipe: Recipe,
    space: dict[str, tuple[float, ...]],
    trials: int,
    attempt: Callable[[Recipe, int], tuple[float, int]],
    folder: Path,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> tuple[Recipe, list[Trial]]:
    """The best recipe of so many trials, the recipe's own settings being trial 0, and all trials.

    Args:
        attempt: trains a recipe as a trial of that number and gives its best validation R@10 with its step.
        folder: keeps the trials; those that are there are not run again.

    Raises:
        KnownError: "other-search": the folder holds a search over something else; "no-trial": every trial failed.
        Cancelled: it was stopped between two trials.
    """
    folder.mkdir(parents=True, exist_ok=True)
    head = {"recipe": recipe.as_dict(), "space": {name: list(values) for name, values in space.items()}, "rule": RULE}
    done = _kept(folder / TRIALS_NAME, head)
    watch, first = Stopwatch(), len(done)
    for number in range(first, trials):
        (cancel or CancelToken()).check()
        settings = settings_of(space, recipe.seed, number) if number else {}
        done.append(_tried(with_settings(recipe, settings), settings, number, attempt))
        with (folder / TRIALS_NAME).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(vars(done[-1])) + "\n")
        progress(Progress("trials", number + 1 - first, trials - first, watch.elapsed_s))
    good = [trial for trial in done[:trials] if not trial.problem]
    if not good:
        raise KnownError(
            f"None of the {trials} trials of {recipe.name} could be trained.",
            remedy=f"Look at {folder / TRIALS_NAME} for what each of them said.",
            code="no-trial",
        )
    best = max(good, key=lambda trial: (trial.recall, -trial.number))
    return with_settings(recipe, best.settings), done[:trials]


def _tried(
    recipe: Recipe, settings: dict[str, float], number: int, attempt: Callable[[Recipe, int], tuple[float, int]]
) -> Trial:
    """A trial that came apart is a result like any other."""
    try:
        recall, step = attempt(recipe, number)
    except KnownError as error:
        return Trial(number, settings, 0.0, 0, str(error))
    return Trial(number, settings, 0.0 if math.isnan(recall) else recall, step)


def _kept(path: Path, head: dict[str, Any]) -> list[Trial]:
    """The trials of the file; its first line says of what search. A last line that broke off is dropped."""
    if not path.exists():
        path.write_text(json.dumps(head) + "\n", encoding="utf-8")
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0] != json.dumps(head):
        raise KnownError(
            f"{path} holds a search over something else.",
            remedy="Name another folder for this search.",
            code="other-search",
        )
    trials = []
    for line in lines[1:]:
        try:
            trials.append(Trial(**json.loads(line)))
        except (ValueError, TypeError):
            break
    path.write_text("\n".join(lines[: 1 + len(trials)]) + "\n", encoding="utf-8")
    return trials
