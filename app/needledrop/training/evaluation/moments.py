# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How well the right stretch of a track is found, alone and together with the right track.

Source: Xin et al., ICCV 2025 (MGSV), with its published code where the paper is silent: an overlap counts above its
threshold, not at it; of a query whose track is ranked too low nothing counts, and Rk_mIoU is over the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from needledrop.training.evaluation.metrics import Interval, Ranks, Scores, bootstrap, moment_iou

THRESHOLDS = (0.3, 0.5, 0.7)
COMPOSITE_THRESHOLDS = (0.5, 0.7)
COMPOSITE_KS = (1, 10, 50, 100)


@dataclass(frozen=True)
class Grounding:
    """Overlap of the found with the true stretch: mean_iou, and share above each threshold, 0..1."""

    queries: int
    mean_iou: Interval
    above: dict[float, Interval]


@dataclass(frozen=True)
class Composite:
    """Track and stretch together: found[k, threshold] is the share of queries with the track at rank k or better and
    an overlap above the threshold; mean_iou[k] is over the queries with the track at rank k or better (0 where there
    are none)."""

    found: dict[tuple[int, float], Interval]
    mean_iou: dict[int, float]


def overlaps(found_s: Scores, true_s: Scores, duration_s: Scores) -> NDArray[np.float64]:
    """Overlap [Q] of stretches [Q, 2]; what was found is first cut to its track, of duration_s [Q]. A number that is
    none, or a stretch that ends before it begins, is no overlap."""
    cut = np.clip(np.nan_to_num(found_s, nan=-1.0), 0.0, np.asarray(duration_s)[:, None])
    return np.where(cut[:, 1] > cut[:, 0], moment_iou(cut, true_s), 0.0)


def grounding(iou: NDArray[np.float64], clusters: NDArray[np.int64], seed: int = 0) -> Grounding:
    """Of overlaps [Q]; the bootstrap draws whole clusters [Q] (a track)."""
    interval = partial(_interval, clusters=clusters, seed=seed)
    return Grounding(
        len(iou), interval(iou), {threshold: interval((iou > threshold).astype(float)) for threshold in THRESHOLDS}
    )


def composite(
    ranks: Ranks,
    iou: NDArray[np.float64],
    clusters: NDArray[np.int64],
    ks: Sequence[int] = COMPOSITE_KS,
    seed: int = 0,
) -> Composite:
    """Of ranks [Q] of the true tracks, from 1, and overlaps [Q] in them."""
    found = {
        (k, threshold): _interval(((ranks <= k) & (iou > threshold)).astype(float), clusters, seed)
        for k in ks
        for threshold in COMPOSITE_THRESHOLDS
    }
    return Composite(found, {k: float(iou[ranks <= k].mean()) if (ranks <= k).any() else 0.0 for k in ks})


def _interval(values: NDArray[np.float64], clusters: NDArray[np.int64], seed: int) -> Interval:
    return bootstrap(np.arange(len(values)), lambda drawn: float(values[drawn].mean()), clusters, seed)
