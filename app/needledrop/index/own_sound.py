# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A measure of likeness learned from the user's own library, without labels: two clips of one recording are alike.

What varies within recordings tells nothing of what they are like; what stays the same in each and differs between them
does. Dividing by the covariance within recordings is the linear optimum of that (within-class covariance normalisation:
Hatch, Kajarekar and Stolcke, "Within-class covariance normalization for SVM-based speaker recognition", Interspeech
2006). It is one closed form over the gallery's clips, so it follows the library wherever it grows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray

# As many clips say that nothing is known yet: a library of one track is measured plainly.
_PRIOR_CLIPS = 300.0
# Share of the mean variance that no direction falls below: what hardly varies within may be a quirk of few recordings.
_FLOOR = 0.05
_TRACKS = 2000


def own_whitener(clips: FloatArray, offsets: NDArray[np.int64], gain: FloatArray) -> FloatArray:
    """The map float32 [D, D] that standardised descriptors are multiplied by, from the right; 1 without clips.

    Args:
        clips: [n, D] of tracks end to end, track i at offsets[i] : offsets[i + 1].
        gain: [D], what standardising multiplies each descriptor by.
    """
    covariance, count = _within(clips, offsets, gain)
    size = len(covariance)
    own = covariance / max(count, 1.0)
    variance = float(np.trace(own)) / size if count else 1.0
    weight = count / (count + _PRIOR_CLIPS)
    blended = weight * own / max(variance, 1e-9) + (1.0 - weight) * np.eye(size)
    blended = (1.0 - _FLOOR) * blended + _FLOOR * np.eye(size)
    return np.asarray(np.linalg.cholesky(np.linalg.inv(blended)), np.float32)


def _within(clips: FloatArray, offsets: NDArray[np.int64], gain: FloatArray) -> tuple[NDArray[np.float64], float]:
    """Sums of products of the deviations of standardised clips from their tracks' means, and how many there are."""
    size = len(gain)
    total, count = np.zeros((size, size)), 0.0
    for first in range(0, len(offsets) - 1, _TRACKS):
        bounds = offsets[first : first + _TRACKS + 1]
        scaled = (np.asarray(clips[bounds[0] : bounds[-1]]) * gain).astype(np.float64)
        lengths = np.diff(bounds)
        lengths = lengths[lengths > 0]
        if not len(lengths):
            continue
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        means = np.add.reduceat(scaled, starts) / lengths[:, None]
        deviations = scaled - np.repeat(means, lengths, axis=0)
        total += deviations.T @ deviations
        count += float(len(scaled) - len(lengths))
    return total, count
