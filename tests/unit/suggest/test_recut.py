# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The likeliest chain of places, and where moments of the old cut lie in the new one."""

from __future__ import annotations

from needledrop.suggest.recut import Place, Recut, likeliest


def place(new_in_s: float, old_in_s: float, length_s: float = 2.0, cost: float = 0.0) -> Place:
    return Place(new_in_s, old_in_s, length_s, cost)


def test_of_two_equal_places_the_one_that_runs_on_counts() -> None:
    chain = likeliest([0.0, 2.0, 4.0], [[place(0.0, 10.0)], [place(2.0, 30.0), place(2.0, 12.0)]])
    assert [shot.place.old_in_s for shot in chain if shot.place] == [10.0, 12.0]


def test_leaving_out_is_preferred_to_going_back() -> None:
    chain = likeliest([0.0, 2.0, 4.0], [[place(0.0, 10.0)], [place(2.0, 2.0), place(2.0, 30.0)]])
    assert chain[1].place == place(2.0, 30.0)


def test_a_shot_that_looks_like_nothing_before_is_new() -> None:
    chain = likeliest([0.0, 2.0, 4.0], [[place(0.0, 0.0, cost=0.5)], []])
    assert [shot.place for shot in chain] == [None, None]


def test_shots_that_changed_places_are_found_all_the_same() -> None:
    chain = likeliest([0.0, 2.0, 4.0, 6.0], [[place(0.0, 4.0)], [place(2.0, 0.0)], [place(4.0, 2.0)]])
    assert [shot.place.old_in_s for shot in chain if shot.place] == [4.0, 0.0, 2.0]


def test_no_shots_make_no_chain() -> None:
    assert likeliest([], []) == ()


def test_a_moment_moves_with_its_shot_and_one_that_is_gone_falls_on_the_next() -> None:
    shots = likeliest([0.0, 2.0, 4.0], [[place(0.0, 0.0)], [place(2.0, 5.0)]])
    recut = Recut(shots, 4.0)
    assert (recut.moved(1.0), recut.moved(6.0), recut.moved(3.0), recut.moved(9.0)) == (1.0, 3.0, 2.0, 4.0)
    assert recut.found == 2
    assert not recut.is_same
