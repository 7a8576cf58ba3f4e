# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A true-peak limiter without state: each gain depends on a fixed neighbourhood of samples, nothing else.

Three steps, each a finite window: the attenuation a sample needs (4x oversampled peak against the ceiling), its
release (a line falling RELEASE_DB_PER_S), and the attack (the maximum over LOOK_AHEAD frames to come, smoothed over as
many frames past, which keeps it at or above what every sample needs). Where nothing exceeds the ceiling the gain is
exactly one. After ITU-R BS.1770-4 annex 2 for the measure; the min-then-smooth attack is the usual look-ahead design.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray

OVERSAMPLING = 4
TAPS = 32
PEAK_CONTEXT = TAPS // 2 + 1  # Frames on either side that the peak of a frame is made of.
LOOK_AHEAD = 240
RELEASE_FRAMES = 24_000
RELEASE_DB_PER_S = 48.0
CEILING_DBTP = -1.0
_GUARD_DB = 0.05  # The moving gain and the finite filter leave peaks up to this far above what was measured.

Attenuation = NDArray[np.float64]

HISTORY = RELEASE_FRAMES + LOOK_AHEAD


@functools.cache
def _phases() -> FloatArray:
    """Kaiser-windowed sinc interpolators [TAPS, OVERSAMPLING - 1] for the instants between two frames."""
    position = np.arange(TAPS) - (TAPS // 2 - 1)
    kernels = []
    for phase in range(1, OVERSAMPLING):
        offset = position - phase / OVERSAMPLING
        window = np.i0(8.0 * np.sqrt(np.maximum(0.0, 1.0 - (offset / (TAPS / 2)) ** 2))) / np.i0(8.0)
        kernel = np.sinc(offset) * window
        kernels.append(kernel / kernel.sum())
    return np.stack(kernels, axis=1).astype(np.float32)


@functools.cache
def _largest_overshoot() -> float:
    """No interpolated peak exceeds the largest sample by more than this factor."""
    return float(np.abs(_phases()).sum(axis=0).max())


def required_attenuation_db(samples: FloatArray) -> Attenuation:
    """Attenuation in dB (>= 0) that each frame needs, channels linked.

    Args:
        samples: [PEAK_CONTEXT + n + PEAK_CONTEXT, channels]; the answer is [n].
    """
    count = len(samples) - 2 * PEAK_CONTEXT
    ceiling = 10.0 ** (CEILING_DBTP / 20.0)
    level = _row_max(np.abs(samples))
    if float(level.max(initial=0.0)) * _largest_overshoot() <= ceiling:
        return np.zeros(count)
    peak = level[PEAK_CONTEXT - 1 : PEAK_CONTEXT + count + 1].astype(np.float64)
    for channel in range(samples.shape[1]):
        windows = np.lib.stride_tricks.sliding_window_view(samples[:, channel], TAPS)
        between = _row_max(np.abs(windows @ _phases()))
        # between[i] lies after frame i + TAPS // 2 - 1, that is after frame i - 1 of `peak`'s neighbourhood.
        after = between[PEAK_CONTEXT - TAPS // 2 : PEAK_CONTEXT - TAPS // 2 + count + 2]
        peak[: len(after)] = np.maximum(peak[: len(after)], after)
        peak[1:] = np.maximum(peak[1:], after[: len(peak) - 1])
    peak = peak[1:-1]
    over = peak > ceiling
    needed = np.zeros(count)
    needed[over] = 20.0 * np.log10(peak[over] / ceiling) + _GUARD_DB
    return needed


def _row_max(values: FloatArray) -> FloatArray:
    """The maximum of each row; numpy's own is ten times slower over two or three columns."""
    return functools.reduce(np.maximum, values.T)


def limiter_gain(needed_db: Attenuation, sample_rate: int) -> FloatArray | None:
    """Gain [n] from needed attenuation [HISTORY + n + LOOK_AHEAD]; None where it is one throughout."""
    if not needed_db.any():
        return None
    slope = RELEASE_DB_PER_S / sample_rate * np.arange(len(needed_db))
    released = _trailing_max(needed_db + slope, RELEASE_FRAMES + 1) - slope[RELEASE_FRAMES:]
    released = np.maximum(released, needed_db[RELEASE_FRAMES:])  # Rounding of the slope must not lower a need.
    ahead = _trailing_max(np.maximum(released, 0.0), LOOK_AHEAD + 1)
    window = np.hanning(LOOK_AHEAD + 3)[1:-1]
    smooth = np.convolve(ahead, window / window.sum(), mode="valid")
    smooth[smooth < 1e-9] = 0.0
    return (10.0 ** (-smooth / 20.0)).astype(np.float32)


def _trailing_max(values: Attenuation, width: int) -> Attenuation:
    """Maximum of every run of `width` values [n - width + 1] (van Herk: two cumulative maxima)."""
    count = len(values)
    padded = np.full(-(-count // width) * width, -np.inf)
    padded[:count] = values
    blocks = padded.reshape(-1, width)
    forward = np.maximum.accumulate(blocks, axis=1).ravel()
    backward = np.maximum.accumulate(blocks[:, ::-1], axis=1)[:, ::-1].ravel()
    return np.maximum(backward[: count - width + 1], forward[width - 1 : count])
