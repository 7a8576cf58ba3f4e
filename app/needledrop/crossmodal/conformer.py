# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Conformer that UT-CMVMR turns 4-s clips of music and of pictures into vectors with, trained to tell labels apart.

Sources: Gulati et al. 2020 (arXiv 2005.08100) for the blocks; Mao et al. 2024 (arXiv 2309.09421) for sizes and inputs:
music is a log-mel spectrogram [398 frames, 80 bands]; pictures are 4 grey frames of 224 x 224, side by side in time:
a sequence of 224 rows of 4 x 224 = 896 numbers. Shapes: B clips, S steps, T steps after subsampling by four, D wide.

Where the released code departs from the papers we follow the papers: relative positions reach into past and future
(there: one side, read with the shift meant for both), and a head's width scales the scores (there: the layer's).
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from needledrop.core.errors import KnownError

# Two unpadded convolutions of kernel 3 and stride 2 need so many steps and so many numbers a step.
SMALLEST_SIDE = 7
MEL_BANDS = 80
PICTURES = 4
PUBLISHED_SIDE = 224


@dataclass(frozen=True)
class ConformerSize:
    """input_dim: numbers a step; width: D; channels: of the subsampling convolutions (as wide as D when published)."""

    input_dim: int
    width: int
    blocks: int
    heads: int
    channels: int
    kernel: int = 31
    expansion: int = 4
    dropout: float = 0.1


# With 578 labels (the paper's number): 20.3 million parameters.
PUBLISHED_MUSIC = ConformerSize(MEL_BANDS, width=512, blocks=2, heads=8, channels=512)
# 99.1 million, of which 58.5 are the map from 512 channels x 223 columns (896 subsampled by four) to 512.
PUBLISHED_VIDEO = ConformerSize(PICTURES * PUBLISHED_SIDE, width=512, blocks=6, heads=8, channels=512)
# Ours, for a CPU.
SMALL_MUSIC = ConformerSize(MEL_BANDS, width=96, blocks=2, heads=4, channels=16)


def small_video(side: int) -> ConformerSize:
    """As SMALL_MUSIC, for pictures `side` columns wide."""
    return ConformerSize(PICTURES * side, width=96, blocks=2, heads=4, channels=16)


