# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content matcher as a baseline: the product's own scores, and no pair given away by its length."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from needledrop.core.query import Query
from needledrop.core.times import TimeRange
from needledrop.crossmodal.base_towers import shipped_towers
from needledrop.suggest.content import ContentMatcher
from needledrop.suggest.engine import suggest
from needledrop.training.evaluation.measured_items import MeasuredItems
from needledrop.training.evaluation.program_order import ProgramOrder
from retrieval.synthetic_gallery import make_builder, make_track, make_video

SECONDS = 20.0


def measured() -> MeasuredItems:
    """Videos cut at every second or fourth beat of one track's tempo, and tracks of plainly other tempi."""
    tracks = {number: replace(make_track(number, tempo_bpm=70.0 + 17 * number), track_id=number) for number in range(4)}
    videos = {}
    for number in range(3):
        beat_s = 60.0 / (70.0 + 17 * number)
        videos[number] = make_video(SECONDS + number, np.arange(2 * beat_s, SECONDS - 1, 2 * beat_s).tolist())
    return MeasuredItems(tracks, videos, dict.fromkeys(videos, 0.0))


def test_scores_are_those_of_the_list_that_a_user_sees() -> None:
    items = measured()
    scores = ProgramOrder(items).scores(np.array([1]), np.array([3, 0, 1, 2]))
    tracks = [items.tracks[number] for number in range(4)]
    gallery = make_builder(tracks).build()
    query = Query(items.videos[1], TimeRange(Fraction(0), Fraction(21)))
    listed = suggest(query, ContentMatcher(gallery), gallery, lambda ids: {i: items.tracks[i] for i in ids}, 4)
    expected = {one.track_id: one.score for one in listed}
    np.testing.assert_allclose(scores[0], [expected[number] for number in (3, 0, 1, 2)], atol=1e-5)


def test_what_was_not_measured_has_no_score() -> None:
    scores = ProgramOrder(measured()).scores(np.array([0, 9]), np.array([0, 8]))
    assert np.isfinite(scores[0, 0])
    assert np.isnan([scores[0, 1], scores[1, 0], scores[1, 1]]).all()


def of_unlike_length(*, shares_lengths: bool) -> np.ndarray:
    """Scores of the same pictures, shown for 20, 25 and 30 s, with tracks of as many seconds."""
    same = make_video(40.0, [7.0, 13.0])
    items = MeasuredItems(
        {number: make_track(number, duration_s=20.0 + 5 * number) for number in range(3)},
        {number: replace(same, duration_s=20.0 + 5 * number) for number in range(3)},
        dict.fromkeys(range(3), 0.0),
        shares_lengths=shares_lengths,
    )
    return ProgramOrder(items).scores(np.arange(3), np.arange(3))


def test_films_ask_with_equally_long_a_stretch() -> None:
    """A film of 20 s whose own soundtrack lasts 20 s would else find it by the ending alone."""
    scores = of_unlike_length(shares_lengths=True)
    np.testing.assert_array_equal(scores, np.repeat(scores[:1], 3, axis=0))


def test_where_lengths_tell_nothing_every_video_asks_with_all_it_has() -> None:
    scores = of_unlike_length(shares_lengths=False)
    assert not np.array_equal(scores[0], scores[2])


def test_the_learned_matcher_orders_by_what_it_heard_too() -> None:
    items = measured()
    plain, learned = ProgramOrder(items), ProgramOrder(items, shipped_towers())
    assert (plain.name, learned.name) == ("Content matcher", "needledrop suggest")
    asked = np.array([0, 1]), np.array([0, 1, 2, 3])
    assert np.isfinite(learned.scores(*asked)).all()
    assert not np.allclose(learned.scores(*asked), plain.scores(*asked))
