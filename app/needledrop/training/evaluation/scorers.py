# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands beside the trained systems in every table: chance, popularity, a plain rule, and the truth itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.training.pairs.pair_set import PairSet

Indices = NDArray[np.intp]


class RandomOrder:
    """Every score by chance."""

    name = "Random"

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    def scores(self, videos: Indices, tracks: Indices) -> FloatArray:
        return np.random.default_rng(self._seed).random((len(videos), len(tracks)), np.float32)


class PopularRank:
    """The tracks that most training videos use, whatever the video; those of equal use in an order by chance."""

    name = "PopularRank"

    def __init__(self, pairs: PairSet, seed: int = 0) -> None:
        training = np.array(pairs.split) == "train"
        self._uses = np.bincount(pairs.track_of_video[training], minlength=len(pairs.track_names)).astype(np.float32)
        self._uses += np.random.default_rng(seed).random(len(self._uses), np.float32) * 0.5

    def scores(self, videos: Indices, tracks: Indices) -> FloatArray:
        return np.repeat(self._uses[tracks][None], len(videos), axis=0)


class EnergyTempoRule:
    """Fast pictures with fast and busy music: ranks of mean flow against ranks of beats and their strength."""

    name = "Energy/tempo rule"

    def __init__(self, pairs: PairSet) -> None:
        self._flow = _masked_mean(pairs.video.flow, pairs.video.mask)
        count, strength = (_masked_mean(pairs.music.rhythm[..., part], pairs.music.mask) for part in (0, 1))
        self._pace = _ranked(count) + _ranked(strength)

    def scores(self, videos: Indices, tracks: Indices) -> FloatArray:
        asked, offered = _ranked(self._flow[videos]), _ranked(self._pace[tracks])
        return np.asarray(-np.abs(asked[:, None] - offered[None]), np.float32)


class TrueLatent:
    """What the makers of a made-up corpus know: the ceiling for any system."""

    name = "Oracle (true latent)"

    def __init__(self, pairs: PairSet) -> None:
        self._video, self._track = pairs.truth["video_latent"], pairs.truth["music_latent"]

    def scores(self, videos: Indices, tracks: Indices) -> FloatArray:
        difference = self._video[videos][:, None] - self._track[tracks][None]
        return np.asarray(-np.square(difference).sum(axis=-1), np.float32)


class TwoTowers:
    """A trained system by the inner products of its embeddings."""

    def __init__(self, name: str, model: Any, tensors: Any, device: str = "cpu") -> None:
        self.name, self.model, self.tensors, self._device = name, model, tensors, device

    def scores(self, videos: Indices, tracks: Indices) -> FloatArray:
        from needledrop.training.trainer import index_scores

        return index_scores(self.model, self.tensors, videos, tracks, self._device)


class Reranked:
    """A system whose best of the list are judged again, pair by pair; the rest keep their order below them."""

    def __init__(self, name: str, first: TwoTowers, model: Any, tensors: Any, depth: int = 100) -> None:
        self.name, self._first, self._model, self._tensors, self._depth = name, first, model, tensors, depth

    def scores(self, videos: Indices, tracks: Indices) -> FloatArray:
        import torch

        scores = np.array(self._first.scores(videos, tracks))
        depth = min(self._depth, len(tracks))
        self._model.eval()
        for row, video in enumerate(videos):
            best = np.argsort(-scores[row], kind="stable")[:depth]
            with torch.inference_mode():
                again = self._model.pair_scores(
                    self._tensors.video(np.repeat(video, depth)), self._tensors.music(tracks[best])
                )
            # Above all that were not judged again, in the new order.
            scores[row] -= scores[row].max() + 1
            order = np.argsort(np.argsort(again.float().numpy(), kind="stable"))
            scores[row, best] = (1 + order) / depth
        return scores


def _masked_mean(values: FloatArray, mask: NDArray[np.bool_]) -> FloatArray:
    return np.asarray((values * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1), np.float32)


def _ranked(values: FloatArray) -> FloatArray:
    """Places 0..1 of the values in their order."""
    return np.asarray(np.argsort(np.argsort(values)) / max(len(values) - 1, 1), np.float32)
