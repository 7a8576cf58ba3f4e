# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels as they come: a taste counts, following the base is none, and one project cannot be put to the test."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.core.music import FloatArray
from needledrop.suggest.taste import standing
from needledrop.suggest.taste_cache import Label
from needledrop.suggest.taste_space import TasteSpace
from needledrop.training.personal.evidence import Evidence
from needledrop.training.personal.live import live_held_out, live_taste

TRACKS, PICTURES = 120, 6
NAMES = ("whole_0", "whole_1", *(f"clip:{place}" for place in range(6)), "fact:tempo_oct")


def evidence(count: int, *, follows_base: bool, seed: int = 0, projects: int | None = None) -> Evidence:
    """An editor who takes the fastest of ten, or what the base thinks best. The base likes some tracks for any picture,
    so that what it puts first has something in common."""
    rng = np.random.default_rng(seed)
    size = len(NAMES)
    space = TasteSpace(NAMES, np.zeros(size, np.float32), np.ones(size, np.float32))
    tracks = (rng.normal(size=(TRACKS, size)) / np.sqrt(size)).astype(np.float32)
    contexts = rng.normal(size=(PICTURES, 2))
    contexts /= np.linalg.norm(contexts, axis=1, keepdims=True)
    alike: FloatArray = standing(tracks[:, 2])
    standings = standing(alike + 0.7 * rng.normal(size=(PICTURES, TRACKS)).astype(np.float32))
    labels = []
    for group in range(count):
        context = group % PICTURES
        offered = rng.choice(TRACKS, 10, replace=False)
        liked = standings[context] if follows_base else tracks[:, -1]
        row = int(offered[np.argmax(liked[offered])])
        labels.append(Label(context, row, 1.0, tuple(offered.tolist()), group % (projects or count)))
    precision = np.full(PICTURES, 3.0, np.float32)
    return Evidence(space, tracks, contexts.astype(np.float32), standings, precision, tuple(labels))


@pytest.mark.parametrize("seed", range(4))
def test_who_takes_what_the_base_puts_first_keeps_the_base(seed: int) -> None:
    world = evidence(20, follows_base=True, seed=seed)
    assert live_taste(world).precision == 0.0
    assert live_held_out(world).base_rank <= live_held_out(world).rank


@pytest.mark.parametrize("seed", range(4))
def test_a_taste_of_ones_own_counts_as_it_comes(seed: int) -> None:
    world = evidence(20, follows_base=False, seed=seed)
    assert live_taste(world).precision > 1.0
    assert live_held_out(world).rank < live_held_out(world).base_rank


def test_one_project_cannot_be_put_to_the_test_and_counts_as_one_label_does() -> None:
    world = evidence(1, follows_base=True)
    assert 0.0 < live_taste(world).precision <= 0.3
    assert live_taste(evidence(6, follows_base=False, projects=1)).precision > 0.0
    assert live_taste(world.only([])).precision == 0.0
