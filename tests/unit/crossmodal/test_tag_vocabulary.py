# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vocabulary is whole, and probabilities over it do what they are said to."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.crossmodal.tag_vocabulary import KINDS, TagVocabulary, load_vocabulary, read_vocabulary


@pytest.fixture(scope="module")
def vocabulary() -> TagVocabulary:
    return load_vocabulary()


def small() -> TagVocabulary:
    """Two tags of each kind."""
    tags = tuple(f"{kind} {number}" for kind in KINDS for number in (1, 2))
    return TagVocabulary(tags, tuple(kind for kind in KINDS for _ in range(2)), tags, tags)


def logits(vocabulary: TagVocabulary, **high: float) -> FloatArray:
    return np.array([[high.get(tag, 0.0) for tag in vocabulary.tags]], np.float32)


def test_the_vocabulary_that_ships(vocabulary: TagVocabulary) -> None:
    assert 140 <= len(vocabulary.tags) == len(set(vocabulary.tags)) <= 160
    assert {"sunset", "calm", "acoustic"} <= set(vocabulary.tags)
    for prompts in (vocabulary.picture_prompts, vocabulary.music_prompts):
        assert len(set(prompts)) == len(prompts) == len(vocabulary.tags)
        # SigLIP drops capitals and signs; 64 of its tokens hold far more words than these.
        assert [line for line in prompts if not re.fullmatch(r"[a-z]+( [a-z]+){1,11}", line)] == []
    parts = vocabulary.slices()
    assert [part.start for part in parts[1:]] == [part.stop for part in parts[:-1]]
    assert parts[0].start == 0 and parts[-1].stop == len(vocabulary.tags)


def test_probabilities_are_a_softmax_within_each_kind_and_a_mean_over_time() -> None:
    vocabulary = small()
    rows = np.concatenate([logits(vocabulary, **{"mood 1": 2.0}), logits(vocabulary, **{"mood 1": -1.0})])
    found = dict(vocabulary.listed(vocabulary.probabilities(rows)))
    assert found["mood 1"] == pytest.approx((1 / (1 + math.exp(-2)) + 1 / (1 + math.exp(1))) / 2, abs=1e-6)
    assert found["mood 1"] + found["mood 2"] == pytest.approx(1)
    assert found["scene 1"] == pytest.approx(0.5)


def test_large_logits_do_not_overflow_and_a_common_shift_changes_nothing() -> None:
    vocabulary = small()
    rows = logits(vocabulary, **{"scene 2": 3.0})
    assert np.allclose(vocabulary.probabilities(rows), vocabulary.probabilities(rows + 1e4), atol=1e-3)


@pytest.mark.parametrize("shape", [(0, 10), (3, 9), (10,)])
def test_what_are_no_logits_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"is not \[steps, 10\]"):
        small().probabilities(np.zeros(shape, np.float32))


def test_a_caption_names_what_stands_out(vocabulary: TagVocabulary) -> None:
    high = {"sunset": 6.0, "calm": 5.0, "acoustic": 5.5, "beach": 5.0, "sea": 5.0, "sky": 5.0}
    probabilities = vocabulary.probabilities(logits(vocabulary, **high))
    # Four scenes share what scenes have; two of them are named, those before in the vocabulary where they are equal.
    assert [name for name, _ in vocabulary.caption(probabilities)] == ["acoustic", "calm", "sunset", "beach"]
    assert [name for name, _ in vocabulary.caption(probabilities, count=2)] == ["acoustic", "calm"]
    assert dict(vocabulary.caption(probabilities))["acoustic"] == pytest.approx(math.exp(5.5) / (math.exp(5.5) + 34))
    assert vocabulary.caption(vocabulary.probabilities(logits(vocabulary))) == []


def test_agreement_is_one_for_the_same_and_less_for_others() -> None:
    vocabulary = small()
    calm = vocabulary.probabilities(logits(vocabulary, **{"mood 1": 4.0, "energy 1": 4.0}))
    wild = vocabulary.probabilities(logits(vocabulary, **{"mood 2": 4.0, "energy 2": 4.0}))
    p = 1 / (1 + math.exp(-4))
    apart = (3 + 2 * 2 * math.sqrt(p * (1 - p))) / 5
    assert vocabulary.agreements(calm, np.stack([calm, wild])) == pytest.approx([1.0, apart], abs=1e-5)
    assert vocabulary.agreements(wild, calm[None]) == pytest.approx([apart], abs=1e-5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[mood]\n",
        "[mood",
        "[mood]\ncalm = { picture = 'a' }\n",
        "".join(f"[{kind}]\nsame = {{ picture = 'a', music = 'b' }}\n" for kind in KINDS),
        "".join(f"[{kind}]\n{kind} = {{ picture = 'a', music = 'b' }}\n" for kind in (*KINDS, "smell")),
    ],
)
def test_a_damaged_vocabulary_is_a_known_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tags.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnownError, match="missing or damaged"):
        read_vocabulary(path)
