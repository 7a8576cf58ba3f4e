# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics of a video's picture rows: one raw vector a video, of the kind that CBVMR took.

The statistics over time are those of the YouTube-8M features (mean, variance, the five greatest values of each;
Abu-El-Haija et al. 2016), with the rhythm of the breaks beside. Nothing is fitted here: whitening and PCA come later,
from the training split.
"""

from __future__ import annotations

import numpy as np

from needledrop.core.music import FloatArray, TimeArray
from needledrop.core.picture import PictureRows
from needledrop.features.picture_rows import ROW_SIZE, break_times_s

_TOP = 5
_RHYTHM_SIZE = 4
SIZE = ROW_SIZE * (2 + _TOP) + _RHYTHM_SIZE


def picture_statistics(rows: PictureRows) -> FloatArray:
    """The raw vector float32 [SIZE] of a video: mean, variance and the five greatest values (greatest first) of each
    row over its seconds, then breaks a second, mean, spread and greatest length of a shot in s."""
    seconds = rows.seconds
    greatest = np.sort(seconds, axis=0)[::-1][:_TOP]
    greatest = np.concatenate([greatest, np.repeat(greatest[-1:], _TOP - len(greatest), axis=0)])
    rhythm = _break_rhythm(rows)
    return np.concatenate([seconds.mean(axis=0), seconds.var(axis=0), greatest.ravel(), rhythm]).astype(np.float32)


def _break_rhythm(rows: PictureRows) -> TimeArray:
    duration_s = (len(rows.flow) + 1) / rows.rate_hz
    shots_s = np.diff(np.concatenate([[0.0], break_times_s(rows), [duration_s]]))
    return np.array([(len(shots_s) - 1) / duration_s, shots_s.mean(), shots_s.std(), shots_s.max()])
