# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights of the base's experts: an editor who goes by one of them is found out, one who goes by none is not."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.suggest.taste_cache import Label
from needledrop.suggest.taste_space import TasteSpace
from needledrop.training.personal.evidence import Evidence, Parts
from needledrop.training.personal.learning import learn
from needledrop.training.personal.weights import learned_weights

TRACKS, PICTURES = 100, 8
NAMES = ("whole_0", "clip:0", "fact:tempo_oct")


def evidence(goes_by: int | None, count: int, seed: int = 0, precision: tuple[float, float] = (1.4, 2.0)) -> Evidence:
    """Two experts of the base; an editor who takes the best of lists of ten by one of them, or any track."""
    rng = np.random.default_rng(seed)
    deviations = rng.normal(size=(PICTURES, 2, TRACKS)).astype(np.float32)
    parts = Parts(("picture", "course"), deviations, np.tile(np.array(precision, np.float32), (PICTURES, 1)))
    labels = []
    for group in range(count):
        context = group % PICTURES
        offered = rng.choice(TRACKS, 10, replace=False)
        best = offered[0] if goes_by is None else offered[np.argmax(deviations[context, goes_by, offered])]
        labels.append(Label(context, int(best), 1.0, tuple(offered.tolist()), group))
    size = len(NAMES)
    space = TasteSpace(NAMES, np.zeros(size, np.float32), np.ones(size, np.float32))
    tracks, contexts = rng.normal(size=(TRACKS, size)), np.ones((PICTURES, 1))
    made = Evidence(
        space, tracks.astype(np.float32), contexts.astype(np.float32), np.zeros((PICTURES, TRACKS), np.float32),
        np.zeros(PICTURES, np.float32), tuple(labels), parts,
    )  # fmt: skip
    return made.weighted({})


@pytest.mark.parametrize(("goes_by", "more", "less"), [(0, "picture", "course"), (1, "course", "picture")])
def test_an_editor_who_goes_by_one_expert_is_found_out_on_held_out_projects(goes_by: int, more: str, less: str) -> None:
    found = learned_weights(evidence(goes_by, 24))
    assert found is not None and found.held_out.is_better and found.held_out.rank < found.held_out.base_rank
    assert found.factors[more] > 1.3 > 0.9 > found.factors[less]


@pytest.mark.parametrize("seed", range(8))
def test_picks_that_follow_none_of_them_change_nothing(seed: int) -> None:
    found = learned_weights(evidence(None, 24, seed))
    assert found is not None and not found.held_out.is_better


def test_few_picks_stay_near_the_base_and_without_parts_there_is_nothing_to_learn() -> None:
    few, many = learned_weights(evidence(0, 2)), learned_weights(evidence(0, 40))
    assert few is not None and many is not None and few.factors["picture"] < many.factors["picture"]
    assert learned_weights(dataclasses.replace(evidence(0, 24), parts=None)) is None


def test_weights_count_from_five_likes_on_without_any_taste() -> None:
    def run(count: int):  # type: ignore[no-untyped-def]
        # The base goes by the other one: nine picks are enough to be sure.
        world = evidence(0, count, precision=(0.2, 3.0))
        return learn(world, {}, lambda done: None, ignore_progress, CancelToken())

    assert run(4).taste is None and not run(4).is_enough
    found = run(9)
    assert found.is_enough and set(found.tried) == {"weights", "live"}
    assert found.best is not None and found.taste is not None and found.taste.precision == 0.0
    assert found.factors["picture"] > 1.0 > found.factors["course"]


def test_weighted_evidence_is_the_sum_of_what_the_experts_say() -> None:
    base = evidence(0, 3)
    assert base.parts is not None
    own = base.weighted({"picture": 3.0})
    expected = (3 * 1.4 * base.parts.deviations[2, 0] + 2.0 * base.parts.deviations[2, 1]) / (3 * 1.4 + 2.0)
    assert np.allclose(own.standings[2], expected, atol=1e-5) and own.base_precision[2] == pytest.approx(6.2)
