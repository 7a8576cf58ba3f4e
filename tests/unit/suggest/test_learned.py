# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The learned matcher on made-up tracks: what it adds to the content matcher, and what it leaves as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from needledrop.core.music import CLIP_DESCRIPTORS
from needledrop.core.query import Filters, Query
from needledrop.crossmodal.base_towers import BaseTowers, shipped_towers
from needledrop.index.embedded_clips import embedded_clips
from needledrop.suggest.details import TrackDetails
from needledrop.suggest.learned import LearnedMatcher, LearnedWeights
from retrieval.synthetic_gallery import make_builder, make_query, make_track, make_video

TRACKS = [make_track(number, duration_s=90.0 + 10 * number) for number in range(1, 9)]
GALLERY = make_builder(TRACKS).build()


def details(ids: Sequence[int]) -> Mapping[int, TrackDetails]:
    known = {track.track_id: track for track in TRACKS}
    return {number: known[number] for number in ids if number in known}


def query(**fields: object) -> Query:
    curve = np.abs(np.cumsum(np.random.default_rng(1).normal(0, 0.2, 500))).astype(np.float32)
    return make_query(make_video(40.0, [5.0, 11.0, 20.0, 31.0], motion=curve), **fields)  # type: ignore[arg-type]


def matcher(weights: LearnedWeights | None = None, load: object = details) -> LearnedMatcher:
    model = shipped_towers()
    embedded = model.music_clips(GALLERY.clips, GALLERY.clip_offsets)
    return LearnedMatcher(GALLERY, embedded, model, load, weights)  # type: ignore[arg-type]


def test_every_expert_is_in_the_breakdown() -> None:
    ranked = matcher().rank(query(text="calm", text_scores={3: 1.0}), 4)
    assert len(ranked) == 4 and {"picture", "course", "steps", "text", "energy"} <= set(ranked[0].parts)
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)


def test_the_same_question_has_the_same_answer() -> None:
    assert matcher().rank(query(), 8) == matcher().rank(query(), 8)


def test_words_outweigh_what_was_learned() -> None:
    assert matcher().rank(query(text="calm", text_scores={3: 1.0}), 1)[0].track_id == 3


def test_filters_rule_out() -> None:
    ranked = matcher().rank(query(filters=Filters(excluded_track_ids=frozenset({1, 2, 3}))), 8)
    assert {one.track_id for one in ranked} == {4, 5, 6, 7, 8}
    nothing = Filters(excluded_track_ids=frozenset(range(9)))
    assert matcher().rank(query(filters=nothing), 8) == [] == matcher().rank(query(), 0)


def test_a_track_that_vanished_is_left_out() -> None:
    ranked = matcher(load=lambda ids: details([number for number in ids if number != 5])).rank(query(), 8)
    assert sorted(one.track_id for one in ranked) == [1, 2, 3, 4, 6, 7, 8]
    assert matcher(load=lambda ids: {}).rank(query(), 8) == []


def test_a_moment_inside_a_track_is_found() -> None:
    """A model that hands its inputs through: the video moves as one clip of one track does, from 24 s on."""
    own = GALLERY.clips[GALLERY.clip_offsets[4] + 6 : GALLERY.clip_offsets[4] + 16]
    towers = replace_through(own)
    embedded = towers.music_clips(GALLERY.clips, GALLERY.clip_offsets)
    found = LearnedMatcher(GALLERY, embedded, towers, details, LearnedWeights(course=50.0, steps=0.0, picture=0.01))
    assert found.rank(query(), 1)[0].track_id == TRACKS[4].track_id


def replace_through(shown: np.ndarray) -> BaseTowers:
    class Through(BaseTowers):
        def music_clips(self, clips: np.ndarray, offsets: np.ndarray) -> np.ndarray:
            scaled = (clips - GALLERY.descriptor_scale[0]) / GALLERY.descriptor_scale[1]
            return np.concatenate([scaled, scaled], axis=1)

        def video_clips(self, rows: object) -> np.ndarray:
            return self.music_clips(shown, np.array([0, len(shown)]))

    shipped = shipped_towers()
    return Through(shipped.tensors, shipped.columns, shipped.name)


def test_embedded_clips_are_kept_and_made_anew_when_damaged(tmp_path: Path) -> None:
    model = shipped_towers()
    made = embedded_clips(tmp_path, GALLERY, model)
    assert made.shape == (len(GALLERY.clips), 2 * 16)
    (file,) = tmp_path.glob("clips-*.npy")
    assert isinstance(embedded_clips(tmp_path, GALLERY, model), np.memmap)
    whole = file.read_bytes()
    for damaged in (whole[:100], b""):
        file.write_bytes(damaged)
        assert np.array_equal(embedded_clips(tmp_path, GALLERY, model), made)
    other = replace(GALLERY, library_revision="another")
    embedded_clips(tmp_path, other, model)
    assert len(list(tmp_path.glob("clips-*.npy"))) == 1 and not file.exists()


def test_where_nothing_can_be_kept_it_is_computed(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert len(embedded_clips(blocked, GALLERY, shipped_towers())) == len(GALLERY.clips)


def test_tracks_end_to_end_do_not_hear_each_other() -> None:
    model, clips = shipped_towers(), np.asarray(GALLERY.clips)
    own = clips[GALLERY.clip_offsets[2] : GALLERY.clip_offsets[3]]
    alone = model.music_clips(own, np.array([0, len(own)]))
    together = model.music_clips(clips, GALLERY.clip_offsets)[GALLERY.clip_offsets[2] : GALLERY.clip_offsets[3]]
    assert together == pytest.approx(alone, abs=1e-5)
    assert clips.shape[1] == len(CLIP_DESCRIPTORS) and sum(model.shares) == pytest.approx(1.0)
