# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beats by dynamic programming over an onset curve, and the bar they form.

Source: Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36(1), 2007; here the period may
change along the track, and whole stretches shorter than the shortest step are solved at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import ONSET_RATE_HZ, FloatArray, TimeArray

_TIGHTNESS = 100.0
_SHORTEST_STEP, _LONGEST_STEP = 0.6, 1.6
_SNAP_FRAMES = 3
_FEWEST_BEATS = 12
_TRIPLE_LEAD = 0.2
_PHASE_COST = 6.0


@dataclass(frozen=True)
class Bars:
    """Which beats begin a bar (indices) and how many beats a bar has."""

    downbeats: NDArray[np.intp]
    beats_per_bar: int


def track_beats(strength: FloatArray, periods: NDArray[np.float64]) -> NDArray[np.intp]:
    """Frames of the beats that best join strong onsets in steps near the local period [frames]."""
    if not len(strength):
        return np.zeros(0, np.intp)
    smooth = _smoothed(strength)
    total, back = _accumulate(smooth, periods)
    tail = int(periods[-1] * _LONGEST_STEP) + 1
    frame = max(0, len(total) - tail) + int(total[-tail:].argmax())
    beats = []
    while frame >= 0:
        beats.append(frame)
        frame = int(back[frame])
    return _trimmed(np.array(beats[::-1], np.intp), smooth)


def _smoothed(strength: FloatArray) -> NDArray[np.float64]:
    kernel = np.array([0.06, 0.24, 0.4, 0.24, 0.06])
    return np.convolve(strength, kernel, "same") if len(strength) >= len(kernel) else strength.astype(np.float64)


def _accumulate(
    strength: NDArray[np.float64], periods: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Best total score that ends in a beat at each frame, and the beat before it (negative for none)."""
    margin = int(periods.max() * _LONGEST_STEP) + 2
    total = np.zeros(margin + len(strength))
    back = np.empty(len(strength), np.int64)
    position = 0
    while position < len(strength):
        period = float(periods[position])
        shortest, longest = int(period * _SHORTEST_STEP), int(period * _LONGEST_STEP) + 1
        stop = min(position + shortest, len(strength))
        steps = np.arange(longest, shortest - 1, -1)
        cost = _TIGHTNESS * np.log(steps / period) ** 2
        first = margin + position - longest
        options = np.lib.stride_tricks.as_strided(
            total[first:], (stop - position, len(steps)), (total.itemsize, total.itemsize), writeable=False
        )
        scored = options - cost
        best = scored.argmax(axis=1)
        at = np.arange(position, stop)
        total[margin + position : margin + stop] = strength[position:stop] + scored[at - position, best]
        back[position:stop] = at - steps[best]
        position = stop
    return total[margin:], back


def _trimmed(beats: NDArray[np.intp], strength: NDArray[np.float64]) -> NDArray[np.intp]:
    """Without the beats before the first and after the last that anything sounds on."""
    if len(beats) < 2:
        return beats
    heard = np.flatnonzero(_peak_near(strength, beats) > 0.4 * float(np.sqrt(np.mean(strength[beats] ** 2))))
    return beats[heard[0] : heard[-1] + 1] if len(heard) else beats[:0]


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


def find_bars(beats: NDArray[np.intp], strength: FloatArray, low: FloatArray, harmonic_change: TimeArray) -> Bars:
    """Group beats into bars by what falls on them: bass, onsets, and a change of harmony [beats]."""
    if len(beats) < _FEWEST_BEATS:
        return Bars(np.arange(0, len(beats), 4), 4)
    accent = (
        1.0 * _standardised(harmonic_change)
        + 0.6 * _standardised(_peak_near(low, beats))
        + 0.4 * _standardised(_peak_near(strength, beats))
    )
    meter = _likeliest_meter(accent)
    return Bars(_downbeats(accent, meter), meter)


def _standardised(values: NDArray[np.floating]) -> NDArray[np.float64]:
    spread = float(values.std())
    return np.asarray((values - values.mean()) / spread if spread > 1e-9 else np.zeros(len(values)), np.float64)


def _likeliest_meter(accent: NDArray[np.float64]) -> int:
    """Three only where accents resemble those three and six beats on clearly more than those four and eight on."""

    def likeness(distance: int) -> float:
        return float(np.mean(accent[distance:] * accent[:-distance]))

    three, four = (likeness(meter) + likeness(2 * meter) for meter in (3, 4))
    return 3 if three > four + _TRIPLE_LEAD else 4


def _downbeats(accent: NDArray[np.float64], meter: int) -> NDArray[np.intp]:
    """Viterbi over the place in the bar: a beat may be added or dropped, at a cost."""
    total = np.where(np.arange(meter) == 0, accent[0], -accent[0] / (meter - 1))
    back = np.zeros((len(accent), meter), np.int8)
    for index in range(1, len(accent)):
        onward = np.roll(total, 1)
        jump = int(total.argmax())
        back[index] = np.where(total[jump] - _PHASE_COST > onward, jump, (np.arange(meter) - 1) % meter)
        total = np.maximum(onward, total[jump] - _PHASE_COST)
        total[0] += accent[index]
        total[1:] -= accent[index] / (meter - 1)
    place = int(total.argmax())
    places = np.zeros(len(accent), np.intp)
    for index in range(len(accent) - 1, -1, -1):
        places[index] = place
        place = int(back[index, place])
    return np.flatnonzero(places == 0)
