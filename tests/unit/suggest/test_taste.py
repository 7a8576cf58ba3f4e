# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A taste beside the base: what learned nothing changes nothing, a label pulls its like up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from needledrop.core.music import FloatArray
from needledrop.crossmodal.base_towers import shipped_towers
from needledrop.suggest.learned import LearnedMatcher
from needledrop.suggest.taste import Taste, TasteOpinion, standing
from needledrop.suggest.taste_cache import MOST_PRECISION, Label, cached_taste, with_news
from needledrop.suggest.taste_space import FACTS, TasteSpace, TrackTraits, context_of, track_traits
from retrieval.synthetic_gallery import edit_gallery, make_library, make_query, make_video

LIBRARY = make_library(edit_gallery(60, seed=4))
GALLERY = LIBRARY.gallery
MODEL = shipped_towers()
EMBEDDED = MODEL.music_clips(GALLERY.clips, GALLERY.clip_offsets)
TRAITS = track_traits(GALLERY, EMBEDDED, dict.fromkeys(range(1, 11), "Ambient"))
SPACE = TasteSpace.fitted(TRAITS)
QUERY = make_query(make_video(40.0, [5.0, 11.0, 20.0], motion=np.abs(np.sin(np.arange(500) / 30))))


def tracks() -> FloatArray:
    placed = SPACE.placed(TRAITS)
    assert placed is not None
    return placed


def contexts(count: int) -> FloatArray:
    drawn = np.random.default_rng(0).normal(size=(count, TRAITS.width))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def matcher(taste: Taste | None) -> LearnedMatcher:
    opinion = TasteOpinion(taste, tracks()) if taste is not None else None
    return LearnedMatcher(GALLERY, EMBEDDED, MODEL, LIBRARY.details, taste=opinion)


def label(row: int, group: int, *, weight: float = 1.0, context: int = 0, offered: tuple[int, ...] = ()) -> Label:
    return Label(context, row, weight, offered, group)


def test_every_block_counts_the_same_and_genres_are_told_apart() -> None:
    placed, names = tracks(), np.array(SPACE.names)
    for block in ("whole_", "clip:", "fact:", "genre:"):
        own = placed[:, np.char.startswith(names, block)]
        assert np.square(own).sum(axis=1).mean() == pytest.approx(1.0, abs=0.06)
    assert names[-1] == "genre:ambient" and len(np.unique(placed[:10, -1])) == 1
    assert placed[0, -1] > placed[20, -1]
    assert {f"fact:{fact}" for fact in FACTS} <= set(SPACE.names)


def test_traits_that_were_not_measured_cannot_be_placed_but_a_genre_may_be_gone() -> None:
    fewer = TrackTraits(TRAITS.names[:-1], TRAITS.values[:, :-1])
    placed = SPACE.placed(fewer)
    assert placed is not None and len(np.unique(placed[:, -1])) == 1
    assert SPACE.placed(TrackTraits(TRAITS.names[1:], TRAITS.values[:, 1:])) is None


def test_a_taste_that_counts_nothing_is_the_base_exactly() -> None:
    base = matcher(None).rank(QUERY, 60)
    learned = cached_taste(SPACE, tracks(), contexts(1), [label(7, 1)])
    for taste in (Taste.empty(SPACE, TRAITS.width), learned.blended(0.0)):
        found = matcher(taste).rank(QUERY, 60)
        assert [(one.track_id, one.score, one.start_s) for one in found] == [
            (one.track_id, one.score, one.start_s) for one in base
        ]


def test_one_label_lifts_its_track_and_what_is_like_it() -> None:
    placed = tracks()
    row = GALLERY.row_of(matcher(None).rank(QUERY, 60)[30].track_id)
    assert row is not None
    taste = cached_taste(SPACE, placed, contexts(1), [label(row, 1)])
    assert 0.0 < taste.precision < 0.25 * MOST_PRECISION
    before = [one.track_id for one in matcher(None).rank(QUERY, 60)]
    after = matcher(taste).rank(QUERY, 60)
    ids = [one.track_id for one in after]
    moved = {track_id: before.index(track_id) - ids.index(track_id) for track_id in ids}
    assert moved[int(GALLERY.tracks["track_id"][row])] > 0
    likeness = placed @ placed[row]
    rises = np.array([moved[track_id] for track_id in GALLERY.tracks["track_id"].tolist()])
    assert np.corrcoef(likeness, rises)[0, 1] > 0.5
    assert all(0.0 <= one.parts["taste"] <= 1.0 for one in after)


