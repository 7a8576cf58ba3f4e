# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits a linear taste to preference pairs and to past picks, by full-batch gradients in numpy: convex, so repeatable.

With r(v, t) = <phi_t, u + D^T v> the residual over the base's score (suggest.taste), the loss is

    sum_pairs w [-(1 - e) log s(x) - e log s(-x)],  x = r(v, t+) - r(v, t-)          (direct preference optimisation)
    - c sum_picks w log softmax_t(tau s0(v, t) + r(v, t))[t+]                         (InfoNCE over the gallery)
    + lambda_u ||u||^2 + lambda_D ||D||^2.

DPO's difference to the reference, (s+ - s-) - (s0+ - s0-), is x itself, for r is what is added to s0 (Rafailov et al.,
2023, equation 7; BPR: Rendle et al., 2009, with s0 left out). e smooths labels against slips. ||D||^2 is
||A - I||^2 of the adapter A = I + D, and where D reaches the columns of the clips it is ||W - W0||^2 of the linear
part of the music tower's last projection, which takes a track's mean clip to its embedding (ProLIP, 2410.05270).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.suggest.taste import Taste
from needledrop.training.personal.evidence import Evidence, Pairs, preference_pairs

_SLIPS = 0.1
_PICK_SHARE = 0.1
_MOST_STRANGERS = 600
STEPS = 150
_TOLD_EVERY = 10
_ADAPTER_PULL = 4.0

# Told now and then while a form is fitted: how many of STEPS are done, and the loss for each unit of weight.
OnStep = Callable[[int, float], None]


def ignore_steps(step: int, loss: float) -> None:
    """For callers that only want the taste."""


@dataclass(frozen=True)
class Form:
    """What may move: u alone and how hard it is held ("preference"), the adapter's columns of the embedding too
    ("adapter"), or its columns of the clips as well ("projection")."""

    name: str
    ridge: float
    has_adapter: bool = True
    has_clips: bool = False


def fitted_taste(evidence: Evidence, form: Form, seed: int = 0, on_step: OnStep = ignore_steps) -> Taste:
    """The linear taste of some evidence; its precision is 1, for how sure it is only held-out labels tell."""
    free = _free_columns(evidence, form)
    pairs, picks = preference_pairs(evidence, seed), _Picks.of(evidence, seed)
    width, size = evidence.contexts.shape[1], evidence.tracks.shape[1]
    # Row 0 is u, the rest are D: a picture with a 1 before it.
    weights = np.zeros((1 + width, size), np.float32)
    pull = np.full((1 + width, 1), form.ridge * _ADAPTER_PULL, np.float32)
    pull[0] = form.ridge
    shown = np.concatenate([np.ones((len(evidence.contexts), 1), np.float32), evidence.contexts], axis=1)
    rate = 1.0 / (_curvature(evidence, pairs, picks) + 2.0 * float(pull.max()))
    ahead = weights
    total = max(float(pairs.weight.sum() + picks.weight.sum()), 1e-9)
    for step in range(STEPS):  # Nesterov's accelerated gradient, with his steps for convex functions.
        loss, steepest = _loss_and_slope(ahead, evidence.tracks, shown, pairs, picks)
        slope = steepest + 2.0 * pull * ahead
        if step % _TOLD_EVERY == 0:
            on_step(step, (loss + float((pull * np.square(ahead)).sum())) / total)
        moved = np.where(free, ahead - rate * slope, 0.0).astype(np.float32)
        ahead = moved + np.float32(step / (step + 3.0)) * (moved - weights)
        weights = moved
    base = Taste.empty(evidence.space, width)
    return replace(base, common=weights[0], adapter=weights[1:], precision=1.0)


@dataclass(frozen=True)
class _Picks:
    """Likes without regard to their list: context and row [n], weight [n]; strangers [S] are the rows they are told
    from, with the base's log-likelihood of each, base [n, 1 + S], the like itself first."""

    context: NDArray[np.int64]
    row: NDArray[np.int64]
    weight: FloatArray
    strangers: NDArray[np.int64]
    base: FloatArray

    @classmethod
    def of(cls, evidence: Evidence, seed: int) -> _Picks:
        liked = [label for label in evidence.labels if label.weight > 0]
        context = np.array([label.context for label in liked], np.int64)
        row = np.array([label.row for label in liked], np.int64)
        weight = np.array([label.weight for label in liked], np.float32) * np.float32(_PICK_SHARE)
        count = len(evidence.tracks)
        strangers = np.sort(np.random.default_rng(seed).permutation(count)[:_MOST_STRANGERS])
        places = np.concatenate([row[:, None], np.tile(strangers, (len(row), 1))], axis=1)
        known = evidence.standings[context[:, None], places] * evidence.base_precision[context][:, None]
        known[:, 1:][strangers[None] == row[:, None]] = -np.inf  # The like itself is no stranger to itself.
        return cls(context, row, weight, strangers, known.astype(np.float32))


def _loss_and_slope(
    weights: FloatArray, tracks: FloatArray, shown: FloatArray, pairs: Pairs, picks: _Picks
) -> tuple[float, NDArray[np.float32]]:
    liked = shown @ weights  # [C, P]: what is liked under each picture
    slope, loss = np.zeros_like(weights), 0.0
    if len(pairs.weight):
        apart = tracks[pairs.liked] - tracks[pairs.disliked]
        x = (apart * liked[pairs.context]).sum(axis=1)
        error = pairs.weight * (_logistic(x) - np.float32(1.0 - _SLIPS))
        loss += float((pairs.weight * (np.logaddexp(0.0, -x) + _SLIPS * x)).sum())
        slope += shown[pairs.context].T @ (error[:, None] * apart)
    if len(picks.weight):
        near = liked[picks.context]
        own = (near * tracks[picks.row]).sum(axis=1, keepdims=True)
        logits = picks.base + np.concatenate([own, near @ tracks[picks.strangers].T], axis=1)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        loss -= float((picks.weight * np.log(np.maximum(shares[:, 0], 1e-30))).sum())
        pull = shares[:, 1:] @ tracks[picks.strangers] - (1.0 - shares[:, :1]) * tracks[picks.row]
        slope += shown[picks.context].T @ (picks.weight[:, None] * pull)
    return loss, slope


def _curvature(evidence: Evidence, pairs: Pairs, picks: _Picks) -> float:
    """A bound on the second derivative: |(1, v)|^2 <= 2, a logistic's is at most 1/4, a softmax' at most 1/2."""
    apart = evidence.tracks[pairs.liked] - evidence.tracks[pairs.disliked]
    longest = float(np.square(evidence.tracks).sum(axis=1).max(initial=0.0))
    return float((pairs.weight * np.square(apart).sum(axis=1)).sum() / 2.0 + 2.0 * picks.weight.sum() * longest)


def _free_columns(evidence: Evidence, form: Form) -> NDArray[np.bool_]:
    """Which weights may move, [1 + w, P]."""
    names = evidence.space.names
    free = np.zeros((1 + evidence.contexts.shape[1], len(names)), np.bool_)
    free[0] = True
    if form.has_adapter:
        free[1:, [name.startswith("whole_") for name in names]] = True
    if form.has_clips:
        free[1:, [name.startswith("clip:") for name in names]] = True
    return free


def _logistic(values: FloatArray) -> FloatArray:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * values), np.float32)
