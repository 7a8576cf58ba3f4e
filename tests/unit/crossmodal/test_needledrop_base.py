# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""needledrop-base: its score worked out by hand, and what it can and cannot learn."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from needledrop.core.errors import KnownError
from needledrop.core.music import CLIP_DESCRIPTORS
from needledrop.crossmodal import systems
from needledrop.crossmodal.batches import CLIPS, STEPS_A_CLIP, InputSizes, MusicBatch, PairBatch, VideoBatch
from needledrop.crossmodal.needledrop_base import NeedledropBase, NeedledropBaseConfig
from needledrop.features.clip_rows import row_columns
from needledrop.features.picture_rows import ROW_SIZE, ROWS
from planted_pairs import hits, train

SIZES = InputSizes(0, 0, len(CLIP_DESCRIPTORS) + 2, 2 * ROW_SIZE, text=6, labels=0)
SMALL = {"width": 8, "hidden": 16, "dropout": 0.1}


def model(sizes: InputSizes = SIZES, **values: Any) -> NeedledropBase:
    torch.manual_seed(0)
    made = systems.build("needledrop-base", systems.read_config("needledrop-base", SMALL | values), sizes)
    assert isinstance(made, NeedledropBase)
    return made


def pairs(count: int, seed: int, *, link: str = "course", words: bool = False) -> PairBatch:
    """Clips whose only common ground is `link`: the course of time, the whole, or none. Time means carry no course."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(count, CLIPS, 4)).astype(np.float32)
    shared -= shared.mean(axis=1, keepdims=True)
    if link == "steps":
        shared = 0 * shared
    if link == "whole":
        shared = np.repeat(rng.normal(size=(count, 1, 4)), CLIPS, axis=1).astype(np.float32)
    other = rng.permutation(shared) if link == "none" else shared

    def seen(values: np.ndarray, width: int, column: int) -> torch.Tensor:
        clips = 0.3 * rng.normal(size=(count, CLIPS, width))
        clips[..., column : column + 4] += values
        return torch.from_numpy(clips.astype(np.float32))

    mask, tokens = torch.ones(count, CLIPS, dtype=torch.bool), torch.zeros(count, CLIPS, 3, dtype=torch.int64)
    none = torch.zeros(count, 0)
    fine = rng.normal(size=(count, CLIPS * STEPS_A_CLIP, 2)).astype(np.float32)
    steps = [torch.from_numpy(fine), torch.from_numpy(np.repeat(fine, 2, axis=2))]
    if link != "steps":
        steps = [torch.zeros(count, CLIPS * STEPS_A_CLIP, 0)] * 2
    return PairBatch(
        MusicBatch(none, seen(shared, SIZES.music_clip, 0), tokens, mask, steps[0]),
        VideoBatch(
            none, seen(other, SIZES.video_clip, row_columns(("speed",))[0]), tokens[..., :1], mask,
            torch.from_numpy(shared[:, 0] @ np.ones((4, 6), np.float32)), torch.full((count,), words), steps[1],
        ),
        torch.arange(count), torch.full((count,), -1), none,
    )  # fmt: skip


def test_rows_are_found_by_their_names() -> None:
    first = sum(list(ROWS.values())[: list(ROWS).index("speed")])
    assert row_columns(("speed", "change"))[: ROWS["speed"]] == list(range(first, first + ROWS["speed"]))
    assert row_columns(("change",)) == [ROW_SIZE - 2, ROW_SIZE - 1, 2 * ROW_SIZE - 2, 2 * ROW_SIZE - 1]


def test_the_score_is_that_of_the_whole_and_of_the_course() -> None:
    base, batch = model(text=False).eval(), pairs(3, 1)
    with torch.no_grad():
        base.shares[:2] = torch.log(torch.tensor([3.0, 1.0]))  # Three quarters, a quarter.
        music, video = base.embed_music(batch.music), base.embed_video(batch.video)
        steps = [
            base.music_tower(batch.music.clips[..., :-2]).numpy(),
            base.video_tower(batch.video.clips[..., base.columns]).numpy(),
        ]
    wholes = [one[..., :8].mean(axis=1) for one in steps]
    courses = [one[..., 8:] - one[..., 8:].mean(axis=1, keepdims=True) for one in steps]

    def cosine(first: np.ndarray, second: np.ndarray) -> float:
        return float((first * second).sum() / np.linalg.norm(first) / np.linalg.norm(second))

    by_hand = [
        [
            0.75 * cosine(wholes[0][m], wholes[1][v]) + 0.25 * cosine(courses[0][m], courses[1][v])
            for m in range(3)
        ]
        for v in range(3)
    ]  # fmt: skip
    assert (video @ music.T).numpy() == pytest.approx(np.array(by_hand), abs=1e-5)
    assert torch.linalg.vector_norm(music, dim=1).numpy() == pytest.approx(np.ones(3), abs=1e-5)


def test_words_are_weighed_by_their_precision() -> None:
    base, batch = model().eval(), pairs(4, 1, words=True)
    deaf = replace(batch.video, has_text=torch.zeros(4, dtype=torch.bool))
    with torch.no_grad():
        assert base.text_tower is not None
        base.text_precision.fill_(-30.0)
        assert torch.allclose(base.embed_video(batch.video), base.embed_video(deaf), atol=1e-5)
        base.text_precision.fill_(30.0)
        words = functional.normalize(base.text_tower(batch.video.text), dim=-1)
        whole = functional.normalize(base.embed_video(batch.video)[:, :8], dim=-1)
    assert torch.allclose(whole, words, atol=1e-4)


def test_padding_changes_nothing() -> None:
    base, batch = model().eval(), pairs(4, 1)
    torch.nn.init.normal_(base.music_tower.out.weight)
    mask = batch.music.mask.clone()
    mask[:, 5:] = False
    short = replace(batch.music, mask=mask, clips=batch.music.clips * mask[..., None])
    strange = replace(short, clips=torch.where(mask[..., None], short.clips, torch.full_like(short.clips, 7.0)))
    with torch.no_grad():
        # The convolution sees one clip ahead: what lies beyond must be shown as nothing.
        assert torch.equal(base.embed_music(short), base.embed_music(strange))
        assert not torch.allclose(base.embed_music(short), base.embed_music(batch.music))


@pytest.mark.parametrize("link", ["course", "whole", "steps"])
def test_it_learns_by_heart_and_finds_what_was_planted(link: str) -> None:
    sizes = replace(SIZES, music_steps=2, video_steps=4) if link == "steps" else SIZES
    base, known = model(sizes, text=False), pairs(64, 3, link=link)
    train(base, known, steps=250, batch=64)
    assert min(hits(base, known, 1)) >= 0.95 * 64
    base = model(sizes, text=False)
    train(base, pairs(512, 1, link=link), steps=80, batch=128)
    assert min(hits(base, pairs(256, 2, link=link), 10)) >= 5 * 10


def test_without_courses_it_is_blind_to_the_course_of_time() -> None:
    base = model(text=False, courses=False)
    train(base, pairs(512, 1), steps=80, batch=128)
    # Chance: 10 of 256; one run in 10,000 finds more than 26.
    assert max(hits(base, pairs(256, 2), 10)) <= 26


def test_it_is_at_chance_where_nothing_is_shared() -> None:
    base = model(text=False)
    train(base, pairs(512, 1, link="none"), steps=80, batch=128)
    assert max(hits(base, pairs(256, 2, link="none"), 10)) <= 26


def test_order_is_kept_where_asked() -> None:
    with torch.no_grad():
        terms = model(structure=1.0).training_loss(pairs(16, 1))
    assert {"match", "structure", "total"} == set(terms) and float(terms["structure"]) >= 0
    assert float(terms["total"]) == pytest.approx(float(terms["match"]) + float(terms["structure"]))


def test_what_it_cannot_be_fed_with_is_refused() -> None:
    with pytest.raises(KnownError, match="lack the clips"):
        systems.build("needledrop-base", NeedledropBaseConfig(), replace(SIZES, video_clip=512))
    with pytest.raises(KnownError, match="no rows of pictures"):
        NeedledropBaseConfig(rows=("smell",))


def test_a_configuration_survives_json() -> None:
    config = systems.read_config("needledrop-base", {**SMALL, "rows": ["colour", "change"]})
    assert systems.read_config("needledrop-base", json.loads(json.dumps(systems.plain_config(config)))) == config
