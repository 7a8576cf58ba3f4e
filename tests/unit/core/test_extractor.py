# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that makes an extractor's vectors different makes its key different."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from needledrop.core.extractor import MUSIC, PICTURE, ExtractorCard

CARD = ExtractorCard("vggish", 1, 128, 1 / 0.96, MUSIC, "Apache-2.0", 288_000_000, "1f" * 32, "", True)


def test_the_key_reads_as_what_it_is() -> None:
    assert CARD.key == "vggish@1/128/1.04167Hz/1f1f1f1f1f1f1f1f"


@pytest.mark.parametrize(
    "change", [{"name": "other"}, {"version": 2}, {"dimension": 64}, {"rate_hz": 1.0}, {"sha256": "2e" * 32}]
)
def test_what_shapes_a_vector_shapes_the_key(change: dict[str, Any]) -> None:
    assert dataclasses.replace(CARD, **change).key != CARD.key


def test_what_does_not_shape_a_vector_leaves_the_key() -> None:
    assert dataclasses.replace(CARD, url="https://example.org/x", licence="MIT", modality=PICTURE).key == CARD.key


@pytest.mark.parametrize(
    "change",
    [
        {"name": "VGG ish"}, {"name": ""}, {"version": 0}, {"dimension": 0}, {"rate_hz": 0.0},
        {"rate_hz": float("nan")}, {"modality": "smell"}, {"sha256": "10086976"}, {"size_bytes": 0},
    ],
)  # fmt: skip
def test_a_card_that_says_nothing_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"vggish|VGG ish|cannot be told"):
        dataclasses.replace(CARD, **change)
