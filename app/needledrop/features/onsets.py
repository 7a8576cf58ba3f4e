# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Onset strength at ONSET_RATE_HZ: half-wave rectified flux of log-mel spectra against a maximum-filtered past.

Source: Boeck and Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013. Nothing here knows
of beats.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import ONSET_RATE_HZ, FloatArray

RATE = 24_000
FRAME_SAMPLES = 512
HOP = round(RATE / ONSET_RATE_HZ)
MEL_BANDS = 40
MEL_LOW_HZ, MEL_HIGH_HZ = 30.0, 11_000.0
# Flux rises when an onset enters the window, before it reaches the centre: frames are centred this much earlier.
ADVANCE = 96
# Frames before time zero, so that an onset in the first sample has a past to differ from.
LEAD_FRAMES = 4
_LAG = 2
_LOW_BANDS = 6
_NORMALISE_S = 6.0


class OnsetCollector:
    """Gathers the flux of consecutive log-mel frames, low bands and all bands apart."""

    def __init__(self) -> None:
        self._past: FloatArray | None = None
        self._parts: list[FloatArray] = []

    def feed(self, log_mel: FloatArray) -> None:
        """Take float32 [frames, MEL_BANDS]; the very first frame starts the past."""
        past = np.repeat(log_mel[:1], _LAG, axis=0) if self._past is None else self._past
        frames = np.concatenate([past, log_mel])
        self._past = frames[-_LAG:].copy()
        before = frames[:-_LAG]
        reference = before.copy()
        np.maximum(reference[:, 1:], before[:, :-1], out=reference[:, 1:])
        np.maximum(reference[:, :-1], before[:, 1:], out=reference[:, :-1])
        rise = np.maximum(frames[_LAG:] - reference, 0.0)
        low = rise[:, :_LOW_BANDS].sum(axis=1)
        self._parts.append(np.stack([low, rise.sum(axis=1)], axis=1))

    def finish(self, frames: int) -> FloatArray:
        """Flux [frames, 2]: of the lowest bands (below 150 Hz) and of all, from time zero."""
        flux = np.concatenate([*self._parts, np.zeros((0, 2), np.float32)])[LEAD_FRAMES:][:frames]
        return np.concatenate([flux, np.zeros((frames - len(flux), 2), np.float32)])


def moving_mean(values: NDArray[np.floating], length: int) -> NDArray[np.float64]:
    """Centred mean over `length` values, over fewer at the ends; the same size as the input."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    at = np.arange(len(values))
    low, high = np.maximum(at - length // 2, 0), np.minimum(at + (length + 1) // 2, len(values))
    return np.asarray((sums[high] - sums[low]) / np.maximum(high - low, 1))


def normalised(flux: FloatArray) -> FloatArray:
    """Onset strength [frames] without its slow level: what stands out counts the same in soft and loud passages."""
    if not len(flux) or not flux.any():
        return np.zeros(len(flux), np.float32)
    length = round(_NORMALISE_S * ONSET_RATE_HZ)
    excess = np.maximum(flux - moving_mean(flux, round(ONSET_RATE_HZ)), 0.0)
    spread = np.sqrt(np.maximum(moving_mean(np.square(excess, dtype=np.float64), length), 0.0))
    floor = 0.2 * float(np.sqrt(np.mean(np.square(excess, dtype=np.float64))))
    return np.asarray(excess / (spread + floor), np.float32) if floor > 0 else np.zeros(len(flux), np.float32)


def as_curve(flux: FloatArray) -> NDArray[np.uint8]:
    """Onset strength as 0..255 of its own 99.5th percentile."""
    top = float(np.percentile(flux, 99.5)) if len(flux) else 0.0
    if top <= 0:
        return np.zeros(len(flux), np.uint8)
    return np.asarray(np.minimum(flux * (255.0 / top), 255.0), np.uint8)


def onset_frames(strength: FloatArray) -> NDArray[np.intp]:
    """Frames of separate onsets: highest within 50 ms to each side, and well above the level around."""
    if len(strength) < 3:
        return np.zeros(0, np.intp)
    padded = np.pad(strength, 5)
    highest = np.lib.stride_tricks.sliding_window_view(padded, 11).max(axis=1)
    return np.flatnonzero((strength >= highest) & (strength > 1.0))