def subsampled(steps: Tensor) -> Tensor:
    """How many steps of so many are left by the two convolutions, same shape."""
    return ((steps - 1) // 2 - 1) // 2


class Conformer(nn.Module):
    """Clips to features and to logits of the target labels."""

    def __init__(self, size: ConformerSize, classes: int) -> None:
        """Build it with random weights.

        Raises:
            KnownError: "too-small": the steps hold too few numbers for the convolutions.
        """
        super().__init__()
        _check_side(size.input_dim)
        self.size = size
        self.subsampling = nn.Sequential(
            nn.Conv2d(1, size.channels, kernel_size=3, stride=2),
            nn.ReLU(),
            nn.Conv2d(size.channels, size.channels, kernel_size=3, stride=2),
            nn.ReLU(),
        )
        columns = ((size.input_dim - 1) // 2 - 1) // 2
        self.project = nn.Linear(size.channels * columns, size.width)
        self.drop = nn.Dropout(size.dropout)
        self.blocks = nn.ModuleList(ConformerBlock(size) for _ in range(size.blocks))
        self.classify = nn.Linear(size.width, classes, bias=False)

    def forward(self, steps: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Logits [B, classes] of clips; arguments as for `features`."""
        return self.classify(self.features(steps, lengths))  # type: ignore[no-any-return]

    def features(self, steps: Tensor, lengths: Tensor | None = None) -> Tensor:
        """One vector a clip: the mean over time of the last block, [B, D].

        Args:
            steps: [B, S, input_dim].
            lengths: [B] of how many steps are real, at least SMALLEST_SIDE; None for all. What follows them changes
                nothing.

        Raises:
            KnownError: "too-small": the clips have too few steps for the convolutions.
        """
        _check_side(steps.shape[1])
        hidden = self.subsampling(steps[:, None])  # [B, channels, T, columns]
        x = self.drop(self.project(hidden.transpose(1, 2).flatten(2)))  # [B, T, D]
        real = None
        if lengths is not None:
            # The convolutions are unpadded: a step that only real ones made is real itself.
            real = torch.arange(x.shape[1], device=x.device) < subsampled(lengths)[:, None]  # [B, T]
        positions = relative_positions(x.shape[1], self.size.width, x.device)  # [2T - 1, D]
        for block in self.blocks:
            x = block(x, positions, real)
        if real is None:
            return x.mean(dim=1)  # type: ignore[no-any-return]
        return x.masked_fill(~real[..., None], 0.0).sum(dim=1) / real.sum(dim=1, keepdim=True)  # type: ignore[no-any-return]


class ConformerBlock(nn.Module):
    """x + FF/2, + attention, + convolution, + FF/2, layer norm (Gulati et al., equation 1)."""

    def __init__(self, size: ConformerSize) -> None:
        super().__init__()
        self.before = feed_forward(size)
        self.attention = RelativeAttention(size)
        self.convolution = ConvolutionModule(size)
        self.after = feed_forward(size)
        self.norm = nn.LayerNorm(size.width)

    def forward(self, x: Tensor, positions: Tensor, real: Tensor | None) -> Tensor:
        x = x + 0.5 * self.before(x)
        x = x + self.attention(x, positions, real)
        x = x + self.convolution(x, real)
        x = x + 0.5 * self.after(x)
        return self.norm(x)  # type: ignore[no-any-return]


def feed_forward(size: ConformerSize) -> nn.Sequential:
    """Layer norm, four times as wide, Swish, and back."""
    return nn.Sequential(
        nn.LayerNorm(size.width),
        nn.Linear(size.width, size.expansion * size.width),
        nn.SiLU(),
        nn.Dropout(size.dropout),
        nn.Linear(size.expansion * size.width, size.width),
        nn.Dropout(size.dropout),
    )


class RelativeAttention(nn.Module):
    """Multi-head self-attention with relative sinusoidal positions (Dai et al. 2019, section 3.3).

    score_ij = ((q_i + u) . k_j + (q_i + v) . W r_(i-j)) / sqrt(d)
    """

    def __init__(self, size: ConformerSize) -> None:
        super().__init__()
        self.heads = size.heads
        self.norm = nn.LayerNorm(size.width)
        self.query = nn.Linear(size.width, size.width)
        self.key = nn.Linear(size.width, size.width)
        self.value = nn.Linear(size.width, size.width)
        self.position = nn.Linear(size.width, size.width, bias=False)
        self.u = nn.Parameter(torch.empty(size.heads, size.width // size.heads))
        self.v = nn.Parameter(torch.empty(size.heads, size.width // size.heads))
        nn.init.xavier_uniform_(self.u)
        nn.init.xavier_uniform_(self.v)
        self.out = nn.Linear(size.width, size.width)
        self.dropout = size.dropout
        self.drop = nn.Dropout(size.dropout)

    def forward(self, x: Tensor, positions: Tensor, real: Tensor | None) -> Tensor:
        """x [B, T, D], positions [2T - 1, D] from T - 1 back to -(T - 1), real [B, T] -> [B, T, D]."""
        normed = self.norm(x)
        q, k, v = (self._split(map_(normed)) for map_ in (self.query, self.key, self.value))  # [B, heads, T, d]
        r = self._split(self.position(positions))  # [heads, 2T - 1, d]
        by_distance = (q + self.v[:, None]) @ r.transpose(-1, -2)  # [B, heads, T, 2T - 1]
        step = torch.arange(x.shape[1], device=x.device)
        column = step[None, :] - step[:, None] + len(step) - 1  # [T, T]: where i - j stands
        bias = by_distance.gather(-1, column.expand(*by_distance.shape[:2], -1, -1)) / math.sqrt(q.shape[-1])
        if real is not None:
            bias = bias.masked_fill(~real[:, None, None, :], torch.finfo(bias.dtype).min)
        dropout = self.dropout if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(q + self.u[:, None], k, v, attn_mask=bias, dropout_p=dropout)
        return self.drop(self.out(mixed.transpose(1, 2).flatten(2)))  # type: ignore[no-any-return]

    def _split(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:-1], self.heads, -1).transpose(-3, -2)


class ConvolutionModule(nn.Module):
    """Layer norm, pointwise + GLU, depthwise convolution over time, batch norm, Swish, pointwise."""

    def __init__(self, size: ConformerSize) -> None:
        super().__init__()
        width = size.width
        self.norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, 2 * width)
        self.depthwise = nn.Conv1d(width, width, size.kernel, padding=size.kernel // 2, groups=width, bias=False)
        self.batch_norm = nn.BatchNorm1d(width)
        self.out = nn.Linear(width, width)
        self.drop = nn.Dropout(size.dropout)

    def forward(self, x: Tensor, real: Tensor | None) -> Tensor:
        """x [B, T, D], real [B, T] -> [B, T, D]."""
        gated = functional.glu(self.widen(self.norm(x)), dim=-1)
        if real is not None:
            gated = gated.masked_fill(~real[..., None], 0.0)  # As the convolution's own padding.
        mixed = self.depthwise(gated.transpose(1, 2)).transpose(1, 2)
        if real is None:
            mixed = self.batch_norm(mixed.flatten(0, 1)).view_as(mixed)
        else:  # Statistics of real steps only.
            mixed = mixed.masked_scatter(real[..., None], self.batch_norm(mixed[real]))
        return self.drop(self.out(functional.silu(mixed)))  # type: ignore[no-any-return]


def relative_positions(steps: int, width: int, device: torch.device | None = None) -> Tensor:
    """Sines and cosines of the distances steps - 1 ... -(steps - 1), [2 steps - 1, width]; width is even."""
    distance = torch.arange(steps - 1, -steps, -1, dtype=torch.float32, device=device)[:, None]
    rate = torch.exp(torch.arange(0, width, 2, dtype=torch.float32, device=device) * (-math.log(10_000.0) / width))
    return torch.stack((torch.sin(distance * rate), torch.cos(distance * rate)), dim=-1).flatten(1)


def _check_side(side: int) -> None:
    if side < SMALLEST_SIDE:
        raise KnownError(
            f"Clips of {side} rows or columns are too small for a Conformer.",
            remedy=f"Prepare them with at least {SMALLEST_SIDE}.",
            code="too-small",
        )
