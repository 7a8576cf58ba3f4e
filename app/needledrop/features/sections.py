# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where one section of a track gives way to the next, and where the music ends.

Source: Foote, "Automatic audio segmentation using a measure of audio novelty", ICME 2000. With inner products as the
similarity and a separable checkerboard kernel, the novelty is the squared length of the features filtered along time
by half of the kernel: the similarity matrix itself is never made, so hours of music cost no memory.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray, TimeArray

STEP_S = 0.5
_KERNEL_S = 12.0
_SHORTEST_SECTION_S = 8.0
_ENDING_BELOW_LU = 25.0
_SILENT_LUFS = -60.0


def find_sections(timbre: FloatArray, chroma: FloatArray, grid_s: TimeArray) -> tuple[TimeArray, FloatArray]:
    """Section starts and their novelty 0..1 from timbre [steps, n] and chroma [steps, 12], STEP_S apart.

    The first section starts at 0 with novelty 1. Later starts move to the nearest of `grid_s` (downbeats) within half
    of a grid step.
    """
    curve = novelty(timbre, chroma)
    peaks = _peaks(curve)
    starts, first = np.unique(_snapped(peaks.astype(np.float64) * STEP_S, grid_s), return_index=True)
    keep = starts > _SHORTEST_SECTION_S / 2
    return np.append(0.0, starts[keep]), np.append(1.0, curve[peaks][first][keep]).astype(np.float32)


def novelty(timbre: FloatArray, chroma: FloatArray) -> FloatArray:
    """Novelty [steps] at the start of each step, 0..1."""
    steps = min(len(timbre), len(chroma))
    if steps * STEP_S < 2 * _SHORTEST_SECTION_S:
        return np.zeros(steps, np.float32)
    spread = timbre[:steps].std(axis=0)
    timbre = (timbre[:steps] - timbre[:steps].mean(axis=0)) / np.maximum(spread, 1e-3)
    timbre /= np.sqrt(timbre.shape[1] / 2)
    harmony = (chroma[:steps] - chroma[:steps].mean(axis=0)) * 1.5
    features = np.concatenate([timbre, harmony], axis=1)
    half = round(_KERNEL_S / STEP_S)
    taper = np.exp(-0.5 * (np.linspace(1, 0.5 / half, half) / 0.5) ** 2)
    taper /= taper.sum()
    kernel = np.concatenate([taper, -taper[::-1]])
    padded = np.pad(features, ((half, half - 1), (0, 0)), mode="reflect")
    change = np.stack([np.convolve(column, kernel, "valid") for column in padded.T], axis=1)
    power = np.square(change).sum(axis=1)
    return np.asarray(power / (power + 1.0), np.float32)


def _peaks(curve: FloatArray) -> NDArray[np.intp]:
    reach = round(_SHORTEST_SECTION_S / STEP_S)
    if len(curve) <= 2 * reach:
        return np.zeros(0, np.intp)
    highest = np.lib.stride_tricks.sliding_window_view(np.pad(curve, reach), 2 * reach + 1).max(axis=1)
    curve = np.where(np.minimum(np.arange(len(curve)), len(curve) - np.arange(len(curve))) < reach, 0.0, curve)
    least = max(0.12, float(curve.mean()) + 0.5 * float(curve.std()))
    return np.flatnonzero((curve >= highest) & (curve > least))


def _snapped(times_s: NDArray[np.float64], grid_s: TimeArray) -> NDArray[np.float64]:
    if len(grid_s) < 2:
        return times_s
    step_s = float(np.median(np.diff(grid_s)))
    after = np.clip(np.searchsorted(grid_s, times_s), 1, len(grid_s) - 1)
    nearest = np.where(times_s - grid_s[after - 1] < grid_s[after] - times_s, grid_s[after - 1], grid_s[after])
    return np.where(np.abs(nearest - times_s) <= step_s / 2, nearest, times_s)


def ending_s(step_lufs: NDArray[np.float64], step_s: float, integrated_lufs: float, duration_s: float) -> float:
    """The last moment no more than 25 LU below the integrated loudness; 0 for silence."""
    heard = np.flatnonzero(step_lufs > max(integrated_lufs - _ENDING_BELOW_LU, _SILENT_LUFS))
    return min(float(heard[-1] + 1) * step_s, duration_s) if len(heard) else 0.0
