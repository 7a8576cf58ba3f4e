# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every cross-modal system does with an item before its own towers: the input forms of UT-CMVMR's Table 1.

AE    the vector as it is
A-SE  the masked mean of the clips
SE    clips + positions, one transformer layer, masked mean
SE&R  as SE, with the quantised rhythm (music) or flow (pictures) embedded and added to the clips

The layer is UT-CMVMR's (Mao et al. 2024, arXiv 2309.09421). CBVMR and CMVAE take a vector: giving them SE and SE&R
through the same layer and a masked mean is our addition. No padded clip reaches an output.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from needledrop.core.errors import KnownError
from needledrop.crossmodal.batches import INPUT_FORMS, MusicBatch, VideoBatch

# UT-CMVMR, "rhythm and optical flow": how many values each token takes; and the width they add up to.
BEAT_COUNTS = 18
BEAT_STRENGTHS = 49
BEAT_INTERVALS = 65
FLOWS = 65
PUBLISHED_WIDTH = 512


@dataclass(frozen=True)
class InputConfig:
    """In which form items are shown, and the size of the temporal layer that SE and SE&R pass through.

    The defaults are the released UT-CMVMR's (3 heads of width 1 are no slip of ours). `rhythm` and `flow` switch the
    tokens of SE&R off one side at a time; AE and A-SE use none of the rest.
    """

    form: str = "AE"
    width: int = PUBLISHED_WIDTH
    heads: int = 3
    head_width: int = 1
    feed_forward: int = 1024
    dropout: float = 0.8
    rhythm: bool = True
    flow: bool = True

    def __post_init__(self) -> None:
        """Refuse what a recipe may get wrong.

        Raises:
            KnownError: "recipe": no such form, or a width that the tokens cannot be cut from.
        """
        if self.form not in INPUT_FORMS:
            raise KnownError(
                f"“{self.form}” is no form in which items can be shown to a model.",
                remedy=f"Use one of {', '.join(INPUT_FORMS)}.",
                code="recipe",
            )
        if self.width <= 0 or self.width % 4:
            raise KnownError(
                f"A temporal layer cannot be {self.width} wide.",
                remedy="Give a width that four divides.",
                code="recipe",
            )


def sinusoidal_positions(length: int, width: int, device: torch.device | None = None) -> Tensor:
    """Sines and cosines of the position, [length, width] (Vaswani et al. 2017, section 3.5); width is even."""
    place = torch.arange(length, dtype=torch.float32, device=device)[:, None]
    rate = torch.exp(torch.arange(0, width, 2, dtype=torch.float32, device=device) * (-math.log(10_000.0) / width))
    return torch.stack((torch.sin(place * rate), torch.cos(place * rate)), dim=-1).flatten(1)


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """The mean over real steps: values [B, T, D], mask [B, T] -> [B, D]; zero where no step is real."""
    real = values.masked_fill(~mask[..., None], 0.0)
    return real.sum(dim=1) / mask.sum(dim=1, keepdim=True).clamp(min=1).to(values.dtype)


