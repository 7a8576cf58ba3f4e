# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a track can be repeated unnoticed: a whole number of bars between two places that sound alike.

Decides on features only; the mixer makes the joint.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import CLIP_S, LOUDNESS_RATE_HZ, ONSET_RATE_HZ, TimeArray
from needledrop.suggest.details import TrackDetails

_PROFILE_BINS = 16
_FEWEST_BARS = 2
# Places looked at from each end; a loop in a longer track need not be longer than this.
_PLACES = 160
# What one doubling of the loop and a plain phrase length are worth against a typical difference of two bars (1).
_LENGTH_WORTH = 0.12
_PHRASE_WORTH = 0.15


@dataclass(frozen=True)
class Loop:
    """Play up to out_s, go back to in_s, `times` times; both are downbeats, `bars` bars apart."""

    in_s: float
    out_s: float
    times: int
    bars: int

    @property
    def length_s(self) -> float:
        """What one repeat adds."""
        return self.out_s - self.in_s


def find_loop(track: TrackDetails, end_s: float, wanted_s: float) -> Loop | None:
    """The loop that stretches a track which ends at end_s to wanted_s and a bar more; None without enough bars.

    The bar to spare is what the start can be moved by, to bring beats and cuts together.
    """
    downbeats = track.rhythm.downbeats_s
    downbeats = downbeats[downbeats <= end_s + 0.05]
    if len(downbeats) < _FEWEST_BARS + 1:
        return None
    first, last, bars = _alike_places(track, downbeats)
    in_s, out_s = float(downbeats[first]), float(downbeats[last])
    missing_s = wanted_s + (out_s - in_s) / bars - end_s
    return Loop(in_s, out_s, max(1, math.ceil(missing_s / (out_s - in_s) - 1e-9)), bars)


def _alike_places(track: TrackDetails, downbeats: TimeArray) -> tuple[int, int, int]:
    """The pair of downbeats (in, out) whose neighbouring bars sound most alike, and their distance in bars."""
    described = describe_bars(track, downbeats)
    count = len(described)
    entries = np.arange(0, min(count, _PLACES))
    exits = np.arange(max(0, count + 1 - _PLACES), count + 1)
    # Leaving at `out` for `in`: the bar after the joint replaces the one that would have followed, and the bar before
    # it stands in for the one that led up to `in`.
    follows = _distances(described[entries], described[np.minimum(exits, count - 1)])
    leads = _distances(described[np.maximum(entries - 1, 0)], described[exits - 1])
    follows[:, exits == count] = 1.0
    leads[entries == 0, :] = 1.0
    bars = exits[None, :] - entries[:, None]
    worth = _LENGTH_WORTH * np.log2(np.maximum(bars, 1)) + np.where(bars % 4 == 0, _PHRASE_WORTH, 0.0)
    cost = np.where(bars >= _FEWEST_BARS, 0.5 * (follows + leads) - worth, np.inf)
    entry, leave = np.unravel_index(int(np.argmin(cost)), cost.shape)
    return int(entries[entry]), int(exits[leave]), int(bars[entry, leave])


def describe_bars(track: TrackDetails, downbeats: TimeArray) -> NDArray[np.float64]:
    """Each bar between downbeats as numbers [bars, features]: onset profile, level, and the clip it lies in."""
    edges = downbeats[:-1, None] + np.diff(downbeats)[:, None] * (np.arange(_PROFILE_BINS + 1) / _PROFILE_BINS)
    onsets = _means_between(track.rhythm.onset_curve.astype(np.float64) / 255.0, ONSET_RATE_HZ, edges)
    level = _means_between(track.loudness.curve_lufs.astype(np.float64), LOUDNESS_RATE_HZ, edges[:, [0, -1]]) / 6.0
    middle = 0.5 * (edges[:, 0] + edges[:, -1])
    clips = np.nan_to_num(track.clips.values.astype(np.float64))
    if len(clips) == 0:
        return np.concatenate([3.0 * onsets, level], axis=1)
    deviation = clips.std(axis=0)
    clips = (clips - clips.mean(axis=0)) / np.where(deviation > 1e-6, deviation, 1.0)
    own = clips[np.clip((middle / CLIP_S).astype(np.int64), 0, len(clips) - 1)] / math.sqrt(clips.shape[1])
    return np.concatenate([3.0 * onsets, level, own], axis=1)


def _means_between(curve: NDArray[np.float64], rate_hz: float, edges_s: TimeArray) -> NDArray[np.float64]:
    """Means of a curve between neighbouring edges [n, k], giving [n, k - 1]."""
    total = np.concatenate([[0.0], np.cumsum(curve, dtype=np.float64)])
    at_edges = np.interp(edges_s * rate_hz, np.arange(len(total)), total)
    means: NDArray[np.float64] = np.diff(at_edges, axis=1) / np.maximum(np.diff(edges_s, axis=1) * rate_hz, 1e-9)
    return means


def _distances(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Euclidean distances [len(a), len(b)] in units of their median."""
    squared = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None, :] - 2.0 * (a @ b.T)
    distance: NDArray[np.float64] = np.sqrt(np.maximum(squared, 0.0))
    middle = float(np.median(distance))
    return distance / middle if middle > 1e-9 else distance
