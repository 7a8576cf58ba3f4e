# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""True peak of a stream: oversampled only beside samples that are summits themselves and high enough.

Between two samples a curve rises highest beside the higher of them, and that sample is a summit of the samples or the
edge of a plateau. Only a signal close to the Nyquist frequency rises by more than 6 dB over it, and music has little
there: on real tracks and on white noise the result is that of oversampling everything.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray

_HALF_TAPS = 16
_CARRIED = 2 * _HALF_TAPS + 1
# Summits below this share of the highest sample so far are left out.
_LEAST_SHARE = 0.5
_BATCH = 4096
FLOOR_DBTP = -120.0


def interpolator(factor: int) -> FloatArray:
    """Taps [2 * _HALF_TAPS, factor - 1] of the values between two samples: a Kaiser-windowed sinc."""
    offsets = np.arange(-_HALF_TAPS + 1, _HALF_TAPS + 1)
    phases = np.arange(1, factor) / factor
    at = offsets[:, None] - phases[None, :]
    window = np.i0(8.0 * np.sqrt(np.maximum(0.0, 1 - (at / _HALF_TAPS) ** 2))) / np.i0(8.0)
    taps = np.sinc(at) * window
    return np.asarray(taps / taps.sum(axis=0), np.float32)


class TruePeakMeter:
    """Takes blocks of any length; 4 times oversampled below 80 kHz, 2 times below 160 kHz (BS.1770-4 annex 2)."""

    def __init__(self, sample_rate: int) -> None:
        factor = 4 if sample_rate < 80_000 else 2 if sample_rate < 160_000 else 1
        self._beside = _beside_matrix(interpolator(factor)) if factor > 1 else None
        self._carry = np.zeros((_CARRIED, 2), np.float32)
        self._sample_peak = self._peak = 0.0

    def feed(self, stereo: FloatArray) -> None:
        """Take float32 [n, 2]."""
        if not len(stereo):
            return
        signal = np.concatenate([self._carry, stereo])
        flat = signal.reshape(-1)
        self._sample_peak = max(self._sample_peak, float(flat.max()), -float(flat.min()))
        if self._beside is not None and self._sample_peak > 0:
            for sign in (1, -1):
                self._oversample(flat, _summits(flat, sign, _LEAST_SHARE * self._sample_peak))
        self._carry = signal[-_CARRIED:].copy()

    def _oversample(self, flat: FloatArray, at: NDArray[np.intp]) -> None:
        """The values to both sides of samples, given by their places in the interleaved stream."""
        reach = 2 * np.arange(-_HALF_TAPS, _HALF_TAPS + 1)
        for start in range(0, len(at), _BATCH):
            between = flat[at[start : start + _BATCH, None] + reach] @ self._beside
            self._peak = max(self._peak, float(between.max()), -float(between.min()))

    def finish(self) -> float:
        """Highest true peak in dBTP, -120 for silence."""
        self.feed(np.zeros((_CARRIED, 2), np.float32))
        peak = max(self._peak, self._sample_peak)
        return max(20 * math.log10(peak), FLOOR_DBTP) if peak > 0 else FLOOR_DBTP


def _summits(flat: FloatArray, sign: int, least: float) -> NDArray[np.intp]:
    """Places in an interleaved stream of samples that lie at least so high (sign 1) or low (-1) and that no neighbour
    passes; of a plateau its ends. Those too near to the ends of the stream are left to the next call."""
    body = flat[2 * _HALF_TAPS : -2 * _HALF_TAPS]
    at = np.flatnonzero(body >= least if sign > 0 else body <= -least) + 2 * _HALF_TAPS
    level, before, after = sign * flat[at], sign * flat[at - 2], sign * flat[at + 2]
    return at[(level >= before) & (level >= after) & ((level > before) | (level > after))]


def _beside_matrix(taps: FloatArray) -> FloatArray:
    """From the samples around one [2 * _HALF_TAPS + 1] to the values before and after it [2 * phases]."""
    count, phases = taps.shape
    matrix = np.zeros((count + 1, 2 * phases), np.float32)
    matrix[:count, :phases] = taps
    matrix[1:, phases:] = taps
    return matrix
