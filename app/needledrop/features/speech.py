# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where somebody speaks, told from music and noise without a network.

Speech comes in syllables (2-8 Hz) with gaps between them, its pitch glides, and its spectrum keeps changing; music
holds its notes. Made for ducking: quiet speech under loud music is not found.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray, TimeArray
from needledrop.features.spectrum import PowerSpectra, Resampler

_RATE = 16000
_HOP = 160
_SIZE = 1024
_FRAME_RATE_HZ = _RATE / _HOP
_PITCH_HZ = (70.0, 400.0)
_BANDS_HZ = (100, 250, 400, 600, 850, 1150, 1500, 1950, 2500, 3200, 4200, 5500, 7800)
_WINDOW = 128  # Frames of a judgement: 1.28 s.
_STEP = 10  # Frames between two judgements.
_PART = 4096  # Judgements made at once.
FRAME_FIGURES = ("speech_db", "low_db", "high_db", "voicing", "pitch", "change")
WINDOW_FIGURES = (
    "syllables", "dynamics_db", "gap_share", "voiced_share", "glide_share", "jump_share", "low_db", "high_db",
    "change", "change_spread",
)  # fmt: skip

# Mean and spread of each window figure where synthetic voices speak, and the weights of a logistic regression of those
# against recorded music and noise. Linear on purpose: terms of second order fit those voices, but lost real ones.
_USUAL = np.array([0.597, 9.84, 0.437, 0.583, 0.548, 0.015, -9.03, -27.72, 1.21, 0.635])
_SPREAD = np.array([0.243, 2.318, 0.117, 0.176, 0.169, 0.043, 2.738, 8.732, 0.363, 0.233])
_WEIGHTS = np.array([0.89, 0.9, 1.31, 1.04, 1.51, -0.85, -1.95, 2.02, 1.87, -0.28])
_BIAS = 8.73
# Spreads from the usual that count against a window, and for it. One figure far beyond any voice's (the change of a
# drum stroke, the gaps between two) must not make up for the others.
_BOUNDS = (-4.0, 1.0)
_SMOOTHING = 5  # Judgements
_ENTER_SCORE = 2.0  # A stretch must reach this,
_HOLD_SCORE = 0.0  # and lasts while it stays above this.
_LONGEST_GAP_S = 0.6
_SHORTEST_S = 0.4
_TRIM_DB = 20.0  # The ends of a stretch, blurred by the window, shrink to where it is this near its loudest.


