# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from needledrop.core.errors import KnownError
from needledrop.crossmodal.batches import INPUT_FORMS, MusicBatch, VideoBatch
from needledrop.crossmodal.sequence import (
    FlowTokens,
    InputConfig,
    RhythmTokens,
    TemporalEncoder,
    masked_mean,
    music_encoder,
    sinusoidal_positions,
    video_encoder,
)

SMALL = InputConfig(width=16, heads=2, head_width=8, feed_forward=32, dropout=0.1)


def _music(items: int = 3, clips: int = 5) -> MusicBatch:
    mask = torch.arange(clips)[None, :] < torch.tensor([5, 3, 1] * items)[:items, None]
    bins = torch.stack([torch.randint(0, top, (items, clips)) for top in (18, 49, 65)], dim=-1)
    return MusicBatch(torch.randn(items, 12), torch.randn(items, clips, 16), bins, mask, torch.zeros(items, 0, 0))


def _as_video(music: MusicBatch) -> VideoBatch:
    return VideoBatch(
        music.vector,
        music.clips,
        music.tokens[..., 2:],
        music.mask,
        torch.zeros(len(music.vector), 0),
        torch.zeros(len(music.vector), dtype=torch.bool),
        music.steps,
    )


def _first(music: MusicBatch, items: int) -> MusicBatch:
    return MusicBatch(*(value[:items] for value in vars(music).values()))


def _encode(form: str, side: str, music: MusicBatch) -> torch.Tensor:
    torch.manual_seed(7)
    config = dataclasses.replace(SMALL, form=form)
    if side == "music":
        return music_encoder(config, 12, 16).eval()(music)
    return video_encoder(config, 12, 16).eval()(_as_video(music))


@pytest.mark.parametrize("side", ["music", "video"])
@pytest.mark.parametrize("form", INPUT_FORMS)
def test_what_stands_in_the_padding_does_not_matter(form: str, side: str) -> None:
    music = _music()
    padded = dataclasses.replace(
        music,
        clips=music.clips.masked_fill(~music.mask[..., None], math.nan),
        tokens=music.tokens.masked_fill(~music.mask[..., None], 17),
    )
    torch.testing.assert_close(_encode(form, side, padded), _encode(form, side, music), rtol=0, atol=0)


@pytest.mark.parametrize("side", ["music", "video"])
@pytest.mark.parametrize("form", INPUT_FORMS)
def test_the_amount_of_padding_does_not_matter(form: str, side: str) -> None:
    music = _music()
    longer = MusicBatch(
        music.vector,
        torch.cat((music.clips, torch.randn(3, 4, 16)), dim=1),
        torch.cat((music.tokens, torch.ones(3, 4, 3, dtype=torch.int64)), dim=1),
        torch.cat((music.mask, torch.zeros(3, 4, dtype=torch.bool)), dim=1),
        music.steps,
    )
    torch.testing.assert_close(_encode(form, side, longer), _encode(form, side, music), rtol=0, atol=1e-6)


@pytest.mark.parametrize("side", ["music", "video"])
@pytest.mark.parametrize("form", INPUT_FORMS)
def test_an_item_is_encoded_alike_in_any_company(form: str, side: str) -> None:
    music = _music(items=6)
    together = _encode(form, side, music)
    torch.testing.assert_close(_encode(form, side, _first(music, 2)), together[:2], rtol=0, atol=1e-6)


def test_a_mean_over_clips_is_the_mean_of_the_real_ones() -> None:
    # Item 0: (1 + 3) / 2 = 2 and (2 + 6) / 2 = 4; item 1 has no real clip.
    values = torch.tensor([[[1.0, 2.0], [3.0, 6.0], [100.0, 100.0]], [[5.0, 5.0]] * 3])
    mask = torch.tensor([[True, True, False], [False, False, False]])
    assert masked_mean(values, mask).tolist() == [[2.0, 4.0], [0.0, 0.0]]


def test_an_item_without_clips_is_a_vector_of_zeros_not_nan() -> None:
    music = _music()
    bare = dataclasses.replace(music, mask=torch.zeros_like(music.mask))
    for form in ("A-SE", "SE", "SE&R"):
        assert torch.equal(_encode(form, "music", bare), torch.zeros(3, 16))


def test_positions_are_sines_and_cosines() -> None:
    positions = sinusoidal_positions(3, 4)
    # Rates of the two pairs: 1 and 10000 ** (-2 / 4) = 0.01.
    expected = [math.sin(2.0), math.cos(2.0), math.sin(0.02), math.cos(0.02)]
    torch.testing.assert_close(positions[2], torch.tensor(expected))
    assert positions[0].tolist() == [0.0, 1.0, 0.0, 1.0]


def test_the_order_of_clips_matters_to_a_sequence_and_not_to_its_average() -> None:
    music = dataclasses.replace(_music(), mask=torch.ones(3, 5, dtype=torch.bool))
    turned = dataclasses.replace(music, clips=music.clips.flip(1), tokens=music.tokens.flip(1))
    torch.testing.assert_close(_encode("A-SE", "music", turned), _encode("A-SE", "music", music))
    assert not torch.allclose(_encode("SE", "music", turned), _encode("SE", "music", music), atol=1e-3)


def test_rhythm_and_flow_can_be_left_out_one_at_a_time() -> None:
    music = _music()
    other = dataclasses.replace(music, tokens=(music.tokens + 1) % 18)
    for rhythm, flow in ((True, False), (False, True)):
        config = dataclasses.replace(SMALL, form="SE&R", rhythm=rhythm, flow=flow)
        of_music, of_video = music_encoder(config, 12, 16).eval(), video_encoder(config, 12, 16).eval()
        assert torch.equal(of_music(music), of_music(other)) is not rhythm
        assert torch.equal(of_video(_as_video(music)), of_video(_as_video(other))) is not flow


def test_tokens_have_the_published_sizes() -> None:
    count = {name: tuple(value.shape) for name, value in RhythmTokens().named_parameters()}
    assert count == {"count.weight": (18, 256), "strength.weight": (49, 128), "interval.weight": (65, 128)}
    assert tuple(FlowTokens().flow.weight.shape) == (65, 512)
    last = torch.tensor([[[17, 48, 64]]])
    assert RhythmTokens()(last).shape == (1, 1, 512)


def test_the_temporal_layer_has_the_released_size() -> None:
    # LN 2 x 512; qkv 512 x 9; out 3 x 512 + 512; LN 2 x 512; FF 512 x 1024 + 1024 + 1024 x 512 + 512; Linear 512 x 512
    # + 512: 1,024 + 4,608 + 2,048 + 1,024 + 1,050,112 + 262,656 = 1,321,472.
    encoder = TemporalEncoder(512, InputConfig(form="SE"))
    assert sum(value.numel() for value in encoder.parameters()) == 1_321_472


def test_bad_input_is_refused_in_a_sentence() -> None:
    with pytest.raises(KnownError, match="AE-own"):
        InputConfig(form="AE-own")
    with pytest.raises(KnownError, match="10 wide"):
        InputConfig(width=10)
    with pytest.raises(KnownError, match="hold no clips"):
        music_encoder(dataclasses.replace(SMALL, form="SE"), 12, 0)
    with pytest.raises(KnownError, match="hold no vectors"):
        video_encoder(SMALL, 0, 16)
