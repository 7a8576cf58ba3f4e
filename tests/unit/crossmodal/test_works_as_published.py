# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every published system, small: it can learn 64 pairs by heart, finds a planted correlation, and finds none where
there is none."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from needledrop.crossmodal import systems
from planted_pairs import SIZES, hits, planted_pairs, train

SMALL_INPUT = {"width": 16, "heads": 2, "head_width": 8, "feed_forward": 32, "dropout": 0.1}
SMALL: dict[str, dict[str, Any]] = {
    "cbvmr": {
        "input": {**SMALL_INPUT, "form": "AE"},
        "music_hidden": [64, 32],
        "video_hidden": [64],
        "width": 32,
        "triplets_per_item": 5,
    },
    "cmvae": {"input": {**SMALL_INPUT, "form": "AE"}, "latent": 32, "hidden": 64, "warmup": 50},
    "tivm": {
        "input": {**SMALL_INPUT, "form": "SE"},
        "layers": 1,
        "music_hidden": 32,
        "video_hidden": 32,
        "width": 32,
    },
    "ut-cmvmr": {
        "input": {**SMALL_INPUT, "form": "SE&R", "width": 32},
        "phi_hidden": 128,
        "phi_width": 64,
        "theta_hidden": 64,
        "theta_width": 32,
        "cross_heads": 2,
        "cross_head_width": 16,
        "cross_feed_forward": 64,
        "cross_dropout": 0.1,
        "match_dropout": 0.1,
    },
}
# Its every pair is fused, its negatives too: some ten seconds a training.
NAMES = [pytest.param(name, marks=pytest.mark.slow) if name == "ut-cmvmr" else name for name in SMALL]
GALLERY, K = 256, 10
CHANCE = K / GALLERY


def _small(name: str) -> Any:
    torch.manual_seed(0)
    return systems.build(name, systems.read_config(name, SMALL[name]), SIZES)


def _most_by_chance(trials: int, chance: float, risk: float) -> int:
    """The number of hits that pure chance exceeds with a probability below `risk` (the binomial's upper tail)."""
    at_least = 0.0
    for count in range(trials, -1, -1):
        at_least += math.comb(trials, count) * chance**count * (1 - chance) ** (trials - count)
        if at_least >= risk:
            return count
    return 0


@pytest.mark.parametrize("name", NAMES)
def test_it_learns_64_pairs_by_heart(name: str) -> None:
    model, pairs = _small(name), planted_pairs(64, seed=3)
    train(model, pairs, steps=250, batch=64)
    assert min(hits(model, pairs, 1)) >= 0.95 * 64


@pytest.mark.parametrize("name", NAMES)
def test_it_recovers_a_planted_correlation_in_pairs_it_never_saw(name: str) -> None:
    model = _small(name)
    train(model, planted_pairs(512, seed=1), steps=60, batch=128)
    assert min(hits(model, planted_pairs(GALLERY, seed=2), K)) >= 5 * CHANCE * GALLERY


@pytest.mark.parametrize("link", ["shuffled", "independent"])
@pytest.mark.parametrize("name", NAMES)
def test_it_is_at_chance_where_nothing_is_shared(name: str, link: str) -> None:
    # Chance: 10 of 256. One run in 10,000 of a model that knows nothing would find more pairs than this, one way.
    model = _small(name)
    train(model, planted_pairs(512, seed=1, link=link), steps=60, batch=128)
    assert max(hits(model, planted_pairs(GALLERY, seed=2, link=link), K)) <= _most_by_chance(GALLERY, CHANCE, 1e-4)


def test_the_bound_is_the_binomials() -> None:
    # 2 coins: P(>= 2) = 1/4, P(>= 1) = 3/4. Under a risk of 0.3, one hit is the most that chance explains.
    assert _most_by_chance(2, 0.5, 0.3) == 1
    assert CHANCE * GALLERY < _most_by_chance(GALLERY, CHANCE, 1e-4) < 5 * CHANCE * GALLERY
