# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search keeps every trial, goes on where it was stopped, and picks by its rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.progress import CancelToken
from needledrop.training.recipe import Recipe, Schedule
from needledrop.training.tuning import TRIALS_NAME, search, space_of, with_settings

RECIPE = Recipe("mine", "cbvmr", {"margin": 0.2, "structure": 0.2}, Schedule())
SPACE = space_of(RECIPE, {"structure": 0.2}, has_margin=True)


def good_at(margin: float, tried: list[Recipe]):  # type: ignore[no-untyped-def]
    """An attempt whose recall is best at a margin."""

    def attempt(recipe: Recipe, number: int) -> tuple[float, int]:
        tried.append(recipe)
        return 1.0 - abs(recipe.model["margin"] - margin) / 10, 7

    return attempt


def test_the_best_of_all_trials_is_picked_and_all_are_kept(tmp_path: Path) -> None:
    tried: list[Recipe] = []
    best, trials = search(RECIPE, SPACE, 30, good_at(2.0, tried), tmp_path)
    assert best.model["margin"] == 2.0
    assert tried[0] == RECIPE
    assert len({tuple(trial.settings.items()) for trial in trials}) > 20
    assert best.seed == RECIPE.seed and best.schedule.learning_rate in (1e-2, 1e-3, 1e-4, 1e-5)


def test_of_equals_the_earliest_is_picked(tmp_path: Path) -> None:
    best, _ = search(RECIPE, SPACE, 5, lambda recipe, number: (0.5, 1), tmp_path)
    assert best == RECIPE


def test_a_stopped_search_goes_on_to_the_same_end(tmp_path: Path) -> None:
    whole, trials = search(RECIPE, SPACE, 8, good_at(1.0, []), tmp_path / "whole")
    token, tried = CancelToken(), list[Recipe]()

    def stops_at_3(recipe: Recipe, number: int) -> tuple[float, int]:
        if number == 3:
            token.cancel()
        return good_at(1.0, tried)(recipe, number)

    with pytest.raises(Cancelled):
        search(RECIPE, SPACE, 8, stops_at_3, tmp_path / "part", cancel=token)
    file = tmp_path / "part" / TRIALS_NAME
    file.write_text(file.read_text() + '{"number": 4, "sett')
    resumed, again = search(RECIPE, SPACE, 8, good_at(1.0, tried), tmp_path / "part")
    assert (resumed, again) == (whole, trials)
    assert len(tried) == 8


def test_a_trial_that_comes_apart_is_a_result(tmp_path: Path) -> None:
    def attempt(recipe: Recipe, number: int) -> tuple[float, int]:
        if number == 0:
            raise KnownError("It came apart.", remedy="Lower the rate.", code="diverged")
        return (float("nan"), 0) if number == 1 else (0.1, 3)

    best, trials = search(RECIPE, SPACE, 3, attempt, tmp_path)
    assert trials[0].problem and trials[1].recall == 0.0
    assert best == with_settings(RECIPE, trials[2].settings)


def test_a_search_in_which_nothing_worked_is_refused(tmp_path: Path) -> None:
    def attempt(recipe: Recipe, number: int) -> tuple[float, int]:
        raise KnownError("No.", code="diverged")

    with pytest.raises(KnownError, match="None of the 2 trials"):
        search(RECIPE, SPACE, 2, attempt, tmp_path)


def test_another_search_in_the_folder_is_refused(tmp_path: Path) -> None:
    search(RECIPE, SPACE, 1, good_at(1.0, []), tmp_path)
    with pytest.raises(KnownError, match="something else"):
        search(RECIPE, space_of(RECIPE, {}, has_margin=False), 1, good_at(1.0, []), tmp_path)
