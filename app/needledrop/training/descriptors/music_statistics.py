# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CBVMR's 1140 numbers of a track: 190 rows of its harmonic and of its percussive part, mean, variance and maximum.

Source: Hong, Im and Yang, "CBVMR: content-based video-music retrieval using soft intra-modal structure constraint",
ICMR 2018 (arXiv 1704.06761), and its authors' description of the extractor. Where we differ: the mel bands lie where
the rate says (the published extractor leaves it at 22 050 Hz), tuning is not estimated, CENS is folded from long
spectra rather than from a constant-Q transform, and deltas are today's (Savitzky and Golay). Fits nothing.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.training.descriptors import spectra as sp

RATE = 12_000
LENGTH_S = 29.12
SIZE = 1140
# The rows of one part, in order.
ROWS = {
    "chroma": 12, "cens": 12, "mel": 96, "mfcc": 20, "delta": 20, "delta2": 20, "rms": 1, "centroid": 1,
    "bandwidth": 1, "rolloff": 1, "line": 2, "parabola": 3, "zero_crossings": 1,
}  # fmt: skip
_SIZE, _HOP = 512, 256
_LONG, _LONGEST = 2048, 4096
_MEDIAN = 31
_CEPSTRA, _CEPSTRAL_BANDS, _MEL_BANDS = 20, 128, 96
_ROLLOFF_SHARE = 0.85
_CENS_STEPS = (0.4, 0.2, 0.1, 0.05)
_CENS_WINDOW = 41


def music_statistics(mono: FloatArray) -> FloatArray:
    """The vector float32 [1140] of a track, mono at RATE: its middle 29.12 s, or all of it and silence after.

    Order: mean, variance, maximum; in each the harmonic, then the percussive part; in each the rows of ROWS.
    """
    middle = _middle(mono)
    rows = np.concatenate([part_rows(part) for part in separated(middle)])
    figures = np.concatenate([rows.mean(axis=1), rows.var(axis=1), rows.max(axis=1)])
    return figures.astype(np.float32)


def _middle(mono: FloatArray) -> FloatArray:
    wanted = int(LENGTH_S * RATE)
    start = max(0, (len(mono) - wanted) // 2)
    middle = mono[start : start + wanted].astype(np.float32)
    return np.pad(middle, (0, wanted - len(middle)))


def separated(mono: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The harmonic and the percussive part of a signal [n] (Fitzgerald, "Harmonic/percussive separation using median
    filtering", DAFx 2010), with soft masks of power 2."""
    values = sp.spectra(mono, _LONG, _LONG // 4)
    magnitude = np.abs(values)
    harmonic = _running_median(np.ascontiguousarray(magnitude.T)).T ** 2
    percussive = _running_median(magnitude) ** 2
    total = harmonic + percussive
    share = np.where(total > 1e-20, harmonic / np.maximum(total, 1e-20), 0.5)
    parts = (values * share, values * (1 - share))
    first, second = (sp.signal_of(part.astype(np.complex64), _LONG, _LONG // 4, len(mono)) for part in parts)
    return first, second


def _running_median(rows: FloatArray) -> FloatArray:
    """Median of _MEDIAN neighbours along each row, rows mirrored at their ends."""
    from scipy.ndimage import median_filter

    half = _MEDIAN // 2
    padded = np.pad(rows, ((0, 0), (half, half)), mode="symmetric")
    # As one long row: SciPy's filter for a single dimension is eight times as fast as the one for two.
    filtered = median_filter(padded.ravel(), _MEDIAN).reshape(padded.shape)
    return np.asarray(filtered[:, half:-half], np.float32)


def part_rows(mono: FloatArray) -> NDArray[np.float64]:
    """The rows [190, frames] of one part, each group in decibels against its own greatest value."""
    magnitude = np.abs(sp.spectra(mono, _SIZE, _HOP))
    power = magnitude * magnitude
    cepstra = _cepstra(mono)
    groups = [
        sp.scaled(power @ _chroma_bank(_SIZE), np.inf),
        _cens(mono),
        power @ _mel_bank(_SIZE, _MEL_BANDS),
        cepstra,
        *(_delta(cepstra, order) for order in (1, 2)),
        np.sqrt((_frames(mono, "constant").astype(np.float64) ** 2).mean(axis=1, keepdims=True)),
        *_shape(magnitude.astype(np.float64)),
        _zero_crossings(mono),
    ]
    return np.concatenate([sp.decibels(group).T for group in groups])


@cache
def _chroma_bank(size: int) -> FloatArray:
    return sp.chroma_bank(RATE, size)


@cache
def _mel_bank(size: int, bands: int) -> FloatArray:
    return sp.slaney_mel_bank(RATE, size, bands)


def _cepstra(mono: FloatArray) -> NDArray[np.float64]:
    from scipy.fft import dct

    power = np.abs(sp.spectra(mono, _LONG, _HOP)) ** 2
    level = sp.decibels(power @ _mel_bank(_LONG, _CEPSTRAL_BANDS), against_peak=False)
    return np.asarray(dct(level, type=2, norm="ortho", axis=1)[:, :_CEPSTRA])


def _delta(rows: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    from scipy.signal import savgol_filter

    return np.asarray(savgol_filter(rows, 9, polyorder=order, deriv=order, axis=0, mode="interp"))


def _cens(mono: FloatArray) -> NDArray[np.float64]:
    """Chroma energy normalised statistics [frames, 12] (Mueller and Ewert, ISMIR 2011)."""
    from scipy.ndimage import convolve1d

    magnitude = np.abs(sp.spectra(mono, _LONGEST, _HOP))
    shares = sp.scaled(magnitude @ _chroma_bank(_LONGEST), 1)
    steps = sum((shares > step) * 0.25 for step in _CENS_STEPS)
    window = np.hanning(_CENS_WINDOW + 2)
    smooth = convolve1d(np.asarray(steps, np.float64), window / window.sum(), axis=0, mode="constant")
    return sp.scaled(smooth, 2)


def _shape(magnitude: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Centroid, bandwidth and roll-off in Hz, and the coefficients of a line and a parabola, all [frames, n]."""
    hz = np.arange(magnitude.shape[1]) * (RATE / _SIZE)
    shares = sp.scaled(magnitude, 1)
    centroid = shares @ hz
    spread = np.sqrt(np.maximum((shares * (hz[None, :] - centroid[:, None]) ** 2).sum(axis=1), 0.0))
    totals = np.cumsum(magnitude, axis=1)
    rolloff = hz[np.argmax(totals >= _ROLLOFF_SHARE * totals[:, -1:], axis=1)]
    fits = [magnitude @ np.linalg.pinv(np.vander(hz, order + 1)).T for order in (1, 2)]
    return [centroid[:, None], spread[:, None], rolloff[:, None], *fits]


def _zero_crossings(mono: FloatArray) -> NDArray[np.float64]:
    signs = np.signbit(_frames(mono, "edge"))
    return np.asarray((signs[:, 1:] != signs[:, :-1]).sum(axis=1, keepdims=True) / _SIZE, np.float64)


def _frames(mono: FloatArray, padding: str) -> FloatArray:
    padded = np.pad(mono, _SIZE // 2, mode=padding)  # type: ignore[call-overload]
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::_HOP], np.float32)
