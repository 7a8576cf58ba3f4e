# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the harmony changes around each moment, over several spans: chords change at the beginning of bars.

After Harte, Sandler and Gasser, "Detecting harmonic change in musical audio", AMCMM 2006, with plain cosines.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray

# Frames of chroma compared with as many before.
SPANS = (2, 4, 8, 16)
_QUIET = 0.03


def harmonic_change(chroma: FloatArray) -> FloatArray:
    """Cosine distance, 0..1, of the chroma after and before the middle between frames k - 1 and k [frames, SPANS].

    Args:
        chroma: [frames, 12], of any scale.
    """
    count = len(chroma)
    changes = np.zeros((count, len(SPANS)), np.float32)
    if not count:
        return changes
    norms = np.sqrt(np.square(chroma).sum(axis=1, keepdims=True))
    even = chroma / (norms + _QUIET * norms.mean() + 1e-9)
    sums = np.concatenate([np.zeros((1, 12)), np.cumsum(even, axis=0, dtype=np.float64)])
    at = np.arange(count)
    for column, span in enumerate(SPANS):
        before = (sums[at] - sums[np.maximum(at - span, 0)]) / span
        after = (sums[np.minimum(at + span, count)] - sums[at]) / span
        product = np.sqrt(np.square(before).sum(axis=1) * np.square(after).sum(axis=1))
        cosine = (before * after).sum(axis=1) / np.maximum(product, 1e-9)
        changes[:, column] = np.where(product > 1e-4, 1 - cosine, 0.0)
    return changes


def at_frames(changes: FloatArray, rate_hz: float, frames: NDArray[np.intp], frame_rate_hz: float) -> FloatArray:
    """The changes, made at `rate_hz`, interpolated at frames of another rate [frames, SPANS]; 0 outside."""
    place = frames * (rate_hz / frame_rate_hz) + 0.5
    base = np.floor(place).astype(np.intp)
    part = (place - base).astype(np.float32)[:, None]
    if not len(changes):
        return np.zeros((len(frames), len(SPANS)), np.float32)

    def row(index: NDArray[np.intp]) -> FloatArray:
        is_inside = (index >= 0) & (index < len(changes))
        return np.where(is_inside[:, None], changes[np.clip(index, 0, len(changes) - 1)], np.float32(0))

    return np.asarray(row(base) * (1 - part) + row(base + 1) * part, np.float32)
