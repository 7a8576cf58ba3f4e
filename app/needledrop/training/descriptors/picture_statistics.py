# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a video's pictures look like, second by second, without any learned model, and their statistics.

Colour, layout, edges, texture and motion; the statistics over time are those of the YouTube-8M features that CBVMR
took (mean, variance, the five greatest values of each; Abu-El-Haija et al. 2016), with the rhythm of the breaks
beside. Nothing is fitted here: whitening and PCA come later, from the training split.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray, TimeArray
from needledrop.core.picture import FLOW_SIZE
from needledrop.features.colour import colour_figures
from needledrop.features.warping import Warper

Pictures = NDArray[np.uint8]
# The rows of one second, in order.
ROWS = {
    "hue": 8, "value": 4, "colour": 4, "layout": 9, "edge_direction": 8, "edge_place": 4, "detail": 4,
    "speed": 6, "heading": 8, "camera": 4, "change": 2,
}  # fmt: skip
ROW_SIZE = sum(ROWS.values())
_TOP = 5
_RHYTHM_SIZE = 4
SIZE = ROW_SIZE * (2 + _TOP) + _RHYTHM_SIZE
_STILL_SIZE = (64, 36)
_FRAME_S = 1 / 25
# Pixels a frame of 1/25 s at FLOW_SIZE, the unit of features.motion.
_SPEED_EDGES = np.array([0.1, 0.3, 0.8, 2.0, 5.0], np.float32)
_MOTION_SIZE = ROWS["speed"] + ROWS["heading"] + ROWS["camera"] + ROWS["change"]
_BREAK_CHANGE = 0.03  # Mean change of a grey pixel, 0..1.
_BREAK_UNEXPLAINED = 0.35  # Of the new picture's structure, by motion.


@dataclass(frozen=True)
class PictureRows:
    """seconds float32 [ceil(duration), ROW_SIZE]; of each pair of neighbours its mean flow [pairs] in pixels a frame
    of 1/25 s at FLOW_SIZE, and whether a break (a cut) lies between them [pairs]; rate_hz of the pictures."""

    seconds: FloatArray
    flow: FloatArray
    is_break: NDArray[np.bool_]
    rate_hz: float


def picture_rows(pictures: Pictures, rate_hz: float) -> PictureRows:
    """Describe RGB pictures uint8 [n >= 1, h, w, 3] taken at rate_hz (at least 2)."""
    import cv2

    greys = [np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8) for picture in pictures]
    scale = FLOW_SIZE[0] / pictures.shape[2] * _FRAME_S * rate_hz
    pairs = _compared(greys, scale)
    seconds = []
    for index in range(max(1, int(np.ceil(len(pictures) / rate_hz - 1e-6)))):
        first, last = round(index * rate_hz), round((index + 1) * rate_hz)
        middle = min((first + last) // 2, len(pictures) - 1)
        seconds.append(np.concatenate([_still_figures(pictures[middle]), _motion_figures(pairs[first:last])]))
    return PictureRows(
        np.asarray(seconds, np.float32),
        np.array([0.0 if pair.flow is None else pair.speed for pair in pairs], np.float32),
        np.array([pair.flow is None for pair in pairs], bool),
        rate_hz,
    )


def picture_statistics(rows: PictureRows) -> FloatArray:
    """The raw vector float32 [SIZE] of a video: mean, variance and the five greatest values (greatest first) of each
    row over its seconds, then breaks a second, mean, spread and greatest length of a shot in s."""
    seconds = rows.seconds
    greatest = np.sort(seconds, axis=0)[::-1][:_TOP]
    greatest = np.concatenate([greatest, np.repeat(greatest[-1:], _TOP - len(greatest), axis=0)])
    rhythm = _break_rhythm(rows)
    return np.concatenate([seconds.mean(axis=0), seconds.var(axis=0), greatest.ravel(), rhythm]).astype(np.float32)


def break_times_s(rows: PictureRows) -> TimeArray:
    """When new shots begin, in s."""
    return np.asarray((np.flatnonzero(rows.is_break) + 1) / rows.rate_hz)


def _break_rhythm(rows: PictureRows) -> TimeArray:
    duration_s = (len(rows.flow) + 1) / rows.rate_hz
    shots_s = np.diff(np.concatenate([[0.0], break_times_s(rows), [duration_s]]))
    return np.array([(len(shots_s) - 1) / duration_s, shots_s.mean(), shots_s.std(), shots_s.max()])


def _still_figures(picture: Pictures) -> TimeArray:
    """Colour, layout, edges and detail of one picture [h, w, 3]."""
    import cv2

    small = np.asarray(cv2.resize(picture, _STILL_SIZE, interpolation=cv2.INTER_AREA), np.uint8)
    hsv = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2HSV), np.float64)
    weight = (hsv[:, :, 1] * hsv[:, :, 2]).ravel() / 255**2
    hue = np.bincount((hsv[:, :, 0].ravel() * 8 / 180).astype(np.intp).clip(0, 7), weight, 8) / len(weight)
    value = np.bincount((hsv[:, :, 2].ravel() / 64).astype(np.intp).clip(0, 3), minlength=4) / len(weight)
    luma = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    grey = np.asarray(luma.astype(np.float32) / np.float32(255), np.float32)
    layout = np.asarray(cv2.resize(grey, (3, 3), interpolation=cv2.INTER_AREA), np.float64).ravel()
    colour = np.array(colour_figures(small))
    return np.concatenate([hue, value, colour, layout, _edge_figures(luma), _detail_figures(grey)])


