# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The likeliest beats and bars behind the activations of a beat network.

A bar-pointer hidden Markov model after Krebs, Boeck and Widmer, "An efficient state-space model for joint tempo and
meter tracking", ISMIR 2015. Between beats its states only count frames, so it is solved exactly as a semi-Markov
chain: one step a beat, whole stretches shorter than the shortest period at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import ONSET_RATE_HZ, FloatArray
from needledrop.features.beat_network import RATE_HZ, TEMPO_BINS, TEMPO_BINS_PER_OCTAVE, TEMPO_LOW_BPM, Activations

SHORTEST, LONGEST = 26, 132
_PERIODS = np.arange(SHORTEST, LONGEST + 1)
_REACH = 6
# Krebs et al.: exponential cost of a change of tempo.
_TEMPO_COST = 120.0
# Frames that a beat is felt in, and the log-odds above which one more beat pays.
_BEAT_FRAMES = 3.0
_LEAST_ODDS = 1.0
# What each second under beats is worth, whatever their tempo, so that soft passages are bridged.
_COVERED = 14.0
_JUMP_COST = 100.0
_TEMPO_WEIGHT = 2.0
_LEAST_LOG_TEMPO = -6.0
_LEAST_ACTIVATION, _HEARD = 0.02, 0.15
# A rest so long is silence, not a rest in the music: no beats are claimed in it.
_LONGEST_UNHEARD_S = 4.0
_WINDOW_S, _OVERLAP_S = 600, 20
# What a metre must speak for more than four does, a beat.
_METRES = {4: 0.0, 3: 0.03, 2: 0.9, 5: 0.1, 7: 0.1}
_PHASE_COST = 10.0
_HALF_HEARD = 0.5


@dataclass(frozen=True)
class Bars:
    """Which beats begin a bar (indices) and how many beats a bar has."""

    downbeats: NDArray[np.intp]
    beats_per_bar: int


