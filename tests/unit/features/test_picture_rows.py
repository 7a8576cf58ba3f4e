# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.features.picture_rows import ROW_SIZE, ROWS, PictureRowsMeter, mirrored_rows, picture_rows

RATE_HZ = 8.0


def group(seconds: np.ndarray, name: str) -> np.ndarray:
    names = list(ROWS)
    first = sum(ROWS[earlier] for earlier in names[: names.index(name)])
    return seconds[:, first : first + ROWS[name]]


def still(seed: int, seconds: float) -> np.ndarray:
    import cv2

    coarse = np.random.default_rng(seed).integers(0, 255, (7, 12, 3), np.uint8)
    picture = cv2.resize(coarse, (96, 54), interpolation=cv2.INTER_CUBIC)
    return np.repeat(picture[None], round(seconds * RATE_HZ), axis=0)


def panned(pixels: int, seconds: float) -> np.ndarray:
    import cv2

    wide = cv2.resize(np.random.default_rng(5).integers(0, 255, (7, 60, 3), np.uint8), (500, 54))
    return np.stack([wide[:, pixels * index : pixels * index + 96] for index in range(round(seconds * RATE_HZ))])


def test_a_still_does_not_move_and_has_no_breaks() -> None:
    rows = picture_rows(still(0, 3), RATE_HZ)
    assert rows.flow.max() < 0.05
    assert not rows.is_break.any()
    assert (group(rows.seconds, "speed")[:, 0] > 0.95).all()


def test_a_camera_that_pans_right_moves_everything_left_at_its_speed() -> None:
    rows = picture_rows(panned(2, 4), RATE_HZ)
    # 2 pixels of 96 an eighth of a second are so many of 160 in a 25th.
    expected = 2 * 160 / 96 * RATE_HZ / 25
    assert float(np.median(rows.flow)) == pytest.approx(expected, rel=0.15)
    heading = group(rows.seconds, "heading").mean(axis=0)
    assert heading.argmax() in (3, 4)  # Around a half turn.
    assert group(rows.seconds, "camera")[:, 0].mean() == pytest.approx(-expected, rel=0.2)


def test_colour_and_light_are_told() -> None:
    red, dark_blue = np.zeros((2, 8, 54, 96, 3), np.uint8)
    red[..., 0], dark_blue[..., 2] = 255, 60
    first, second = (picture_rows(pictures, RATE_HZ).seconds for pictures in (red, dark_blue))
    assert group(first, "hue")[0].argmax() == 0
    assert group(second, "hue")[0].argmax() == 5
    assert group(first, "colour")[0, 3] > 0.9 > -0.9 > group(second, "colour")[0, 3]  # warmth
    assert group(second, "value")[0].tolist() == [1, 0, 0, 0]


def test_a_picture_stands_until_the_next_one_is_shown() -> None:
    pictures = panned(3, 3)
    steady, late = PictureRowsMeter(RATE_HZ), PictureRowsMeter(RATE_HZ)
    for index, picture in enumerate(pictures):
        steady.feed(index / RATE_HZ, pictures[index // 2 * 2])
        if index % 2 == 0:
            late.feed(index / RATE_HZ, picture)
    late.feed((len(pictures) - 1) / RATE_HZ, pictures[-2])
    for first, second in zip(vars(steady.finish()).values(), vars(late.finish()).values(), strict=True):
        assert np.array_equal(first, second)


def test_nothing_shown_is_a_second_of_nothing() -> None:
    rows = PictureRowsMeter().finish()
    assert rows.seconds.shape == (1, ROW_SIZE) and not rows.seconds.any()
    assert len(rows.flow) == len(rows.is_break) == 0


def test_mirrored_rows_are_those_of_the_mirrored_picture() -> None:
    pictures = panned(2, 3)
    rows, mirrored = (
        picture_rows(np.ascontiguousarray(one), RATE_HZ).seconds for one in (pictures, pictures[:, :, ::-1])
    )
    assert np.abs(rows - mirrored).max() > 0.1
    assert mirrored_rows(mirrored_rows(rows)) == pytest.approx(rows)
    for name in ("layout", "edge_direction", "edge_place", "value", "detail"):
        assert group(mirrored_rows(rows), name) == pytest.approx(group(mirrored, name), abs=0.02), name
    for name in ("heading", "camera", "speed"):  # The flow of a mirrored picture is estimated anew.
        scale = float(np.abs(group(mirrored, name)).max())
        assert group(mirrored_rows(rows), name) == pytest.approx(group(mirrored, name), abs=0.2 * scale), name
