# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spectral peaks of a finished video's sound, dense enough that those of music survive under speech, and their pairs.

A track's fingerprint holds the few loudest peaks of its surroundings. Under speech half of them are still peaks, of
nearer surroundings, so the sound that is asked about is described by many more. Nothing new is needed of the tracks.

Source: Wang, "An industrial-strength audio search algorithm", ISMIR 2003; that query and reference may be of unequal
density and the query at several speeds is ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import Fingerprint, FloatArray
from needledrop.features.fingerprint import FRAME_S
from needledrop.features.spectrum import PowerSpectra, Resampler

VERSION = 1
KEYS = 1 << 23

_RATE, _FRAME_SAMPLES = 12_000, 1536
# Bins, pairs and hashes as features.fingerprint has them.
_LOW_BIN, _HIGH_BIN = 24, 448
_NEAREST_FRAMES, _FARTHEST_FRAMES = 4, 63
_WIDEST_BINS = 127
# A peak is the loudest bin within so many frames and bins to each side. Salient ones make pairs: few in pitch, as the
# reference's are, but many in time, for speech comes and goes.
_DENSE_FRAMES, _DENSE_BINS = 5, 5
_SALIENT_FRAMES, _SALIENT_BINS = 3, 16
_WEAKEST_POWER, _WEAKEST_SHARE = 1e-10, 1e-6
_FINE = 64


@dataclass(frozen=True)
class SoundPeaks:
    """Peaks of a sound in the order of time: frames [n] FRAME_S apart, fine_bins [n] in 64ths of a bin, and whether
    each is salient [n]; frame_count frames in all."""

    frames: NDArray[np.uint32]
    fine_bins: NDArray[np.uint16]
    is_salient: NDArray[np.bool_]
    frame_count: int

    @property
    def bins(self) -> FloatArray:
        """Interpolated bins, float32 [n]."""
        return self.fine_bins.astype(np.float32) / np.float32(_FINE)


class SoundListener:
    """Takes mono sound in blocks of any size; `finish` once."""

    def __init__(self, sample_rate: int) -> None:
        self._resampler = Resampler(sample_rate, _RATE)
        self._spectra = PowerSpectra(_FRAME_SAMPLES, round(_RATE * FRAME_S))
        self._reach = max(_DENSE_FRAMES, _SALIENT_FRAMES)
        self._recent = np.zeros((self._reach, _FRAME_SAMPLES // 2 + 1), np.float32)
        self._first = -self._reach
        self._found: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]] = []

    def feed(self, mono: FloatArray) -> None:
        """Take the next samples, float32 [n]."""
        for power in self._spectra.feed(self._resampler.feed(mono)):
            self._look(power)

    def finish(self) -> SoundPeaks:
        """The peaks of all that was fed."""
        tail = self._resampler.feed(np.zeros(0, np.float32), last=True)
        for power in [*self._spectra.feed(tail), *self._spectra.finish()]:
            self._look(power)
        frame_count = self._first + len(self._recent)
        self._look(np.zeros((self._reach, self._recent.shape[1]), np.float32))
        none = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_))
        frames, fine, salient = (np.concatenate(parts) for parts in zip(*self._found, none, strict=True))
        return SoundPeaks(frames.astype(np.uint32), fine.astype(np.uint16), salient, max(0, frame_count))

    def _look(self, power: FloatArray) -> None:
        """Find the peaks of frames that have their surroundings by now."""
        spectra = np.concatenate([self._recent, power])
        ready = len(spectra) - 2 * self._reach
        if ready > 0:
            frames, bins, salient = _peaks(spectra, self._reach)
            self._found.append((frames + self._first, _interpolated(spectra, frames, bins), salient))
            self._first += ready
        self._recent = spectra[max(0, ready) :].copy()


