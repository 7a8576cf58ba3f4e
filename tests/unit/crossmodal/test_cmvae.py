# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from needledrop.core.errors import KnownError
from needledrop.crossmodal import cmvae
from needledrop.crossmodal.batches import INPUT_FORMS, PairBatch, VideoBatch
from needledrop.crossmodal.cmvae import (
    Cmvae,
    CmvaeConfig,
    Gaussian,
    count_active_units,
    equal_experts,
    product_of_experts,
)
from needledrop.crossmodal.sequence import InputConfig
from planted_pairs import SIZES, planted_pairs, train

INPUT = InputConfig(width=16, heads=2, head_width=8, feed_forward=32, dropout=0.1)
SMALL = CmvaeConfig(input=INPUT, latent=16, hidden=32, warmup=50)
EVERYWHERE = torch.ones(4, dtype=torch.bool)


def _gaussian(seed: int) -> Gaussian:
    torch.manual_seed(seed)
    return Gaussian(torch.randn(4, 3), 0.7 * torch.randn(4, 3))


def test_kl_is_torchs() -> None:
    q = _gaussian(0)
    expected = kl_divergence(Normal(q.mu, (0.5 * q.logvar).exp()), Normal(0.0, 1.0)).sum(dim=-1).mean()
    torch.testing.assert_close(q.kl(), expected)


