# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peaks to columns of pixels: the right zoom for the scale, through a cue's pieces and gain. Knows no Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.cue import Cue
from needledrop.core.music import FloatArray, Peaks, TimeArray
from needledrop.gui.widgets.timeline.cue_times import placed_stretches
from needledrop.mix.curves import speech_spans

ZOOM = 8
PAIRS = 4.0  # Fewer, and what lies beside a column would show in it.
FIGURE = 0.7


def level_pairs(peaks: Peaks, step_s: float) -> tuple[NDArray[np.int8], float]:
    """The coarsest level that still has PAIRS pairs in every `step_s` seconds, as [n, 2] and its pairs a second."""
    levels = len(peaks.bounds) - 1
    level, rate_hz = 0, peaks.rate_hz
    while level + 1 < levels and rate_hz / ZOOM * step_s >= PAIRS:
        level, rate_hz = level + 1, rate_hz / ZOOM
    return peaks.pairs[peaks.bounds[level] : peaks.bounds[level + 1]], rate_hz


def columns(peaks: Peaks, edges_s: TimeArray) -> FloatArray:
    """Minimum and maximum [columns, 2] in -1..1 between neighbouring `edges_s` [columns + 1]; 0 outside the sound.

    Edges must not descend.
    """
    shape = (max(0, len(edges_s) - 1), 2)
    found: FloatArray = np.zeros(shape, np.float32)
    if shape[0] == 0:
        return found
    pairs, rate_hz = level_pairs(peaks, float(edges_s[-1] - edges_s[0]) / shape[0])
    if len(pairs) == 0:
        return found
    first = np.floor(edges_s[:-1] * rate_hz).astype(np.int64)
    last = np.maximum(np.ceil(edges_s[1:] * rate_hz).astype(np.int64), first + 1)
    inside = (last > 0) & (first < len(pairs))
    if not inside.any():
        return found
    first, last = np.clip(first[inside], 0, None), np.clip(last[inside], 1, len(pairs))
    # reduceat over (start, end) pairs; the pair appended is never part of a result, it only lets an end lie behind all.
    places = np.stack([first, last], axis=1).reshape(-1)
    padded = np.concatenate([pairs, pairs[-1:]])
    found[inside, 0] = np.minimum.reduceat(padded[:, 0], places)[::2]
    found[inside, 1] = np.maximum.reduceat(padded[:, 1], places)[::2]
    return found / np.float32(127.0)


def cue_columns(cue: Cue, peaks: Peaks, edges_s: TimeArray) -> FloatArray:
    """What a cue plays between neighbouring `edges_s` of the timeline [columns, 2], without its gain."""
    found = np.zeros((max(0, len(edges_s) - 1), 2), np.float32)
    for stretch in placed_stretches(cue):
        first = max(0, int(np.searchsorted(edges_s, stretch.start_s, "right")) - 1)
        last = min(len(edges_s) - 1, int(np.searchsorted(edges_s, stretch.end_s, "left")))
        if first >= last:
            continue
        held = np.clip(edges_s[first : last + 1], stretch.start_s, stretch.end_s)
        part = columns(peaks, stretch.source_s + (held - stretch.start_s) / stretch.stretch)
        found[first:last, 0] = np.minimum(found[first:last, 0], part[:, 0])
        found[first:last, 1] = np.maximum(found[first:last, 1], part[:, 1])
    return found


def full_figure(columns: FloatArray) -> FloatArray:
    """Columns bent so that quiet sound can be seen beside loud: the sign kept, the size to the power of FIGURE."""
    return np.asarray(np.sign(columns) * np.abs(columns) ** np.float32(FIGURE), np.float32)


def loudest(peaks: Peaks) -> float:
    """The greatest sample of a sound, 0..1; 1 for silence."""
    coarsest = peaks.pairs[peaks.bounds[-2] :]
    return max(1, int(np.abs(coarsest.astype(np.int16)).max(initial=0))) / 127.0


def fade_gain(cue: Cue, times_s: TimeArray) -> FloatArray:
    """Gain of the fades alone at these times, 0..1, as mix.curves.fade_up and fade_down; 0 outside the cue."""
    gain = ((times_s >= cue.record_in_s) & (times_s <= cue.record_out_s)).astype(np.float64)
    for since_s, length_s in (
        (times_s - cue.record_in_s, cue.fade_in_s),
        (cue.record_out_s - times_s, cue.fade_out_s),
    ):
        if length_s > 0.0:
            gain *= np.sin(np.clip(since_s / length_s, 0.0, 1.0) * (np.pi / 2))
    return np.asarray(gain, np.float32)


def ducking_at(cue: Cue, times_s: TimeArray) -> FloatArray | None:
    """How far a cue steps back under speech at these times, in dB (0 or less); None where it does not at all.

    The same raised cosines as mix.curves.ducking_db, which wants samples: here a time looks at its own speech only.
    """
    ducking = cue.ducking
    spans = speech_spans(ducking)
    if not spans or ducking.depth_db == 0.0:
        return None
    starts_s, ends_s = (np.array(edges) for edges in zip(*spans, strict=True))
    near = np.maximum(np.searchsorted(starts_s - ducking.attack_s, times_s, "right") - 1, 0)
    down = _ramp(times_s - (starts_s[near] - ducking.attack_s), ducking.attack_s)
    up = _ramp(ends_s[near] + ducking.release_s - times_s, ducking.release_s)
    return np.asarray(np.minimum(down, up) * ducking.depth_db, np.float32)


def ducking_times(cue: Cue, first_s: float, last_s: float, ramp_points: int) -> TimeArray:
    """Times in [first_s, last_s] that a line through `ducking_at` needs: each ramp in so many points, and the ends."""
    ducking = cue.ducking
    shares = np.linspace(0.0, 1.0, ramp_points)
    spans_s = np.array(speech_spans(ducking)).reshape(-1, 2)
    downs_s = spans_s[:, :1] - ducking.attack_s * (1.0 - shares)
    ups_s = spans_s[:, 1:] + ducking.release_s * shares
    times_s = np.concatenate([[first_s, last_s], downs_s.reshape(-1), ups_s.reshape(-1)])
    return np.sort(times_s[(times_s >= first_s) & (times_s <= last_s)])


def _ramp(since_s: TimeArray, length_s: float) -> TimeArray:
    if length_s <= 0:
        return (since_s >= 0).astype(np.float64)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.clip(since_s / length_s, 0.0, 1.0)), np.float64)
