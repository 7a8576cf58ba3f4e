# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from needledrop.core.errors import KnownError
from needledrop.crossmodal import tivm
from needledrop.crossmodal.batches import INPUT_FORMS, InputSizes
from needledrop.crossmodal.ranking import batch_triplet, info_nce
from needledrop.crossmodal.sequence import InputConfig
from needledrop.crossmodal.tivm import Tivm, TivmConfig
from planted_pairs import CLIP, CLIPS, SIZES, planted_pairs

INPUT = InputConfig(form="SE", width=16, heads=2, head_width=8, feed_forward=32, dropout=0.0)
SMALL = TivmConfig(input=INPUT, layers=2, music_hidden=16, video_hidden=16, width=8)


def _model(**changes: object) -> Tivm:
    torch.manual_seed(0)
    return Tivm(dataclasses.replace(SMALL, **changes), SIZES)


def test_our_published_size_has_its_parameters() -> None:
    # Audio 128 x 256 + 256, 256 x 256 + 256; pictures 2048 x 512 + 512, 512 x 256 + 256.
    linear = 33_024 + 65_792 + 1_049_088 + 131_328
    # A layer: two layer norms 2 x 512; qkv 256 x 768; out 256 x 256 + 256; FF 256 x 1024 + 1024 and 1024 x 256 + 256.
    layer = 1_024 + 196_608 + 65_792 + 263_168 + 262_400
    # Two layers and Linear 256 x 128 + 128 in either branch; the temperature.
    expected = linear + 4 * layer + 2 * 32_896 + 1
    model = Tivm(tivm.PUBLISHED, tivm.PUBLISHED_SIZES)
    assert sum(value.numel() for value in model.parameters()) == expected == 4_500_993


def test_the_loss_is_info_nce_at_the_learned_temperature() -> None:
    model, pairs = _model().eval(), planted_pairs(6, seed=0)
    a, v = model.embed_music(pairs.music), model.embed_video(pairs.video)
    loss = model.training_loss(pairs)
    torch.testing.assert_close(loss["total"], info_nce(a, v, pairs.track, torch.tensor(0.07)))
    loss["total"].backward()
    assert model.log_temperature.grad.abs() > 0


def test_the_temperature_has_a_floor() -> None:
    model, pairs = _model().eval(), planted_pairs(6, seed=0)
    a, v = model.embed_music(pairs.music), model.embed_video(pairs.video)
    model.log_temperature.data.fill_(math.log(1e-6))
    torch.testing.assert_close(model.training_loss(pairs)["total"], info_nce(a, v, pairs.track, torch.tensor(0.01)))


def test_the_triplet_loss_goes_both_ways() -> None:
    model, pairs = _model(loss="triplet", hardest=2).eval(), planted_pairs(6, seed=0)
    a, v = model.embed_music(pairs.music), model.embed_video(pairs.video)
    both = batch_triplet(a, v, pairs.track, 0.1, 2) + batch_triplet(v, a, pairs.track, 0.1, 2)
    torch.testing.assert_close(model.training_loss(pairs)["triplet"], both / 2)


@pytest.mark.parametrize("loss", tivm.LOSSES)
@pytest.mark.parametrize("encoder", tivm.ENCODERS)
@pytest.mark.parametrize("form", INPUT_FORMS)
def test_every_switch_trains_every_parameter(form: str, encoder: str, loss: str) -> None:
    model = _model(input=dataclasses.replace(INPUT, form=form), encoder=encoder, loss=loss, margin=1.0)
    pairs = planted_pairs(8, seed=0)
    model.training_loss(pairs)["total"].backward()
    assert [name for name, value in model.named_parameters() if value.grad is None] == []
    torch.testing.assert_close(model.embed_music(pairs.music).norm(dim=-1), torch.ones(8))


@pytest.mark.parametrize("encoder", tivm.ENCODERS)
@pytest.mark.parametrize("form", INPUT_FORMS)
def test_padding_does_not_matter(form: str, encoder: str) -> None:
    model = _model(input=dataclasses.replace(INPUT, form=form), encoder=encoder).eval()
    music = planted_pairs(5, seed=0).music
    longer = dataclasses.replace(
        music,
        clips=torch.cat((music.clips.masked_fill(~music.mask[..., None], math.nan), torch.randn(5, 3, CLIP)), dim=1),
        tokens=torch.cat((music.tokens, torch.ones(5, 3, 3, dtype=torch.int64)), dim=1),
        mask=torch.cat((music.mask, torch.zeros(5, 3, dtype=torch.bool)), dim=1),
    )
    assert longer.clips.shape[1] == CLIPS + 3
    torch.testing.assert_close(model.embed_music(longer), model.embed_music(music), rtol=0, atol=1e-6)


def test_only_the_temporal_encoders_hear_the_order() -> None:
    music = dataclasses.replace(planted_pairs(5, seed=0).music, mask=torch.ones(5, CLIPS, dtype=torch.bool))
    turned = dataclasses.replace(music, clips=music.clips.flip(1))
    for encoder in tivm.ENCODERS:
        model = _model(encoder=encoder).eval()
        same = torch.allclose(model.embed_music(turned), model.embed_music(music), atol=1e-4)
        assert same is (encoder == "none")


def test_bad_switches_and_missing_inputs_are_refused() -> None:
    with pytest.raises(KnownError, match="no encoder"):
        TivmConfig(encoder="gru")
    with pytest.raises(KnownError, match="no loss"):
        TivmConfig(loss="bce")
    with pytest.raises(KnownError, match="lack what the form"):
        Tivm(SMALL, InputSizes(24, 24, 0, 0, 0, 0))