def decode_beats(found: Activations) -> NDArray[np.intp]:
    """Frames at ONSET_RATE_HZ of the likeliest chain of beats; empty where none pays for itself.

    Long tracks are decoded in windows that overlap, so that memory stays bounded.
    """
    gain, tempo_gain = _beat_gain(found.beat), _tempo_gain(found.tempo)
    rate = round(ONSET_RATE_HZ)
    beats = np.zeros(0, np.intp)
    for start_s in range(0, -(-len(gain) // rate), _WINDOW_S):
        first_s, stop_s = max(0, start_s - _OVERLAP_S), start_s + _WINDOW_S
        window = gain[first_s * rate : (stop_s + _OVERLAP_S) * rate]
        chain = first_s * rate + _followed_back(_best_chains(window, tempo_gain[min(first_s, len(tempo_gain) - 1) :]))
        earliest = beats[-1] + SHORTEST if len(beats) else 0
        beats = np.concatenate([beats, chain[(chain >= max(start_s * rate, earliest)) & (chain < stop_s * rate)]])
    return _trimmed(beats, found.beat)


def _trimmed(beats: NDArray[np.intp], beat: FloatArray) -> NDArray[np.intp]:
    """Without the beats before the first and after the last that is heard, and between two that lie far apart."""
    heard = np.flatnonzero(near_beats(beat, beats) > _HEARD) if len(beats) else np.zeros(0, np.intp)
    if not len(heard):
        return beats[:0]
    index = np.arange(heard[0], heard[-1] + 1)
    before = heard[np.searchsorted(heard, index, side="right") - 1]
    after = heard[np.searchsorted(heard, index)]
    return beats[index[beats[after] - beats[before] <= _LONGEST_UNHEARD_S * ONSET_RATE_HZ]]


def near_beats(activation: FloatArray, beats: NDArray[np.intp]) -> FloatArray:
    """The highest activation within two frames (at RATE_HZ) of each beat, given in frames at ONSET_RATE_HZ."""
    near = np.round(beats[:, None] * (RATE_HZ / ONSET_RATE_HZ)).astype(np.intp) + np.arange(-2, 3)
    return np.asarray(activation[np.clip(near, 0, len(activation) - 1)].max(axis=1), np.float32)


def _beat_gain(beat: FloatArray) -> FloatArray:
    """By how much a frame at ONSET_RATE_HZ speaks for a beat rather than for none, averaged as a beat sounds."""
    if not len(beat):
        return np.zeros(0, np.float32)
    clipped = np.clip(beat, _LEAST_ACTIVATION, 1 - _LEAST_ACTIVATION)
    odds = np.log(clipped / (1 - clipped)) - _LEAST_ODDS
    fine = np.interp(np.arange(2 * len(odds)) / 2, np.arange(len(odds)), odds)
    return np.asarray(_BEAT_FRAMES * fine, np.float32)


def _tempo_gain(tempo: FloatArray) -> FloatArray:
    """What each second says of each period [seconds, periods], for a beat of that period."""
    place = np.log2(60 * ONSET_RATE_HZ / _PERIODS / TEMPO_LOW_BPM) * TEMPO_BINS_PER_OCTAVE
    place = np.clip(place, 0, TEMPO_BINS - 1.001)
    base = place.astype(np.intp)
    part = (place - base).astype(np.float32)
    logs = np.maximum(np.log(np.maximum(tempo, 1e-6)), _LEAST_LOG_TEMPO)
    if not len(logs):
        logs = np.zeros((1, TEMPO_BINS), np.float32)
    fine = logs[:, base] * (1 - part) + logs[:, base + 1] * part
    return np.asarray((_TEMPO_WEIGHT * fine + _COVERED) * (_PERIODS / ONSET_RATE_HZ), np.float32)


def _step_costs() -> FloatArray:
    """What it costs to come to a period from each of its neighbours [2 * _REACH + 1, periods]."""
    steps = np.arange(-_REACH, _REACH + 1)[:, None]
    before = _PERIODS + steps
    # Frames are coarse: half a frame of change may be none.
    cost = -_TEMPO_COST * np.maximum(np.abs(steps) - 0.5, 0) / before
    cost[(before < SHORTEST) | (before > LONGEST)] = -np.inf
    return np.asarray(cost, np.float32)


def _best_chains(gain: FloatArray, tempo_gain: FloatArray) -> FloatArray:
    """The best score [LONGEST + frames, periods] of a chain whose newest beat begins at a frame and lasts a period.

    A chain begins anywhere, goes on at a neighbouring period, or jumps to any.
    """
    count, cost = len(_PERIODS), _step_costs()
    total = np.zeros((LONGEST + len(gain), count), np.float32)
    ended = np.full((SHORTEST, count + 2 * _REACH), -np.inf, np.float32)
    rows = np.arange(count)
    for start in range(0, len(gain), SHORTEST):
        stop = min(start + SHORTEST, len(gain))
        at = np.arange(start, stop)
        before = total[LONGEST + at[:, None] - _PERIODS, rows]
        ended[: stop - start, _REACH:-_REACH] = before
        onward = np.lib.stride_tricks.sliding_window_view(ended[: stop - start], count, axis=1) + cost
        score = np.maximum(onward.max(axis=1), before.max(axis=1, keepdims=True) - _JUMP_COST)
        seconds = np.minimum(at // round(ONSET_RATE_HZ), len(tempo_gain) - 1)
        total[LONGEST + start : LONGEST + stop] = np.maximum(score, 0) + gain[start:stop, None] + tempo_gain[seconds]
    return total


def _followed_back(total: FloatArray) -> NDArray[np.intp]:
    """The beats of the best chain; where each came from is computed again, for beats are few."""
    cost = np.full((len(_PERIODS), len(_PERIODS)), -_JUMP_COST, np.float32)
    for offset, costs in zip(range(-_REACH, _REACH + 1), _step_costs(), strict=True):
        to = np.flatnonzero(np.isfinite(costs))
        cost[to, to + offset] = np.maximum(costs[to], -_JUMP_COST)
    frame, row = (int(index) for index in np.unravel_index(int(total.argmax()), total.shape))
    beats: list[int] = []
    rows = np.arange(len(_PERIODS))
    while frame >= LONGEST:
        beats.append(frame - LONGEST)
        scores = total[frame - _PERIODS, rows] + cost[row]
        row = int(scores.argmax())
        if scores[row] <= 0:
            break
        frame -= int(_PERIODS[row])
    return np.array(beats[::-1], np.intp)


def decode_bars(beats: NDArray[np.intp], found: Activations) -> Bars:
    """The metre and the first beats of bars that the downbeat activations near the beats speak for most."""
    if len(beats) < 4:
        return Bars(np.arange(0, len(beats), 4), 4)
    clipped = np.clip(near_beats(found.downbeat, beats).astype(np.float64), 0.02, 0.98)
    yes, no = np.log(clipped), np.log(1 - clipped)
    paths = {metre: _places(yes, no, metre) for metre in _METRES}
    metre = max(paths, key=lambda metre: paths[metre][1] - _METRES[metre] * len(beats))
    return Bars(np.flatnonzero(paths[metre][0] == 0), metre)


def in_eighths(beats: NDArray[np.intp], bars: Bars, found: Activations) -> tuple[NDArray[np.intp], Bars]:
    """Beats and bars as given, or bars of seven eighths where those of seven quarters turn out to be two of them each:
    a bar then begins in their middle, more clearly heard between the fourth beat and the fifth than on either."""
    middle = bars.downbeats[bars.downbeats + 4 < len(beats)] + 3
    if bars.beats_per_bar != 7 or not len(middle) or np.median(np.diff(beats)) < 2 * SHORTEST:
        return beats, bars
    eighths = np.insert(beats, np.arange(1, len(beats)), (beats[1:] + beats[:-1]) // 2)
    heard = near_beats(found.downbeat, eighths).astype(np.float64)
    beside, between = max(heard[2 * middle].mean(), heard[2 * middle + 2].mean()), heard[2 * middle + 1].mean()
    if between <= max(beside, _HALF_HEARD):
        return beats, bars
    clipped = np.clip(heard, 0.02, 0.98)
    places, _ = _places(np.log(clipped), np.log(1 - clipped), 7)
    return eighths, Bars(np.flatnonzero(places == 0), 7)


def _places(yes: NDArray[np.float64], no: NDArray[np.float64], metre: int) -> tuple[NDArray[np.intp], float]:
    """Viterbi over the place in the bar, where a beat may be added or dropped at a cost: places, and their score."""
    place = np.arange(metre)
    total = np.where(place == 0, yes[0], no[0])
    back = np.zeros((len(yes), metre), np.int8)
    for index in range(1, len(yes)):
        onward = np.roll(total, 1)
        best = int(total.argmax())
        back[index] = np.where(total[best] - _PHASE_COST > onward, best, (place - 1) % metre)
        total = np.maximum(onward, total[best] - _PHASE_COST) + no[index]
        total[0] += yes[index] - no[index]
    at = int(total.argmax())
    places = np.zeros(len(yes), np.intp)
    for index in range(len(yes) - 1, -1, -1):
        places[index] = at
        at = int(back[index, at])
    return places, float(total.max())
