# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A track as it is heard when played on: its beats, sections and energy along a line on which loops are laid out.

Placement searches this line and need not know of loops; `pieces` brings what it found back to the track.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.cue import Piece
from needledrop.core.music import LOUDNESS_RATE_HZ, FloatArray, Rhythm, TimeArray
from needledrop.index.summary import arousal, energy_curve, mean_descriptor
from needledrop.suggest.align import beat_offsets, kernel
from needledrop.suggest.details import TrackDetails
from needledrop.suggest.loops import Loop, find_loop
from needledrop.suggest.picture_shape import CURVE_RATE_HZ

IndexArray = NDArray[np.intp]

DOWNBEAT_WEIGHT = 1.0
BEAT_WEIGHT = 0.65
SECTION_FACTOR = 1.3
# Below this confidence, or with fewer beats, a grid would be made up.
_LEAST_CONFIDENCE = 0.15
_FEWEST_BEATS = 8
# Music may stop this long before the picture without a loop being worth its joint.
EARLY_S = 1.5
# Under this level, relative to the track's loudness, nothing is heard.
_SILENT_LU = -26.0


@dataclass(frozen=True)
class Unrolled:
    """One track on the line; times in seconds from the line's start, which is the track's.

    beats_s [B] with weights [B] and downbeats_s; energy float32 and is_silent bool at CURVE_RATE_HZ; first_s where it
    begins to sound, end_s where the music ends, file_end_s where the file does; bar_s is the length of a bar by the
    track's tempo, 2 s without one; loop None if it is played once.
    """

    beats_s: TimeArray
    beat_weights: FloatArray
    downbeats_s: TimeArray
    energy: FloatArray
    is_silent: FloatArray
    first_s: float
    end_s: float
    file_end_s: float
    bar_s: float
    loop: Loop | None

    @property
    def has_pulse(self) -> bool:
        """True where there are beats to place by."""
        return len(self.beats_s) > 0

    def worth(self, instants_s: TimeArray, weights: FloatArray) -> TimeArray:
        """The weighted means of what the nearest beats are worth to cuts at these instants of the line, [..., K]."""
        lags = beat_offsets(self.beats_s, instants_s)
        nearest = np.searchsorted(self.beats_s, instants_s + lags - 1e-6)
        worth = self.beat_weights[np.minimum(nearest, len(self.beats_s) - 1)] * kernel(lags)
        return np.asarray(worth @ weights / weights.sum(), dtype=np.float64)

    def pieces(self, start_s: float, length_s: float) -> tuple[Piece, ...]:
        """The stretches of the track that sound from start_s of the line for length_s."""
        end_s = start_s + length_s
        if self.loop is None:
            return (Piece(start_s, end_s),)
        pieces = []
        for line_in_s, source_in_s, source_out_s in _segments(self.loop, self.file_end_s):
            low = max(start_s - line_in_s, 0.0) + source_in_s
            high = min(end_s - line_in_s + source_in_s, source_out_s)
            if high > low + 1e-6:
                pieces.append(Piece(low, high))
        return tuple(pieces)


def unroll(track: TrackDetails, wanted_s: float) -> Unrolled:
    """Lay a track out for a range of wanted_s: looped if it is shorter and has bars, else as it is."""
    rhythm = track.rhythm
    ending_s = rhythm.ending_s if 0 < rhythm.ending_s <= track.duration_s else track.duration_s
    has_pulse = rhythm.confidence >= _LEAST_CONFIDENCE and len(rhythm.beats_s) >= _FEWEST_BEATS
    loop = find_loop(track, ending_s, wanted_s) if has_pulse and ending_s + EARLY_S < wanted_s else None
    energy, silent = _curves(track)
    beats, weights = (rhythm.beats_s, _beat_weights(track)) if has_pulse else (np.zeros(0), np.zeros(0, np.float32))
    beats_s, index = _laid_out(beats, loop)
    added_s = loop.times * loop.length_s if loop else 0.0
    sounding = np.flatnonzero(silent == 0)
    return Unrolled(
        beats_s=beats_s,
        beat_weights=weights[index],
        downbeats_s=_laid_out(rhythm.downbeats_s if has_pulse else np.zeros(0), loop)[0],
        energy=_curve_laid_out(energy, loop),
        is_silent=_curve_laid_out(silent, loop),
        first_s=max(0.0, sounding[0] / CURVE_RATE_HZ - 0.25) if len(sounding) else 0.0,
        end_s=ending_s + added_s,
        file_end_s=track.duration_s + added_s,
        bar_s=_bar_s(rhythm),
        loop=loop,
    )


