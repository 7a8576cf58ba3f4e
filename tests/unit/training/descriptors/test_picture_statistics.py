# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.features.picture_rows import ROW_SIZE, break_times_s, picture_rows
from needledrop.training.descriptors import picture_statistics as ps

RATE_HZ = 8.0


def still(seed: int, seconds: float) -> np.ndarray:
    import cv2

    coarse = np.random.default_rng(seed).integers(0, 255, (7, 12, 3), np.uint8)
    picture = cv2.resize(coarse, (96, 54), interpolation=cv2.INTER_CUBIC)
    return np.repeat(picture[None], round(seconds * RATE_HZ), axis=0)


def panned(pixels: int, seconds: float) -> np.ndarray:
    import cv2

    wide = cv2.resize(np.random.default_rng(5).integers(0, 255, (7, 60, 3), np.uint8), (500, 54))
    return np.stack([wide[:, pixels * index : pixels * index + 96] for index in range(round(seconds * RATE_HZ))])


def test_shapes_follow_the_seconds() -> None:
    rows = picture_rows(still(0, 3.4), RATE_HZ)
    assert rows.seconds.shape == (4, ROW_SIZE)
    assert rows.flow.shape == rows.is_break.shape == (26,)
    assert ps.picture_statistics(rows).shape == (ps.SIZE,)


def test_one_picture_is_enough() -> None:
    rows = picture_rows(still(0, 1 / RATE_HZ), RATE_HZ)
    assert np.isfinite(ps.picture_statistics(rows)).all()


def test_breaks_lie_where_one_picture_gives_way_to_another() -> None:
    rows = picture_rows(np.concatenate([still(seed, 1.5) for seed in range(3)]), RATE_HZ)
    assert break_times_s(rows).tolist() == [1.5, 3.0]
    breaks_hz, mean_s, spread_s, longest_s = ps.picture_statistics(rows)[-4:]
    assert (breaks_hz, mean_s, spread_s, longest_s) == pytest.approx((2 / 4.5, 1.5, 0, 1.5))


def test_the_five_greatest_come_greatest_first() -> None:
    rows = picture_rows(panned(1, 7), RATE_HZ)
    top = ps.picture_statistics(rows)[2 * ROW_SIZE : -4].reshape(5, ROW_SIZE)
    assert (np.diff(top, axis=0) <= 0).all()
    assert np.array_equal(top[0], rows.seconds.max(axis=0))
