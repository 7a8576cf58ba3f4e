# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Local tempo from an onset curve: the most likely slowly drifting path over autocorrelation combs and a Fourier
tempogram.

Sources: Peeters, "Template-based estimation of time-varying tempo", EURASIP 2007 (the product of autocorrelation and
spectrum has neither's octave ambiguity); Ellis, "Beat tracking by dynamic programming", JNMR 2007 (log-normal prior).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import ONSET_RATE_HZ, FloatArray

WINDOW_FRAMES = 1200
HOP_FRAMES = 200
LOWEST_BPM, HIGHEST_BPM = 45.0, 220.0
_STEPS_PER_OCTAVE = 40
_FFT = 2048
_MAX_LAG = 640
_BATCH = 64
_PRIOR_BPM, _PRIOR_SLOWER_OCTAVES, _PRIOR_FASTER_OCTAVES = 112.0, 0.75, 0.5
_HARMONICS = np.array([1.0, 0.9, 0.6, 0.8])
_DRIFT_COST, _JUMP_COST = 0.12, 1.2

TEMPI_BPM = LOWEST_BPM * 2 ** (
    np.arange(int(np.log2(HIGHEST_BPM / LOWEST_BPM) * _STEPS_PER_OCTAVE) + 1) / _STEPS_PER_OCTAVE
)


@dataclass(frozen=True)
class TempoPath:
    """tempo_bpm [windows] of windows HOP_FRAMES apart (the first centred on frame 0); clarity in 0..1 says how
    periodic the curve is at these tempi; salience [tempi] is the mean score over all windows."""

    tempo_bpm: NDArray[np.float64]
    clarity: float
    salience: NDArray[np.float64]

    def periods(self, frames: int) -> NDArray[np.float64]:
        """Beat period in frames at each of `frames` frames."""
        at = np.arange(len(self.tempo_bpm)) * HOP_FRAMES
        return np.asarray(np.interp(np.arange(frames), at, 60.0 * ONSET_RATE_HZ / self.tempo_bpm))


def tempo_path(strength: FloatArray, low: FloatArray) -> TempoPath:
    """Follow the tempo of onset strengths [frames], all bands and the lowest bands."""
    scores, clarity = _window_scores(strength, low)
    states = _likeliest_path(scores)
    windows = np.arange(len(states))
    weight = clarity.max(axis=1)
    at_path = clarity[windows, states]
    mean = float((at_path * weight).sum() / max(weight.sum(), 1e-9))
    return TempoPath(TEMPI_BPM[states], min(max(mean, 0.0), 1.0), scores.mean(axis=0))


def _window_scores(strength: FloatArray, low: FloatArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores and clarities [windows, tempi]."""
    count = max(1, -(-len(strength) // HOP_FRAMES))
    periods = 60.0 * ONSET_RATE_HZ / TEMPI_BPM
    octaves = np.log2(TEMPI_BPM / _PRIOR_BPM)
    prior = np.exp(-0.5 * (octaves / np.where(octaves < 0, _PRIOR_SLOWER_OCTAVES, _PRIOR_FASTER_OCTAVES)) ** 2)
    half = WINDOW_FRAMES // 2
    views = [
        np.lib.stride_tricks.sliding_window_view(np.pad(curve, (half, half + HOP_FRAMES)), WINDOW_FRAMES)[::HOP_FRAMES]
        for curve in (strength, low)
    ]
    scores, clarities = [], []
    for start in range(0, count, _BATCH):
        stop = min(start + _BATCH, count)
        comb, wave = _periodicity(views[0][start:stop], periods)
        low_comb, _ = _periodicity(views[1][start:stop], periods)
        both = np.maximum(comb, 0.0) + 0.4 * np.maximum(low_comb, 0.0)
        score = both * np.sqrt(wave) * prior
        scores.append(score / np.maximum(score.max(axis=1, keepdims=True), 1e-9))
        clarities.append(np.maximum(comb, 0.0))
    return np.concatenate(scores), np.concatenate(clarities)


def _periodicity(windows: FloatArray, periods: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Comb-filtered autocorrelation and normalised spectral magnitude, both [windows, periods]."""
    from scipy.fft import irfft, rfft

    centred = windows - windows.mean(axis=1, keepdims=True)
    spectra = rfft(centred, _FFT, axis=1)
    power = spectra.real**2 + spectra.imag**2
    lags = irfft(power, _FFT, axis=1)[:, : _MAX_LAG + 1].astype(np.float64)
    lags /= np.maximum(lags[:, :1], 1e-9) * (1 - np.arange(_MAX_LAG + 1) / WINDOW_FRAMES)
    comb = np.zeros((len(windows), len(periods)))
    for multiple, weight in enumerate(_HARMONICS, start=1):
        comb += weight * _at(lags, np.minimum(periods * multiple, _MAX_LAG - 1.0))
    magnitude = np.sqrt(power.astype(np.float64))
    wave = _at(magnitude, _FFT / periods)
    return comb / _HARMONICS.sum(), wave / np.maximum(magnitude[:, :160].max(axis=1, keepdims=True), 1e-9)


def _at(rows: NDArray[np.float64], positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear interpolation of every row at fractional columns."""
    base = positions.astype(np.intp)
    part = positions - base
    return np.asarray(rows[:, base] * (1 - part) + rows[:, base + 1] * part)


def _likeliest_path(scores: NDArray[np.float64]) -> NDArray[np.intp]:
    """Viterbi: drifting costs by the step, jumping costs once."""
    states = np.arange(scores.shape[1])
    cost = np.minimum(np.abs(states[:, None] - states[None, :]) * _DRIFT_COST, _JUMP_COST)
    back = np.zeros(scores.shape, np.int16)
    total = scores[0].copy()
    for index in range(1, len(scores)):
        options = total[None, :] - cost
        back[index] = options.argmax(axis=1)
        total = options[states, back[index]] + scores[index]
    path = np.zeros(len(scores), np.intp)
    path[-1] = int(total.argmax())
    for index in range(len(scores) - 1, 0, -1):
        path[index - 1] = back[index, path[index]]
    return path