def _edge_figures(luma: NDArray[np.uint8]) -> TimeArray:
    """Directions of the gradient (after Dalal and Triggs 2005) over the picture, and its strength in each quarter."""
    import cv2

    # In whole numbers: OpenCV's floats differ in the last bit with the place of a picture in memory.
    across, down = (np.asarray(cv2.Sobel(luma, cv2.CV_16S, *order), np.float64) for order in ((1, 0), (0, 1)))
    strength = np.sqrt(across * across + down * down) / 255
    # Bins are centred on the axes, which most edges of a picture follow.
    turn = (np.arctan2(down, across) * (8 / np.pi) + 0.5) % 8
    counts = np.bincount(turn.ravel().astype(np.intp).clip(0, 7), strength.ravel(), 8)
    direction = counts / max(float(counts.sum()), 1e-6)
    rows, columns = (side // 2 for side in luma.shape)
    quarters = [
        part.mean() for half in (strength[:rows], strength[rows:]) for part in (half[:, :columns], half[:, columns:])
    ]
    return np.concatenate([direction, quarters])


def _detail_figures(grey: FloatArray) -> TimeArray:
    """Root mean square of what blurs of 1, 2 and 4 pixels take away one after the other, and of what they leave."""
    import cv2

    figures = []
    for blur in (1.0, 2.0, 4.0):
        smooth = np.asarray(cv2.GaussianBlur(grey, (0, 0), blur), np.float32)
        figures.append(float(np.sqrt(np.mean((grey - smooth) ** 2))))
        grey = smooth
    return np.array([*figures, float(grey.std())])


@dataclass(frozen=True)
class _Pair:
    """What lies between two neighbouring pictures: mean change of a pixel 0..1, flow [h, w, 2] (None at a break) and
    its mean speed."""

    change: float
    flow: FloatArray | None
    speed: float


def _compared(greys: list[NDArray[np.uint8]], scale: float) -> list[_Pair]:
    """Neighbours compared; flow is multiplied by `scale` and thinned to every other pixel each way."""
    import cv2

    warper, pairs = Warper(), []
    for old, new in itertools.pairwise(greys):
        change = float(cv2.mean(cv2.absdiff(new, old))[0]) / 255
        if change > _BREAK_CHANGE and warper.unexplained(old, new) > _BREAK_UNEXPLAINED:
            pairs.append(_Pair(change, None, 0.0))
            continue
        flow = np.ascontiguousarray(warper.flow(old, new)[::2, ::2]) * np.float32(scale)
        pairs.append(_Pair(change, flow, float(np.hypot(flow[:, :, 0], flow[:, :, 1]).mean(dtype=np.float64))))
    return pairs


def _motion_figures(pairs: list[_Pair]) -> TimeArray:
    """Speeds, headings and camera over the pairs of one second that no break parts; its change and its breaks."""
    flows = [pair.flow for pair in pairs if pair.flow is not None]
    if not pairs:
        return np.zeros(_MOTION_SIZE)
    changes = np.array([np.mean([pair.change for pair in pairs]), float(len(pairs) - len(flows))])
    if not flows:
        return np.concatenate([np.zeros(_MOTION_SIZE - 2), changes])
    flow = np.stack(flows)
    across, down = flow[..., 0], flow[..., 1]
    magnitude = np.hypot(across, down)
    speeds = np.bincount(np.searchsorted(_SPEED_EDGES, magnitude.ravel()), minlength=6) / magnitude.size
    turn = (np.arctan2(down, across).ravel() % (2 * np.pi)) * (4 / np.pi)
    heading = np.bincount(turn.astype(np.intp).clip(0, 7), magnitude.ravel(), 8) / magnitude.size
    # The mean of a derivative along a line is the difference of its ends.
    spreading = (across[:, :, -1] - across[:, :, 0]).mean() / across.shape[2]
    spreading += (down[:, -1] - down[:, 0]).mean() / down.shape[1]
    camera = np.array([across.mean(), down.mean(), spreading, magnitude.std()])
    return np.concatenate([speeds, heading, camera, changes])
