# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The beat network as it is trained: a temporal convolutional network over log-mel frames.

Source: Davies and Boeck, "Temporal convolutional networks for musical audio beat tracking", EUSIPCO 2019; Boeck and
Davies, "Deconstruct, analyse, reconstruct", ISMIR 2020 (beats, downbeats and tempo at once). features/beat_network.py
computes the same from the exported weights without torch.
"""

import torch
from torch import Tensor, nn

from needledrop.features.beat_network import BLOCKS, CHANNELS, FRONT_CHANNELS, KERNEL, MEL_POOL, TEMPO_BINS, TEMPO_POOL
from needledrop.features.harmonic_change import SPANS
from needledrop.features.onsets import MEL_BANDS


class BeatNetwork(nn.Module):
    """Log-mel [batch, frames at 100 Hz, MEL_BANDS] and harmonic changes [batch, frames at 50 Hz, SPANS] to logits: beat
    and downbeat [batch, frames at 50 Hz, 2], and tempo [batch, seconds, TEMPO_BINS]."""

    def __init__(self) -> None:
        super().__init__()
        self.edges = nn.Conv2d(1, FRONT_CHANNELS, (5, 3), stride=(2, 1), padding=(2, 1))
        self.bands = nn.Conv2d(FRONT_CHANNELS, CHANNELS, (3, MEL_BANDS // MEL_POOL), padding=(1, 0))
        self.harmony = nn.Linear(len(SPANS), CHANNELS, bias=False)
        self.dilated = nn.ModuleList(
            nn.Conv1d(CHANNELS, CHANNELS, KERNEL, dilation=2**block, padding=2**block * (KERNEL // 2))
            for block in range(BLOCKS)
        )
        self.mixed = nn.ModuleList(nn.Conv1d(CHANNELS, CHANNELS, 1) for _ in range(BLOCKS))
        self.events = nn.Linear(CHANNELS, 2)
        self.tempo = nn.Linear(CHANNELS, TEMPO_BINS)
        self.dropout = nn.Dropout(0.1)

    def forward(self, log_mel: Tensor, changes: Tensor) -> tuple[Tensor, Tensor]:
        frames = torch.relu(self.edges(log_mel[:, None]))
        frames = nn.functional.max_pool2d(frames, (1, MEL_POOL))
        hidden = torch.relu(self.bands(frames)[..., 0] + self.harmony(changes).transpose(1, 2))
        for dilated, mixed in zip(self.dilated, self.mixed, strict=True):
            hidden = hidden + mixed(self.dropout(torch.relu(dilated(hidden))))
        hidden = torch.relu(hidden)
        pooled = nn.functional.avg_pool1d(hidden, TEMPO_POOL)
        return self.events(hidden.transpose(1, 2)), self.tempo(pooled.transpose(1, 2))