class RhythmTokens(nn.Module):
    """Embeds a clip's beat count, mean strength and mean interval: int64 [B, T, 3] -> [B, T, width].

    At 512: Embedding(18, 256), Embedding(49, 128), Embedding(65, 128), concatenated; other widths keep 1/2, 1/4, 1/4.
    """

    def __init__(self, width: int = PUBLISHED_WIDTH) -> None:
        super().__init__()
        self.count = nn.Embedding(BEAT_COUNTS, width // 2)
        self.strength = nn.Embedding(BEAT_STRENGTHS, width // 4)
        self.interval = nn.Embedding(BEAT_INTERVALS, width // 4)

    def forward(self, tokens: Tensor) -> Tensor:
        count, strength, interval = tokens.unbind(dim=-1)
        return torch.cat((self.count(count), self.strength(strength), self.interval(interval)), dim=-1)


class FlowTokens(nn.Module):
    """Embeds a clip's mean flow: int64 [B, T, 1] -> [B, T, width]."""

    def __init__(self, width: int = PUBLISHED_WIDTH) -> None:
        super().__init__()
        self.flow = nn.Embedding(FLOWS, width)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.flow(tokens[..., 0])  # type: ignore[no-any-return]


class SelfAttention(nn.Module):
    """Multi-head attention among the steps of one item; heads x head_width need not add up to the width."""

    def __init__(self, width: int, heads: int, head_width: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.scale = head_width**-0.5
        self.to_qkv = nn.Linear(width, 3 * heads * head_width, bias=False)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(heads * head_width, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x [B, T, D], mask [B, T] -> [B, T, D]; padded steps are never attended to."""
        q, k, v = self.to_qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # each [B, heads, T, d]
        scores = q @ k.transpose(-1, -2) * self.scale  # [B, heads, T, T]
        # Not -inf: an item without any real step would become NaN.
        scores = scores.masked_fill(~mask[:, None, None, :], torch.finfo(scores.dtype).min)
        mixed = self.drop(scores.softmax(dim=-1)) @ v  # [B, heads, T, d]
        return self.out(mixed.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]


class TransformerLayer(nn.Module):
    """x + Attn(LN(x)), then x + FF(LN(x)) with GELU: one pre-LN layer, as in the released UT-CMVMR and AVCA."""

    def __init__(self, width: int, heads: int, head_width: int, feed_forward: int, dropout: float) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads, head_width, dropout)
        self.drop = nn.Dropout(dropout)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, feed_forward),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(feed_forward, width),
            nn.Dropout(dropout),
        )

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x [B, T, D], mask [B, T] -> [B, T, D]; what stands at padded steps afterwards means nothing."""
        x = x + self.drop(self.attention(self.norm_attention(x), mask))
        return x + self.feed_forward(x)  # type: ignore[no-any-return]


class TemporalEncoder(nn.Module):
    """Clips [B, T, clip_size] (+ embedded tokens [B, T, width]) -> one vector an item [B, width].

    Clips of another width than the layer's are first brought to it by one linear map; the published ones have 512.
    """

    def __init__(self, clip_size: int, config: InputConfig) -> None:
        super().__init__()
        width = config.width
        self.width = width
        self.project = nn.Identity() if clip_size == width else nn.Linear(clip_size, width)
        self.layer = TransformerLayer(width, config.heads, config.head_width, config.feed_forward, config.dropout)
        self.out = nn.Linear(width, width)

    def forward(self, clips: Tensor, mask: Tensor, embedded: Tensor | None = None) -> Tensor:
        # Multiplying by the mask would let a NaN in the padding through.
        x = self.project(clips.masked_fill(~mask[..., None], 0.0))
        x = x + sinusoidal_positions(x.shape[1], self.width, x.device)
        if embedded is not None:
            x = x + embedded
        return masked_mean(self.out(self.layer(x, mask)), mask)


class ClipEncoder(nn.Module):
    """One vector [B, width] for each item of one modality, in the form that the configuration names."""

    def __init__(self, config: InputConfig, vector_size: int, clip_size: int, tokens: nn.Module | None = None) -> None:
        """`vector_size` and `clip_size`: widths of what is fed in. `tokens`: what SE&R adds, or None for nothing.

        Raises:
            KnownError: "no-input": the corpus lacks what this form needs.
        """
        super().__init__()
        size = vector_size if config.form == "AE" else clip_size
        if size < 1:
            raise KnownError(
                f"These pairs hold no {'vectors' if config.form == 'AE' else 'clips'}, which the form"
                f" “{config.form}” is made of.",
                remedy="Choose another form, or prepare the pairs with these descriptors.",
                code="no-input",
            )
        self.form = config.form
        sequential = config.form in ("SE", "SE&R")
        self.temporal = TemporalEncoder(clip_size, config) if sequential else None
        self.tokens = tokens if config.form == "SE&R" else None
        self.fed_width = size
        self.width = config.width if sequential else size

    def fed(self, item: MusicBatch | VideoBatch) -> Tensor:
        """What the item is before anything learned: its vector (AE), or the mean of its clips (all else), [B, D]."""
        return item.vector if self.form == "AE" else masked_mean(item.clips, item.mask)

    def forward(self, item: MusicBatch | VideoBatch) -> Tensor:
        if self.temporal is None:
            return self.fed(item)
        if self.tokens is None:
            return self.temporal(item.clips, item.mask)  # type: ignore[no-any-return]
        embedded = self.tokens(item.tokens.masked_fill(~item.mask[..., None], 0))
        return self.temporal(item.clips, item.mask, embedded)  # type: ignore[no-any-return]


def music_encoder(config: InputConfig, vector_size: int, clip_size: int) -> ClipEncoder:
    """The encoder of a MusicBatch, with rhythm where `config` asks for it."""
    return ClipEncoder(config, vector_size, clip_size, RhythmTokens(config.width) if config.rhythm else None)


def video_encoder(config: InputConfig, vector_size: int, clip_size: int) -> ClipEncoder:
    """The encoder of a VideoBatch's pictures, with flow where `config` asks for it."""
    return ClipEncoder(config, vector_size, clip_size, FlowTokens(config.width) if config.flow else None)