class SpeechFigures:
    """Gathers the figures of each 10 ms of mono sound fed in blocks."""

    def __init__(self, sample_rate: int) -> None:
        self._resampler = Resampler(sample_rate, _RATE)
        self._spectra = PowerSpectra(_SIZE, _HOP)
        self._bins = np.fft.rfftfreq(_SIZE, 1 / _RATE)
        edges = np.searchsorted(self._bins, _BANDS_HZ)
        self._bands = [slice(int(first), int(last)) for first, last in pairwise(edges)]
        self._last_shapes = np.zeros((4, len(self._bands)), np.float32)
        self._rows: list[FloatArray] = []
        window = np.hanning(_SIZE + 1)[:-1]
        self._window_correlation = np.fft.irfft(np.abs(np.fft.rfft(window, 2 * _SIZE)) ** 2)[: _SIZE // 2]

    def feed(self, mono: FloatArray) -> None:
        """Take float32 [n]."""
        self._take(self._resampler.feed(mono))

    def finish(self) -> FloatArray:
        """All frames [frames, len(FRAME_FIGURES)]."""
        self._take(self._resampler.feed(np.zeros(0, np.float32), last=True))
        self._take(np.zeros(_SIZE // 2, np.float32))
        rows, self._rows = self._rows, []
        return np.concatenate([*rows, np.zeros((0, len(FRAME_FIGURES)), np.float32)])

    def _take(self, mono: FloatArray) -> None:
        for power in self._spectra.feed(mono):
            self._rows.append(self._figures(power))

    def _figures(self, power: FloatArray) -> FloatArray:
        bands = np.stack([power[:, band].sum(axis=1) for band in self._bands], axis=1) + 1e-9
        shapes = np.log(bands)
        shapes -= shapes.mean(axis=1, keepdims=True)
        history = np.concatenate([self._last_shapes, shapes.astype(np.float32)])
        change = np.abs(history[4:] - history[:-4]).mean(axis=1)
        self._last_shapes = history[-4:]
        speech = bands[:, 1:9].sum(axis=1)
        low = power[:, 1 : self._bands[0].start].sum(axis=1) + bands[:, 0]
        high = bands[:, 10:].sum(axis=1)
        voicing, pitch = self._pitch(power)
        rows = [_db(speech), _db(low) - _db(speech), _db(high) - _db(speech), voicing, pitch, change]
        return np.stack(rows, axis=1).astype(np.float32)

    def _pitch(self, power: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Strength (0..1) and height (semitones above 55 Hz) of the best period, by autocorrelation."""
        from scipy.fft import irfft

        kept = power * ((self._bins > 60) & (self._bins < 2200))
        correlation = irfft(kept, axis=1)[:, : _SIZE // 2] / self._window_correlation
        correlation /= correlation[:, :1] + 1e-9
        first, last = int(_RATE / _PITCH_HZ[1]), int(_RATE / _PITCH_HZ[0]) + 1
        searched = correlation[:, first:last]
        # Of nearly equal periods the shortest: its multiples fit as well.
        best = (searched >= 0.92 * searched.max(axis=1, keepdims=True)).argmax(axis=1) + first
        for _ in range(3):  # Up to the peak from its flank.
            right = correlation[np.arange(len(best)), best + 1] > correlation[np.arange(len(best)), best]
            best = np.where(right, best + 1, best)
        rows = np.arange(len(best))
        before, peak, after = (correlation[rows, best + offset] for offset in (-1, 0, 1))
        curvature = before - 2 * peak + after
        shift = np.where(np.abs(curvature) > 1e-9, 0.5 * (before - after) / np.where(curvature == 0, 1, curvature), 0)
        lag = best + np.clip(shift, -0.5, 0.5)
        return np.clip(peak, 0, 1).astype(np.float32), (12 * np.log2(_RATE / lag / 55.0)).astype(np.float32)


def window_figures(frames: FloatArray) -> FloatArray:
    """Figures [windows, len(WINDOW_FIGURES)] of 1.28 s around each 100 ms; window k is centred at frame 10 k."""
    if not len(frames):
        return np.zeros((0, len(WINDOW_FIGURES)), np.float32)
    # Mirrored, for silence beyond the ends would look like a pause between words.
    where = np.pad(np.arange(len(frames), dtype=np.int32), _WINDOW // 2, mode="symmetric")
    parts = []
    for first in range(0, len(where) - _WINDOW + 1, _PART * _STEP):  # In parts, for a long video's need memory.
        part = frames[where[first : first + (_PART - 1) * _STEP + _WINDOW]]
        parts.append(_figures_of(np.lib.stride_tricks.sliding_window_view(part, _WINDOW, axis=0)[::_STEP]))
    return np.concatenate(parts)


def speech_stretches(frames: FloatArray) -> TimeArray:
    """Stretches with speech [n, 2] in seconds, given the frames of SpeechFigures."""
    if not len(frames):
        return np.zeros((0, 2))
    distance = (window_figures(frames) - _USUAL) / _SPREAD * np.sign(_WEIGHTS)
    evidence = np.clip(distance, *_BOUNDS) @ np.abs(_WEIGHTS) + _BIAS
    scores = np.convolve(evidence, np.full(_SMOOTHING, 1 / _SMOOTHING), "same")
    kept: list[tuple[float, float]] = []
    for first, last in _runs(scores > _HOLD_SCORE):
        if scores[first:last].max() < _ENTER_SCORE:
            continue
        start_s, end_s = _trimmed(frames[:, 0], first * _STEP, last * _STEP)
        if kept and start_s - kept[-1][1] < _LONGEST_GAP_S:
            kept[-1] = (kept[-1][0], end_s)
        else:
            kept.append((start_s, end_s))
    return np.array([run for run in kept if run[1] - run[0] >= _SHORTEST_S], np.float64).reshape(-1, 2)


def _runs(is_on: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_on, [False]]).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _trimmed(level_db: FloatArray, first: int, last: int) -> tuple[float, float]:
    part = level_db[first:last]
    loud = np.flatnonzero(part > part.max() - _TRIM_DB) if len(part) else np.zeros(0, np.intp)
    if not len(loud):
        return first / _FRAME_RATE_HZ, last / _FRAME_RATE_HZ
    return (first + int(loud[0])) / _FRAME_RATE_HZ, (first + int(loud[-1]) + 1) / _FRAME_RATE_HZ


def _figures_of(windows: FloatArray) -> FloatArray:
    speech, low, high, voicing, pitch, change = (windows[:, index] for index in range(6))
    loudest = speech.max(axis=1, keepdims=True)
    level = np.maximum(speech, loudest - 35)
    spectrum = np.abs(np.fft.rfft((level - level.mean(axis=1, keepdims=True)) * np.hanning(_WINDOW), axis=1)) ** 2
    rate = np.fft.rfftfreq(_WINDOW, 1 / _FRAME_RATE_HZ)
    syllables = spectrum[:, (rate > 2.2) & (rate < 8.7)].sum(axis=1) / (spectrum[:, rate < 26].sum(axis=1) + 1e-3)
    energy = 10 ** (np.minimum(speech, 0) / 10)
    gaps = (energy < 0.2 * energy.mean(axis=1, keepdims=True)).mean(axis=1)
    is_loud = speech > loudest - 20
    is_voiced = (voicing > 0.55) & is_loud
    pairs = is_voiced[:, 1:] & is_voiced[:, :-1]
    step = np.abs(np.diff(pitch, axis=1))
    count = pairs.sum(axis=1) + 1.0
    weight = is_loud / np.maximum(is_loud.sum(axis=1, keepdims=True), 1)
    mean_change = (change * weight).sum(axis=1)
    spread = np.sqrt((np.square(change - mean_change[:, None]) * weight).sum(axis=1))
    rows = [
        syllables,
        level.std(axis=1),
        gaps,
        is_voiced.mean(axis=1),
        (pairs & (step > 0.06) & (step < 0.8)).sum(axis=1) / count,
        (pairs & (step > 1.5)).sum(axis=1) / count,
        (low * weight).sum(axis=1),
        (high * weight).sum(axis=1),
        mean_change,
        spread,
    ]
    return np.stack(rows, axis=1).astype(np.float32)


def _db(power: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(10 * np.log10(power + 1e-8))
