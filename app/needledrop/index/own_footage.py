# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A measure of likeness of pictures learned from the user's own videos, without labels: two seconds of one are alike.

The same closed form as for sound (`own_sound`), so that it follows the user's footage wherever it grows. Every video
teaches with its mirror image beside it: which way it faces tells nothing of what it is. It reads no video.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from needledrop.core.music import FloatArray
from needledrop.features.picture_rows import mirrored_rows
from needledrop.index.own_sound import own_whitener

# Seconds of a video that teach, spread over it: one long film must not be all there is to learn from.
_MOST_SECONDS = 120
_FARTHEST = 6.0
# Products of directions: nearly all strangers lie below the first, most halves of one video above (docs/models.md).
_STRANGERS, _SAME = 0.55, 0.9


@dataclass(frozen=True)
class FootageMeasure:
    """centre and gain float32 [R] standardise the rows of a second (features.picture_rows); whitener float32 [R, R]."""

    centre: FloatArray
    gain: FloatArray
    whitener: FloatArray

    @classmethod
    def taught_by(cls, videos: Sequence[FloatArray], centre: FloatArray, gain: FloatArray) -> FootageMeasure:
        """What the rows of some videos teach, each [seconds, R]; without any the rows are measured plainly."""
        spread = [video[_spread(len(video))] for video in videos]
        taught = [_standardised(np.concatenate([one, mirrored_rows(one)]), centre, gain) for one in spread]
        offsets = np.concatenate([[0], np.cumsum([len(one) for one in taught])]).astype(np.int64)
        size = len(centre)
        rows = np.concatenate([np.zeros((0, size), np.float32), *taught])
        return cls(centre, gain, own_whitener(rows, offsets, np.ones(size, np.float32)))

    def direction(self, seconds: FloatArray) -> FloatArray:
        """Where a stretch of picture [seconds, R] lies, float32 [R] of length 1: products of two are their likeness."""
        mean = _standardised(seconds.mean(axis=0, dtype=np.float64)[None], self.centre, self.gain)[0] @ self.whitener
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)


def likeness(direction: FloatArray, other: FloatArray) -> float:
    """How surely two stretches of footage belong together by their directions, 0 for strangers to 1."""
    return float(np.clip((float(direction @ other) - _STRANGERS) / (_SAME - _STRANGERS), 0.0, 1.0))


def _spread(count: int) -> slice:
    return slice(None, None, max(1, -(-count // _MOST_SECONDS)))


def _standardised(rows: FloatArray, centre: FloatArray, gain: FloatArray) -> FloatArray:
    return np.asarray(np.clip((np.nan_to_num(rows) - centre) * gain, -_FARTHEST, _FARTHEST), np.float32)
