# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lanes: what is heard is never written over, and the latest wish wins."""

from __future__ import annotations

from needledrop.preview.decode_process import Prepare
from needledrop.preview.lanes import MOST_CANDIDATES, ORIGINAL, PROJECT, LaneTable
from needledrop.preview.programme import Programme
from needledrop.preview.shared_state import LANES


def programme(number: int) -> Programme:
    return Programme(own_streams=(number,))


def test_every_candidate_has_a_lane_and_one_is_left_for_a_change() -> None:
    sent: list[Prepare] = []
    lanes = LaneTable(sent.append)
    for key in (PROJECT, ORIGINAL, *range(MOST_CANDIDATES)):
        lanes.want(key, programme(key + 10))
    lanes.arrived()
    assert len({command.lane for command in sent}) == LANES - 1
    lanes.want(PROJECT, programme(99))
    assert {command.lane for command in sent} == set(range(LANES))


def test_the_lane_that_is_heard_is_never_written() -> None:
    sent: list[Prepare] = []
    lanes = LaneTable(sent.append)
    lanes.want(PROJECT, programme(0))
    lanes.arrived()
    for number in range(1, 20):
        heard = lanes.heard
        assert heard is not None
        sent.clear()
        lanes.want(PROJECT, programme(number))
        assert [command.lane != heard.lane for command in sent] == [True]
        lanes.arrived()


def test_wishes_that_come_faster_than_they_are_made_are_skipped_but_the_last() -> None:
    sent: list[Prepare] = []
    lanes = LaneTable(sent.append)
    lanes.want(PROJECT, programme(0))
    lanes.arrived()
    for number in range(1, 50):
        lanes.want(PROJECT, programme(number))
    assert [command.programme for command in sent] == [programme(0), programme(1)]
    lanes.arrived()
    assert sent[-1].programme == programme(49)
    assert lanes.is_switching
    lanes.arrived()
    assert not lanes.is_switching


def test_the_same_wish_costs_nothing() -> None:
    sent: list[Prepare] = []
    lanes = LaneTable(sent.append)
    lanes.want(PROJECT, programme(0))
    lanes.want(PROJECT, programme(0))
    assert len(sent) == 1
