# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peaks to columns of pixels: the right zoom for the scale, through a cue's pieces and gain. Knows no Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.cue import Cue
from needledrop.core.music import FloatArray, Peaks, TimeArray
from needledrop.gui.widgets.timeline.cue_times import placed_stretches
from needledrop.mix.curves import ducking_db, fade_down, fade_up, speech_spans

ZOOM = 8
_FINEST_HZ = 1000


def level_pairs(peaks: Peaks, step_s: float) -> tuple[NDArray[np.int8], float]:
    """The coarsest level that still has a pair for every `step_s` seconds, as [n, 2] and its pairs a second."""
    levels = len(peaks.bounds) - 1
    level, rate_hz = 0, peaks.rate_hz
    while level + 1 < levels and rate_hz / ZOOM * step_s >= 1.0:
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


def fade_gain(cue: Cue, times_s: TimeArray) -> FloatArray:
    """Gain of the fades alone, 0..1, as the mixer fades, at times that ascend evenly; 0 outside the cue."""
    rate_hz, span = _grid(times_s)
    positions = np.arange(*span)
    gain = np.ones(len(positions))
    if cue.fade_in_s > 0:
        gain *= fade_up(round(cue.record_in_s * rate_hz), max(1, round(cue.fade_in_s * rate_hz)), span)
    if cue.fade_out_s > 0:
        gain *= fade_down(round(cue.record_out_s * rate_hz), max(1, round(cue.fade_out_s * rate_hz)), span)
    heard = (times_s >= cue.record_in_s) & (times_s <= cue.record_out_s)
    return np.asarray(np.interp(times_s, positions / rate_hz, gain) * heard, np.float32)


def ducking_at(cue: Cue, times_s: TimeArray) -> FloatArray | None:
    """How far a cue steps back under speech, in dB (0 or less), as the mixer does, at times that ascend evenly.

    None where it does not step back at all.
    """
    rate_hz, span = _grid(times_s)
    level_db = ducking_db(cue.ducking, speech_spans(cue.ducking), span, rate_hz)
    if level_db is None:
        return None
    return np.asarray(np.interp(times_s, np.arange(*span) / rate_hz, level_db), np.float32)


def _grid(times_s: TimeArray) -> tuple[int, tuple[int, int]]:
    """A whole rate at least as fine as the times, and the positions that hold them: the mixer counts in samples."""
    length_s = max(1e-3, float(times_s[-1] - times_s[0]))
    rate_hz = int(np.clip(np.ceil(len(times_s) / length_s), 1, _FINEST_HZ))
    return rate_hz, (int(np.floor(times_s[0] * rate_hz)), int(np.ceil(times_s[-1] * rate_hz)) + 2)
