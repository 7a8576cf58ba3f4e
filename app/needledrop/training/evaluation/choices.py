# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a system would put first: the best tracks of each video, for the eye and the ear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.training.evaluation.metrics import Ranks, ranks_of
from needledrop.training.evaluation.protocol import DIRECTIONS, Indices, Scorer, Trial


@dataclass(frozen=True)
class Choices:
    """One system's answers to a trial from video to music: tracks [Q, n] as indices into the set, best first, their
    scores [Q, n], and the rank [Q] of each query's own track."""

    system: str
    tracks: Indices
    scores: NDArray[np.float64]
    ranks: Ranks


def best_choices(scorer: Scorer, trial: Trial, count: int) -> Choices:
    """The `count` best tracks of each video; those with equal scores in the order of the gallery.

    Raises:
        ValueError: the trial asks for videos.
    """
    if trial.direction != DIRECTIONS[0]:
        raise ValueError("videos choose tracks here")
    scores = np.asarray(scorer.scores(trial.videos, trial.tracks), np.float64)
    scores = np.where(np.isnan(scores), -np.inf, scores)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    best = np.take_along_axis(scores, order, axis=1)
    return Choices(scorer.name, trial.tracks[order], best, ranks_of(scores, trial.relevant))
