# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beats against the onset curve: their exact times, and how strongly something sounds on them. Finds none itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import ONSET_RATE_HZ, FloatArray, TimeArray

_SNAP_FRAMES = 3


def _smoothed(strength: FloatArray) -> NDArray[np.float64]:
    kernel = np.array([0.06, 0.24, 0.4, 0.24, 0.06])
    return np.convolve(strength, kernel, "same") if len(strength) >= len(kernel) else strength.astype(np.float64)


def _peak_near(curve: NDArray[np.floating], frames: NDArray[np.intp]) -> NDArray[np.float64]:
    """Highest value within _SNAP_FRAMES of each frame."""
    near = frames[:, None] + np.arange(-_SNAP_FRAMES, _SNAP_FRAMES + 1)
    return np.asarray(curve[np.clip(near, 0, len(curve) - 1)].max(axis=1), np.float64)


def refined_times(beats: NDArray[np.intp], strength: FloatArray) -> TimeArray:
    """Beat times in seconds: the summit of a parabola through the onset peak next to each beat, where there is one."""
    if not len(beats):
        return np.zeros(0)
    curve = np.pad(_smoothed(strength), _SNAP_FRAMES + 1)
    near = beats[:, None] + np.arange(1, 2 * _SNAP_FRAMES + 2)
    top = beats + 1 + curve[near].argmax(axis=1)
    before, at, after = curve[top - 1], curve[top], curve[top + 1]
    is_peak = (at >= before) & (at >= after) & (before + after < 2 * at)
    bend = np.where(is_peak, before - 2 * at + after, -1.0)
    shift = np.where(is_peak, 0.5 * (before - after) / bend, 0.0)
    frames = np.where(is_peak, top - (_SNAP_FRAMES + 1) + shift, beats)
    return np.asarray(np.maximum.accumulate(np.maximum(frames, 0.0)) / ONSET_RATE_HZ)


def beat_strengths(beats: NDArray[np.intp], strength: FloatArray) -> FloatArray:
    """How strongly something sounds on each beat, 0..1 of the 99.5th percentile of all onset strength."""
    if not len(beats):
        return np.zeros(0, np.float32)
    top = max(float(np.percentile(strength, 99.5)), 1e-9)
    return np.asarray(np.minimum(_peak_near(strength, beats) / top, 1.0), np.float32)
