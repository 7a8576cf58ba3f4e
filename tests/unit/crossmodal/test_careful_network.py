# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device that is too small halves the batch, then the CPU goes on, and the rows are the same."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from needledrop.core.errors import KnownError
from needledrop.crossmodal.careful_network import CarefulNetwork

ROWS = torch.arange(22, dtype=torch.float32).reshape(11, 2)


class SmallDevice:
    """A network whose device holds `room` rows; moved to the CPU it holds `cpu_room`. Remembers what it was asked."""

    def __init__(self, room: int, cpu_room: int = 100) -> None:
        self.room, self.cpu_room, self.asked = room, cpu_room, list[int]()

    def to(self, device: str) -> SmallDevice:
        if device == "cpu":
            self.room = self.cpu_room
        return self

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        self.asked.append(len(rows))
        if len(rows) > self.room:
            raise torch.OutOfMemoryError("out of memory")
        return rows * 2


def run(network: Any) -> tuple[CarefulNetwork, Any]:
    careful = CarefulNetwork(network, "made-up", batch=8, what="the pictures")
    return careful, careful.over(11, 2, lambda network, device, part: network(ROWS[part]))


def test_the_batch_is_halved_until_it_fits_and_stays_so() -> None:
    network = SmallDevice(room=3)
    careful, rows = run(network)
    assert network.asked == [8, 4, 2, 2, 2, 2, 2, 1]
    assert careful.device == "made-up" and careful.notices == []
    assert rows.tolist() == (ROWS * 2).tolist()


def test_the_cpu_goes_on_where_not_one_row_fits_and_it_is_said() -> None:
    network = SmallDevice(room=0)
    careful, rows = run(network)
    assert network.asked == [8, 4, 2, 1, 8, 3]
    assert careful.device == "cpu" and len(careful.notices) == 1 and "on the CPU" in careful.notices[0]
    assert rows.tolist() == (ROWS * 2).tolist()


def test_a_machine_that_is_too_small_is_a_known_error() -> None:
    with pytest.raises(KnownError, match="too little memory to compute the pictures"):
        run(SmallDevice(room=0, cpu_room=0))


def test_another_failure_is_no_lack_of_memory() -> None:
    def fail(rows: Any) -> Any:
        raise RuntimeError("shapes do not fit")

    network = SmallDevice(room=9)
    network.__class__ = type("Broken", (SmallDevice,), {"__call__": lambda self, rows: fail(rows)})
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        run(network)


def test_no_rows_are_no_work() -> None:
    careful = CarefulNetwork(SmallDevice(room=1), "made-up", batch=8, what="the pictures")
    assert careful.over(0, 5, lambda *_: pytest.fail("called")).shape == (0, 5)