@pytest.mark.parametrize("prior", [True, False])
def test_the_product_is_the_normalised_product_of_densities(prior: bool) -> None:
    experts = (_gaussian(1), _gaussian(2))
    q = product_of_experts(experts, (EVERYWHERE, EVERYWHERE), prior)
    grid = torch.linspace(-12, 12, 20_001, dtype=torch.float64)[:, None, None]
    log_density = sum(Normal(e.mu.double(), (0.5 * e.logvar.double()).exp()).log_prob(grid) for e in experts)
    if prior:
        log_density = log_density + Normal(0.0, 1.0).log_prob(grid)
    weight = torch.softmax(log_density, dim=0)
    mean = (weight * grid).sum(dim=0)
    variance = (weight * (grid - mean).square()).sum(dim=0)
    torch.testing.assert_close(q.mu.double(), mean, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(q.logvar.double().exp(), variance, atol=1e-5, rtol=1e-5)


def test_a_missing_expert_has_no_say() -> None:
    visual, text = _gaussian(1), _gaussian(2)
    there = torch.tensor([True, False, True, False])
    both = product_of_experts((visual, text), (EVERYWHERE, there))
    alone = product_of_experts((visual,), (EVERYWHERE,))
    for row in (1, 3):
        torch.testing.assert_close(both.mu[row], alone.mu[row])
        torch.testing.assert_close(both.logvar[row], alone.logvar[row])
    assert not torch.allclose(both.mu[0], alone.mu[0])


def test_equal_experts_ignore_precision() -> None:
    # Means 1 and 3: 2, whatever the variances 1 and 9: 5. Row 1 has the first expert only.
    first = Gaussian(torch.ones(2, 1), torch.zeros(2, 1))
    second = Gaussian(torch.full((2, 1), 3.0), torch.full((2, 1), 9.0).log())
    q = equal_experts((first, second), (torch.tensor([True, True]), torch.tensor([True, False])))
    assert q.mu.flatten().tolist() == [2.0, 1.0]
    assert q.logvar.exp().flatten().tolist() == pytest.approx([5.0, 1.0])


def test_samples_have_the_mean_and_the_spread() -> None:
    torch.manual_seed(0)
    z = Gaussian(torch.full((20_000, 1), 2.0), torch.full((20_000, 1), 0.25).log()).sample()
    assert z.mean().item() == pytest.approx(2.0, abs=0.02)
    assert z.std().item() == pytest.approx(0.5, abs=0.02)


def test_our_published_size_has_its_parameters() -> None:
    # Encoders: in x 512 + 512 and two of 512 x 128 + 128; decoders: 128 x 512 + 512 and 512 x out + out.
    encoders = (256 + 2048 + 768) * 512 + 3 * 512 + 6 * (512 * 128 + 128)
    decoders = 3 * (128 * 512 + 512) + 513 * (256 + 2048 + 768)
    model = Cmvae(cmvae.PUBLISHED, cmvae.PUBLISHED_SIZES)
    assert sum(value.numel() for value in model.parameters()) == encoders + decoders == 3_742_464


def test_the_loss_by_hand() -> None:
    # In evaluation mode z is the mean. Nobody wrote anything here, so the subset (v) is the only one.
    torch.manual_seed(0)
    model, pairs = Cmvae(dataclasses.replace(SMALL, warmup=4), SIZES).eval(), planted_pairs(6, seed=0)
    silent = dataclasses.replace(pairs.video, has_text=torch.zeros(6, dtype=torch.bool))
    pairs = dataclasses.replace(pairs, video=silent)
    model.set_progress(1)  # the second of four steps: half the KL
    loss = model.training_loss(pairs)
    q_m, q_v = model.music_posterior(pairs.music), model.video_posterior(pairs.video)
    m, v = model.norms["music_target"](pairs.music.vector), model.norms["visual_target"](pairs.video.vector)
    squares = (model.decode_music(q_v.mu) - m).square().sum() / (6 * 24)
    squares = squares + (model.decode_visual(q_m.mu) - v).square().sum() / (6 * 24)
    torch.testing.assert_close(loss["reconstruction"], squares)
    torch.testing.assert_close(loss["kl"], q_m.kl() + q_v.kl())
    s = torch.nn.functional.normalize(q_m.mu, dim=-1) @ torch.nn.functional.normalize(q_v.mu, dim=-1).T
    others = ~torch.eye(6, dtype=torch.bool)
    both_ways = [torch.relu(0.05 - way.diagonal()[:, None] + way)[others].mean() for way in (s, s.T)]
    torch.testing.assert_close(loss["matching"], both_ways[0] + both_ways[1])
    total = loss["reconstruction"] + 0.05 * 0.5 * loss["kl"] + loss["matching"]
    torch.testing.assert_close(loss["total"], total)


@pytest.mark.parametrize("form", INPUT_FORMS)
@pytest.mark.parametrize("generation", cmvae.GENERATIONS)
@pytest.mark.parametrize("fusion", cmvae.FUSIONS)
def test_every_switch_trains_every_parameter(fusion: str, generation: str, form: str) -> None:
    torch.manual_seed(0)
    config = dataclasses.replace(
        SMALL, input=dataclasses.replace(INPUT, form=form), fusion=fusion, generation=generation
    )
    model, pairs = Cmvae(config, SIZES), planted_pairs(16, seed=0)
    loss = model.training_loss(pairs)
    loss["total"].backward()
    assert [name for name, value in model.named_parameters() if value.grad is None] == []
    assert ("reconstruction" in loss) is (generation != "none")
    torch.testing.assert_close(model.eval().embed_video(pairs.video).norm(dim=-1), torch.ones(16))


def test_words_count_where_there_are_any_and_only_there() -> None:
    torch.manual_seed(0)
    model, video = Cmvae(SMALL, SIZES).eval(), planted_pairs(16, seed=0).video
    other = dataclasses.replace(video, text=torch.randn(16, 12))
    changed = (model.embed_video(video) - model.embed_video(other)).abs().sum(dim=-1) > 1e-6
    assert torch.equal(changed, video.has_text)


@pytest.mark.parametrize("worded", [0, 1])
def test_a_batch_with_too_few_words_trains_on_pictures(worded: int) -> None:
    torch.manual_seed(0)
    model, pairs = Cmvae(SMALL, SIZES), planted_pairs(8, seed=0)
    few = dataclasses.replace(pairs, video=dataclasses.replace(pairs.video, has_text=torch.arange(8) < worded))
    loss = model.training_loss(few)["total"]
    loss.backward()
    assert torch.isfinite(loss)
    assert all(value.grad is None or not value.grad.any() for value in model.encode_text.parameters())


def test_a_weight_of_zero_leaves_the_term_out() -> None:
    loss = Cmvae(dataclasses.replace(SMALL, gamma=0.0, beta=0.0), SIZES).training_loss(planted_pairs(8, seed=0))
    assert set(loss) == {"kl", "total"}


def test_active_units_are_those_that_tell_items_apart() -> None:
    # Unit variances 0, 0.005 and 2 over two items at 0 and d: d^2 / 2.
    mu = torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.1, 2.0]])
    assert count_active_units(mu) == 1
    assert count_active_units(mu[:1]) == 0


