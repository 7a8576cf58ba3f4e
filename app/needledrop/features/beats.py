# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beats against the onset curve: their exact times, and how strongly something sounds on them. Finds none itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import ONSET_RATE_HZ, FloatArray, TimeArray

_SNAP_FRAMES = 3
# How many beats on either side a beat's time leans on, and by how much (a logarithm) a step must differ from the one
# before to be of another tempo.
_NEIGHBOURS = 3
_OTHER_TEMPO = 0.12
_NO_PEAK = 1e-3


def _smoothed(strength: FloatArray) -> NDArray[np.float64]:
    kernel = np.array([0.06, 0.24, 0.4, 0.24, 0.06])
    return np.convolve(strength, kernel, "same") if len(strength) >= len(kernel) else strength.astype(np.float64)


def _peak_near(curve: NDArray[np.floating], frames: NDArray[np.intp]) -> NDArray[np.float64]:
    """Highest value within _SNAP_FRAMES of each frame."""
    near = frames[:, None] + np.arange(-_SNAP_FRAMES, _SNAP_FRAMES + 1)
    return np.asarray(curve[np.clip(near, 0, len(curve) - 1)].max(axis=1), np.float64)


def refined_times(beats: NDArray[np.intp], strength: FloatArray) -> TimeArray:
    """Beat times in seconds: a line through the onset peaks next to each beat and its neighbours.

    A single beat's nearest onset may be another voice's, early or late; its neighbours tell. On 14 rendered pieces the
    line is 2 ms from the score in the median (bias taken off), single peaks and the plain frames 4 ms.
    """
    if not len(beats):
        return np.zeros(0)
    peaks, heights = _nearby_peaks(beats, strength)
    frames = _through_neighbours(beats, peaks, heights)
    return np.asarray(np.maximum.accumulate(np.maximum(frames, 0.0)) / ONSET_RATE_HZ)


def _nearby_peaks(beats: NDArray[np.intp], strength: FloatArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The summit, in frames, of a parabola through the onset peak next to each beat, and its height; where there is no
    peak the beat itself, which counts for next to nothing."""
    curve = np.pad(_smoothed(strength), _SNAP_FRAMES + 1)
    near = beats[:, None] + np.arange(1, 2 * _SNAP_FRAMES + 2)
    top = beats + 1 + curve[near].argmax(axis=1)
    before, at, after = curve[top - 1], curve[top], curve[top + 1]
    is_peak = (at >= before) & (at >= after) & (before + after < 2 * at)
    bend = np.where(is_peak, before - 2 * at + after, -1.0)
    shift = np.where(is_peak, 0.5 * (before - after) / bend, 0.0)
    least = max(float(curve.max()), 1e-9) * _NO_PEAK
    frames = np.where(is_peak, top - (_SNAP_FRAMES + 1) + shift, beats)
    return frames, np.where(is_peak, np.maximum(at, least), least)


def _through_neighbours(
    beats: NDArray[np.intp], frames: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """At each beat, the weighted line through it and its _NEIGHBOURS on either side of the same tempo."""
    if len(beats) < 3:
        return frames
    steps = np.diff(beats).astype(np.float64)
    stretch = np.cumsum(np.concatenate([[0, 0], np.abs(np.log(steps[1:] / steps[:-1])) > _OTHER_TEMPO]))
    place = np.arange(-_NEIGHBOURS, _NEIGHBOURS + 1)
    index = np.arange(len(beats))[:, None] + place
    inside = np.clip(index, 0, len(beats) - 1)
    counts = (index == inside) & (stretch[inside] == stretch[:, None])
    weight = counts * weights[inside] * (1 - np.abs(place) / (_NEIGHBOURS + 1))
    total = weight.sum(axis=1)
    mean_place = (weight * place).sum(axis=1) / total
    mean_frame = (weight * frames[inside]).sum(axis=1) / total
    aside = place - mean_place[:, None]
    spread = (weight * aside**2).sum(axis=1)
    slope = (weight * aside * (frames[inside] - mean_frame[:, None])).sum(axis=1) / np.maximum(spread, 1e-12)
    # A line needs more than the beat itself.
    return np.where(counts.sum(axis=1) > 2, mean_frame - slope * mean_place, frames)


def beat_strengths(beats: NDArray[np.intp], strength: FloatArray) -> FloatArray:
    """How strongly something sounds on each beat, 0..1 of the 99.5th percentile of all onset strength."""
    if not len(beats):
        return np.zeros(0, np.float32)
    top = max(float(np.percentile(strength, 99.5)), 1e-9)
    return np.asarray(np.minimum(_peak_near(strength, beats) / top, 1.0), np.float32)
