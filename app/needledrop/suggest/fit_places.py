# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a track may be cut to another length, and what it costs the ear to leave it at one place for another.

Places are bar lines; in a track without a pulse, moments of little level. A joint is good where what is heard around
both of its sides is alike: what comes is what would have come, and what led here would have led there (the idea of
video textures, Schödl et al., SIGGRAPH 2000, on beat-synchronous features).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray, Rhythm, TimeArray
from needledrop.features.bars import MEL_RATE_HZ, TrackSound, slices_around

CostMatrix = NDArray[np.float64]

# Below this confidence, or with fewer beats, a grid would be made up.
_LEAST_CONFIDENCE = 0.15
_FEWEST_BEATS = 8
_SLICES_A_BEAT = 2
_AROUND_BEATS = 4
# Slices count by how near they are to the joint; what comes after it counts more than what led up to it.
_NEARNESS_BEATS = 2.0
_AFTER_SHARE = 0.6
_CHROMA_WEIGHT = 0.5
# Differences of typical pairs of bars (the median) lie between these in nearly every track; in a loop of noise the
# typical pair is alike, and must not be called a clash.
_LEAST_SCALE, _MOST_SCALE = 0.35, 0.9
_MOST_PLACES = 300
_NO_PULSE_STEP_S = 0.6
_GAP_BARS = 3


@dataclass(frozen=True)
class FitPlaces:
    """The places of one track.

    times_s [n] rising; beats_s [b] and beat_of [n], the index of each place's beat (without a pulse the places are
    their own beats); step_beats: beats between neighbouring places, beats_per_bar; has_pulse; sections_s; first_s,
    where the track begins to sound, end_s, where its music ends, and file_end_s. around [b, features], beat_before and
    beat_after [b, features]: what is heard about each beat, as numbers whose Euclidean distances count; scale: that of
    typical pairs.
    """

    times_s: TimeArray
    beats_s: TimeArray
    beat_of: NDArray[np.intp]
    step_beats: int
    beats_per_bar: int
    has_pulse: bool
    sections_s: TimeArray
    first_s: float
    end_s: float
    file_end_s: float
    around: FloatArray
    beat_before: FloatArray
    beat_after: FloatArray
    scale: float

    @property
    def bar_s(self) -> float:
        """A typical bar in seconds; without a pulse, four places."""
        if len(self.beats_s) < 2:
            return 2.0
        return float(np.median(np.diff(self.beats_s))) * self.beats_per_bar

    def mismatch(self, leave: NDArray[np.intp], enter: NDArray[np.intp]) -> CostMatrix:
        """How unlike [len(leave), len(enter)] the surroundings of beats are; 0 the same, 1 as any two bars."""
        return _distances(self.around[leave], self.around[enter]) / self.scale

    def mismatches(self) -> CostMatrix:
        """`mismatch` of every place with every place [n, n]."""
        return self.mismatch(self.beat_of, self.beat_of)

    def breaks(self) -> CostMatrix:
        """How much more abruptly [n, n] the sound changes where a place (row) is left for another (column) than it does
        at either of them in the track itself; in units of `mismatch`, 0 for no more."""
        before, after = self.beat_before[self.beat_of], self.beat_after[self.beat_of]
        change = _distances(before, after)
        own = np.diag(change)
        return np.asarray(np.maximum(0.0, change - np.maximum(own[:, None], own[None, :])) / self.scale)


def find_places(sound: TrackSound, rhythm: Rhythm, *, is_fine: bool = False) -> FitPlaces:
    """The places of a track.

    Args:
        is_fine: Half bars too (beats, where a bar has no half), for lengths that whole bars do not make.
    """
    end_s = rhythm.ending_s if 0 < rhythm.ending_s <= sound.duration_s else sound.duration_s
    first_s = _first_sound_s(sound)
    inside = rhythm.beats_s[(rhythm.beats_s >= first_s - 0.05) & (rhythm.beats_s <= end_s + 0.05)]
    downbeats = rhythm.downbeats_s[(rhythm.downbeats_s >= first_s - 0.05) & (rhythm.downbeats_s <= end_s + 0.05)]
    has_pulse = rhythm.confidence >= _LEAST_CONFIDENCE and len(inside) >= _FEWEST_BEATS and len(downbeats) > 0
    if has_pulse:
        per_bar = max(1, rhythm.beats_per_bar)
        beats, added = _continued(inside, per_bar, first_s, end_s)
        known = np.unique(np.abs(inside[:, None] - downbeats[None, :]).argmin(axis=0)) + added
        earlier, later = np.arange(known[0] % per_bar, known[0], per_bar), np.arange(known[-1], len(beats), per_bar)[1:]
        beat_of = np.concatenate([earlier, known, later])
        step = per_bar
        if is_fine:
            step = per_bar // 2 if per_bar % 2 == 0 else 1
            beat_of = np.arange(int(beat_of[0]) % step, len(beats), step)
    else:
        beats, per_bar, step = _quiet_moments(sound, first_s, end_s), 4, 4
        beat_of = np.arange(len(beats))
    coarser = 1 << max(0, int(np.ceil(np.log2(max(len(beat_of), 1) / _MOST_PLACES))))
    slices = _slices(sound, beats)
    around = _surroundings(slices)
    middle = slices.shape[1] // 2
    return FitPlaces(
        times_s=beats[beat_of][::coarser],
        beats_s=beats,
        beat_of=beat_of[::coarser],
        step_beats=step * coarser,
        beats_per_bar=per_bar,
        has_pulse=has_pulse,
        sections_s=rhythm.sections_s,
        first_s=first_s,
        end_s=end_s,
        file_end_s=sound.duration_s,
        around=around,
        beat_before=_mean_slice(slices[:, middle - _SLICES_A_BEAT : middle]),
        beat_after=_mean_slice(slices[:, middle : middle + _SLICES_A_BEAT]),
        scale=_typical_difference(around[beat_of]),
    )


