# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Learning finds a planted taste on music it was not told of, leaves the base where labels say nothing, goes on."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from needledrop.core.errors import Cancelled
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.suggest.taste import Taste, standing
from needledrop.suggest.taste_cache import Label
from needledrop.suggest.taste_space import TasteSpace
from needledrop.training.personal.evidence import Evidence, preference_pairs
from needledrop.training.personal.fit import Form, fitted_taste
from needledrop.training.personal.learning import Done, Learned, learn
from needledrop.training.personal.validation import FEWEST_GROUPS, HeldOut, best_of, folds_of, summed_up

TRACKS, WIDTH, PICTURES = 120, 4, 6
NAMES = (*(f"whole_{place}" for place in range(WIDTH)), *(f"clip:{place}" for place in range(8)), "fact:tempo_oct")
SIZE = len(NAMES)


def evidence(labels: list[Label], seed: int = 0) -> Evidence:
    rng = np.random.default_rng(seed)
    space = TasteSpace(NAMES, np.zeros(SIZE, np.float32), np.ones(SIZE, np.float32))
    tracks = (rng.normal(size=(TRACKS, SIZE)) / np.sqrt(SIZE)).astype(np.float32)
    contexts = rng.normal(size=(PICTURES, WIDTH))
    contexts /= np.linalg.norm(contexts, axis=1, keepdims=True)
    standings = standing(rng.normal(size=(PICTURES, TRACKS)).astype(np.float32))
    precision = np.full(PICTURES, 2.0, np.float32)
    return Evidence(space, tracks, contexts.astype(np.float32), standings, precision, tuple(labels))


