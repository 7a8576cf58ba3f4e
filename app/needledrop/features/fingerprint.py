# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Acoustic landmarks of a stream: pairs of spectral peaks that survive lossy encoding, gain, trimming and speech.

Source: Wang, "An industrial-strength audio search algorithm", ISMIR 2003.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import Fingerprint, FloatArray

FRAME_S = 0.02
_LOW_BIN, _HIGH_BIN = 24, 448
_REACH_FRAMES, _REACH_BINS = 24, 28
_WEAKEST_POWER, _WEAKEST_SHARE = 1e-9, 1e-5
_NEAREST_FRAMES, _FARTHEST_FRAMES = 4, 63
_WIDEST_BINS = 127
_FAN_OUT = 2
_LOOK_AHEAD = 24


class LandmarkCollector:
    """Gathers spectral peaks: bins that are the loudest within _REACH_FRAMES and _REACH_BINS to each side."""

    def __init__(self) -> None:
        self._recent = np.zeros((_REACH_FRAMES, _HIGH_BIN - _LOW_BIN), np.float32)
        self._first = -_REACH_FRAMES
        self._frames: list[NDArray[np.intp]] = []
        self._bins: list[NDArray[np.intp]] = []

    def feed(self, power: FloatArray) -> None:
        """Take spectra [frames, bins], FRAME_S apart."""
        spectra = np.concatenate([self._recent, power[:, _LOW_BIN:_HIGH_BIN]])
        ready = len(spectra) - 2 * _REACH_FRAMES
        if ready <= 0:
            self._recent = spectra
            return
        highest = _running_maximum(spectra, 2 * _REACH_FRAMES + 1)
        padded = np.pad(highest, ((0, 0), (_REACH_BINS, _REACH_BINS)))
        highest = _running_maximum(padded.T, 2 * _REACH_BINS + 1).T
        centre = spectra[_REACH_FRAMES : _REACH_FRAMES + ready]
        least = np.maximum(centre.max(axis=1, keepdims=True) * _WEAKEST_SHARE, _WEAKEST_POWER)
        frames, bins = np.divmod(np.flatnonzero((centre >= highest) & (centre > least)), centre.shape[1])
        self._frames.append(frames + self._first + _REACH_FRAMES)
        self._bins.append(bins)
        self._first += ready
        self._recent = spectra[ready:].copy()

    def finish(self) -> Fingerprint:
        """Pair each peak with the next few peaks near it in pitch."""
        self.feed(np.zeros((_REACH_FRAMES, _HIGH_BIN), np.float32))
        frames = np.concatenate([*self._frames, np.zeros(0, np.intp)])
        bins = np.concatenate([*self._bins, np.zeros(0, np.intp)])
        hashes, starts = _pairs(frames, bins)
        order = np.lexsort((hashes, starts))
        return Fingerprint(hashes[order].astype(np.uint32), starts[order].astype(np.uint32), FRAME_S)


def _running_maximum(values: FloatArray, length: int) -> FloatArray:
    """Maximum over `length` consecutive rows: [n, m] to [n - length + 1, m], in log2(length) passes."""
    covered = 1
    while covered < length:
        step = min(covered, length - covered)
        values = np.maximum(values[step:], values[:-step])
        covered += step
    return values


def _pairs(frames: NDArray[np.intp], bins: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Hash of (bin, difference of bins, difference of frames) and first frame, for up to _FAN_OUT pairs a peak."""
    taken = np.zeros(len(frames), np.int64)
    hashes, starts = [np.zeros(0, np.int64)], [np.zeros(0, np.intp)]
    for ahead in range(1, min(_LOOK_AHEAD, len(frames) - 1) + 1):
        apart = frames[ahead:] - frames[:-ahead]
        higher = bins[ahead:] - bins[:-ahead]
        fits = (apart >= _NEAREST_FRAMES) & (apart <= _FARTHEST_FRAMES) & (np.abs(higher) <= _WIDEST_BINS)
        at = np.flatnonzero(fits & (taken[:-ahead] < _FAN_OUT))
        taken[at] += 1
        hashes.append((bins[at].astype(np.int64) << 14) | ((higher[at] + 128) << 6) | apart[at])
        starts.append(frames[at])
    return np.concatenate(hashes), np.concatenate(starts)