def test_a_dislike_pushes_down() -> None:
    placed = tracks()
    taste = cached_taste(SPACE, placed, contexts(1), [label(7, 1, weight=-1.0)])
    opinion = TasteOpinion(taste, placed).expert(contexts(1)[0])
    assert opinion.scores.argmin() == 7


def test_sureness_grows_with_labels_that_agree_and_falls_with_those_that_do_not() -> None:
    placed = tracks()
    alike = np.argsort(-(placed @ placed[3]))[:12].tolist()
    agreeing = [
        cached_taste(SPACE, placed, contexts(1), [label(row, at) for at, row in enumerate(alike[:count])]).precision
        for count in (1, 4, 12)
    ]
    assert agreeing == sorted(agreeing)
    offered = np.random.default_rng(5).choice(60, size=(40, 10))
    drawn = [label(int(row[0]), at, offered=tuple(row.tolist())) for at, row in enumerate(offered)]
    assert cached_taste(SPACE, placed, contexts(1), drawn).precision < 0.5 * agreeing[-1]


def test_one_label_counts_little_and_labels_that_pull_apart_nothing() -> None:
    placed = tracks()
    one = cached_taste(SPACE, placed, contexts(1), [label(3, 1)])
    assert 0.0 < one.precision <= 0.05 * MOST_PRECISION
    apart = int(np.argmin(placed @ placed[3]))
    assert cached_taste(SPACE, placed, contexts(1), [label(3, 1), label(apart, 2)]).precision == 0.0
    assert cached_taste(SPACE, placed, contexts(1), [label(3, 1), label(3, 2)]).precision > one.precision


def test_labels_that_contradict_each_other_say_nothing() -> None:
    placed = tracks()
    both = [label(7, at, weight=weight) for at in range(10) for weight in (1.0, -1.0)]
    taste = cached_taste(SPACE, placed, contexts(1), both)
    assert np.abs(taste.direction(contexts(1)[0])).max() < 1e-5
    opinion = TasteOpinion(taste, placed).expert(contexts(1)[0])
    assert np.ptp(opinion.scores) == pytest.approx(0.0, abs=1e-5)


def test_the_cache_counts_a_label_most_under_its_own_picture() -> None:
    shown = contexts(2)
    taste = cached_taste(SPACE, tracks(), shown, [label(7, 1, context=0), label(9, 2, context=1)])
    first, second = (tracks() @ taste.direction(one) for one in shown)
    assert first[7] - first[9] > second[7] - second[9]


def test_news_joins_what_was_learned() -> None:
    placed, shown = tracks(), contexts(1)
    direction = placed[3]
    learned = replace(Taste.empty(SPACE, TRAITS.width), common=direction, precision=4.0)
    news = cached_taste(SPACE, placed, shown, [label(40, 1)])
    joined = with_news(learned, news, placed)
    before, after = (standing(placed @ one.direction(shown[0])) for one in (learned, joined))
    assert after[40] > before[40] and np.corrcoef(before, after)[0, 1] > 0.9
    assert joined.precision == pytest.approx(np.hypot(4.0, news.precision))
    assert with_news(learned, Taste.empty(SPACE, TRAITS.width), placed) is learned


def test_a_picture_is_the_direction_of_its_clips() -> None:
    clips = np.array([[3.0, 0.0, 9.0, 9.0], [1.0, 0.0, 9.0, 9.0]], np.float32)
    assert context_of(clips).tolist() == [1.0, 0.0]


def test_the_base_opinion_is_the_order_of_the_base() -> None:
    opinion = matcher(None).base_opinion(QUERY)
    assert opinion.context.shape == (TRAITS.width,) and opinion.precision > 0
    assert opinion.standings.shape == (60,) and abs(float(opinion.standings.mean())) < 1e-4
