# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Colour curves and the palette."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from needledrop.core.picture import Colour
from needledrop.features.colour import ColourMeter


def colour_of(frames: list[NDArray[np.uint8]], rate: float = 10.0) -> Colour:
    meter = ColourMeter()
    for index, frame in enumerate(frames):
        meter.feed(index / rate, frame)
    return meter.finish(len(frames) / rate)


def plain(red: int, green: int, blue: int) -> NDArray[np.uint8]:
    return np.full((90, 160, 3), (red, green, blue), np.uint8)


def test_grey_has_brightness_only() -> None:
    colour = colour_of([plain(128, 128, 128)] * 20)
    assert colour.brightness == pytest.approx(np.full(4, 128 / 255), abs=0.01)
    assert colour.contrast == pytest.approx(np.zeros(4), abs=0.01)
    assert colour.saturation == pytest.approx(np.zeros(4), abs=0.01)
    assert colour.warmth == pytest.approx(np.zeros(4), abs=0.01)
    assert colour.palette.tolist() == [[128, 128, 128]]
    assert colour.palette_share == pytest.approx([1.0])


def test_warm_and_cold_follow_the_picture_in_time() -> None:
    colour = colour_of([plain(230, 140, 40)] * 20 + [plain(30, 90, 220)] * 20)
    assert colour.warmth[0] > 0.5 and colour.warmth[-1] < -0.5
    assert colour.saturation.min() > 0.7


def test_the_palette_is_sorted_by_share_and_deterministic() -> None:
    picture = plain(250, 250, 250)
    picture[:, :96] = (200, 20, 20)
    picture[:, 144:] = (20, 20, 160)
    colour, again = colour_of([picture] * 6), colour_of([picture] * 6)
    assert colour.palette[0].tolist() == [200, 20, 20]
    assert colour.palette_share[0] == pytest.approx(0.6, abs=0.03)
    assert np.all(np.diff(colour.palette_share) <= 0)
    assert colour.palette_share.sum() == pytest.approx(1.0, abs=1e-5)
    assert colour.palette.tobytes() == again.palette.tobytes()


def test_letterbox_bars_do_not_count() -> None:
    picture = plain(180, 180, 180)
    picture[:12] = picture[-12:] = 3
    dark = (picture // 12).astype(np.uint8)  # The fade-in, where the bars cannot be told from the picture.
    colour = colour_of([dark] * 10 + [picture] * 20)
    assert colour.brightness[-1] == pytest.approx(180 / 255, abs=0.01)
    assert colour.contrast.max() < 0.02
    assert len(colour.palette) == 2


def test_a_black_video_and_no_frames_at_all() -> None:
    black = colour_of([plain(0, 0, 0)] * 10)
    assert black.brightness.max() == 0 and black.saturation.max() == 0
    nothing = ColourMeter().finish(0.1)
    assert nothing.brightness.tolist() == [0.0]
    assert nothing.palette.shape == (0, 3)
