# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The beat network in numpy: log-mel codes and chroma in, activations of beats and downbeats and tempi out.

Source of the design: Davies and Boeck, EUSIPCO 2019; Boeck and Davies, ISMIR 2020. Takes weights, reads no files.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import ONSET_RATE_HZ, FloatArray
from needledrop.features.harmonic_change import at_frames, harmonic_change
from needledrop.features.onsets import LOG_RANGE, MEL_BANDS
from needledrop.features.tonality import CHROMA_RATE_HZ

FRONT_CHANNELS, CHANNELS, KERNEL, BLOCKS = 16, 64, 5, 10
MEL_POOL = 4
RATE_HZ = 50.0
TEMPO_POOL = 50
TEMPO_LOW_BPM, TEMPO_BINS_PER_OCTAVE, TEMPO_BINS = 40.0, 20, 52
TEMPO_BPM = TEMPO_LOW_BPM * 2 ** (np.arange(TEMPO_BINS) / TEMPO_BINS_PER_OCTAVE)
# Nepers of power below the track's mean: what is softer is not heard.
FLOOR_NEPERS = 10.0
LEVEL_SCALE = np.float32(0.25)
_NEPERS = (np.arange(256) / 255 - 1) * LOG_RANGE
# Seconds whose residual blocks are computed at once, and frames (at 50 Hz) of the front end, to bound memory.
_STRETCH, _PIECE = 600, 512
_COUNTED = 1 << 14
# Longer than any rest in music that keeps its beat.
_SILENCE_S = 3.0


@dataclass(frozen=True)
class Activations:
    """Probabilities of a beat and of a downbeat [frames at RATE_HZ], and of the tempi TEMPO_BPM [seconds, bins]."""

    beat: FloatArray
    downbeat: FloatArray
    tempo: FloatArray


def mean_power(codes: NDArray[np.uint8]) -> float:
    """Mean mel power of a track of these codes [frames, MEL_BANDS]."""
    counts = np.zeros(256, np.int64)
    for start in range(0, len(codes), _COUNTED):  # bincount makes eight bytes of each code.
        counts += np.bincount(codes[start : start + _COUNTED].ravel(), minlength=256)
    return max(float(counts / max(codes.size, 1) @ np.exp(_NEPERS)), 1e-9)


def levels_at(power: float) -> FloatArray:
    """What each of the 256 codes means to the network in a track of this mean power: nepers above a floor that follows
    it, scaled."""
    floor = power * np.exp(-FLOOR_NEPERS)
    return np.asarray(np.log1p(np.exp(_NEPERS) / floor), np.float32) * LEVEL_SCALE


@dataclass(frozen=True)
class BeatWeights:
    """The network's matrices, float32; see training/beats/export.py for how they follow from the trained ones."""

    edges: FloatArray
    edges_bias: FloatArray
    bands: FloatArray
    bands_bias: FloatArray
    harmony: FloatArray
    dilated: FloatArray
    dilated_bias: FloatArray
    mixed: FloatArray
    mixed_bias: FloatArray
    heads: FloatArray
    heads_bias: FloatArray


