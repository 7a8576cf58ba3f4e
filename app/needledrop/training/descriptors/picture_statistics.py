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
_LOOKS_PER_S = 2
_STILL_SIZE = (64, 36)
_FRAME_S = 1 / 25
# Pixels a frame of 1/25 s at FLOW_SIZE, the unit of features.motion.
_SPEED_EDGES = np.array([0.1, 0.3, 0.8, 2.0, 5.0])
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
    warper = Warper()
    scale = FLOW_SIZE[0] / pictures.shape[2] * _FRAME_S * rate_hz
    pairs = [_Pair.between(warper, old, new, scale) for old, new in itertools.pairwise(greys)]
    seconds = []
    for index in range(max(1, int(np.ceil(len(pictures) / rate_hz - 1e-6)))):
        first, last = round(index * rate_hz), max(round((index + 1) * rate_hz), round(index * rate_hz) + 1)
        step = max(1, round(rate_hz / _LOOKS_PER_S))
        stills = [_still_figures(pictures[at]) for at in range(first, min(last, len(pictures)), step)]
        seconds.append(np.concatenate([np.mean(stills, axis=0), _motion_figures(pairs[first:last])]))
    return PictureRows(
        np.asarray(seconds, np.float32),
        np.array([pair.speed for pair in pairs], np.float32),
        np.array([pair.is_break for pair in pairs], bool),
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
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) / np.float32(255), np.float32)
    layout = np.asarray(cv2.resize(grey, (3, 3), interpolation=cv2.INTER_AREA), np.float64).ravel()
    colour = np.array(colour_figures(small))
    return np.concatenate([hue, value, colour, layout, _edge_figures(grey), _detail_figures(grey)])


def _edge_figures(grey: FloatArray) -> TimeArray:
    """Directions of the gradient (after Dalal and Triggs 2005) over the picture, and its strength in each quarter."""
    import cv2

    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    strength = np.asarray(cv2.magnitude(across, down), np.float64)
    angle = np.asarray(np.arctan2(down, across), np.float64)
    turn = (angle % np.pi) * (8 / np.pi)
    counts = np.bincount(turn.ravel().astype(np.intp).clip(0, 7), strength.ravel(), 8)
    direction = counts / max(float(counts.sum()), 1e-6)
    rows, columns = (side // 2 for side in grey.shape)
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
    """What lies between two neighbouring pictures."""

    speed: float
    speeds: TimeArray
    heading: TimeArray
    camera: TimeArray
    change: float
    is_break: bool

    @classmethod
    def between(cls, warper: Warper, old: NDArray[np.uint8], new: NDArray[np.uint8], scale: float) -> _Pair:
        change = float(np.abs(new.astype(np.int16) - old).mean()) / 255
        is_break = change > _BREAK_CHANGE and warper.unexplained(old, new) > _BREAK_UNEXPLAINED
        if is_break:
            return cls(0.0, np.zeros(6), np.zeros(8), np.zeros(4), change, True)
        flow = warper.flow(old, new).astype(np.float64) * scale
        across, down = flow[:, :, 0], flow[:, :, 1]
        magnitude = np.hypot(across, down)
        speeds = np.bincount(np.searchsorted(_SPEED_EDGES, magnitude.ravel()), minlength=6) / magnitude.size
        turn = (np.arctan2(down, across).ravel() % (2 * np.pi)) * (4 / np.pi)
        heading = np.bincount(turn.astype(np.intp).clip(0, 7), magnitude.ravel(), 8) / magnitude.size
        spreading = np.gradient(across, axis=1).mean() + np.gradient(down, axis=0).mean()
        camera = np.array([across.mean(), down.mean(), spreading, magnitude.std()])
        return cls(float(magnitude.mean()), speeds, heading, camera, change, False)


def _motion_figures(pairs: list[_Pair]) -> TimeArray:
    """Speeds, headings and camera over the pairs of one second that no break parts; its change and its breaks."""
    whole = [pair for pair in pairs if not pair.is_break]
    if not pairs:
        return np.zeros(20)
    changes = np.array([np.mean([pair.change for pair in pairs]), float(len(pairs) - len(whole))])
    if not whole:
        return np.concatenate([np.zeros(18), changes])
    means = [np.mean([getattr(pair, name) for pair in whole], axis=0) for name in ("speeds", "heading", "camera")]
    return np.concatenate([*means, changes])
