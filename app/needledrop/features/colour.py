# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brightness, contrast, saturation and warmth over time, and the palette of the whole video.

Letterbox bars do not count. Pictures are taken at COLOUR_RATE_HZ; of each only four numbers and its share in a colour
histogram of fixed size are kept.
"""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray, TimeArray
from needledrop.core.picture import COLOUR_RATE_HZ, Colour

PALETTE_SIZE = 5
_THUMBNAIL = (48, 27)
_BAR_LEVEL = 20  # Rows and columns never brighter than this (0..255) are bars.
_BATCH = 64  # Pictures looked at together, so that bars are known even where a video fades in.
_BITS = 5  # Per channel of the histogram.
_ITERATIONS = 30
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


class ColourMeter:
    """Measures colour in pictures fed in order."""

    def __init__(self) -> None:
        self._next_s = 0.0
        self._waiting: list[tuple[float, NDArray[np.uint8]]] = []
        self._brightest = np.zeros((_THUMBNAIL[1], _THUMBNAIL[0]), np.uint8)
        self._rows = array("d")  # Per picture: time, brightness, contrast, saturation, warmth.
        self._count = np.zeros(1 << 3 * _BITS, np.float64)
        self._sum = np.zeros((1 << 3 * _BITS, 3), np.float64)

    def feed(self, t_s: float, rgb: NDArray[np.uint8]) -> None:
        """Take the next picture [h, w, 3]; those between two ticks of COLOUR_RATE_HZ are passed over."""
        if t_s + 1e-6 < self._next_s:
            return
        import cv2

        self._next_s = (np.floor(t_s * COLOUR_RATE_HZ + 1e-6) + 1) / COLOUR_RATE_HZ
        thumbnail = np.asarray(cv2.resize(rgb, _THUMBNAIL, interpolation=cv2.INTER_AREA), np.uint8)
        self._brightest = np.maximum(self._brightest, thumbnail.max(axis=2))
        self._waiting.append((t_s, thumbnail))
        if len(self._waiting) >= _BATCH:
            self._measure_waiting()

    def finish(self, duration_s: float) -> Colour:
        """The curves from 0 to `duration_s`, and the palette."""
        self._measure_waiting()
        rows = np.array(self._rows, np.float64).reshape(-1, 5)
        ticks_s = np.arange(max(1, int(np.ceil(duration_s * COLOUR_RATE_HZ - 1e-6)))) / COLOUR_RATE_HZ
        curves = np.zeros((4, len(ticks_s)), np.float32)
        if len(rows):
            curves = np.stack([np.interp(ticks_s, rows[:, 0], column) for column in rows[:, 1:].T]).astype(np.float32)
        palette, share = self._palette()
        return Colour(curves[0], curves[1], curves[2], curves[3], palette, share)

    def _measure_waiting(self) -> None:
        shown = _inside_bars(self._brightest)
        for t_s, thumbnail in self._waiting:
            picture = thumbnail[shown]
            self._rows.extend((t_s, *colour_figures(picture)))
            pixels = picture.reshape(-1, 3).astype(np.int64)
            bins = (pixels >> (8 - _BITS)) @ np.array([1 << 2 * _BITS, 1 << _BITS, 1])
            np.add.at(self._count, bins, 1.0)
            np.add.at(self._sum, bins, pixels)
        self._waiting = []

    def _palette(self) -> tuple[NDArray[np.uint8], FloatArray]:
        used = np.flatnonzero(self._count)
        if not len(used):
            return np.zeros((0, 3), np.uint8), np.zeros(0, np.float32)
        weights = self._count[used]
        colours = self._sum[used] / weights[:, None]
        lab = _lab(colours)
        labels = _weighted_clusters(lab, weights, min(PALETTE_SIZE, len(used)))
        sizes = np.bincount(labels, weights)
        means = np.stack([np.bincount(labels, weights * channel) / np.maximum(sizes, 1e-9) for channel in colours.T], 1)
        order = [index for index in np.argsort(-sizes, kind="stable") if sizes[index] > 0]
        return np.round(means[order]).astype(np.uint8), (sizes[order] / sizes.sum()).astype(np.float32)


def colour_figures(picture: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """Brightness (mean luma), contrast (between the 5th and the 95th percentile of luma), saturation (colourfulness
    against brightness), each 0..1, and warmth (red against blue, -1..1) of a picture [h, w, 3]."""
    rgb = picture.astype(np.float32) / 255
    luma = rgb @ _LUMA
    low, high = np.percentile(luma, (5, 95))
    greatest = rgb.max(axis=2)
    weight = float(greatest.sum()) + 0.01 * luma.size  # So that the noise of black has no colour.
    saturation = float((greatest - rgb.min(axis=2)).sum()) / weight
    warmth = float((rgb[:, :, 0] - rgb[:, :, 2]).sum()) / weight
    return float(luma.mean()), float(high - low), saturation, warmth


def _inside_bars(brightest: NDArray[np.uint8]) -> tuple[slice, slice]:
    rows = np.flatnonzero(brightest.max(axis=1) > _BAR_LEVEL)
    columns = np.flatnonzero(brightest.max(axis=0) > _BAR_LEVEL)
    if not len(rows):
        return slice(None), slice(None)
    # One row or column more is cut off, for a bar's edge rarely falls on a thumbnail's.
    first, last = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    height, width = brightest.shape
    first, last = (first + (first > 0), last - (last < height)) if last - first > 4 else (first, last)
    left, right = (left + (left > 0), right - (right < width)) if right - left > 4 else (left, right)
    return slice(first, last), slice(left, right)


def _lab(colours: TimeArray) -> FloatArray:
    import cv2

    return np.asarray(cv2.cvtColor((colours[None] / 255).astype(np.float32), cv2.COLOR_RGB2Lab)[0], np.float32)


def _weighted_clusters(points: FloatArray, weights: TimeArray, count: int) -> NDArray[np.intp]:
    """The cluster of each point by k-means, begun from the heaviest and then the heaviest far points."""
    centres = [points[int(np.argmax(weights))]]
    distance = ((points - centres[0]) ** 2).sum(axis=1)
    while len(centres) < count:
        centres.append(points[int(np.argmax(distance * weights))])
        distance = np.minimum(distance, ((points - centres[-1]) ** 2).sum(axis=1))
    means = np.stack(centres).astype(np.float64)
    labels = np.zeros(len(points), np.intp)
    for _ in range(_ITERATIONS):
        labels = ((points[:, None] - means[None]) ** 2).sum(axis=2).argmin(axis=1)
        sizes = np.bincount(labels, weights, minlength=count)
        for channel in range(3):
            totals = np.bincount(labels, weights * points[:, channel], minlength=count)
            means[:, channel] = np.where(sizes > 0, totals / np.maximum(sizes, 1e-9), means[:, channel])
    return np.asarray(labels)
