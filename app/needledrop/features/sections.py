# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where one section of a track gives way to the next, and where the music ends.

Source: Foote, "Automatic audio segmentation using a measure of audio novelty", ICME 2000. With inner products as the
similarity and a separable checkerboard kernel, the novelty is the squared length of the features filtered along time
by half of the kernel: the similarity matrix itself is never made, so hours of music cost no memory.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray, TimeArray

STEP_S = 0.5
_KERNEL_S = 16.0
_SHORTEST_SECTION_S = 6.0
_SHORTEST_END_S = 4.0
_SHORTEST_MUSIC_S = 16.0
_LEAST_NOVELTY = 0.12
_DOWNBEAT_WITHIN_S, _BEAT_WITHIN_S = 0.6, 0.4
_ENDING_BELOW_LU = 25.0
_SILENT_LUFS = -60.0
# What follows a rest so long and is shorter than a last chord is no music.
_LONG_REST_S, _SHORTEST_CHORD_S = 3.0, 0.35


def find_sections(
    timbre: FloatArray, chroma: FloatArray, downbeats_s: TimeArray, beats_s: TimeArray, music_ends_s: float
) -> tuple[TimeArray, FloatArray]:
    """Section starts and their novelty 0..1 from timbre [steps, n] and chroma [steps, 12], STEP_S apart.

    The first section starts at 0 with novelty 1; none starts after the music has ended. Later starts move to a
    downbeat nearby, else to a beat, else they stay where the novelty is greatest.
    """
    steps = math.ceil(music_ends_s / STEP_S)
    curve = novelty(timbre[:steps], chroma[:steps])
    peaks = _peaks(curve)
    summits_s = _summits(curve, peaks) * STEP_S
    # Asked before they move: which downbeat is near says nothing about whether something changes.
    late = summits_s > _SHORTEST_END_S
    starts, first = np.unique(_snapped(summits_s[late], downbeats_s, beats_s), return_index=True)
    return np.append(0.0, starts), np.append(1.0, curve[peaks[late]][first]).astype(np.float32)


def novelty(timbre: FloatArray, chroma: FloatArray) -> FloatArray:
    """Novelty [steps] at the start of each step, 0..1."""
    steps = min(len(timbre), len(chroma))
    if steps * STEP_S < _SHORTEST_MUSIC_S:
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
    """Steps that are the highest within _SHORTEST_SECTION_S, stand out, and lie clear of both ends."""
    reach = round(_SHORTEST_SECTION_S / STEP_S)
    if len(curve) <= 2 * reach:
        return np.zeros(0, np.intp)
    highest = np.lib.stride_tricks.sliding_window_view(np.pad(curve, reach), 2 * reach + 1).max(axis=1)
    to_end = np.minimum(np.arange(len(curve)), len(curve) - np.arange(len(curve)))
    least = max(_LEAST_NOVELTY, float(curve.mean()) + 0.25 * float(curve.std()))
    return np.flatnonzero((curve >= highest) & (curve > least) & (to_end >= _SHORTEST_END_S / STEP_S))


def _summits(curve: FloatArray, peaks: NDArray[np.intp]) -> NDArray[np.float64]:
    """The peaks with the fraction of a step at which a parabola through their neighbours is highest."""
    before, at, after = (curve[peaks + shift].astype(np.float64) for shift in (-1, 0, 1))
    bend = before - 2 * at + after
    return np.asarray(peaks + np.where(bend < 0, 0.5 * (before - after) / np.minimum(bend, -1e-9), 0.0))


def _snapped(times_s: TimeArray, downbeats_s: TimeArray, beats_s: TimeArray) -> TimeArray:
    downbeat_s, beat_s = _nearest(downbeats_s, times_s), _nearest(beats_s, times_s)
    near_beat_s = np.where(np.abs(beat_s - times_s) <= _BEAT_WITHIN_S, beat_s, times_s)
    return np.asarray(np.where(np.abs(downbeat_s - times_s) <= _DOWNBEAT_WITHIN_S, downbeat_s, near_beat_s))


def _nearest(grid_s: TimeArray, times_s: TimeArray) -> TimeArray:
    """The point of the grid next to each time; infinity where there is no grid."""
    if not len(grid_s):
        return np.full(len(times_s), np.inf)
    after = np.searchsorted(grid_s, times_s).clip(1, max(len(grid_s) - 1, 1))
    before_s, after_s = grid_s[after - 1], grid_s[np.minimum(after, len(grid_s) - 1)]
    return np.asarray(np.where(times_s - before_s < after_s - times_s, before_s, after_s))


def ending_s(step_lufs: NDArray[np.float64], step_s: float, integrated_lufs: float, duration_s: float) -> float:
    """The last moment no more than 25 LU below the integrated loudness; 0 for silence.

    A click or a bump long after the music (the needle leaving the groove) is not its end.
    """
    heard = np.flatnonzero(step_lufs > max(integrated_lufs - _ENDING_BELOW_LU, _SILENT_LUFS))
    if not len(heard):
        return 0.0
    groups = np.split(heard, np.flatnonzero(np.diff(heard) > _LONG_REST_S / step_s) + 1)
    while len(groups) > 1 and len(groups[-1]) * step_s < _SHORTEST_CHORD_S:
        groups.pop()
    return min(float(groups[-1][-1] + 1) * step_s, duration_s)
