# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from needledrop.core.music import CLIP_DESCRIPTORS, Clips
from needledrop.index.builder import GalleryBuilder
from needledrop.index.gallery import Gallery
from needledrop.suggest import stretch_likeness as module
from needledrop.suggest.experts import sounding
from needledrop.suggest.stretch_likeness import stretch_likeness
from retrieval.synthetic_gallery import make_builder, make_track

SIZE = len(CLIP_DESCRIPTORS)


def made(tracks: int, seed: int = 1) -> list[np.ndarray]:
    """Tracks of ten parts, each of which sounds of something else than the others."""
    rng = np.random.default_rng(seed)
    parts = [[np.tile(rng.normal(size=SIZE), (4, 1)) for _ in range(10)] for _ in range(tracks)]
    return [np.concatenate(ten) + 0.3 * rng.normal(size=(40, SIZE)) for ten in parts]


def gallery_of(clips: list[np.ndarray]) -> Gallery:
    tracks = [replace(make_track(number), clips=Clips(one.astype(np.float32))) for number, one in enumerate(clips, 1)]
    return make_builder(tracks).build()


def test_it_is_the_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TRACKS", 4)
    clips = [*made(4), np.zeros((0, SIZE)), *made(3, seed=2), np.zeros((0, SIZE))]
    gallery, asked = gallery_of(clips), made(1, seed=9)[0][:5].astype(np.float32)
    heard = [sounding(gallery, one.astype(np.float32)) for one in (asked, *clips)]
    unit = [one / np.linalg.norm(one, axis=1, keepdims=True) for one in heard]
    expected = [float((unit[0] @ one.T).max(axis=1).mean()) if len(one) else -1.0 for one in unit[1:]]
    assert stretch_likeness(gallery, asked) == pytest.approx(expected, abs=1e-5)


def test_an_excerpt_finds_the_track_it_is_of_where_the_mean_does_not() -> None:
    clips = made(60)
    gallery = gallery_of(clips)
    mean = sounding(gallery, gallery.descriptors)
    by_mean, by_stretch = [], []
    for row, one in enumerate(clips):
        excerpt = one[:3].astype(np.float32)
        direction = sounding(gallery, excerpt.mean(axis=0))
        cosines = mean @ direction / np.linalg.norm(mean, axis=1)
        by_mean.append(int((cosines > cosines[row]).sum()))
        scores = stretch_likeness(gallery, excerpt)
        by_stretch.append(int((scores > scores[row]).sum()))
    assert max(by_stretch) == 0 < max(by_mean)


def test_nothing_is_like_nothing() -> None:
    empty = GalleryBuilder("test", {}).build()
    assert stretch_likeness(empty, np.zeros((3, SIZE), np.float32)).shape == (0,)
    assert (stretch_likeness(gallery_of(made(3)), np.zeros((0, SIZE), np.float32)) == -1.0).all()
