# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts made to a track's beats by stated habits, and the best that anyone who knew the habits could make of the cuts.

Times only: beats and cuts. The generator and its likelihood stand side by side so that they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import TimeArray

DURATION_S = 60.0
# No cut lies nearer to an end of the video.
MARGIN_S = 1.0
IN_PHASE_BEATS = 0.12
LEAST_MUSIC_S = DURATION_S + 2.0 * MARGIN_S + 1.0
_STEP_S = 0.01
_PHASE_BINS = 50


@dataclass(frozen=True)
class Habits:
    """How an editor cuts to music: a share of the cuts anywhere, the others on beats chosen at random, a downbeat
    `downbeat_factor` times and the first beat of every fourth bar `phrase_factor` times as likely as another beat."""

    off_beat_share: float = 0.1
    downbeat_factor: float = 1.0
    phrase_factor: float = 1.0
    jitter_s: float = 0.03
    frame_rates: tuple[float, ...] = (24.0, 25.0, 30.0)

    def beat_weights(self, count: int, beats_per_bar: int) -> NDArray[np.float64]:
        """How likely each of `count` beats is chosen, beat 0 being a downbeat."""
        index = np.arange(count)
        weights = np.where(index % beats_per_bar == 0, self.downbeat_factor, 1.0)
        weights[index % (4 * beats_per_bar) == 0] *= self.phrase_factor
        return weights


@dataclass(frozen=True)
class Edit:
    """Cuts [K] of a video of DURATION_S at a frame rate, made to the music from offset_s on."""

    cuts_s: TimeArray
    frame_rate: float
    offset_s: float


def make_edit(rng: np.random.Generator, beats_s: TimeArray, beats_per_bar: int, last_s: float, habits: Habits) -> Edit:
    """12 to 20 cuts to some stretch of the music between 1 s and a second before last_s, on frames."""
    offset_s = float(rng.uniform(MARGIN_S, last_s - DURATION_S - MARGIN_S))
    beats = beats_s - offset_s
    inside = np.flatnonzero((beats > MARGIN_S) & (beats < DURATION_S - MARGIN_S))
    weights = habits.beat_weights(len(beats_s), beats_per_bar)[inside]
    count = min(int(rng.integers(12, 21)), len(inside))
    cuts = beats[np.sort(rng.choice(inside, count, replace=False, p=weights / weights.sum()))]
    is_off = rng.random(count) < habits.off_beat_share
    anywhere = rng.uniform(MARGIN_S, DURATION_S - MARGIN_S, count)
    cuts = np.where(is_off, anywhere, cuts + rng.uniform(-habits.jitter_s, habits.jitter_s, count))
    frame_rate = habits.frame_rates[int(rng.integers(len(habits.frame_rates)))]
    return Edit(np.unique(np.round(cuts * frame_rate) / frame_rate), frame_rate, offset_s)


@dataclass(frozen=True)
class Judgement:
    """What a track's beats say of an edit: the log of its mean likelihood over all starts; and the places modulo a bar
    and modulo a beat, in beats, that hold most of it, with the log of how much they hold."""

    evidence: float
    bar_place: float
    in_bar: float
    beat_place: float
    in_beat: float


class Judge:
    """Bayes' judgement of edits by one track's beats, by the generator's own likelihood, every start as likely.

    Cuts are taken as independent of each other, and starts looked at every 10 ms; both are a little off the truth.
    """

    def __init__(self, beats_s: TimeArray, beats_per_bar: int, last_s: float, habits: Habits) -> None:
        self._beats_s, self._beats_per_bar, self._habits = beats_s, beats_per_bar, habits
        self._starts_s = np.arange(MARGIN_S, last_s - DURATION_S - MARGIN_S, _STEP_S)
        self._place = np.interp(self._starts_s, beats_s, np.arange(len(beats_s)))
        weights = habits.beat_weights(len(beats_s), beats_per_bar)
        total = np.concatenate([[0.0], np.cumsum(weights)])
        first = np.searchsorted(beats_s, self._starts_s + MARGIN_S)
        last = np.searchsorted(beats_s, self._starts_s + DURATION_S - MARGIN_S)
        # The weights of all beats that the cuts of a start could have been made to.
        self._choice = np.maximum(total[last] - total[first], 1e-3)
        self._logs = {rate: self._log_density(weights, rate) for rate in habits.frame_rates}

    def _log_density(self, weights: NDArray[np.float64], frame_rate: float) -> NDArray[np.float32]:
        """The log of how likely a cut is at each instant, but for the division by the choice there was."""
        density = np.zeros(int((self._starts_s[-1] + DURATION_S) / _STEP_S) + 2)
        at = np.round(self._beats_s / _STEP_S).astype(int)
        inside = at < len(density)
        np.add.at(density, at[inside], weights[inside] / _STEP_S)
        for width_s in (2.0 * self._habits.jitter_s, 1.0 / frame_rate):
            box = np.ones(2 * max(round(0.5 * width_s / _STEP_S), 0) + 1)
            density = np.convolve(density, box / len(box), mode="same")
        anywhere = self._habits.off_beat_share / (DURATION_S - 2.0 * MARGIN_S) * float(self._choice.mean())
        # Never quite zero: the grid is coarser than the edge of the jitter.
        return np.log(np.maximum(anywhere + (1.0 - self._habits.off_beat_share) * density, 1e-4)).astype(np.float32)

    def __call__(self, edit: Edit) -> Judgement:
        """What the track's beats say of an edit."""
        density, starts = self._logs[edit.frame_rate], len(self._starts_s)
        logs = -len(edit.cuts_s) * np.log(self._choice)
        for at in np.round((MARGIN_S + edit.cuts_s) / _STEP_S).astype(int):
            logs += density[at : at + starts]
        highest = float(logs.max())
        mass = np.exp(logs - highest)
        evidence = highest + float(np.log(mass.mean()))
        bar_place, in_bar = _fullest(self._place, mass, self._beats_per_bar)
        beat_place, in_beat = _fullest(self._place, mass, 1)
        return Judgement(evidence, bar_place, evidence + in_bar, beat_place, evidence + in_beat)


def _fullest(place: NDArray[np.float64], mass: NDArray[np.float64], modulus: int) -> tuple[float, float]:
    """The place modulo `modulus` with the most mass within IN_PHASE_BEATS, and the log of the share it holds."""
    bins = _PHASE_BINS * modulus
    counts = np.bincount((np.mod(place, modulus) * _PHASE_BINS).astype(int) % bins, weights=mass, minlength=bins)
    reach = int(IN_PHASE_BEATS * _PHASE_BINS)
    held = sum(np.roll(counts, shift) for shift in range(-reach, reach + 1))
    best = int(np.argmax(held))
    return (best + 0.5) / _PHASE_BINS, float(np.log(held[best] / counts.sum()))


def is_in_phase(place: float, true_place: float, modulus: int) -> bool:
    """Whether two places, in beats, agree modulo `modulus` beats."""
    apart = (place - true_place + 0.5 * modulus) % modulus - 0.5 * modulus
    return abs(apart) < IN_PHASE_BEATS


def interval_95(successes: int, trials: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    z = 1.96
    share = successes / trials
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * np.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / (1 + z * z / trials)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def first_of(scores: Sequence[float], count: int) -> NDArray[np.intp]:
    """Indices of the highest scores, best first."""
    return np.argsort(-np.asarray(scores), kind="stable")[:count]
