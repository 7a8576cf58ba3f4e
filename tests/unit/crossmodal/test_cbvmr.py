# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses

import pytest
import torch

from needledrop.core.errors import KnownError
from needledrop.crossmodal import cbvmr
from needledrop.crossmodal.batches import INPUT_FORMS
from needledrop.crossmodal.cbvmr import Cbvmr, CbvmrConfig, Tower
from needledrop.crossmodal.ranking import inter_modal_ranking, structure_loss_adjacent
from needledrop.crossmodal.sequence import InputConfig
from planted_pairs import SIZES, planted_pairs

INPUT = InputConfig(width=16, heads=2, head_width=8, feed_forward=32, dropout=0.1)
SMALL = CbvmrConfig(input=INPUT, music_hidden=(16, 8), video_hidden=(16,), width=8, structure="adjacent", hardest=4)


def test_the_published_towers_have_their_published_size() -> None:
    # Music: 1140 x 2048 + 2048; 2048 x 1024 + 1024; 1024 x 512 + 512; batch norm 2 x 512.
    music = 2_336_768 + 2_098_176 + 524_800 + 1_024
    # Pictures: 1024 x 2048 + 2048; 2048 x 512 + 512; batch norm 2 x 512.
    video = 2_099_200 + 1_049_088 + 1_024
    model = Cbvmr(cbvmr.PUBLISHED, cbvmr.PUBLISHED_SIZES)
    assert sum(value.numel() for value in model.parameters()) == music + video == 8_110_080


def test_a_tower_is_linear_normalised_and_of_unit_length() -> None:
    # Two equal rows but for the sign, through identity maps: mean 0, variance 4 and 9: x / sqrt(var + 1e-3), then L2.
    tower = Tower((2, 2, 2), dropout=0.0, relu=False)
    for layer in (tower.layers[0], tower.layers[2]):
        layer.weight.data.copy_(torch.eye(2))
    got = tower(torch.tensor([[2.0, -3.0], [-2.0, 3.0]]))
    scaled = torch.tensor([2.0 / 4.001**0.5, -3.0 / 9.001**0.5])
    torch.testing.assert_close(got[0], scaled / scaled.norm())
    torch.testing.assert_close(got[1], -got[0])
    assert tower.norm.momentum == pytest.approx(0.01)


def test_the_loss_is_the_weighted_sum_of_its_four_terms() -> None:
    torch.manual_seed(0)
    model, pairs = Cbvmr(dataclasses.replace(SMALL, dropout=0.0), SIZES).eval(), planted_pairs(6, seed=0)
    m, v = model.embed_music(pairs.music), model.embed_video(pairs.video)
    loss = model.training_loss(pairs)
    expected = {
        "music_to_video": inter_modal_ranking(m, v, pairs.track, 0.1, 4),
        "video_to_music": inter_modal_ranking(v, m, pairs.track, 0.1, 4),
        "structure_music": structure_loss_adjacent(pairs.music.vector, m, 4),
        "structure_video": structure_loss_adjacent(pairs.video.vector, v, 4),
    }
    for name, value in expected.items():
        torch.testing.assert_close(loss[name], value)
    total = 3.0 * expected["music_to_video"] + expected["video_to_music"]
    total = total + 0.2 * expected["structure_music"] + 0.2 * expected["structure_video"]
    torch.testing.assert_close(loss["total"], total)


def test_a_weight_of_zero_leaves_the_term_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a term of weight 0 was computed")

    monkeypatch.setattr(cbvmr, "structure_loss_adjacent", never)
    config = dataclasses.replace(SMALL, structure_music=0.0, structure_video=0.0, music_to_video=0.0)
    loss = Cbvmr(config, SIZES).training_loss(planted_pairs(6, seed=0))
    assert set(loss) == {"video_to_music", "total"}
    torch.testing.assert_close(loss["total"], loss["video_to_music"])


def test_all_weights_zero_is_refused() -> None:
    nothing = dataclasses.replace(
        SMALL, music_to_video=0.0, video_to_music=0.0, structure_music=0.0, structure_video=0.0
    )
    with pytest.raises(KnownError, match="weight 0"):
        Cbvmr(nothing, SIZES).training_loss(planted_pairs(6, seed=0))
    with pytest.raises(KnownError, match="no structure loss"):
        CbvmrConfig(structure="hard")


@pytest.mark.parametrize("structure", cbvmr.STRUCTURES)
@pytest.mark.parametrize("form", INPUT_FORMS)
def test_every_form_trains_every_parameter(form: str, structure: str) -> None:
    torch.manual_seed(0)
    model = Cbvmr(dataclasses.replace(SMALL, input=dataclasses.replace(INPUT, form=form), structure=structure), SIZES)
    pairs = planted_pairs(12, seed=0)
    model.training_loss(pairs)["total"].backward()
    assert [name for name, value in model.named_parameters() if value.grad is None] == []
    lengths = model.embed_video(pairs.video).norm(dim=-1)
    torch.testing.assert_close(lengths, torch.ones(12))
