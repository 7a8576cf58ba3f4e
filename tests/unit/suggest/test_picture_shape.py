# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read from a stretch of picture."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from needledrop.core.picture import MOTION_RATE_HZ
from needledrop.core.times import TimeRange
from needledrop.suggest.picture_shape import (
    CURVE_RATE_HZ,
    picture_arousal,
    picture_shape,
    picture_valence,
    rise_curve,
)
from retrieval.synthetic_gallery import make_video


def test_only_the_range_is_seen_in_its_own_time() -> None:
    video = make_video(100.0, [10.0, 30.0, 45.5, 60.0, 90.0], accents_s=[35.0, 45.6, 80.0])
    shape = picture_shape(video, TimeRange(Fraction(30), Fraction(70)))
    np.testing.assert_allclose(shape.cuts_s, [15.5, 30.0])
    np.testing.assert_allclose(shape.accents_s, [5.0])
    assert len(shape.energy) == 40 * CURVE_RATE_HZ
    assert shape.cuts_per_minute == pytest.approx(3.0)


def test_dissolves_weigh_half() -> None:
    video = make_video(20.0, [5.0, 10.0])
    video = replace(video, shots=replace(video.shots, is_dissolve=np.array([False, True])))
    weights = picture_shape(video, TimeRange(Fraction(0), Fraction(20))).cut_weights
    assert weights[0] == 2.0 * weights[1]


def test_the_turning_point_is_where_movement_begins() -> None:
    motion = np.where(np.arange(int(60 * MOTION_RATE_HZ)) < 21 * MOTION_RATE_HZ, 0.1, 2.5)
    shape = picture_shape(make_video(60.0, motion=motion), TimeRange(Fraction(0), Fraction(60)))
    assert shape.turning_s == pytest.approx(21.0, abs=1.0)
    still = picture_shape(make_video(60.0), TimeRange(Fraction(0), Fraction(60)))
    assert still.turning_s is None
    assert not still.has_movement


def test_bright_saturated_and_warm_is_happier_fast_is_more_aroused() -> None:
    assert picture_valence(0.7, 0.5, 0.3) > picture_valence(0.42, 0.3, 0.0) > picture_valence(0.1, 0.1, -0.3)
    assert picture_arousal(4.0, 40.0) > picture_arousal(0.5, 10.0) > picture_arousal(0.02, 0.0)


def test_missing_curves_count_as_still_and_colourless() -> None:
    video = make_video(10.0)
    empty = np.zeros(0, np.float32)
    bare = replace(
        video,
        motion=replace(video.motion, curve=empty),
        colour=replace(video.colour, brightness=empty, saturation=empty, warmth=empty),
    )
    shape = picture_shape(bare, TimeRange(Fraction(2), Fraction(3)))
    assert shape.valence is None
    assert shape.motion_px == 0.0
    assert np.isfinite(shape.energy).all()


def test_a_range_beyond_the_features_is_still_a_shape() -> None:
    shape = picture_shape(make_video(10.0, [5.0]), TimeRange(Fraction(9), Fraction(15)))
    assert np.isfinite(shape.energy).all()
    assert shape.duration_s == 6.0


def test_rise_is_after_minus_before() -> None:
    rise = rise_curve(np.array([0, 0, 0, 1, 1, 1], np.float32), 3)
    assert rise.argmax() == 3
    assert rise[3] == pytest.approx(1.0)
