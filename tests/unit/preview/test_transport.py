# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock alone: loops, speeds, ends, grains, and which position is heard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needledrop.preview.transport import SPEEDS, Transport


def run(transport: Transport, frames: int) -> list[float]:
    """Positions of each frame of the next block, NaN free: silent frames give -1."""
    stretches = transport.plan(frames)
    transport.advance(stretches)
    return [
        -1.0 if stretch.is_silent else stretch.start + index * stretch.speed
        for stretch in stretches
        for index in range(stretch.frames)
    ]


@given(
    start=st.integers(0, 500),
    length=st.integers(1, 300),
    blocks=st.lists(st.integers(1, 400), min_size=1, max_size=12),
)
def test_a_loop_is_exact_to_the_sample_however_it_is_cut_into_blocks(
    start: int, length: int, blocks: list[int]
) -> None:
    transport = Transport(1000)
    transport.set_loop((start, start + length))
    transport.seek(start)
    transport.play()
    heard = [position for block in blocks for position in run(transport, block)]
    assert heard == [start + index % length for index in range(sum(blocks))]


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_end_is_reached_and_play_stops_there(speed: float) -> None:
    transport = Transport(1000)
    transport.play(speed)
    heard = run(transport, 5000)
    assert heard[: round(1000 / speed)] == [index * speed for index in range(round(1000 / speed))]
    assert set(heard[round(1000 / speed) :]) == {-1.0}
    assert not transport.is_playing
    assert transport.position == 1000


def test_backwards_ends_at_the_beginning_and_loops_back_to_the_out_point() -> None:
    transport = Transport(1000)
    transport.seek(4)
    transport.play(-1.0)
    assert run(transport, 6) == [4, 3, 2, 1, -1, -1]
    transport.set_loop((10, 14))
    transport.seek(12)
    transport.play(-1.0)
    assert run(transport, 5) == [12, 11, 14, 13, 12]


def test_play_from_the_end_begins_again() -> None:
    transport = Transport(1000)
    transport.seek(1000)
    transport.play()
    assert run(transport, 2) == [0, 1]


def test_the_shuttle_keys_go_through_the_speeds_and_turn() -> None:
    transport = Transport(100_000)
    transport.seek(50_000)
    speeds = []
    for direction in (1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1):
        transport.shuttle(direction)
        speeds.append(transport.speed)
    assert speeds == [1, 2, 4, 8, 8, 4, 2, 1, -1, -2, -4]


def test_what_is_heard_is_what_was_put_out_then_not_what_is_planned_now() -> None:
    transport = Transport(10_000)
    transport.play()
    run(transport, 100)
    transport.seek(5000)
    run(transport, 100)
    assert transport.heard_at(40) == 40
    assert transport.heard_at(99) == 99
    assert transport.heard_at(150) == 5050
    transport.wait(50)
    assert transport.heard_at(230) == 5100  # The clock stands while sound is missing.


def test_a_grain_is_heard_while_the_playhead_stands() -> None:
    transport = Transport(10_000)
    transport.seek(300, grain_frames=5)
    assert run(transport, 3) == [300, 301, 302]
    assert run(transport, 4) == [303, 304, -1, -1]
    assert transport.heard_at(2) == 300
    assert run(transport, 2) == [-1, -1]
