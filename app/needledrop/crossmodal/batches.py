# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every cross-modal model is fed, and what it answers: batches of tensors and the protocol of a retriever.

A batch holds what is known of each item already fitted (standardised, quantised): no model fits anything itself.
Shapes: B items, T clips of 4 s (at most CLIPS), D numbers a vector or a clip.
"""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

# UT-CMVMR, section 3: 28 s at most, in clips of 4 s.
CLIPS = 7
STEPS_A_CLIP = 8
# The ways in which an item can be shown to a model, as UT-CMVMR's Table 1 names them.
INPUT_FORMS = ("AE", "A-SE", "SE", "SE&R")


@dataclass(frozen=True)
class MusicBatch:
    """Music: vector [B, D], clips [B, T, D], tokens [B, T, 3] (bins of beat count, mean beat strength and mean beat
    interval; int64), mask [B, T], True where a clip is real; steps [B, S, n], the course of time, STEPS_A_CLIP
    to a clip (n = 0 where not kept)."""

    vector: Tensor
    clips: Tensor
    tokens: Tensor
    mask: Tensor
    steps: Tensor


@dataclass(frozen=True)
class VideoBatch:
    """Pictures: vector [B, D], clips [B, T, D], tokens [B, T, 1] (bin of the mean flow; int64), mask [B, T]; text [B,
    D], the sentence embedding of what was written with the video, zero where has_text [B] is False; steps [B, S, n]
    as in music."""

    vector: Tensor
    clips: Tensor
    tokens: Tensor
    mask: Tensor
    text: Tensor
    has_text: Tensor
    steps: Tensor


@dataclass(frozen=True)
class PairBatch:
    """Video i was cut to music i. track [B]: items of the same track number are never each other's negatives.
    label [B]: the unified target label, -1 where there is none; label_text [B, D]: its sentence embedding (D = 0 where
    no sentence model is there)."""

    music: MusicBatch
    video: VideoBatch
    track: Tensor
    label: Tensor
    label_text: Tensor


@dataclass(frozen=True)
class InputSizes:
    """Widths of what is fed in; 0 where a corpus lacks it."""

    music_vector: int
    video_vector: int
    music_clip: int
    video_clip: int
    text: int
    labels: int
    label_text: int = 0
    music_steps: int = 0
    video_steps: int = 0


class Retriever(Protocol):
    """A trainable model of music and picture. Every implementation is also a torch.nn.Module."""

    def training_loss(self, batch: PairBatch) -> dict[str, Tensor]:
        """The loss's terms by name, unweighted, and their weighted sum as "total"."""
        ...

    def embed_music(self, music: MusicBatch) -> Tensor:
        """Unit vectors [B, d]."""
        ...

    def embed_video(self, video: VideoBatch) -> Tensor:
        """Unit vectors [B, d]; their inner products with those of music rank."""
        ...


class Reranker(Protocol):
    """A model that also judges pairs, slower and only for the best of a list."""

    def pair_scores(self, video: VideoBatch, music: MusicBatch) -> Tensor:
        """How well video i goes with music i, [B]; greater is better."""
        ...
