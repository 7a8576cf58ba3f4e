# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pitch classes over time from spectral peaks, and the key of a track.

Key profiles: Albrecht and Shanahan, "The use of large corpora to train a new type of key-finding algorithm", Music
Perception 31(1), 2013.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray, Tonality

CHROMA_RATE_HZ = 10.0
_THIRDS = 36
_LOW_HZ, _HIGH_HZ = 75.0, 2000.0
_REFERENCE_HZ = 261.6255653005986
_WEAKEST_SHARE = 1e-4
_WEAKEST_POWER = 1e-9
_COMPRESSION = 0.3
_MAJOR = np.array([0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081])
_MINOR = np.array([0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052])


class ChromaCollector:
    """Gathers, at CHROMA_RATE_HZ, the strength of spectral peaks per third of a semitone, octaves folded."""

    def __init__(self, rate: int, frame_samples: int) -> None:
        self._bin_hz = rate / frame_samples
        self._low, self._high = round(_LOW_HZ / self._bin_hz), round(_HIGH_HZ / self._bin_hz)
        self._parts: list[NDArray[np.float16]] = []

    def feed(self, power: FloatArray) -> None:
        """Take spectra [frames, bins] that are 1 / CHROMA_RATE_HZ apart."""
        band = power[:, self._low - 1 : self._high + 1]
        centre, below, above = band[:, 1:-1], band[:, :-2], band[:, 2:]
        least = np.maximum(centre.max(axis=1, keepdims=True) * _WEAKEST_SHARE, _WEAKEST_POWER)
        frames, bins = np.divmod(
            np.flatnonzero((centre > below) & (centre >= above) & (centre > least)), centre.shape[1]
        )
        left, top, right = (np.log(part[frames, bins] + 1e-20) for part in (below, centre, above))
        bend = left - 2 * top + right
        shift = np.where(bend < 0, 0.5 * (left - right) / np.minimum(bend, -1e-9), 0.0)
        thirds = _THIRDS * np.log2((bins + self._low + shift) * (self._bin_hz / _REFERENCE_HZ))
        weight = np.exp(_COMPRESSION * top)
        base = np.floor(thirds)
        part = thirds - base
        cell = base.astype(np.intp) % _THIRDS
        next_cell = (cell + 1) % _THIRDS
        size = len(power) * _THIRDS
        sums = np.bincount(frames * _THIRDS + cell, weight * (1 - part), size)
        sums += np.bincount(frames * _THIRDS + next_cell, weight * part, size)
        self._parts.append(sums.reshape(-1, _THIRDS).astype(np.float16))

    def finish(self) -> FloatArray:
        """Chroma [frames, 12] of the track's own tuning, not normalised."""
        thirds = np.concatenate([*self._parts, np.zeros((0, _THIRDS), np.float16)])
        tuning = _tuning(thirds.sum(axis=0, dtype=np.float64))
        position = np.arange(_THIRDS)[:, None] - 3 * (np.arange(12)[None, :] + tuning)
        distance = np.abs((position + _THIRDS / 2) % _THIRDS - _THIRDS / 2)
        fold = np.maximum(0.0, 1.5 - distance).astype(np.float32)
        return np.concatenate(
            [thirds[at : at + 4096].astype(np.float32) @ fold for at in range(0, len(thirds), 4096)]
            or [np.zeros((0, 12), np.float32)]
        )


def _tuning(thirds: NDArray[np.float64]) -> float:
    """How far the track is from A = 440 Hz, in semitones, -0.5..0.5."""
    turn = np.exp(2j * np.pi * np.arange(_THIRDS) / 3)
    return float(np.angle((thirds * turn).sum()) / (2 * np.pi)) if thirds.any() else 0.0


@functools.cache
def profile_matrix() -> NDArray[np.float64]:
    """Key profiles [12, 24], standardised: 12 major keys from C up, then 12 minor keys."""
    rows = [np.roll(profile, tonic) for profile in (_MAJOR, _MINOR) for tonic in range(12)]
    matrix = np.array(rows).T
    return np.asarray((matrix - matrix.mean(axis=0)) / (matrix.std(axis=0) * 12))


def key_scores(chroma: NDArray[np.floating]) -> NDArray[np.float64]:
    """Correlation [rows, 24] of chroma [rows, 12] with every key; 0 where there is no sound."""
    centred = chroma - chroma.mean(axis=1, keepdims=True)
    spread = np.asarray(centred.std(axis=1, keepdims=True), np.float64)
    return np.asarray(np.where(spread > 1e-9, centred / np.maximum(spread, 1e-9), 0.0) @ profile_matrix())


def find_key(chroma: FloatArray) -> Tonality:
    """Key of a track from its chroma [frames, 12]; tonic -1 where nothing tonal is heard."""
    total = chroma.sum(axis=0, dtype=np.float64) if len(chroma) else np.zeros(12)
    if total.sum() <= 1e-6:
        return Tonality(-1, True, 0.0, np.full(12, 1 / 12, np.float32))
    shares = total / total.sum()
    scores = key_scores(shares[None, :])[0]
    order = np.argsort(-scores)
    best = int(order[0])
    clear = np.clip((scores[best] - scores[order[1]]) / 0.15, 0.0, 1.0)
    fits = np.clip((scores[best] - 0.4) / 0.45, 0.0, 1.0)
    uneven = np.clip((shares.max() * 12 - 1.15) / 0.6, 0.0, 1.0)
    confidence = float(fits * uneven * (0.4 + 0.6 * clear))
    tonic = best % 12 if confidence > 0.05 else -1
    return Tonality(tonic, best < 12, confidence, shares.astype(np.float32))
