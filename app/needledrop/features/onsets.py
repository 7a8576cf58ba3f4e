# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Onset strength at ONSET_RATE_HZ: half-wave rectified flux of log-mel spectra against a maximum-filtered past.

Source: Boeck and Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013. Nothing here knows
of beats.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import ONSET_RATE_HZ, FloatArray

RATE = 24_000
FRAME_SAMPLES = 512
HOP = round(RATE / ONSET_RATE_HZ)
MEL_BANDS = 40
MEL_LOW_HZ, MEL_HIGH_HZ = 30.0, 11_000.0
# Frames before time zero, so that an onset in the first sample has a past to differ from.
LEAD_FRAMES = 4
# Flux rises as an onset enters the window, before its centre; looking back two frames delays it by as much, so that
# a click peaks at its own time (within a millisecond; soft attacks some 5 ms later, as they are heard).
_LAG = 2
# Below about 200 Hz (kick, bass), up to 2.5 kHz (voice, chords, snare), above (cymbals).
_BAND_STARTS = (0, 3, 22)
_NORMALISE_S = 6.0
# Nepers over all filters of a band: a ripple weaker than this is no onset, however alone it stands.
_LEAST_FLUX = 0.3
# Natural logarithms of mel power are kept down to -90 dB.
LOG_RANGE = math.log(1e9)
_FLOOR_BELOW_LUFS = 33.0
_PART_FRAMES = 400
# Nepers over all filters, a rise of 1.7 dB in each. On twelve tracks of known score the ripple of pads and drones lies
# at 3 to 8, notes of strings and soft piano at 7 to 12, plucked and struck ones at 15 to 60.
_HEARD_FLUX = 8.0


def as_codes(log_mel: FloatArray) -> NDArray[np.uint8]:
    """Natural logarithms of mel power, -LOG_RANGE..0, in 256 steps."""
    return np.asarray(np.clip(log_mel * (255 / LOG_RANGE) + 255.5, 0, 255), np.uint8)


class OnsetCollector:
    """Gathers log-mel frames as bytes; flux is computed at the end, when the loudness of the track is known, and the
    bytes themselves are what the beat network hears.

    Logarithms make a soft cymbal rise as far as a loud drum: what lies far enough below the track's loudness must not
    count. 40 bytes a frame are 144 MB in ten hours.
    """

    def __init__(self) -> None:
        self._parts: list[NDArray[np.uint8]] = []

    def feed(self, log_mel: FloatArray) -> None:
        """Take natural logarithms of mel power, float32 [frames, MEL_BANDS], -LOG_RANGE..0."""
        self._parts.append(as_codes(log_mel))

    def codes(self) -> NDArray[np.uint8]:
        """All frames so far as codes [frames, MEL_BANDS], from time zero."""
        whole = np.concatenate([np.zeros((0, MEL_BANDS), np.uint8), *self._parts])
        # The parts become views of the whole: hours of codes are kept once, not twice.
        self._parts = [whole[start : start + _PART_FRAMES] for start in range(0, len(whole), _PART_FRAMES)]
        return whole[LEAD_FRAMES:]

    def finish(self, frames: int, integrated_lufs: float) -> FloatArray:
        """Flux [frames, 3] of the low, middle and high bands, from time zero. Call it last."""
        floor = 10 ** ((integrated_lufs - _FLOOR_BELOW_LUFS) / 10)
        levels = np.log(np.exp((np.arange(256) / 255 - 1) * LOG_RANGE) + floor).astype(np.float32)
        rises = [np.zeros((0, len(_BAND_STARTS)), np.float32)]
        codes = np.zeros((0, MEL_BANDS), np.uint8)
        for part in self._parts:
            codes = np.concatenate([codes[-_LAG:], part])
            rises.append(_rises(levels[codes]))
        self._parts.clear()
        flux = np.concatenate(rises)[LEAD_FRAMES - _LAG :][:frames]
        return np.concatenate([flux, np.zeros((frames - len(flux), len(_BAND_STARTS)), np.float32)])


def _rises(log_mel: FloatArray) -> FloatArray:
    """Flux [frames - _LAG, bands] against the highest of three neighbouring filters _LAG frames earlier."""
    before = log_mel[:-_LAG]
    reference = before.copy()
    np.maximum(reference[:, 1:], before[:, :-1], out=reference[:, 1:])
    np.maximum(reference[:, :-1], before[:, 1:], out=reference[:, :-1])
    return np.add.reduceat(np.maximum(log_mel[_LAG:] - reference, 0.0), _BAND_STARTS, axis=1)


def moving_mean(values: FloatArray, length: int) -> FloatArray:
    """Centred mean over `length` values, over fewer at the ends; as long as the input, which must not be empty."""
    count = len(values)
    left, right = min(length // 2, count), min((length + 1) // 2, count)
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    totals = np.concatenate([sums[right:], np.full(right - 1, sums[-1])])
    totals[left:] -= sums[: count - left]
    at = np.arange(count, dtype=np.int32)
    totals /= np.minimum(at + right, count) - np.maximum(at - left, 0)
    return totals.astype(np.float32)


def normalised(flux: FloatArray) -> FloatArray:
    """Onset strength [frames] without its slow level: what stands out counts the same in soft and loud passages."""
    if not len(flux) or not flux.any():
        return np.zeros(len(flux), np.float32)
    excess = np.maximum(flux - moving_mean(flux, round(ONSET_RATE_HZ)), 0.0)
    energy = np.square(excess)
    spread = np.sqrt(np.maximum(moving_mean(energy, round(_NORMALISE_S * ONSET_RATE_HZ)), 0.0))
    spread += np.float32(0.2 * math.sqrt(float(energy.mean(dtype=np.float64))) + _LEAST_FLUX)
    return np.asarray(excess / spread, np.float32)


def as_curve(flux: FloatArray) -> NDArray[np.uint8]:
    """Onset strength as 0..255 of its own 99.5th percentile."""
    top = float(np.percentile(flux, 99.5)) if len(flux) else 0.0
    if top <= 0:
        return np.zeros(len(flux), np.uint8)
    return np.asarray(np.minimum(flux * (255.0 / top), 255.0), np.uint8)


def onset_frames(strength: FloatArray, flux: FloatArray) -> NDArray[np.intp]:
    """Frames of separate onsets: highest within 50 ms to each side, well above the level around, and heard as such.

    Args:
        strength: `normalised` flux [frames]; it finds an onset in any passage, so it alone finds some in a drone.
        flux: Total flux [frames] of all bands.
    """
    if len(strength) < 3:
        return np.zeros(0, np.intp)
    padded = np.pad(strength, 5)
    highest = np.lib.stride_tricks.sliding_window_view(padded, 11).max(axis=1)
    return np.flatnonzero((strength >= highest) & (strength > 1.0) & (flux > _HEARD_FLUX))
