# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Short-time spectra and filter banks in the conventions of the published music descriptors. Knows no track.

The conventions are those of McFee et al., "librosa: audio and music signal analysis in Python", SciPy 2015: centred
frames, periodic Hann windows, Slaney's mel scale, Ellis's chroma filters. Matrices are [frames, bins].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray

ComplexArray = NDArray[np.complex64]
_FLOOR = 1e-10
_RANGE_DB = 80.0
_LINEAR_BELOW_HZ = 1000.0
_MELS_BELOW = 15.0
_MEL_STEP = np.log(6.4) / 27.0


def spectra(signal: FloatArray, size: int, hop: int) -> ComplexArray:
    """Spectra [1 + n // hop, size // 2 + 1]; frame k is centred on sample k * hop, silence lies around the signal."""
    from scipy.fft import rfft

    padded = np.pad(signal.astype(np.float32, copy=False), size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    return np.asarray(rfft(frames * _window(size), axis=1), np.complex64)


def signal_of(values: ComplexArray, size: int, hop: int, length: int) -> FloatArray:
    """The signal [length] whose spectra these are, by weighted overlap-add (Griffin and Lim 1984)."""
    from scipy.fft import irfft

    window = _window(size)
    frames = np.asarray(irfft(values, size, axis=1), np.float32) * window
    total = np.zeros(size + hop * (len(frames) - 1), np.float32)
    weight = np.zeros_like(total)
    for index, frame in enumerate(frames):
        total[index * hop : index * hop + size] += frame
        weight[index * hop : index * hop + size] += window * window
    signal = total / np.maximum(weight, 1e-6)
    return np.asarray(signal[size // 2 : size // 2 + length], np.float32)


def _window(size: int) -> FloatArray:
    return np.hanning(size + 1)[:-1].astype(np.float32)


def decibels(values: NDArray[np.floating], *, against_peak: bool = True) -> NDArray[np.float64]:
    """10 log10 of magnitudes, against the greatest of them (or 1), at most 80 dB below the greatest result."""
    magnitude = np.abs(values.astype(np.float64))
    level = 10 * np.log10(np.maximum(magnitude, _FLOOR))
    if against_peak:
        level = level - 10 * np.log10(max(float(magnitude.max(initial=0.0)), _FLOOR))
    return np.asarray(np.maximum(level, level.max(initial=-np.inf) - _RANGE_DB))


def slaney_mel_bank(rate: int, size: int, bands: int) -> FloatArray:
    """Triangular filters [size // 2 + 1, bands] of equal area from 0 Hz to half the rate (Slaney 1998)."""
    step = _LINEAR_BELOW_HZ / _MELS_BELOW
    top = rate / 2
    top_mel = top / step if top < _LINEAR_BELOW_HZ else _MELS_BELOW + np.log(top / _LINEAR_BELOW_HZ) / _MEL_STEP
    mels = np.linspace(0.0, top_mel, bands + 2)
    edges = np.where(mels < _MELS_BELOW, mels * step, _LINEAR_BELOW_HZ * np.exp(_MEL_STEP * (mels - _MELS_BELOW)))
    bins_hz = np.arange(size // 2 + 1) * rate / size
    ramps = edges[None, :] - bins_hz[:, None]
    widths = np.diff(edges)
    rising, falling = -ramps[:, :-2] / widths[:-1], ramps[:, 2:] / widths[1:]
    bank = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (edges[2:] - edges[:-2]))
    return np.asarray(bank, np.float32)


def chroma_bank(rate: int, size: int) -> FloatArray:
    """Filters [size // 2 + 1, 12] that fold bins onto pitch classes from C, strongest around octave 5 (Ellis 2007)."""
    bins_hz = np.arange(1, size) * rate / size
    semitones = 12 * np.log2(bins_hz / 27.5)
    semitones = np.concatenate([[semitones[0] - 18.0], semitones])
    widths = np.concatenate([np.maximum(np.diff(semitones), 1.0), [1.0]])
    distance = (semitones[:, None] - np.arange(12)[None, :] + 126.0) % 12 - 6.0
    bank = np.exp(-0.5 * (2 * distance / widths[:, None]) ** 2)
    bank /= np.linalg.norm(bank, axis=1, keepdims=True)
    bank *= np.exp(-0.5 * ((semitones / 12 - 5.0) / 2.0) ** 2)[:, None]
    return np.asarray(np.roll(bank, -3, axis=1)[: size // 2 + 1], np.float32)


def scaled(values: NDArray[np.floating], order: float) -> NDArray[np.float64]:
    """Rows divided by their norm of that order; rows of silence stay 0."""
    norm = np.linalg.norm(values.astype(np.float64), ord=order, axis=1, keepdims=True)
    return np.asarray(np.where(norm > 1e-10, values / np.maximum(norm, 1e-10), 0.0))
