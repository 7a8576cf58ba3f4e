# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""True peak of a stream: oversampled only where the interpolated signal could still exceed what was found so far.

Why leaving the rest out is safe: the interpolator is a finite filter, so no interpolated value can exceed the largest
sample under the filter times the filter's greatest sum of absolute taps. Blocks whose bound stays at or below the
highest value known are skipped; the loudest blocks go first, so that the bar is high when the rest is judged.
"""

from __future__ import annotations

import math

import numpy as np

from needledrop.core.music import FloatArray

_BLOCK = 64
_HALF_TAPS = 16
_FIRST_BLOCKS = 8
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
        self._factor = 4 if sample_rate < 80_000 else 2 if sample_rate < 160_000 else 1
        self._carry = np.zeros((2 * _HALF_TAPS, 2), np.float32)
        self._peak = 0.0
        if self._factor > 1:
            taps = interpolator(self._factor)
            self._overshoot = float(np.abs(taps).sum(axis=0).max())
            self._matrix = _block_matrix(taps)

    def feed(self, stereo: FloatArray) -> None:
        """Take float32 [n, 2]."""
        if not len(stereo):
            return
        if self._factor == 1:
            self._peak = max(self._peak, float(np.abs(stereo).max()))
            return
        signal = np.concatenate([self._carry, stereo])
        whole = (len(signal) - 2 * _HALF_TAPS) // _BLOCK * _BLOCK
        if whole > 0:
            self._scan(signal[: whole + 2 * _HALF_TAPS])
        self._carry = signal[whole:].copy()

    def _scan(self, signal: FloatArray) -> None:
        """Oversample the candidate blocks of [2 * _HALF_TAPS + k * _BLOCK, 2]."""
        levels = np.abs(signal)
        body = levels[: len(levels) - 2 * _HALF_TAPS].reshape(-1, _BLOCK * 2).max(axis=1)
        tail = levels[len(levels) - 2 * _HALF_TAPS :].max()
        reach = np.maximum(body, np.append(body[1:], tail))
        self._peak = max(self._peak, float(reach.max()))
        order = np.argsort(-reach, kind="stable")
        starts = order[:_FIRST_BLOCKS]
        for _ in range(2):
            starts = starts[reach[starts] * self._overshoot > self._peak]
            self._oversample(signal, starts * _BLOCK)
            starts = order[_FIRST_BLOCKS:]

    def _oversample(self, signal: FloatArray, starts: np.ndarray[tuple[int], np.dtype[np.intp]]) -> None:
        width = _BLOCK + 2 * _HALF_TAPS - 1
        for batch in np.array_split(starts, math.ceil(len(starts) / 512)) if len(starts) else ():
            pieces = signal[batch[:, None] + np.arange(width)]
            for channel in (0, 1):
                between = pieces[:, :, channel] @ self._matrix
                self._peak = max(self._peak, float(between.max()), -float(between.min()))

    def finish(self) -> float:
        """Highest true peak in dBTP, -120 for silence."""
        if self._factor > 1:
            self.feed(np.zeros((2 * _HALF_TAPS + _BLOCK, 2), np.float32))
        return max(20 * math.log10(self._peak), FLOOR_DBTP) if self._peak > 0 else FLOOR_DBTP


def _block_matrix(taps: FloatArray) -> FloatArray:
    """The filter as one matrix [_BLOCK + taps - 1, _BLOCK * phases]: a block of output is one product."""
    count, phases = taps.shape
    matrix = np.zeros((_BLOCK + count - 1, _BLOCK, phases), np.float32)
    for position in range(_BLOCK):
        matrix[position : position + count, position] = taps
    return matrix.reshape(len(matrix), -1)
