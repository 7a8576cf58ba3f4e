# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product of experts: who is sure is heard, who cannot tell changes nothing, who agree are surer together."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.core.music import CLIP_DESCRIPTORS, FloatArray
from needledrop.core.picture import MOTION_RATE_HZ
from needledrop.index.summary import mean_descriptor
from needledrop.suggest.engine import suggest
from needledrop.suggest.experts import Expert, like_expert, product_of_experts, wish_experts
from retrieval.synthetic_gallery import edit_gallery, make_library, make_query, make_video

LIBRARY = make_library(edit_gallery(60, seed=8))
GALLERY = LIBRARY.gallery


def descriptor(track_id: int) -> FloatArray:
    return mean_descriptor(LIBRARY.tracks[track_id].clips)


def expert(name: str, scores: list[float], precision: float = 1.0) -> Expert:
    return Expert(name, np.array(scores, np.float32), precision, 0.05)


def test_the_product_orders_by_the_sum_of_the_log_likelihoods() -> None:
    rng = np.random.default_rng(3)
    scores = rng.uniform(0, 1, (3, 50)).astype(np.float32)
    precisions = (2.0, 0.5, 1.3)
    joint = product_of_experts(
        [Expert(str(i), s, p, 0.01) for i, (s, p) in enumerate(zip(scores, precisions, strict=True))]
    )
    z = (scores - scores.mean(1, keepdims=True)) / scores.std(1, keepdims=True)
    likelihood = np.prod([np.exp(p * row) for p, row in zip(precisions, z, strict=True)], axis=0)
    assert np.argsort(-joint).tolist() == np.argsort(-likelihood).tolist()
    assert ((joint > 0) & (joint < 1)).all()


def test_the_surer_expert_decides_where_two_disagree() -> None:
    rising, falling = [0.1, 0.4, 0.7], [0.7, 0.4, 0.1]
    assert product_of_experts([expert("a", rising, 3.0), expert("b", falling, 1.0)]).argmax() == 2
    assert product_of_experts([expert("a", rising, 1.0), expert("b", falling, 3.0)]).argmax() == 0


def test_an_expert_that_cannot_tell_the_tracks_apart_changes_no_order() -> None:
    telling = expert("a", [0.2, 0.5, 0.45, 0.9])
    vague = Expert("b", np.array([0.5010, 0.5003, 0.5, 0.5002], np.float32), 3.0, 0.05)
    alone, both = product_of_experts([telling]), product_of_experts([telling, vague])
    assert np.argsort(both).tolist() == np.argsort(alone).tolist()


def test_one_track_or_none_is_no_trouble() -> None:
    assert product_of_experts([expert("a", [0.4])]).tolist() == [0.5]
    assert product_of_experts([expert("a", [])]).shape == (0,)
    with pytest.raises(ValueError, match="precision"):
        product_of_experts([])


def test_references_that_agree_are_surer_than_one_and_those_that_do_not_less() -> None:
    one = like_expert([descriptor(17)], GALLERY)
    twice = like_expert([descriptor(17), descriptor(17)], GALLERY)
    mean, deviation = GALLERY.descriptor_scale
    opposite = mean - (descriptor(17) - mean)
    against = like_expert([descriptor(17), opposite], GALLERY)
    assert twice.precision == pytest.approx(2.0 * one.precision)
    assert against.precision == pytest.approx(0.0, abs=1e-4)
    many = like_expert([descriptor(17)] * 9, GALLERY)
    assert many.precision == twice.precision
    np.testing.assert_allclose(twice.scores, one.scores, atol=1e-6)
    assert deviation.min() > 0


def test_several_references_want_what_is_near_to_all_of_them() -> None:
    between = like_expert([descriptor(17), descriptor(23)], GALLERY).scores
    ids = GALLERY.tracks["track_id"].tolist()
    best = {ids[row] for row in np.argsort(-between)[:2]}
    assert best == {17, 23}


def test_a_reference_that_was_turned_down_sounds_the_same() -> None:
    quiet = descriptor(17).copy()
    quiet[CLIP_DESCRIPTORS.index("level_db")] -= 20.0
    np.testing.assert_allclose(
        like_expert([quiet], GALLERY).scores, like_expert([descriptor(17)], GALLERY).scores, atol=1e-6
    )


def test_each_wish_is_an_expert_with_its_name() -> None:
    query = make_query(
        make_video(30.0), text="calm", text_scores={3: 1.0}, found_text="river", found_scores={5: 0.5},
        like_vectors=(descriptor(17),),
    )  # fmt: skip
    experts = wish_experts(query, GALLERY)
    assert [one.name for one in experts] == ["text", "words", "like"]
    text, words, like = experts
    assert text.precision > words.precision < like.precision
    (segment,) = [one for one in LIBRARY.ranker.rank(query, 60) if one.track_id == 17]
    assert {"picture", "text", "words", "like", "energy", "pace", "mood"} <= segment.parts.keys()
    assert segment.parts["like"] == pytest.approx(1.0, abs=1e-5)
    assert wish_experts(make_query(make_video(30.0)), GALLERY) == []


def test_a_reference_counts_more_for_a_vague_picture() -> None:
    rng = np.random.default_rng(1)
    moving = np.abs(np.cumsum(rng.normal(0, 0.3, round(40 * MOTION_RATE_HZ))))
    clear = make_video(40.0, np.arange(2.0, 40.0, 2.0), motion=moving)
    vague = make_video(40.0, motion=np.full(round(40 * MOTION_RATE_HZ), 0.05))

    def correlation(video: object) -> float:
        with_like = LIBRARY.ranker.rank(make_query(video, like_vectors=(descriptor(17),)), 60)  # type: ignore[arg-type]
        return float(np.corrcoef([one.score for one in with_like], [one.parts["like"] for one in with_like])[0, 1])

    assert correlation(vague) > correlation(clear) > 0.3


def test_found_words_weigh_less_than_the_user_s_own() -> None:
    video = make_video(40.0, [10.0, 20.0])
    by_text = LIBRARY.ranker.rank(make_query(video, text="x", text_scores={23: 1.0}), 60)
    by_found = LIBRARY.ranker.rank(make_query(video, found_text="x", found_scores={23: 1.0}), 60)
    plain = LIBRARY.ranker.rank(make_query(video), 60)
    places = [[one.track_id for one in ranked].index(23) for ranked in (by_text, by_found, plain)]
    assert places == sorted(places) and places[0] == 0 and places[1] < places[2]


def test_the_reasons_say_which_words_were_found_and_how_many_references_there_were() -> None:
    query = make_query(
        make_video(30.0), found_text="Album river", found_scores=dict.fromkeys(LIBRARY.tracks, 0.5),
        like_vectors=(descriptor(17), descriptor(17)),
    )  # fmt: skip
    (first,) = suggest(query, LIBRARY.ranker, GALLERY, LIBRARY.details, 1)
    texts = " | ".join(reason.text for reason in first.reasons)
    assert first.track_id == 17
    assert "matches 'album' in album, a word found about the video" in texts
    assert "sounds like the 2 references (similarity 1.00 of 1)" in texts
