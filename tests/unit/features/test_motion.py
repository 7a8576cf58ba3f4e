# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion: its size, its accents, and what is not motion."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from needledrop.core.picture import Motion
from needledrop.features.motion import MotionMeter


def moving(steps: NDArray[np.float64], seed: int = 0) -> list[NDArray[np.uint8]]:
    """Grey pictures of a texture that moves right by `steps` pixels from each frame to the next."""
    rng = np.random.default_rng(seed)
    texture = np.zeros((90, 640), np.float32)
    for octave in range(2, 7):
        grain = rng.standard_normal((2**octave + 1, 5 * 2**octave + 1)).astype(np.float32)
        texture += cv2.resize(grain, (640, 90), interpolation=cv2.INTER_CUBIC) * 2.0 ** (-0.5 * octave)
    texture = np.clip(texture / texture.std() * 45 + 120, 0, 255)
    places = 240 - np.cumsum(steps)
    maps = [np.array([[1, 0, -place], [0, 1, 0]], np.float32) for place in places]
    return [cv2.warpAffine(texture, m, (160, 90), borderMode=cv2.BORDER_REFLECT).astype(np.uint8) for m in maps]


def motion_of(frames: list[NDArray[np.uint8]], rate: float = 25.0, cuts_s: tuple[float, ...] = ()) -> Motion:
    meter = MotionMeter()
    for index, frame in enumerate(frames):
        meter.feed(index / rate, frame)
    return meter.finish(len(frames) / rate, np.array(cuts_s), np.zeros(0))


@pytest.mark.parametrize(("rate", "step"), [(25.0, 1.0), (25.0, 3.0), (50.0, 0.5), (24.0, 2.0), (10.0, 4.0)])
def test_speed_is_in_pixels_per_frame_of_a_25th_second(rate: float, step: float) -> None:
    count = 60 if rate >= 24 else 25
    motion = motion_of(moving(np.full(count, step)), rate)
    assert np.median(motion.curve) == pytest.approx(step * rate / 25, rel=0.1)
    assert motion.clips[0, 2] == pytest.approx(step * rate / 25, rel=0.1)
    assert abs(motion.clips[0, 3]) < 0.1
    assert motion.method == "dis"


def test_a_still_picture_with_noise_hardly_moves() -> None:
    rng = np.random.default_rng(1)
    still = moving(np.zeros(50))
    noisy = [np.clip(frame + rng.normal(0, 2, frame.shape), 0, 255).astype(np.uint8) for frame in still]
    assert motion_of(still).curve.max() < 0.01
    assert motion_of(noisy).curve.mean() < 0.1
    assert not len(motion_of(noisy).accents_s)


def test_a_sudden_start_and_a_sudden_stop_are_accents() -> None:
    steps = np.zeros(100)
    steps[40:70] = 3.0
    motion = motion_of(moving(steps))
    assert motion.accents_s == pytest.approx([1.56, 2.76], abs=0.09)
    assert (motion.accent_strength > 0.3).all()


def test_a_cut_is_bridged_and_is_no_accent() -> None:
    frames = moving(np.full(50, 1.0)) + moving(np.full(50, 1.0), seed=5)
    motion = motion_of(frames, cuts_s=(2.0,))
    assert motion.curve.max() < 1.3
    assert not len(motion.accents_s)


@pytest.mark.parametrize(("duration_s", "ticks", "clips"), [(0.04, 1, 1), (0.1, 2, 1), (4.0, 50, 1), (9.0, 113, 3)])
def test_the_grid_reaches_to_the_end(duration_s: float, ticks: int, clips: int) -> None:
    motion = MotionMeter().finish(duration_s, np.zeros(0), np.zeros(0))
    assert motion.curve.shape == (ticks,) and not motion.curve.any()
    assert motion.clips.shape == (clips, 4)
    assert motion.curve.dtype == motion.clips.dtype == np.float32
