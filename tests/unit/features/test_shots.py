# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shot boundaries: hard cuts to the frame, dissolves and fades to their middle, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from media_factory import shot_frames
from needledrop.core.picture import Shots
from needledrop.features.picture import PictureAnalyser

Frames = list[NDArray[np.uint8]]


def scene(seed: int, count: int, *, speed: tuple[float, float] = (0.8, 0.3), level: float = 120.0) -> Frames:
    """A soft-textured picture over which the camera moves, with a little noise."""
    rng = np.random.default_rng(seed)
    texture = np.zeros((270, 480, 3), np.float32)
    for octave in range(1, 7):
        size = (2 * 2**octave + 1, 2**octave + 1)
        grain = rng.standard_normal((size[1], size[0], 3)).astype(np.float32)
        texture += cv2.resize(grain, (480, 270), interpolation=cv2.INTER_CUBIC) * 2.0 ** (-0.7 * octave)
    texture = (texture - texture.mean()) / texture.std() * 40 + level
    frames = []
    for index in range(count):
        move = np.array([[1, 0, -160 - speed[0] * index], [0, 1, -90 - speed[1] * index]], np.float32)
        shown = cv2.warpAffine(texture, move, (160, 90), borderMode=cv2.BORDER_REFLECT)
        frames.append(np.clip(shown + rng.normal(0, 2, shown.shape), 0, 255).astype(np.uint8))
    return frames


def mixed(old: Frames, new: Frames) -> Frames:
    shares = (np.arange(len(old)) + 1) / (len(old) + 1)
    return [(a * (1 - s) + b * s).astype(np.uint8) for a, b, s in zip(old, new, shares, strict=True)]


def shots_of(frames: Iterable[NDArray[np.uint8]], frame_rate: float = 25.0) -> Shots:
    analyser = PictureAnalyser()
    for index, frame in enumerate(frames):
        analyser.feed(index / frame_rate, frame)
    return analyser.finish()[0]


@pytest.mark.parametrize("frame_rate", [24.0, 25.0, 60.0])
def test_hard_cuts_are_found_to_the_frame(frame_rate: float) -> None:
    cuts = [31, 60, 68, 110]
    frames = [cv2.resize(frame, (160, 90), interpolation=cv2.INTER_AREA) for frame in shot_frames(cuts, 150)]
    shots = shots_of(frames, frame_rate)
    assert shots.cuts_s == pytest.approx([cut / frame_rate for cut in cuts], abs=1e-9)
    assert not shots.is_dissolve.any()
    assert (shots.strength > 0).all() and (shots.strength <= 1).all()


def test_a_cut_between_pictures_of_the_same_colours_is_found() -> None:
    shots = shots_of(scene(1, 40) + scene(2, 40))
    assert shots.cuts_s == pytest.approx([1.6])


@pytest.mark.parametrize("length", [8, 16, 30])
def test_a_dissolve_is_found_near_its_middle(length: int) -> None:
    old, new = scene(3, 60 + length), scene(4, 60 + length, speed=(-0.5, 0.6))
    shots = shots_of(old[:60] + mixed(old[60:], new[:length]) + new[length:])
    assert shots.cuts_s == pytest.approx([(60 + length / 2) / 25], abs=0.3)
    assert shots.is_dissolve.all()


def test_a_fade_through_black_is_one_boundary() -> None:
    old, new, black = scene(5, 60), scene(6, 60), [np.zeros((90, 160, 3), np.uint8)] * 15
    shots = shots_of(old[:45] + mixed(old[45:], black) + black[:6] + mixed(black, new[:15]) + new[15:])
    assert shots.cuts_s == pytest.approx([63 / 25], abs=0.2)
    assert shots.is_dissolve.all()


def test_flashes_pans_and_changing_light_are_no_boundaries() -> None:
    flashed = scene(7, 80)
    for index in (20, 21, 50):
        flashed[index] = np.clip(flashed[index].astype(int) * 2 + 60, 0, 255).astype(np.uint8)
    assert not len(shots_of(flashed).cuts_s)
    assert not len(shots_of(scene(8, 60, speed=(7.0, 1.0))).cuts_s)
    assert not len(shots_of(scene(21, 60, speed=(15.0, 2.0))).cuts_s)
    light = [np.clip(f * (0.7 + 0.4 * np.sin(i / 5)), 0, 255).astype(np.uint8) for i, f in enumerate(scene(9, 80))]
    assert not len(shots_of(light).cuts_s)


def test_bursts_of_light_are_no_boundaries() -> None:
    frames = scene(14, 90, level=45.0)
    rows, columns = np.mgrid[:90, :160]
    for start, x, y, radius in ((15, 50, 30, 26), (30, 110, 25, 34), (38, 60, 35, 30), (60, 90, 30, 40)):
        distance = np.hypot(columns - x, rows - y)
        sparks = (distance < radius) * (np.random.default_rng(start).random((90, 160)) < 0.3) * 150
        burst = sparks + 90 * np.exp(-((distance / radius) ** 2))
        for index in range(start, len(frames)):
            glow = burst[:, :, None] * 0.85 ** (index - start)
            frames[index] = np.clip(frames[index] + glow * (1.0, 0.8, 0.5), 0, 255).astype(np.uint8)
    assert not len(shots_of(frames).cuts_s)


@pytest.mark.parametrize("edge", [64, 80])
def test_a_cut_in_one_half_of_a_split_screen_is_found(edge: int) -> None:
    frames = scene(15, 40) + scene(16, 40) + scene(17, 40)
    still = scene(18, 1)[0]
    for index, frame in enumerate(frames):
        frame[:, edge:] = still[:, edge:]
        frame[40:43, edge + index % 60 : edge + index % 60 + 3] = 255  # A mark that moves over a chart.
    assert shots_of(frames).cuts_s == pytest.approx([1.6, 3.2])


@pytest.mark.parametrize("shape", [(90, 8), (8, 160), (20, 160), (90, 20)])
def test_very_narrow_pictures_are_survived(shape: tuple[int, int]) -> None:
    frames = [np.ascontiguousarray(frame[: shape[0], : shape[1]]) for frame in scene(19, 20) + scene(20, 20)]
    for frame in frames:
        frame[:, shape[1] // 2 :] = 90
    assert (shots_of(frames).strength > 0).all()


def test_fading_in_at_the_start_and_out_at_the_end_are_no_boundaries() -> None:
    frames, black = scene(10, 90), [np.zeros((90, 160, 3), np.uint8)] * 20
    shots = shots_of(black + mixed(black, frames[:20]) + frames[20:70] + mixed(frames[70:], black) + black)
    assert not len(shots.cuts_s)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_next_to_nothing_has_no_cuts(count: int) -> None:
    shots = shots_of(scene(11, count))
    assert shots.cuts_s.shape == shots.is_dissolve.shape == shots.strength.shape == (0,)


def test_a_change_of_picture_size_is_survived() -> None:
    small = [cv2.resize(frame, (120, 90)) for frame in scene(12, 30)]
    assert len(shots_of(scene(13, 30) + small).cuts_s) == 1
