# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipes are read whole, and refused with what is wrong in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.training.recipe import Recipe, Schedule, read_recipe, recipe_from

GIVEN = """
name = "mine"
system = "cbvmr"
seed = 3
[model]
margin = 0.1
[schedule]
steps = 100
kind = "cosine"
"""


def test_a_recipe_is_read_and_written_alike(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(GIVEN)
    recipe = read_recipe(path)
    assert recipe == Recipe("mine", "cbvmr", {"margin": 0.1}, Schedule(steps=100, kind="cosine"), 3)
    assert recipe_from(recipe.as_dict(), "itself") == recipe


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("steps = 0", "steps"),
        ("batch = 1", "batch"),
        ("learning_rate = 0.0", "learning_rate"),
        ("kind = 'stairs'", "kind"),
        ("precision = 'int4'", "precision"),
        ("speed = 3", "speed"),
        ("steps = = 3", "recipe.toml"),
    ],
)
def test_what_no_recipe_can_say_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(f"name='x'\nsystem='cbvmr'\n[schedule]\n{line}\n")
    with pytest.raises(KnownError, match=said):
        read_recipe(path)


def test_a_recipe_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match=r"gone\.toml"):
        read_recipe(tmp_path / "gone.toml")


def test_rates_warm_up_and_fall() -> None:
    schedule = Schedule(steps=2000, learning_rate=0.1, warm_up_steps=10, kind="decay")
    assert schedule.rate_at(0) == pytest.approx(0.01)
    assert schedule.rate_at(1000) == pytest.approx(0.096)
    cosine = Schedule(steps=100, learning_rate=0.1, warm_up_steps=0, kind="cosine")
    assert [cosine.rate_at(step) for step in (0, 50, 100)] == pytest.approx([0.1, 0.05, 0.0])