def activations(codes: NDArray[np.uint8], chroma: FloatArray, weights: BeatWeights) -> Activations:
    """Run the network over log-mel codes [frames at 100 Hz, MEL_BANDS] and chroma [frames at CHROMA_RATE_HZ, 12].

    Memory stays bounded however long they are.
    """
    count = len(codes) // 2
    changes = harmonic_change(chroma)
    power = mean_power(codes)
    levels = levels_at(power)
    reach = (KERNEL // 2) * (2**BLOCKS - 1)
    events, tempi = [np.zeros((0, 2), np.float32)], [np.zeros((0, TEMPO_BINS), np.float32)]
    for start in range(0, count, _STRETCH * TEMPO_POOL):
        stop = min(start + _STRETCH * TEMPO_POOL, count)
        first, last = max(0, start - reach), min(count, stop + reach)
        hidden = _front(codes, changes, levels, first, last, weights)
        hidden = _dilated_blocks(hidden, weights)[start - first : stop - first]
        events.append(_sigmoid(hidden @ weights.heads[:, :2] + weights.heads_bias[:2]))
        tempi.append(_tempo_of(hidden, weights))
    event = np.concatenate(events)
    for first, last in _silences(codes, power):
        event[first:last] = 0.0
    return Activations(event[:, 0], event[:, 1], np.concatenate(tempi))


def _silences(codes: NDArray[np.uint8], power: float) -> list[tuple[int, int]]:
    """First frame at RATE_HZ and the one after the last of each long stretch in which every band is below the floor.

    The network hears far to both sides and would carry its beats through.
    """
    floor = np.log(power) - FLOOR_NEPERS
    heard = np.flatnonzero(codes.max(axis=1, initial=0) > np.searchsorted(_NEPERS, floor))
    edges = np.concatenate([[-1], heard, [len(codes)]])
    before = np.flatnonzero(np.diff(edges) > _SILENCE_S * ONSET_RATE_HZ)
    part = RATE_HZ / ONSET_RATE_HZ
    return [(round((edges[at] + 1) * part), round(edges[at + 1] * part)) for at in before]


def _front(
    codes: NDArray[np.uint8], changes: FloatArray, levels: FloatArray, first: int, last: int, weights: BeatWeights
) -> FloatArray:
    """Hidden channels [last - first, CHANNELS] of frames at 50 Hz before any dilation."""
    parts = []
    for start in range(first, last, _PIECE):
        stop = min(start + _PIECE, last)
        hidden = _front_piece(codes, levels, start, stop, weights)
        hidden += at_frames(changes, CHROMA_RATE_HZ, np.arange(start, stop), RATE_HZ) @ weights.harmony
        parts.append(np.maximum(hidden, 0.0, out=hidden))
    return np.concatenate(parts)


def _front_piece(
    codes: NDArray[np.uint8], levels: FloatArray, start: int, stop: int, weights: BeatWeights
) -> FloatArray:
    """What the spectra alone say, before the rectifier.

    One frame more on each side is computed, and nothing where the track has none, as zero padding would have it.
    """
    low, high = max(0, start - 1), min(len(codes) // 2, stop + 1)
    # Frame k at 50 Hz sees frames 2k - 2 to 2k + 2 at 100 Hz.
    from_frame, to_frame = 2 * low - 2, 2 * high + 1
    inside = levels[codes[max(0, from_frame) : to_frame]]
    tail = to_frame - from_frame - len(inside) - max(0, -from_frame)
    padded = np.pad(inside, ((max(0, -from_frame), tail), (1, 1)))
    steps = high - low
    row, band = padded.strides
    patches = np.lib.stride_tricks.as_strided(
        padded, (steps, MEL_BANDS, 5, 3), (2 * row, band, row, band), writeable=False
    )
    edges = patches.reshape(steps * MEL_BANDS, 15) @ weights.edges
    pooled = edges.reshape(steps, MEL_BANDS // MEL_POOL, MEL_POOL, FRONT_CHANNELS).max(axis=2)
    pooled += weights.edges_bias
    np.maximum(pooled, 0.0, out=pooled)
    flat = np.pad(pooled.reshape(steps, -1), ((int(low == start), int(high == stop)), (0, 0)))
    width = flat.shape[1]
    hidden = np.broadcast_to(weights.bands_bias, (stop - start, CHANNELS)).copy()
    for tap in range(3):
        hidden += flat[tap : tap + stop - start] @ weights.bands[tap * width : (tap + 1) * width]
    return hidden


def _dilated_blocks(hidden: FloatArray, weights: BeatWeights) -> FloatArray:
    """The residual blocks, each looking twice as far to both sides as the one before."""
    count = len(hidden)
    taps = np.empty((count, KERNEL * CHANNELS), np.float32)
    for block in range(BLOCKS):
        for tap in range(KERNEL):
            shift = (tap - KERNEL // 2) * 2**block
            into = taps[:, tap * CHANNELS : (tap + 1) * CHANNELS]
            from_row, to_row = min(max(0, -shift), count), max(min(count, count - shift), 0)
            if to_row <= from_row:
                into[:] = 0.0
                continue
            into[:from_row] = 0.0
            into[to_row:] = 0.0
            into[from_row:to_row] = hidden[from_row + shift : to_row + shift]
        inner = taps @ weights.dilated[block]
        inner += weights.dilated_bias[block]
        np.maximum(inner, 0.0, out=inner)
        hidden += inner @ weights.mixed[block]
        hidden += weights.mixed_bias[block]
    return np.maximum(hidden, 0.0, out=hidden)


def _tempo_of(hidden: FloatArray, weights: BeatWeights) -> FloatArray:
    seconds = len(hidden) // TEMPO_POOL
    pooled = hidden[: seconds * TEMPO_POOL].reshape(seconds, TEMPO_POOL, CHANNELS).mean(axis=1)
    logits = pooled @ weights.heads[:, 2:] + weights.heads_bias[2:]
    logits -= logits.max(axis=1, keepdims=True) if seconds else np.float32(0)
    odds = np.exp(logits)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float32)


def _sigmoid(logits: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)