def _bar_s(rhythm: Rhythm) -> float:
    bar_s = 60.0 / rhythm.tempo_bpm * max(rhythm.beats_per_bar, 1) if rhythm.tempo_bpm > 0 else 2.0
    return float(np.clip(bar_s, 0.5, 8.0))


def _beat_weights(track: TrackDetails) -> FloatArray:
    rhythm = track.rhythm
    beats = rhythm.beats_s
    weights = np.full(len(beats), BEAT_WEIGHT)
    weights[_nearest_within(beats, rhythm.downbeats_s, 0.02)] = DOWNBEAT_WEIGHT
    weights[_nearest_within(beats, rhythm.sections_s, 0.4)] *= SECTION_FACTOR
    if len(rhythm.beat_strength) == len(beats):
        weights *= 0.8 + 0.2 * np.clip(rhythm.beat_strength, 0.0, 1.0)
    return weights.astype(np.float32)


def _nearest_within(beats: TimeArray, times: TimeArray, tolerance_s: float) -> IndexArray:
    """Indices of the beats nearest to the times, those too far away left out; one may come twice."""
    if len(beats) == 0 or len(times) == 0:
        return np.zeros(0, np.intp)
    after = np.clip(np.searchsorted(beats, times), 1, max(len(beats) - 1, 1))
    nearest = np.where(times - beats[after - 1] <= beats[np.minimum(after, len(beats) - 1)] - times, after - 1, after)
    return np.asarray(nearest[np.abs(beats[nearest] - times) <= tolerance_s], np.intp)


def _curves(track: TrackDetails) -> tuple[FloatArray, FloatArray]:
    """Energy and, 0 or 1, silence of the track itself at CURVE_RATE_HZ."""
    level = arousal(track.rhythm, track.loudness, mean_descriptor(track.clips))
    energy = energy_curve(track.duration_s, track.rhythm, track.loudness, level, CURVE_RATE_HZ)
    step = round(LOUDNESS_RATE_HZ / CURVE_RATE_HZ)
    loud = track.loudness.curve_lufs > max(track.loudness.integrated_lufs + _SILENT_LU, -65.0)
    padded = np.zeros(len(energy) * step, dtype=np.bool_)
    padded[: len(loud)] = loud[: len(padded)]
    silent: FloatArray = np.logical_not(padded.reshape(-1, step).any(axis=1)).astype(np.float32)
    return energy, silent


def _segments(loop: Loop, file_end_s: float) -> list[tuple[float, float, float]]:
    """(start on the line, source in, source out) of each run of the looped track."""
    segments = [(0.0, 0.0, loop.out_s)]
    for turn in range(loop.times):
        line_in_s = loop.out_s + turn * loop.length_s
        is_last = turn == loop.times - 1
        out_s = file_end_s - loop.times * loop.length_s if is_last else loop.out_s
        segments.append((line_in_s, loop.in_s, out_s))
    return segments


def _laid_out(times: TimeArray, loop: Loop | None) -> tuple[TimeArray, IndexArray]:
    """Instants of the track on the line, rising, and the index each one has in the track."""
    index = np.arange(len(times))
    if loop is None:
        return times, index
    # A downbeat is the loop's own edge; rounding in the tracker must not put it on both sides or on none.
    edge = 1e-4
    head = index[times < loop.out_s - edge]
    body = index[(times >= loop.in_s - edge) & (times < loop.out_s - edge)]
    tail = index[times >= loop.in_s - edge]
    shifts = np.arange(loop.times) * loop.length_s + loop.out_s - loop.in_s
    turns = (times[body][None, :] + shifts[:-1, None]).ravel()
    line = np.concatenate([times[head], turns, times[tail] + shifts[-1]])
    return line, np.concatenate([head, np.tile(body, loop.times - 1), tail])


def _curve_laid_out(curve: FloatArray, loop: Loop | None) -> FloatArray:
    """A curve of the track at CURVE_RATE_HZ along the line."""
    if loop is None:
        return curve
    count = len(curve) + round(loop.times * loop.length_s * CURVE_RATE_HZ)
    line_s = (np.arange(count) + 0.5) / CURVE_RATE_HZ
    beyond = line_s - loop.out_s
    turn = np.minimum(np.floor(beyond / loop.length_s), loop.times - 1)
    source_s = np.where(beyond < 0, line_s, loop.in_s + beyond - turn * loop.length_s)
    return curve[np.minimum((source_s * CURVE_RATE_HZ).astype(np.int64), len(curve) - 1)]
