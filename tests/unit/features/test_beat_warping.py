# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beats moved by hand: what follows, what holds, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.core.music import RhythmEdit
from needledrop.features.beat_warping import anchors_of, beat_at, inserted_beat, moved_beat

BEATS_S = 1.0 + 0.5 * np.arange(41)  # 1 to 21 s.
LENGTH_S = 30.0


def move(was_s: float, to_s: float, *anchors_s: float) -> np.ndarray:
    return moved_beat(BEATS_S, RhythmEdit("move", seconds=was_s, to_s=to_s), anchors_s, LENGTH_S)


def test_neighbours_give_in_proportion_up_to_the_first_and_last_beat() -> None:
    moved = move(11.0, 11.2)
    assert moved[20] == 11.2
    assert moved[0] == 1.0 and moved[-1] == 21.0
    assert np.allclose(np.diff(moved[:21]), 10.2 / 20) and np.allclose(np.diff(moved[20:]), 9.8 / 20)


def test_an_anchor_holds_what_lies_beyond_it() -> None:
    moved = move(11.0, 11.2, 9.0, 12.0)
    same = (BEATS_S <= 9.0) | (BEATS_S >= 12.0)
    assert np.array_equal(moved[same], BEATS_S[same])
    assert np.allclose(moved[16:21], np.linspace(9.0, 11.2, 5)) and np.allclose(moved[20:23], np.linspace(11.2, 12, 3))


def test_an_anchor_whose_beat_is_gone_holds_nothing() -> None:
    assert np.array_equal(move(11.0, 11.2, 9.25), move(11.0, 11.2))


def test_the_first_and_the_last_beat_can_be_moved_themselves() -> None:
    assert move(1.0, 0.8)[[0, -1]].tolist() == [0.8, 21.0]
    assert move(21.0, 21.3)[[0, -1]].tolist() == [1.0, 21.3]


def test_a_beat_moved_to_where_it_is_moves_nothing_and_is_held() -> None:
    assert np.array_equal(move(11.0, 11.0), BEATS_S)
    assert anchors_of([RhythmEdit("move", seconds=11.0, to_s=11.0)]) == [11.0]


def test_anchors_go_with_the_beats() -> None:
    edits = [
        RhythmEdit("move", seconds=1.0, to_s=1.1),
        RhythmEdit("grid", bpm=120),
        RhythmEdit("move", seconds=2.0, to_s=2.1),
        RhythmEdit("insert", seconds=7.25),
        RhythmEdit("move", seconds=9.0, to_s=9.1),
        RhythmEdit("delete", seconds=9.1),
        RhythmEdit("offset", seconds=0.5),
        RhythmEdit("double"),
    ]
    assert anchors_of(edits) == pytest.approx([2.6, 7.75])


def test_a_beat_is_found_by_a_time_near_it() -> None:
    assert beat_at(BEATS_S, 11.06) == 20
    with pytest.raises(KnownError, match=r"no beat at 11\.2 s") as refused:
        beat_at(BEATS_S, 11.2)
    assert "11.000" in refused.value.remedy


def test_a_beat_is_inserted_in_its_place() -> None:
    more, at = inserted_beat(BEATS_S, RhythmEdit("insert", seconds=11.25), LENGTH_S)
    assert at == 21 and more[21] == 11.25 and len(more) == 42 and np.all(np.diff(more) > 0)


@pytest.mark.parametrize(
    ("was_s", "to_s", "anchors_s"),
    [
        (11.0, 8.9, (9.0,)),
        (11.0, 12.1, (12.0,)),
        (1.0, -0.1, ()),
        (21.0, 30.0, ()),
        (11.0, 1.5, ()),
        (11.0, np.nan, ()),
    ],
)
def test_no_beat_passes_what_holds_it(was_s: float, to_s: float, anchors_s: tuple[float, ...]) -> None:
    with pytest.raises(KnownError) as refused:
        move(was_s, to_s, *anchors_s)
    assert refused.value.code == "bad-value" and refused.value.remedy


@pytest.mark.parametrize("at_s", [11.1, -1.0, 31.0, np.nan])
def test_no_beat_is_inserted_beside_another_or_outside(at_s: float) -> None:
    with pytest.raises(KnownError):
        inserted_beat(BEATS_S, RhythmEdit("insert", seconds=at_s), LENGTH_S)
