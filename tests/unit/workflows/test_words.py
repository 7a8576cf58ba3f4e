# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of a wish against words of tracks: by the sentence model or by full text; cached, never stale."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.crossmodal import sentence
from needledrop.workflows import words
from needledrop.workflows.profiles import read_library, write_library
from needledrop.workflows.words import embed_words, text_scores
from unit.workflows.made_library import add_track


class WordModel:
    """Stands in for the sentence model: texts are near when they share words."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> FloatArray:
        self.encoded += texts
        rows = np.zeros((len(texts), sentence.DIMENSION), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().replace(".", "").split():
                row[zlib.crc32(word.encode()) % sentence.DIMENSION] += 1.0
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, profile: Profile) -> WordModel:
    """The stand-in, installed."""
    model = WordModel()
    monkeypatch.setattr(sentence, "published_model_dir", lambda: profile.cache_dir)
    monkeypatch.setattr(words, "open_model", lambda profile: model)
    return model


def fill(profile: Profile) -> tuple[int, int]:
    with write_library(profile, "test") as library:
        calm = add_track(library, 1, title="calm sunrise", genre="ambient")
        wild = add_track(library, 2, title="wyld fyzzy", genre="")
        embed_words(profile, library, ignore_progress, CancelToken())
    return calm, wild


def test_without_the_model_words_are_matched_as_written(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentence, "published_model_dir", lambda: None)
    calm, _ = fill(profile)
    with read_library(profile) as library:
        found = text_scores(profile, library, "calm hike")
    assert (found.method, dict(found.scores)) == ("full-text", {calm: 1.0})


def test_with_the_model_every_track_has_a_score(profile: Profile, model: WordModel) -> None:
    calm, wild = fill(profile)
    with read_library(profile) as library:
        found = text_scores(profile, library, "calm sunrise ambient")
    assert found.method == "sentence"
    assert found.scores.keys() == {calm, wild}
    assert 1.0 >= found.scores[calm] > found.scores[wild] >= 0.0


def test_words_that_stand_in_the_track_count_whatever_the_model_says(
    profile: Profile, model: WordModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm, wild = fill(profile)
    with read_library(profile) as library:
        text_scores(profile, library, "warm up the vectors")
        monkeypatch.setattr(model, "encode", lambda texts: np.zeros((len(texts), sentence.DIMENSION), np.float32))
        found = text_scores(profile, library, "the calm sunrise, then fyzzy")
    assert found.scores[calm] == pytest.approx(0.9 * 2 / 3)
    assert found.scores[wild] == pytest.approx(0.9 * 1 / 3)


def test_each_text_is_embedded_once(profile: Profile, model: WordModel) -> None:
    fill(profile)
    assert len(model.encoded) == 2
    with write_library(profile, "test") as library:
        embed_words(profile, library, ignore_progress, CancelToken())
        assert len(model.encoded) == 2
        new = add_track(library, 3, title="new")
        found = text_scores(profile, library, "new")
    assert new in found.scores
    assert len(model.encoded) == 4  # The text of the new track, and the wish.


@pytest.mark.parametrize("damage", [b"", b"garbage", b"PK\x03\x04 half a zip"])
def test_damaged_vectors_are_made_again(profile: Profile, model: WordModel, damage: bytes) -> None:
    calm, wild = fill(profile)
    (profile.gallery_dir / "words.npz").write_bytes(damage)
    with read_library(profile) as library:
        assert text_scores(profile, library, "calm").scores.keys() == {calm, wild}


def test_an_empty_library_has_no_scores(profile: Profile, model: WordModel) -> None:
    with read_library(profile) as library:
        assert text_scores(profile, library, "calm").scores == {}


def test_a_cache_that_cannot_be_written_is_said(profile: Profile, model: WordModel) -> None:
    profile.cache_dir.mkdir(parents=True)
    profile.gallery_dir.write_bytes(b"in the way")
    with pytest.raises(KnownError, match="words of the tracks"):
        fill(profile)
