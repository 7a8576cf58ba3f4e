# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A recipe: everything that decides what a training comes to, in one TOML file. Trains nothing itself."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from needledrop.core.errors import KnownError

PRECISIONS = ("32-true", "16-mixed", "bf16-mixed")
SCHEDULES = ("constant", "cosine", "decay")


@dataclass(frozen=True)
class Schedule:
    """How the weights are moved.

    steps at most; batch is videos a step; learning_rate after warm_up_steps; kind "constant", "cosine" (to zero at the
    last step) or "decay" (x0.96 each 1,000 steps, as UT-CMVMR's code has it); clip_norm limits the gradient; the
    validation split is ranked every validate_every steps, and training ends after `patience` of those without a better
    R@10. balanced draws the same number of videos from every label (UT-CMVMR).
    """

    steps: int = 1000
    batch: int = 256
    learning_rate: float = 3e-4
    weight_decay: float = 0.0
    warm_up_steps: int = 50
    kind: str = "constant"
    clip_norm: float = 3.0
    validate_every: int = 50
    patience: int = 10
    balanced: bool = False
    precision: str = "32-true"

    def rate_at(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        import math

        warm = min(1.0, (step + 1) / self.warm_up_steps) if self.warm_up_steps else 1.0
        if self.kind == "cosine":
            warm *= 0.5 + 0.5 * math.cos(math.pi * min(step / self.steps, 1.0))
        elif self.kind == "decay":
            warm *= 0.96 ** (step / 1000)
        return self.learning_rate * warm


@dataclass(frozen=True)
class Recipe:
    """One training: which of crossmodal.systems, its configuration (what it is shown and every weight of its loss; 0
    disables a term), the schedule, the seed, and the corpus to train on (training.corpus.make.Recipe's fields; may be
    empty where pairs are given)."""

    name: str
    system: str
    model: dict[str, Any] = field(default_factory=dict)
    schedule: Schedule = Schedule()
    seed: int = 1
    corpus: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as the TOML file holds them."""
        return dataclasses.asdict(self)


def recipe_from(values: dict[str, Any], where: str) -> Recipe:
    """A recipe from plain values.

    Raises:
        KnownError: "bad-recipe": a key is unknown or missing, or a value is out of range.
    """
    try:
        given = dict(values)
        recipe = Recipe(**{**given, "schedule": Schedule(**given.get("schedule", {}))})
    except TypeError as error:
        raise _bad(where, str(error).replace("__init__() ", "")) from error
    _check(recipe, where)
    return recipe


def read_recipe(path: Path) -> Recipe:
    """A recipe from its TOML file.

    Raises:
        KnownError: "bad-recipe": the file is missing, no TOML, or says what no recipe can say.
    """
    try:
        return recipe_from(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
    except (OSError, ValueError) as error:
        raise _bad(str(path), str(error)) from error


def _check(recipe: Recipe, where: str) -> None:
    schedule = recipe.schedule
    wrong = [
        ("steps", schedule.steps < 1),
        ("batch", schedule.batch < 2),
        ("learning_rate", not 0 < schedule.learning_rate <= 1),
        ("warm_up_steps", schedule.warm_up_steps < 0),
        ("kind", schedule.kind not in SCHEDULES),
        ("clip_norm", schedule.clip_norm <= 0),
        ("validate_every", schedule.validate_every < 1),
        ("patience", schedule.patience < 1),
        ("precision", schedule.precision not in PRECISIONS),
        ("seed", recipe.seed < 0),
    ]
    for name, is_wrong in wrong:
        if is_wrong:
            raise _bad(where, f"{name} = {getattr(schedule, name, recipe.seed)!r}")


def _bad(where: str, cause: str) -> KnownError:
    return KnownError(
        f"The recipe {where} cannot be used: {cause}.",
        remedy="Compare it with the recipes in the models folder.",
        code="bad-recipe",
    )
