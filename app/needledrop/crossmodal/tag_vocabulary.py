# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One vocabulary of tags in which pictures and music meet, and what can be done with probabilities over it.

The tags come in kinds (mood, scene, activity, genre, energy). Within a kind the probabilities sum to 1: a sunset can be
calm, but is not a forest. numpy only; which model gives the probabilities is not known here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.paths import display_path, shipped_dir

VOCABULARY_NAME = "tag_vocabulary.toml"
KINDS = ("mood", "scene", "activity", "genre", "energy")
_SIDES = ("picture", "music")
# A caption names what is at least so much likelier than if the model knew nothing.
_LEAST_LIFT = 2.0

Item = TypeVar("Item", contravariant=True)


class Tags(Protocol[Item]):
    """Whatever gives an item (pictures of a video, samples of a track) its tags with their probabilities."""

    def __call__(self, item: Item) -> list[tuple[str, float]]:
        """Every tag of a vocabulary with its probability within its kind, in the vocabulary's order."""
        ...


@dataclass(frozen=True)
class TagVocabulary:
    """Tags in order of kind; kinds[i] is the kind of tags[i], picture_prompts[i] and music_prompts[i] its sentences."""

    tags: tuple[str, ...]
    kinds: tuple[str, ...]
    picture_prompts: tuple[str, ...]
    music_prompts: tuple[str, ...]

    def slices(self) -> list[slice]:
        """Where each kind lies among the tags."""
        return [slice(self.kinds.index(kind), self.kinds.index(kind) + self.kinds.count(kind)) for kind in KINDS]

    def probabilities(self, logits: FloatArray) -> FloatArray:
        """Softmax within each kind, then the mean over steps: logits float [steps, tags] to float32 [tags].

        Raises:
            ValueError: there is no step, or not one logit a tag.
        """
        if logits.ndim != 2 or logits.shape[0] == 0 or logits.shape[1] != len(self.tags):
            raise ValueError(f"{logits.shape} is not [steps, {len(self.tags)}]")
        rows: NDArray[np.float64] = np.asarray(logits, np.float64)
        parts = []
        for part in self.slices():
            powers = np.exp(rows[:, part] - rows[:, part].max(axis=1, keepdims=True))
            parts.append((powers / powers.sum(axis=1, keepdims=True)).mean(axis=0))
        return np.concatenate(parts).astype(np.float32)

    def listed(self, probabilities: FloatArray) -> list[tuple[str, float]]:
        """Each tag with its probability, in the vocabulary's order."""
        return list(zip(self.tags, map(float, probabilities), strict=True))

    def caption(self, probabilities: FloatArray, count: int = 5) -> list[tuple[str, float]]:
        """What to write on a card: the tags that stand out most within their kind, at most two of each, best first."""
        lifts = np.asarray(probabilities, np.float64) * [self.kinds.count(kind) for kind in self.kinds]
        named: list[int] = []
        for index in np.argsort(-lifts, kind="stable").tolist():
            if len(named) == count or lifts[index] < _LEAST_LIFT:
                break
            if sum(self.kinds[other] == self.kinds[index] for other in named) < 2:
                named.append(index)
        return [(self.tags[index], float(probabilities[index])) for index in named]

    def agreements(self, picture: FloatArray, music: FloatArray) -> FloatArray:
        """How much the probabilities of a picture [tags] and of pieces of music [n, tags] overlap, float32 [n]: the
        Bhattacharyya coefficient (Bhattacharyya 1943), mean over kinds, 0 to 1."""
        overlap = np.sqrt(np.asarray(picture, np.float64) * np.asarray(music, np.float64))
        kinds = [overlap[:, part].sum(axis=1) for part in self.slices()]
        return np.asarray(np.mean(kinds, axis=0), np.float32)


def load_vocabulary() -> TagVocabulary:
    """The vocabulary that ships.

    Raises:
        KnownError: "installation": it is missing or damaged.
    """
    return read_vocabulary(shipped_dir("resources") / VOCABULARY_NAME)


def read_vocabulary(path: Path) -> TagVocabulary:
    """Read a vocabulary: a table for each of KINDS, in it a tag with its two sentences.

    Raises:
        KnownError: "installation": it is missing or damaged.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        rows = [(tag, kind, entry) for kind in KINDS for tag, entry in tables[kind].items()]
        prompts = [tuple(str(entry[side]) for _, _, entry in rows) for side in _SIDES]
        _require_plain([tag for tag, _, _ in rows], tables)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KnownError(
            f"The vocabulary of tags {display_path(path)} is missing or damaged.",
            remedy="Install Needledrop again.",
            cause=repr(error),
            code="installation",
        ) from error
    return TagVocabulary(tuple(tag for tag, _, _ in rows), tuple(kind for _, kind, _ in rows), prompts[0], prompts[1])


def _require_plain(tags: Sequence[str], tables: dict[str, dict[str, object]]) -> None:
    if set(tables) != set(KINDS) or not all(tables.values()):
        raise ValueError(f"kinds {sorted(tables)}")
    if len(set(tags)) != len(tags):
        raise ValueError("a tag stands in two kinds")