def _continued(beats_s: TimeArray, per_bar: int, first_s: float, end_s: float) -> tuple[TimeArray, int]:
    """Beats carried on evenly through a long beginning or end without any, and how many were put before.

    They are no claim that one could clap there: without them, half a minute of introduction could not be shortened.
    """
    step_s = float(np.median(np.diff(beats_s)))
    least_s = _GAP_BARS * per_bar * step_s
    before = int((beats_s[0] - first_s) / step_s) if beats_s[0] - first_s > least_s else 0
    after = int((end_s - beats_s[-1]) / step_s) if end_s - beats_s[-1] > least_s else 0
    head = beats_s[0] - step_s * np.arange(before, 0, -1)
    return np.concatenate([head, beats_s, beats_s[-1] + step_s * np.arange(1, after + 1)]), before


def _first_sound_s(sound: TrackSound) -> float:
    level = sound.mel_db.max(axis=1) if len(sound.mel_db) else np.zeros(0)
    heard = np.flatnonzero(level > 6.0)
    return max(0.0, float(heard[0]) / MEL_RATE_HZ - 0.03) if len(heard) else 0.0


def _quiet_moments(sound: TrackSound, first_s: float, end_s: float) -> TimeArray:
    """The quietest moment of each stretch of _NO_PULSE_STEP_S."""
    level = sound.mel_db.mean(axis=1)
    edges = np.arange(first_s, end_s - _NO_PULSE_STEP_S, _NO_PULSE_STEP_S)
    at = [
        low + int(level[low:high].argmin())
        for low, high in ((round(s * MEL_RATE_HZ), round((s + _NO_PULSE_STEP_S) * MEL_RATE_HZ)) for s in edges)
        if high <= len(level)
    ]
    return np.unique(np.array(at, np.float64)) / MEL_RATE_HZ


def _slices(sound: TrackSound, beats_s: TimeArray) -> FloatArray:
    """The slices around each beat [beats, slices, features], scaled so that their Euclidean distance is a mean."""
    offsets = np.arange(-_AROUND_BEATS * _SLICES_A_BEAT, _AROUND_BEATS * _SLICES_A_BEAT + 1) / _SLICES_A_BEAT
    numbers = np.arange(len(beats_s))
    at = numbers[:, None] + offsets[None, :]
    step_s = float(np.median(np.diff(beats_s))) if len(beats_s) > 1 else 0.5
    edges_s = np.interp(at, numbers, beats_s) if len(beats_s) else np.zeros(at.shape)
    edges_s += np.minimum(at, 0.0) * step_s + np.maximum(at - len(beats_s) + 1, 0.0) * step_s
    slices = slices_around(sound, edges_s)
    bands = slices.shape[2] - 12
    each = np.append(np.full(bands, 1.0 / bands), np.full(12, _CHROMA_WEIGHT))
    return np.asarray(slices * np.sqrt(each), np.float32)


def _surroundings(slices: FloatArray) -> FloatArray:
    """All slices of each beat, weighted by their nearness to it [beats, features]."""
    count = slices.shape[1]
    middle = (np.arange(count) + 0.5 - count / 2) / _SLICES_A_BEAT
    weight = np.exp(-np.abs(middle) / _NEARNESS_BEATS) * np.where(middle > 0, _AFTER_SHARE, 1.0 - _AFTER_SHARE)
    weight /= weight.sum()
    return np.asarray(slices * np.sqrt(weight)[:, np.newaxis], np.float32).reshape(len(slices), -1)


def _mean_slice(slices: FloatArray) -> FloatArray:
    return np.asarray(slices.mean(axis=1), np.float32)


def _distances(a: FloatArray, b: FloatArray) -> CostMatrix:
    """Euclidean distances [len(a), len(b)]."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    squared = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1)[None, :] - 2.0 * (a @ b.T)
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))


def _typical_difference(around: FloatArray) -> float:
    """The median distance of pairs of places, within bounds."""
    picked = around[:: max(1, len(around) // 200)]
    above = _distances(picked, picked)[np.triu_indices(len(picked), 1)]
    return float(np.clip(np.median(above), _LEAST_SCALE, _MOST_SCALE)) if len(above) else _LEAST_SCALE