def test_a_collapsed_latent_fails_the_run_in_a_sentence() -> None:
    torch.manual_seed(0)
    model, pairs = Cmvae(SMALL, SIZES).eval(), planted_pairs(64, seed=0)
    assert min(model.check_active_units(pairs.music, pairs.video).values()) >= 8
    for value in model.encode_music.mu.parameters():
        value.data.mul_(1e-3)
    with pytest.raises(KnownError, match="collapsed: 0 units of music"):
        model.check_active_units(pairs.music, pairs.video)


def test_bad_switches_are_refused() -> None:
    with pytest.raises(KnownError, match="no fusion"):
        CmvaeConfig(fusion="mean")
    with pytest.raises(KnownError, match="no generation"):
        CmvaeConfig(generation="both")
    with pytest.raises(KnownError, match="too small"):
        CmvaeConfig(latent=4)


def _noisier(values: torch.Tensor, level: Any, seed: int) -> torch.Tensor:
    return values + level * torch.randn(values.shape, generator=torch.Generator().manual_seed(seed))


def _uneven_pairs(items: int, seed: int) -> PairBatch:
    """Pairs whose pictures and words are each more or less reliable, item by item: only then can it be learned."""
    pairs = planted_pairs(items, seed, noise=0.2)
    levels = 2.0 * torch.rand(2, items, 1, generator=torch.Generator().manual_seed(seed))
    video = dataclasses.replace(
        pairs.video,
        vector=_noisier(pairs.video.vector, levels[0], seed + 1),
        text=_noisier(pairs.video.text, levels[1], seed + 2) * pairs.video.has_text[:, None],
    )
    return dataclasses.replace(pairs, video=video)


@torch.no_grad()
def _weighing(model: Cmvae, video: VideoBatch) -> dict[str, float]:
    """Mean sigma and mean precision share of either expert over the videos that have both."""
    seen, shares = model._video_features(video), model.precision_shares(video)
    experts = {"visual": model.encode_visual(seen.visual), "text": model.encode_text(seen.text)}
    return {
        f"{name} {what}": float(values[video.has_text].mean())
        for name, expert in experts.items()
        for what, values in (("sigma", (0.5 * expert.logvar).exp()), ("share", shares[name]))
    }


@pytest.mark.slow
def test_a_trained_model_gives_the_noisier_modality_less_weight() -> None:
    torch.manual_seed(0)
    model = Cmvae(dataclasses.replace(SMALL, hidden=64), SIZES)
    train(model, _uneven_pairs(1024, seed=1), steps=200, batch=128)
    held = planted_pairs(256, seed=2, noise=0.2)
    video = held.video
    clean = _weighing(model, video)
    noisy = {
        "visual": _weighing(model, dataclasses.replace(video, vector=_noisier(video.vector, 1.5, 5))),
        "text": _weighing(model, dataclasses.replace(video, text=_noisier(video.text, 1.5, 5))),
    }
    for hurt, spared in (("visual", "text"), ("text", "visual")):
        assert noisy[hurt][f"{hurt} sigma"] > 1.05 * clean[f"{hurt} sigma"]
        assert noisy[hurt][f"{hurt} share"] < 0.95 * clean[f"{hurt} share"]
        assert noisy[hurt][f"{spared} share"] > clean[f"{spared} share"]
        assert noisy[hurt][f"{spared} sigma"] == pytest.approx(clean[f"{spared} sigma"])
    shares = model.precision_shares(video)
    torch.testing.assert_close(torch.stack(list(shares.values())).sum(dim=0), torch.ones(256))
    model.check_active_units(held.music, video)
