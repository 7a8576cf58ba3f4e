# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TIVM (Liu and Lerch, arXiv 2503.05008): two branches of linear layers, a temporal encoder, one low-dimensional space.

The paper names the parts: two or three linear layers a branch; a transformer or an LSTM; InfoNCE, with the triplet
loss as its rival. It prints no layer count, width, temperature or batch, so those are OURS, chosen to be in its spirit.
"""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from needledrop.core.errors import KnownError
from needledrop.crossmodal.batches import InputSizes, MusicBatch, PairBatch, VideoBatch
from needledrop.crossmodal.ranking import batch_triplet, info_nce
from needledrop.crossmodal.sequence import (
    FlowTokens,
    InputConfig,
    RhythmTokens,
    TransformerLayer,
    masked_mean,
    sinusoidal_positions,
)

ENCODERS = ("transformer", "lstm", "none")
LOSSES = ("infonce", "triplet")
# Below it, one pair would decide a whole batch's gradient (CLIP, Radford et al. 2021, caps at the same).
_LEAST_TEMPERATURE = 0.01


def _own_input() -> InputConfig:
    return InputConfig(form="SE", width=256, heads=8, head_width=32, feed_forward=1024, dropout=0.1)


@dataclass(frozen=True)
class TivmConfig:
    """Every default is OURS but for the switches' first values, which the paper found best.

    input: the form, and the width of a step and of the temporal encoder's layers. margin and hardest belong to the
    triplet loss, temperature (its first value: it is learned) to InfoNCE.
    """

    input: InputConfig = field(default_factory=_own_input)
    encoder: str = "transformer"
    loss: str = "infonce"
    layers: int = 2
    music_hidden: int = 256
    video_hidden: int = 512
    width: int = 128
    temperature: float = 0.07
    margin: float = 0.1
    hardest: int = 100

    def __post_init__(self) -> None:
        """Refuse what a recipe may get wrong.

        Raises:
            KnownError: "recipe": no such encoder or loss.
        """
        for value, known, what in ((self.encoder, ENCODERS, "encoder"), (self.loss, LOSSES, "loss")):
            if value not in known:
                raise KnownError(
                    f"“{value}” is no {what} of TIVM.", remedy=f"Use one of {', '.join(known)}.", code="recipe"
                )


PUBLISHED = TivmConfig()
# VGGish every 0.96 s and ResNet-50 at 1 a second.
PUBLISHED_SIZES = InputSizes(music_vector=0, video_vector=0, music_clip=128, video_clip=2048, text=0, labels=0)


class Branch(nn.Module):
    """One modality: steps [B, T, size] -> unit vectors [B, width].

    AE and A-SE are sequences of one step. The LSTM reads forwards, so that padding behind the last clip is unread.
    """

    def __init__(self, config: TivmConfig, size: int, hidden: int, tokens: nn.Module | None) -> None:
        """`size`: width of a step; `tokens`: what SE&R adds to each, or None.

        Raises:
            KnownError: "no-input": the corpus lacks what this form needs.
        """
        super().__init__()
        if size < 1:
            raise KnownError(
                f"These pairs lack what the form “{config.input.form}” is made of.",
                remedy="Choose another form, or prepare the pairs with these descriptors.",
                code="no-input",
            )
        d = config.input.width
        self.form = config.input.form
        self.encoder = config.encoder
        self.linear = nn.Sequential(nn.Linear(size, hidden), nn.ReLU(), nn.Linear(hidden, d))
        self.tokens = tokens if config.input.form == "SE&R" else None
        self.layers = nn.ModuleList()
        if config.encoder == "transformer":
            i = config.input
            self.layers.extend(
                TransformerLayer(d, i.heads, i.head_width, i.feed_forward, i.dropout) for _ in range(config.layers)
            )
        elif config.encoder == "lstm":
            drop = config.input.dropout if config.layers > 1 else 0.0
            self.layers.append(nn.LSTM(d, d, config.layers, batch_first=True, dropout=drop))
        self.out = nn.Linear(d, config.width)

    def forward(self, item: MusicBatch | VideoBatch) -> Tensor:
        steps, mask = self._steps(item)
        x = self.linear(steps)  # [B, T, d]
        if self.tokens is not None:
            x = x + self.tokens(item.tokens.masked_fill(~mask[..., None], 0))
        if self.encoder == "transformer":
            x = x + sinusoidal_positions(x.shape[1], x.shape[2], x.device)
            for layer in self.layers:
                x = layer(x, mask)
        elif self.encoder == "lstm":
            x, _ = self.layers[0](x)
        return functional.normalize(self.out(masked_mean(x, mask)), dim=-1)

    def _steps(self, item: MusicBatch | VideoBatch) -> tuple[Tensor, Tensor]:
        """What the form makes of an item: [B, T, size] and its mask [B, T]."""
        if self.form in ("SE", "SE&R"):
            return item.clips.masked_fill(~item.mask[..., None], 0.0), item.mask
        one = item.vector if self.form == "AE" else masked_mean(item.clips, item.mask)
        return one[:, None, :], item.mask.new_ones(len(one), 1)


class Tivm(nn.Module):
    """The two branches; a Retriever."""

    def __init__(self, config: TivmConfig, sizes: InputSizes) -> None:
        super().__init__()
        self.config = config
        whole, i = config.input.form == "AE", config.input
        rhythm, flow = RhythmTokens(i.width) if i.rhythm else None, FlowTokens(i.width) if i.flow else None
        music_size = sizes.music_vector if whole else sizes.music_clip
        video_size = sizes.video_vector if whole else sizes.video_clip
        self.music_branch = Branch(config, music_size, config.music_hidden, rhythm)
        self.video_branch = Branch(config, video_size, config.video_hidden, flow)
        if config.loss == "infonce":
            self.log_temperature = nn.Parameter(torch.tensor(math.log(config.temperature)))

    def embed_music(self, music: MusicBatch) -> Tensor:
        """Unit vectors [B, width]."""
        return self.music_branch(music)  # type: ignore[no-any-return]

    def embed_video(self, video: VideoBatch) -> Tensor:
        """Unit vectors [B, width]."""
        return self.video_branch(video)  # type: ignore[no-any-return]

    def training_loss(self, batch: PairBatch) -> dict[str, Tensor]:
        """InfoNCE (the paper's one numbered equation) in both directions, or the triplet loss in both."""
        c = self.config
        a, v = self.embed_music(batch.music), self.embed_video(batch.video)  # each [B, width]
        if c.loss == "infonce":
            tau = self.log_temperature.exp().clamp(min=_LEAST_TEMPERATURE)
            loss = info_nce(a, v, batch.track, tau)
        else:
            there = batch_triplet(a, v, batch.track, c.margin, c.hardest)
            loss = 0.5 * (there + batch_triplet(v, a, batch.track, c.margin, c.hardest))
        return {c.loss: loss, "total": loss}
