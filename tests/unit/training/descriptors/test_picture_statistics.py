# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.training.descriptors import picture_statistics as ps

RATE_HZ = 8.0


def group(seconds: np.ndarray, name: str) -> np.ndarray:
    names = list(ps.ROWS)
    first = sum(ps.ROWS[earlier] for earlier in names[: names.index(name)])
    return seconds[:, first : first + ps.ROWS[name]]


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
    rows = ps.picture_rows(still(0, 3.4), RATE_HZ)
    assert rows.seconds.shape == (4, ps.ROW_SIZE)
    assert rows.flow.shape == rows.is_break.shape == (26,)
    assert ps.picture_statistics(rows).shape == (ps.SIZE,)


def test_one_picture_is_enough() -> None:
    rows = ps.picture_rows(still(0, 1 / RATE_HZ), RATE_HZ)
    assert np.isfinite(ps.picture_statistics(rows)).all()


def test_a_still_does_not_move_and_has_no_breaks() -> None:
    rows = ps.picture_rows(still(0, 3), RATE_HZ)
    assert rows.flow.max() < 0.05
    assert not rows.is_break.any()
    assert (group(rows.seconds, "speed")[:, 0] > 0.95).all()


def test_breaks_lie_where_one_picture_gives_way_to_another() -> None:
    rows = ps.picture_rows(np.concatenate([still(seed, 1.5) for seed in range(3)]), RATE_HZ)
    assert ps.break_times_s(rows).tolist() == [1.5, 3.0]
    breaks_hz, mean_s, spread_s, longest_s = ps.picture_statistics(rows)[-4:]
    assert (breaks_hz, mean_s, spread_s, longest_s) == pytest.approx((2 / 4.5, 1.5, 0, 1.5))


def test_a_camera_that_pans_right_moves_everything_left_at_its_speed() -> None:
    rows = ps.picture_rows(panned(2, 4), RATE_HZ)
    # 2 pixels of 96 an eighth of a second are so many of 160 in a 25th.
    expected = 2 * 160 / 96 * RATE_HZ / 25
    assert float(np.median(rows.flow)) == pytest.approx(expected, rel=0.15)
    heading = group(rows.seconds, "heading").mean(axis=0)
    assert heading.argmax() in (3, 4)  # Around a half turn.
    assert group(rows.seconds, "camera")[:, 0].mean() == pytest.approx(-expected, rel=0.2)


def test_colour_and_light_are_told() -> None:
    red, dark_blue = np.zeros((2, 8, 54, 96, 3), np.uint8)
    red[..., 0], dark_blue[..., 2] = 255, 60
    first, second = (ps.picture_rows(pictures, RATE_HZ).seconds for pictures in (red, dark_blue))
    assert group(first, "hue")[0].argmax() == 0
    assert group(second, "hue")[0].argmax() == 5
    assert group(first, "colour")[0, 3] > 0.9 > -0.9 > group(second, "colour")[0, 3]  # warmth
    assert group(second, "value")[0].tolist() == [1, 0, 0, 0]


def test_the_five_greatest_come_greatest_first() -> None:
    rows = ps.picture_rows(panned(1, 7), RATE_HZ)
    top = ps.picture_statistics(rows)[2 * ps.ROW_SIZE : -4].reshape(5, ps.ROW_SIZE)
    assert (np.diff(top, axis=0) <= 0).all()
    assert np.array_equal(top[0], rows.seconds.max(axis=0))
