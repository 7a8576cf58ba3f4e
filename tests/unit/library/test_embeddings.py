# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store of embeddings: what goes in comes out, and one extractor never gets another's rows."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from needledrop.core.extractor import ExtractorCard
from needledrop.library.library import Library
from unit.library.conftest import Opener

CARD = ExtractorCard("made-up", 1, 3, 2.0, "music", "CC0-1.0", 10, "0a" * 32, "", True)
NEWER = dataclasses.replace(CARD, version=2)
RETRAINED = dataclasses.replace(CARD, sha256="0b" * 32)


def vectors(steps: int, fill: float) -> np.ndarray:
    return np.full((steps, 3), fill, np.float32)


def test_vectors_come_back_after_reopening(open_library: Opener) -> None:
    made = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
    with open_library(write=True) as library:
        library.put_embeddings(CARD, {"a": made, "empty": made[:0]})
    with open_library() as library:
        found = library.embeddings(CARD, ["empty", "unknown", "a"])
    assert list(found) == ["empty", "a"]
    assert found["a"].dtype == np.float32 and np.array_equal(found["a"], made)
    assert found["empty"].shape == (0, 3)


def test_switching_the_extractor_never_mixes(library: Library) -> None:
    library.put_embeddings(CARD, {"a": vectors(2, 1), "b": vectors(2, 1)})
    library.put_embeddings(NEWER, {"a": vectors(4, 2)})
    assert {card.version: float(library.embeddings(card, ["a"])["a"].mean()) for card in (CARD, NEWER)} == {1: 1, 2: 2}
    assert library.embeddings(NEWER, ["b"]) == {} == library.embeddings(RETRAINED, ["a", "b"])
    assert library.missing_embeddings(NEWER, ["b", "a", "c", "b"]) == ["b", "c"]
    assert library.missing_embeddings(RETRAINED, ["b", "a"]) == ["b", "a"]
    assert library.drop_embeddings(CARD) == 2
    assert library.embeddings(CARD, ["a", "b"]) == {}
    assert list(library.embeddings(NEWER, ["a", "b"])) == ["a"]


def test_a_content_seen_again_is_replaced(library: Library) -> None:
    library.put_embeddings(CARD, {"a": vectors(2, 1)})
    library.put_embeddings(CARD, {"a": vectors(1, 5)})
    assert library.embeddings(CARD, ["a"])["a"].tolist() == [[5, 5, 5]]


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 4), np.float32), np.zeros(3, np.float32), np.full((1, 3), np.nan, np.float32)]
)
def test_what_does_not_fit_is_refused_whole(library: Library, wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="not \\[steps, 3\\]"):
        library.put_embeddings(CARD, {"good": vectors(1, 1), "wrong": wrong})
    assert library.embeddings(CARD, ["good"]) == {}


def test_ten_thousand_contents_are_looked_up_by_the_key(library: Library) -> None:
    library.put_embeddings(CARD, {str(number): vectors(1, number) for number in range(10_000)})
    found = library.embeddings(CARD, [str(number) for number in reversed(range(10_000))])
    assert len(found) == 10_000 and float(found["77"][0, 0]) == 77
    plan = library.connection.rows(
        "EXPLAIN QUERY PLAN SELECT vectors FROM embeddings WHERE extractor = ? AND content_hash IN ('a', 'b')", ("k",)
    )
    assert all(row["detail"].startswith("SEARCH embeddings") for row in plan)
