# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding by ear: answers move the posterior the right way, undo is exact, an editor who errs is led there too."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.suggest.by_ear import FASTER, LOUDER, QUIETER, SLOWER, ByEar

COUNT = 150
TRACKS = np.random.default_rng(0).normal(size=(COUNT, 5)).astype(np.float32)
FACTS = {
    name: np.random.default_rng(seed).normal(size=COUNT).astype(np.float32)
    for seed, name in ((1, "tempo"), (2, "loudness"))
}


def started(prior: np.ndarray | None = None) -> ByEar:
    return ByEar.started(TRACKS, np.zeros(COUNT, np.float32) if prior is None else prior, FACTS)


def apart(first: int, second: int) -> float:
    return float(np.linalg.norm(TRACKS[first] - TRACKS[second]))


def test_what_is_warmer_draws_the_posterior_to_itself() -> None:
    warmer = started().compared(3, is_warmer=True).compared(40, is_warmer=True)
    colder = started().compared(3, is_warmer=True).compared(40, is_warmer=False)
    assert warmer.best[-1] == 40 and colder.best[-1] == 3
    assert warmer.posterior[40] > colder.posterior[40] and warmer.posterior[3] < colder.posterior[3]
    nearer = [row for row in range(COUNT) if apart(row, 40) < apart(row, 3)]
    share = len(nearer) / COUNT
    assert warmer.posterior[nearer].sum() > 1.5 * share and colder.posterior[nearer].sum() < 0.7 * share
    for one in (warmer, colder):
        assert one.posterior.sum() == pytest.approx(1.0)


def test_the_first_track_heard_says_nothing_yet() -> None:
    first = started().compared(3, is_warmer=False)
    assert np.allclose(first.posterior, 1.0 / COUNT) and first.best[-1] == 3


def test_one_answer_rules_nothing_out() -> None:
    session = started().compared(3, is_warmer=True).compared(40, is_warmer=True)
    assert session.posterior[3] > 0.1 / COUNT


@pytest.mark.parametrize(
    ("wish", "fact", "sign"),
    [(SLOWER, "tempo", -1), (FASTER, "tempo", 1), (QUIETER, "loudness", -1), (LOUDER, "loudness", 1)],
)
def test_like_this_but_moves_one_fact(wish: str, fact: str, sign: int) -> None:
    session = started().wished(7, wish)
    mean = float(session.posterior @ (FACTS[fact] - FACTS[fact][7]))
    before = float(np.mean(FACTS[fact] - FACTS[fact][7]))
    assert sign * (mean - before) > 0.1
    distances = np.linalg.norm(TRACKS - TRACKS[7], axis=1)
    assert session.posterior @ distances < distances.mean()
    with pytest.raises(KeyError):
        started().wished(7, "greener")


def test_undo_is_exact() -> None:
    first = started().compared(3, is_warmer=True)
    again = first.compared(40, is_warmer=True).wished(9, SLOWER).undone().undone()
    assert again.beliefs[-1] is first.beliefs[-1] and again.heard == first.heard and again.best == first.best
    assert again.next_rows(5) == first.next_rows(5)
    assert started().undone().heard == ((),)


def test_the_first_list_is_the_best_and_a_spread() -> None:
    prior = np.zeros(COUNT, np.float32)
    prior[[11, 12]] = 0.5
    rows = started(prior).next_rows(6)
    assert rows[0] == 11 and len(set(rows)) == 6
    spread = np.mean([apart(one, other) for one in rows[1:] for other in rows[1:] if one != other])
    nearest = np.argsort([apart(11, row) for row in range(COUNT)])[1:6]
    crowd = np.mean([apart(int(one), int(other)) for one in nearest for other in nearest if one != other])
    assert spread > crowd


def test_nothing_is_shown_twice_and_the_end_is_an_end() -> None:
    session, seen = started(), []
    while rows := session.next_rows(4):
        for row in rows:
            seen.append(row)
            session = session.compared(row, is_warmer=row % 3 == 0)
    assert sorted(seen) == list(range(COUNT))


def test_an_editor_who_errs_one_time_in_five_is_led_there_sooner_than_by_chance() -> None:
    heard = []
    for target in range(0, COUNT, 10):
        good = set(np.argsort([apart(target, row) for row in range(COUNT)])[:6].tolist())
        rng, session, count, is_found = np.random.default_rng(target), started(), 0, False
        while not is_found:
            for row in session.next_rows(4):
                count += 1
                is_found = is_found or row in good
                best = session.best[-1]
                is_warmer = best is None or (apart(row, target) < apart(best, target)) != (rng.random() < 0.2)
                session = session.compared(row, is_warmer=bool(is_warmer))
        heard.append(count)
    assert np.mean(heard) < 0.7 * (COUNT + 1) / 7


def test_galleries_of_none_and_one_and_of_equals() -> None:
    none = ByEar.started(TRACKS[:0], np.zeros(0, np.float32), {})
    assert none.next_rows(3) == []
    assert ByEar.started(TRACKS[:1], np.zeros(1, np.float32), {}).next_rows(3) == [0]
    equal = ByEar.started(np.ones((9, 3), np.float32), np.zeros(9, np.float32), {})
    assert sorted(equal.compared(0, is_warmer=True).compared(1, is_warmer=True).next_rows(9)) == list(range(2, 9))
