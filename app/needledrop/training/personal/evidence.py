# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a taste is learned from, as arrays: pictures, tracks, what the base thinks of them, and verdicts. No files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.suggest.taste_cache import Label
from needledrop.suggest.taste_space import TasteSpace

# Strangers that a verdict without a list is compared with.
_STRANGERS = 9


@dataclass(frozen=True)
class Parts:
    """What each of the base's experts says by itself: deviations float32 [C, E, T], precision float32 [C, E]."""

    names: tuple[str, ...]
    deviations: FloatArray
    precision: FloatArray

    def said(self, context: int) -> FloatArray:
        """What each expert says of every track for a picture, float32 [E, T]; their sum orders the tracks."""
        found: FloatArray = self.precision[context][:, None] * self.deviations[context]
        return found


@dataclass(frozen=True)
class Evidence:
    """tracks float32 [T, P] in `space`; contexts float32 [C, w]; standings float32 [C, T], what the base thinks of each
    track for each picture, in deviations; base_precision float32 [C], what that counts; parts: the same by expert."""

    space: TasteSpace
    tracks: FloatArray
    contexts: FloatArray
    standings: FloatArray
    base_precision: FloatArray
    labels: tuple[Label, ...]
    parts: Parts | None = None

    def weighted(self, factors: Mapping[str, float]) -> Evidence:
        """The same with other precisions of the base's experts."""
        if self.parts is None:
            return self
        gains = np.array([factors.get(name, 1.0) for name in self.parts.names], np.float32)
        precision = self.parts.precision * gains
        total = precision.sum(axis=1)
        joint = (precision[:, :, None] * self.parts.deviations).sum(axis=1)
        standings = np.divide(joint, total[:, None], out=np.zeros_like(joint), where=total[:, None] > 0)
        return replace(self, standings=standings, base_precision=total)

    @property
    def groups(self) -> NDArray[np.int64]:
        """The project of each label, [n]."""
        return np.array([label.group for label in self.labels], np.int64)

    def only(self, kept: Sequence[Label]) -> Evidence:
        """The same with some of the labels."""
        return replace(self, labels=tuple(kept))


@dataclass(frozen=True)
class Pairs:
    """This rather than that: context, liked and disliked [n] are rows; weight float32 [n], a label's weights sum to its
    own."""

    context: NDArray[np.int64]
    liked: NDArray[np.int64]
    disliked: NDArray[np.int64]
    weight: FloatArray


def preference_pairs(evidence: Evidence, seed: int = 0) -> Pairs:
    """Each verdict against the rest of its list, but for tracks that were liked as much; where there was no list,
    against tracks drawn from the gallery."""
    weights = {(one.context, one.row): one.weight for one in evidence.labels}
    rows: list[tuple[int, int, int, float]] = []
    for label in evidence.labels:
        others = told_from(label, len(evidence.tracks), seed)
        if label.weight > 0:
            others = [row for row in others if weights.get((label.context, row), 0.0) < label.weight]
        else:
            others = [row for row in others if weights.get((label.context, row), 0.0) > label.weight]
        for other in others:
            pair = (label.row, other) if label.weight > 0 else (other, label.row)
            rows.append((label.context, *pair, abs(label.weight) / len(others)))
    contexts, liked, disliked, shares = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Pairs(
        np.array(contexts, np.int64), np.array(liked, np.int64), np.array(disliked, np.int64),
        np.array(shares, np.float32),
    )  # fmt: skip


def told_from(label: Label, count: int, seed: int = 0) -> list[int]:
    """The rest of the list that a track was taken from; without one, a few tracks drawn from all `count`."""
    others = [row for row in label.offered if row != label.row]
    if others:
        return others
    rng = np.random.default_rng([seed, label.context, label.row])
    drawn = rng.choice(count, size=min(_STRANGERS + 1, count), replace=False).tolist()
    return [one for one in drawn if one != label.row][:_STRANGERS]
