# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a taste is learned from, as arrays: pictures, tracks, what the base thinks of them, and verdicts. No files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.suggest.taste_cache import Label
from needledrop.suggest.taste_space import TasteSpace

# Strangers that a verdict without a list is compared with.
_STRANGERS = 9


@dataclass(frozen=True)
class Evidence:
    """tracks float32 [T, P] in `space`; contexts float32 [C, w]; standings float32 [C, T], what the base thinks of each
    track for each picture, in deviations; base_precision float32 [C], what that counts."""

    space: TasteSpace
    tracks: FloatArray
    contexts: FloatArray
    standings: FloatArray
    base_precision: FloatArray
    labels: tuple[Label, ...]

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
    rng = np.random.default_rng(seed)
    weights = {(one.context, one.row): one.weight for one in evidence.labels}
    rows: list[tuple[int, int, int, float]] = []
    for label in evidence.labels:
        others = [row for row in label.offered if row != label.row] or _strangers(rng, label.row, len(evidence.tracks))
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


def _strangers(rng: np.random.Generator, row: int, count: int) -> list[int]:
    drawn = rng.choice(count, size=min(_STRANGERS + 1, count), replace=False).tolist()
    return [one for one in drawn if one != row][:_STRANGERS]