@dataclass(frozen=True)
class PeakPairs:
    """Pairs of salient peaks in the order of time: frames of the first and distances in frames, float32 [n], and both
    bins, float32 [n]."""

    frames: FloatArray
    apart: FloatArray
    low: FloatArray
    high: FloatArray

    def keys_at(self, speed: float, pitch: float) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
        """The hashes that a reference would have which plays `speed` times as fast here and `pitch` times as high, one
        frame longer and shorter too; and the pair each is of. Both [m]."""
        first, second = np.rint(self.low / pitch), np.rint(self.high / pitch)
        higher, apart = second - first, np.rint(self.apart * speed)
        fits = (first >= _LOW_BIN) & (first < _HIGH_BIN) & (np.abs(higher) <= _WIDEST_BINS)
        # One frame outside either end is a key that no fingerprint has: it finds nothing.
        fits &= (apart >= _NEAREST_FRAMES - 1) & (apart <= _FARTHEST_FRAMES + 1)
        at = np.flatnonzero(fits)
        base = (first[at].astype(np.int64) - _LOW_BIN) << 14 | (higher[at].astype(np.int64) + 128) << 6
        base |= apart[at].astype(np.int64)
        return np.concatenate([base - 1, base, base + 1]), np.tile(at, 3)


def peak_pairs(peaks: SoundPeaks) -> PeakPairs:
    """Every two salient peaks that are as near as a fingerprint's are, at any speed that is looked for."""
    frames = peaks.frames[peaks.is_salient].astype(np.int64)
    bins = peaks.bins[peaks.is_salient]
    from_at = np.searchsorted(frames, frames + _NEAREST_FRAMES - 1)
    counts = np.searchsorted(frames, frames + _FARTHEST_FRAMES + 4) - from_at
    first = np.repeat(np.arange(len(frames)), counts)
    second = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(from_at, counts)
    near = np.abs(bins[second] - bins[first]) <= _WIDEST_BINS * 1.05
    first, second = first[near], second[near]
    apart = (frames[second] - frames[first]).astype(np.float32)
    return PeakPairs(frames[first].astype(np.float32), apart, bins[first], bins[second])


def fingerprint_peaks(fingerprint: Fingerprint) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The peaks that the pairs of a track's fingerprint were made of, each once, in the order of time: frames and bins,
    both [n]."""
    hashes, starts = fingerprint.hashes.astype(np.int64), fingerprint.frames.astype(np.int64)
    bins = (hashes >> 14) + _LOW_BIN
    frames = np.concatenate([starts, starts + (hashes & 63)])
    both = np.concatenate([bins, bins + ((hashes >> 6) & 255) - 128])
    once = np.unique(frames * 1024 + both)
    return once // 1024, once % 1024


def _peaks(spectra: FloatArray, reach: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Frame, bin and salience of each peak in the frames that have `reach` others to each side."""
    from scipy.ndimage import maximum_filter

    band = spectra[:, _LOW_BIN:_HIGH_BIN]
    dense = maximum_filter(band, size=(2 * _DENSE_FRAMES + 1, 2 * _DENSE_BINS + 1), mode="constant")
    salient = maximum_filter(band, size=(2 * _SALIENT_FRAMES + 1, 2 * _SALIENT_BINS + 1), mode="constant")
    middle = slice(reach, len(spectra) - reach)
    centre = band[middle]
    least = np.maximum(centre.max(axis=1, keepdims=True) * _WEAKEST_SHARE, _WEAKEST_POWER)
    is_salient = (centre >= salient[middle]) & (centre > least)
    is_peak = is_salient | ((centre >= dense[middle]) & (centre > least))
    frames, bins = np.nonzero(is_peak)
    return frames.astype(np.int64) + reach, bins.astype(np.int64) + _LOW_BIN, is_salient[frames, bins]


def _interpolated(spectra: FloatArray, frames: NDArray[np.int64], bins: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bins in 64ths: the vertex of the parabola through the logarithms of a peak and its neighbours."""
    below, at, above = (np.log(spectra[frames, bins + step] + 1e-20) for step in (-1, 0, 1))
    bend = np.minimum(below - 2 * at + above, -1e-6)
    offset = np.clip(0.5 * (below - above) / bend, -0.5, 0.5)
    return np.asarray(np.rint((bins + offset) * _FINE), np.int64)
