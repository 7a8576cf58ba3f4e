# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from needledrop.core.errors import KnownError
from needledrop.crossmodal.baselines import (
    Cca,
    CcaConfig,
    CrossVae,
    CrossVaeConfig,
    Dscmr,
    DscmrConfig,
    DualVaeConfig,
    similarity_likelihood,
)
from needledrop.crossmodal.cmvae import Cmvae
from needledrop.crossmodal.sequence import InputConfig
from planted_pairs import LATENT, SIZES, hits, planted_pairs, train


def test_cca_finds_the_canonical_correlations() -> None:
    # Without a ridge, the variates of the training pairs have unit variance, are uncorrelated among themselves and
    # across but in pairs, and the paired correlations fall.
    pairs = planted_pairs(400, seed=1)
    model = Cca(CcaConfig(dimensions=6, ridge=0.0), SIZES)
    model.fit(pairs)
    x = (pairs.music.vector - model.music_mean) @ model.music_map
    y = (pairs.video.vector - model.video_mean) @ model.video_map
    torch.testing.assert_close(x.T @ x / 399, torch.eye(6), atol=1e-4, rtol=0)
    torch.testing.assert_close(y.T @ y / 399, torch.eye(6), atol=1e-4, rtol=0)
    across = x.T @ y / 399
    torch.testing.assert_close(across, torch.diag(across.diagonal()), atol=1e-4, rtol=0)
    assert across.diagonal().tolist() == sorted(across.diagonal().tolist(), reverse=True)


def test_cca_recovers_a_planted_correlation_and_nothing_from_noise() -> None:
    model = Cca(CcaConfig(dimensions=LATENT), SIZES)
    model.fit(planted_pairs(512, seed=1))
    held = planted_pairs(256, seed=2)
    assert min(hits(model, held, 10)) >= 50  # 5 times chance, which is 10
    assert model.training_loss(held)["cosine"] > 0.5
    model.fit(planted_pairs(512, seed=1, link="independent"))
    assert max(hits(model, planted_pairs(256, seed=2, link="independent"), 10)) <= 23  # chance's 1 in 10,000


def test_cca_stands_constant_features_and_more_features_than_pairs() -> None:
    pairs = planted_pairs(5, seed=0)
    flat = dataclasses.replace(pairs, music=dataclasses.replace(pairs.music, vector=torch.ones(5, 24)))
    for given in (pairs, flat):
        model = Cca(CcaConfig(), SIZES)
        model.fit(given)
        assert torch.isfinite(model.embed_video(given.video)).all()
        assert torch.isfinite(model.embed_music(given.music)).all()
    with pytest.raises(KnownError, match="fitted to 1 pair"):
        model.fit(planted_pairs(1, seed=0))


def test_dscmrs_likelihood_by_hand() -> None:
    # u = (1,0), (0,1); v = (1,0), (1,0); both items have one label: S = 1 everywhere. Gamma = cos / 2:
    # (u,v): .5 .5 / 0 0;  (u,u): .5 0 / 0 .5;  (v,v): .5 everywhere. log(1 + e^G) - G = log(1 + e^-G).
    half, none = math.log1p(math.exp(-0.5)), math.log(2.0)
    u, v = torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [3.0, 0.0]])
    same = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    assert similarity_likelihood(u, v, same).item() == pytest.approx((half + none) / 2 * 2 + half, abs=1e-6)
    # Two labels: off the diagonal S = 0, and log(1 + e^G) stays.
    apart = math.log1p(math.exp(0.5))
    expected = (half + apart + 2 * none) / 4 + (2 * half + 2 * none) / 4 + (2 * half + 2 * apart) / 4
    assert similarity_likelihood(u, v, torch.eye(2)).item() == pytest.approx(expected, abs=1e-6)


def test_dscmrs_terms_weigh_as_published_and_skip_pairs_without_a_label() -> None:
    torch.manual_seed(0)
    model = Dscmr(DscmrConfig(hidden=16, width=8), SIZES)
    pairs = planted_pairs(12, seed=0)
    loss = model.training_loss(pairs)
    weighted = loss["labels"] + 1e-3 * loss["similarity"] + 1e-1 * loss["invariance"]
    torch.testing.assert_close(loss["total"], weighted)
    some = dataclasses.replace(pairs, label=torch.where(torch.arange(12) < 6, pairs.label, -1))
    kept = model.training_loss(some)
    assert kept["labels"] != loss["labels"]
    torch.testing.assert_close(kept["invariance"], loss["invariance"])
    none = model.training_loss(dataclasses.replace(pairs, label=torch.full((12,), -1)))
    assert none["labels"] == 0.0
    assert none["similarity"] == 0.0
    none["total"].backward()
    with pytest.raises(KnownError, match="have none"):
        Dscmr(DscmrConfig(), dataclasses.replace(SIZES, labels=0))


@pytest.mark.slow
def test_dscmr_learns_its_labels() -> None:
    torch.manual_seed(0)
    model, held = Dscmr(DscmrConfig(hidden=32, width=16), SIZES), planted_pairs(128, seed=2)
    train(model, planted_pairs(512, seed=1), steps=80, batch=128)
    right = (model.classifier(model._music(held.music)).argmax(dim=1) == held.label).float().mean()
    assert right > 0.6  # of 6 labels; the commonest is 1 in 4


def test_dual_vae_reconstructs_itself_and_cross_vae_matches_nothing() -> None:
    pairs = planted_pairs(8, seed=0)
    assert DualVaeConfig().generation == "own"
    cross = CrossVae(CrossVaeConfig(latent=8, hidden=16), SIZES)
    loss = cross.training_loss(pairs)
    assert set(loss) == {"kl", "reconstruction", "total"}
    assert cross.encode_text is None
    assert cross.embed_video(pairs.video).shape == (8, 24)
    with pytest.raises(KnownError, match="cannot rank"):
        CrossVae(CrossVaeConfig(generation="own"), SIZES)


@pytest.mark.slow
@pytest.mark.parametrize("which", ["dual", "cross"])
def test_the_vae_baselines_recover_a_planted_correlation(which: str) -> None:
    torch.manual_seed(0)
    form = InputConfig()
    model = (
        Cmvae(DualVaeConfig(form, latent=16, hidden=32, warmup=30), SIZES)
        if which == "dual"
        else CrossVae(CrossVaeConfig(form, latent=16, hidden=32, warmup=30), SIZES)
    )
    train(model, planted_pairs(512, seed=1), steps=80, batch=128)
    assert min(hits(model, planted_pairs(256, seed=2), 10)) >= 50  # 5 times chance
