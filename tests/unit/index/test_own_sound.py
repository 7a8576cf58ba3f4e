# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from needledrop.core.music import CLIP_DESCRIPTORS, Clips
from needledrop.index.builder import GalleryBuilder
from needledrop.index.gallery import Gallery
from retrieval.synthetic_gallery import make_builder, make_track

SIZE = len(CLIP_DESCRIPTORS)
LOUD, TELLING = 3, 7


def gallery(tracks: int, seed: int = 1) -> Gallery:
    """Clips whose descriptor LOUD varies within every track, and whose TELLING is a track's own."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(1, tracks + 1):
        clips = np.tile(0.08 * rng.normal(size=SIZE), (40, 1)) + 0.1 * rng.normal(size=(40, SIZE))
        clips[:, LOUD] += 3.0 * rng.normal(size=40)
        clips[:, TELLING] += rng.normal()
        made.append(replace(make_track(number), clips=Clips(clips.astype(np.float32))))
    return make_builder(made).build()


def test_what_varies_within_a_recording_counts_less() -> None:
    gains = np.linalg.norm(gallery(30).own_whitener, axis=1)
    assert gains[TELLING] > 2 * gains[LOUD]


def test_a_half_of_a_track_finds_its_other_half() -> None:
    found = gallery(60)
    clips, bounds = found.standardised(found.clips), found.clip_offsets
    halves = [
        np.stack([clips[first + part : first + part + 4].mean(axis=0) for first in bounds[:-1]]) for part in (0, 30)
    ]

    def hits(first: np.ndarray, second: np.ndarray) -> int:
        rows = [one / np.linalg.norm(one, axis=1, keepdims=True) for one in (first, second)]
        return int(((rows[0] @ rows[1].T).argmax(axis=1) == np.arange(len(first))).sum())

    whitener = found.own_whitener
    assert hits(halves[0] @ whitener, halves[1] @ whitener) >= hits(halves[0], halves[1]) + 8


def test_little_music_changes_little_and_none_nothing() -> None:
    empty = GalleryBuilder("test", {}).build()
    assert empty.own_whitener == pytest.approx(np.eye(SIZE), abs=1e-6)
    one = np.linalg.norm(gallery(1).own_whitener, axis=1)
    many = np.linalg.norm(gallery(30).own_whitener, axis=1)
    assert one[LOUD] > many[LOUD] and np.isfinite(one).all()
