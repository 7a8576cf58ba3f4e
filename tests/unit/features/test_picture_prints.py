# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A print of each tick of the clock, whatever the times of the pictures."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.features.picture_prints import MOST_RATE_HZ, PrintsMeter


def grey(level: int) -> np.ndarray:
    return np.full((90, 160, 3), level, np.uint8)


def test_every_frame_has_its_print() -> None:
    meter = PrintsMeter(25.0)
    for number in range(50):
        meter.feed(number / 25, grey(number * 4))
    prints = meter.finish(2.0)
    assert prints.prints.shape == (50, 144)
    assert prints.prints[:, 0].tolist() == [number * 4 for number in range(50)]
    assert prints.duration_s == 2.0


def test_pictures_that_last_longer_are_held_and_the_last_to_the_end() -> None:
    meter = PrintsMeter(10.0)
    for t_s, level in ((0.0, 10), (0.3, 20), (0.4, 30)):
        meter.feed(t_s, grey(level))
    assert meter.finish(0.8).prints[:, 0].tolist() == [10, 10, 10, 20, 30, 30, 30, 30]


def test_a_fast_camera_is_printed_at_a_bounded_rate() -> None:
    meter = PrintsMeter(120.0)
    for number in range(240):
        meter.feed(number / 120, grey(number))
    prints = meter.finish(2.0)
    assert prints.rate_hz == MOST_RATE_HZ
    assert len(prints.prints) == pytest.approx(60, abs=1)


def test_a_print_keeps_where_it_is_bright() -> None:
    meter, picture = PrintsMeter(25.0), grey(0)
    picture[:, 80:] = 200
    meter.feed(0.0, picture)
    rows = meter.finish(0.04).prints[0].reshape(9, 16)
    assert (rows[:, :8] == 0).all() and (rows[:, 8:] == 200).all()


def test_no_pictures_make_no_prints() -> None:
    assert PrintsMeter(25.0).finish(1.0).prints.shape == (0, 144)
