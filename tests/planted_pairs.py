# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs with a correlation that we planted, and a bare training loop: enough to see whether a system learns at all."""

from __future__ import annotations

import dataclasses
from typing import Any

import torch
from torch import Tensor

from needledrop.crossmodal.batches import InputSizes, MusicBatch, PairBatch, VideoBatch

VECTOR, CLIP, TEXT, LABELS, CLIPS, LATENT = 24, 16, 12, 6, 4, 8
SIZES = InputSizes(VECTOR, VECTOR, CLIP, CLIP, TEXT, LABELS)


def planted_pairs(items: int, seed: int, link: str = "true", noise: float = 0.5) -> PairBatch:
    """Pairs of which both sides come from one latent of 8 numbers, linearly, with noise.

    link: "true"; "shuffled": each video is handed another's music; "independent": the videos have latents of their
    own. Every seed draws other pairs of the same world. 7 in 10 videos have words; labels come from the music.
    """
    world = torch.Generator().manual_seed(0)
    widths = {"mv": VECTOR, "vv": VECTOR, "mc": CLIP, "vc": CLIP, "text": TEXT, "label": LABELS}
    maps = {name: torch.randn(LATENT, width, generator=world) / LATENT**0.5 for name, width in widths.items()}
    words = torch.randn(LABELS, TEXT, generator=world)
    draw = torch.Generator().manual_seed(seed)
    of_music = torch.randn(items, LATENT, generator=draw)
    of_video = {
        "true": of_music,
        "shuffled": of_music[torch.randperm(items, generator=draw)],
        "independent": torch.randn(items, LATENT, generator=draw),
    }[link]

    def seen(latent: Tensor, name: str) -> Tensor:
        shown = latent @ maps[name]
        return shown + noise * torch.randn(shown.shape, generator=draw)

    def clips(latent: Tensor, name: str) -> Tensor:
        return torch.stack([seen(latent, name) for _ in range(CLIPS)], dim=1)

    def bins(*tops: int) -> Tensor:
        return torch.stack([torch.randint(0, top, (items, CLIPS), generator=draw) for top in tops], dim=-1)

    def lengths() -> Tensor:
        # Drawn for either side: a length that both share is learned at once, on pure noise too.
        return torch.arange(CLIPS)[None, :] < torch.randint(2, CLIPS + 1, (items, 1), generator=draw)

    none = torch.zeros(items, 0, 0)
    has_text = torch.rand(items, generator=draw) < 0.7
    text = seen(of_video, "text") * has_text[:, None]
    label = (of_music @ maps["label"]).argmax(dim=1)
    return PairBatch(
        MusicBatch(seen(of_music, "mv"), clips(of_music, "mc"), bins(18, 49, 65), lengths(), none),
        VideoBatch(seen(of_video, "vv"), clips(of_video, "vc"), bins(65), lengths(), text, has_text, none),
        torch.arange(items),
        label,
        words[label],
    )


def take(batch: Any, rows: Tensor) -> Any:
    """Those rows of a batch and of the batches inside it."""
    return type(batch)(
        **{
            entry.name: take(value, rows) if dataclasses.is_dataclass(value) else value[rows]
            for entry in dataclasses.fields(batch)
            for value in [getattr(batch, entry.name)]
        }
    )


def train(model: Any, pairs: PairBatch, steps: int, batch: int, rate: float = 3e-3, seed: int = 0) -> None:
    """Adam on random batches, then evaluation mode."""
    torch.manual_seed(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    model.train()
    for step in range(steps):
        if hasattr(model, "set_progress"):
            model.set_progress(step)
        rows = torch.randperm(len(pairs.track))[:batch]
        loss = model.training_loss(take(pairs, rows))["total"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    model.eval()


@torch.no_grad()
def hits(model: Any, pairs: PairBatch, k: int) -> tuple[int, int]:
    """How many pairs are found among the first k: the music of a video, the video of a music. Ties count against."""
    scores = model.embed_video(pairs.video) @ model.embed_music(pairs.music).T
    return _among_first(scores, k), _among_first(scores.T, k)


def _among_first(scores: Tensor, k: int) -> int:
    return int(((scores >= scores.diagonal()[:, None]).sum(dim=1) <= k).sum())