def picked(count: int, *, noise: float = 0.1, is_of_picture: bool = False) -> list[Label]:
    """An editor who likes high tempo; or, by the picture, what goes along with or against its first direction."""
    rng = np.random.default_rng(1)
    world = evidence([])
    labels = []
    for group in range(count):
        context = int(rng.integers(PICTURES))
        liked = world.tracks[:, -1]
        if is_of_picture:
            liked = world.tracks[:, 0] * np.sign(world.contexts[context, 0])
        offered = rng.choice(TRACKS // 2, 10, replace=False)
        row = rng.choice(offered) if rng.random() < noise else offered[np.argmax(liked[offered])]
        labels.append(Label(context, int(row), 1.0, tuple(offered.tolist()), group))
    return labels


def run(world: Evidence, done: Done | None = None) -> Learned:
    return learn(world, {} if done is None else done, lambda grown: None, ignore_progress, CancelToken())


def unseen_correlation(taste: Taste, truth: np.ndarray, context: int = 0) -> float:
    world = evidence([])
    own = (world.tracks @ taste.direction(world.contexts[context]))[TRACKS // 2 :]
    return float(np.corrcoef(own, truth[TRACKS // 2 :])[0, 1])


@pytest.mark.parametrize(
    "form", [Form("preference", 1.0, False), Form("adapter", 1.0), Form("projection", 1.0, True, True)]
)
def test_every_form_finds_a_planted_taste(form: Form) -> None:
    taste = fitted_taste(evidence(picked(60)), form)
    assert unseen_correlation(taste, evidence([]).tracks[:, -1]) > 0.6


def test_only_the_adapter_learns_what_depends_on_the_picture() -> None:
    world = evidence(picked(100, noise=0.0, is_of_picture=True))
    found = []
    for form in (Form("preference", 0.1, False), Form("adapter", 0.1)):
        taste = fitted_taste(world, form)
        truths = [world.tracks[:, 0] * np.sign(world.contexts[context, 0]) for context in range(PICTURES)]
        found.append(np.mean([unseen_correlation(taste, truth, at) for at, truth in enumerate(truths)]))
    assert found[1] > found[0] + 0.2


def test_a_stronger_pull_stays_nearer_to_the_base() -> None:
    weak, strong = (fitted_taste(evidence(picked(30)), Form("adapter", ridge)) for ridge in (0.1, 10.0))
    assert np.linalg.norm(strong.adapter) < 0.5 * np.linalg.norm(weak.adapter)
    assert np.linalg.norm(strong.common) < np.linalg.norm(weak.common)


def test_what_a_form_may_not_move_stays() -> None:
    preference = fitted_taste(evidence(picked(20)), Form("preference", 1.0, False))
    adapter = fitted_taste(evidence(picked(20)), Form("adapter", 1.0))
    assert not preference.adapter.any()
    assert adapter.adapter[:, :WIDTH].any() and not adapter.adapter[:, WIDTH:].any()


def test_a_pair_is_this_rather_than_that() -> None:
    labels = [Label(0, 3, 1.0, (3, 4, 5), 1), Label(0, 4, 1.0, (3, 4, 5), 1), Label(1, 7, -1.0, (7, 8), 2)]
    pairs = preference_pairs(evidence(labels))
    found = set(zip(pairs.context.tolist(), pairs.liked.tolist(), pairs.disliked.tolist(), strict=True))
    assert found == {(0, 3, 5), (0, 4, 5), (1, 8, 7)}
    alone = preference_pairs(evidence([Label(0, 3, 1.0, (), 1)]))
    assert len(alone.weight) == 9 and alone.weight.sum() == pytest.approx(1.0) and 3 not in alone.disliked


def test_a_planted_taste_is_switched_on_and_held_out_ranks_say_why() -> None:
    learned = run(evidence(picked(40)))
    assert learned.taste is not None and learned.best is not None
    assert learned.best.rank < 0.6 * learned.best.base_rank and learned.best.keeps_the_base
    assert learned.taste.precision == learned.best.precision
    assert {"cache", "preference", "adapter", "projection", "live"} == set(learned.tried)


@pytest.mark.parametrize("seed", range(6))
def test_random_labels_leave_the_base(seed: int) -> None:
    rng = np.random.default_rng(seed)
    offered = [rng.choice(TRACKS, 10, replace=False) for _ in range(40)]
    labels = [Label(at % PICTURES, int(rows[0]), 1.0, tuple(rows.tolist()), at) for at, rows in enumerate(offered)]
    assert run(evidence(labels)).taste is None


def test_too_little_is_said_to_be_too_little() -> None:
    few = run(evidence(picked(4)))
    assert (few.taste, few.is_enough, few.likes) == (None, False, 4)
    for_no_form = run(evidence(picked(9)))
    assert for_no_form.is_enough and for_no_form.taste is None and set(for_no_form.tried) == {"live"}
    one_project = [Label(one.context, one.row, 1.0, one.offered, 1) for one in picked(30)]
    assert not run(evidence(one_project)).is_enough


def test_one_track_again_and_again_is_learned_as_such() -> None:
    labels = [Label(at % PICTURES, 5, 1.0, (), at) for at in range(10)]
    learned = run(evidence(labels))
    assert learned.best is not None and learned.best.rank <= 5


def test_folds_keep_projects_whole() -> None:
    labels = [Label(0, at, 1.0, (), at // 3) for at in range(30)]
    world = evidence(labels)
    folds = folds_of(world)
    assert sorted(np.concatenate(folds).tolist()) == list(range(30))
    sides = [set(world.groups[fold].tolist()) for fold in folds]
    assert sum(len(side) for side in sides) == len(set().union(*sides)) == 10


def test_a_run_that_was_killed_at_any_fold_comes_to_the_same() -> None:
    world = evidence(picked(25))
    kept: list[Done] = []
    whole = learn(world, {}, lambda grown: kept.append(copy.deepcopy(grown)), ignore_progress, CancelToken())
    assert len(kept) == 5 * 3
    for done in (kept[0], kept[7], kept[-1]):
        again = run(world, copy.deepcopy(done))
        assert again.tried == whole.tried and again.best == whole.best
        assert whole.taste is not None and again.taste is not None
        assert np.array_equal(again.taste.common, whole.taste.common)


def test_stopping_stops_and_keeps_the_finished_folds() -> None:
    token, kept = CancelToken(), []

    def keep(grown: Done) -> None:
        kept.append(len(grown))
        token.cancel()

    with pytest.raises(Cancelled):
        learn(evidence(picked(25)), {}, keep, ignore_progress, token)
    assert kept == [1]


def test_nothing_is_taken_that_loses_what_the_base_finds() -> None:
    good = HeldOut("adapter", 1.0, 30, 30, 100, 10.0, 30.0, 0.4, 0.3, 0.2, 0.02)
    losing = HeldOut("cache", 1.0, 30, 30, 100, 9.0, 30.0, 0.2, 0.3, 0.3, 0.02)
    unsure = HeldOut("cache", 2.0, 30, 30, 100, 9.0, 30.0, 0.4, 0.3, 0.3, 0.2)
    assert best_of({"cache": [losing, unsure], "adapter": [good]}) is good
    assert best_of({"cache": [losing, unsure]}) is None


def test_too_few_projects_are_never_sure() -> None:
    ranks = [[float(group), 50.0, *[1.0] * 6, 0.5 + 0.01 * group, *[0.1] * 6] for group in range(FEWEST_GROUPS - 1)]
    assert not any(one.is_better for one in summed_up("cache", ranks, 100))
    assert all(one.is_better for one in summed_up("cache", [*ranks, [9.0, 52.0, *[1.0] * 6, 0.6, *[0.1] * 6]], 100))
