# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe of models/beats-1: make the pieces, train on them, write the weights. Needs fluidsynth, mma and torch.

python -m needledrop.training.beats.train FOLDER --minutes 20
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.music import FloatArray
from needledrop.training.beats.dataset import Excerpt, Heard, excerpt, load_piece, make_piece
from needledrop.training.beats.export import exported, write_weights
from needledrop.training.beats.silence import pieces_without_beats

# No seed twice, and none of those from 900,000 on, which tests/benchmarks/bench_beats.py measures on.
_FIRST_SEED = {"composed": 0, "groove": 0, "synthesised": 700_000}
_BATCH = 8
_LEARNING_RATE = 2.5e-3
_WARM_UP_STEPS = 100
_DOWNBEAT_WEIGHT, _TEMPO_WEIGHT = 0.7, 0.08
# Frames with an event are rare.
_BEAT_ODDS, _DOWNBEAT_ODDS = 3.0, 6.0


def gather(folder: Path, counts: dict[str, int]) -> list[Heard]:
    """Make what is missing in the folder of so many pieces of each kind, and load all."""
    made = [
        make_piece(folder, _FIRST_SEED[kind] + seed, kind) for kind, count in counts.items() for seed in range(count)
    ]
    return [load_piece(path) for path in made if path is not None] + pieces_without_beats()


def train(pieces: list[Heard], minutes: float, seed: int) -> dict[str, FloatArray]:
    """Train for so long on one core; the network's tensors as arrays."""
    import torch

    from needledrop.training.beats.network import BeatNetwork

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = BeatNetwork()
    optimiser = torch.optim.AdamW(network.parameters(), lr=_LEARNING_RATE, weight_decay=1e-3)
    started, step = time.monotonic(), 0
    while (done := (time.monotonic() - started) / (60 * minutes)) < 1:
        for group in optimiser.param_groups:
            warm = min(1.0, (step + 1) / _WARM_UP_STEPS)
            group["lr"] = _LEARNING_RATE * warm * max(0.02, 0.5 + 0.5 * math.cos(math.pi * done))
        batch = [excerpt(pieces[rng.integers(len(pieces))], rng) for _ in range(_BATCH)]
        loss = _loss(network, batch)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        step += 1
        if step % 50 == 0:
            print(f"step {step}, {done:.0%}, loss {loss.item():.3f}", flush=True)
    return {name: tensor.numpy() for name, tensor in network.state_dict().items()}


def _loss(network: Any, batch: list[Excerpt]) -> Any:
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

    levels, targets, tempo, has_tempo = (
        torch.from_numpy(np.stack([getattr(item, name) for item in batch]))
        for name in ("levels", "events", "tempo", "has_tempo")
    )
    events, tempi = network(levels)
    beat = cross_entropy(events[..., 0], targets[..., 0], pos_weight=torch.tensor(_BEAT_ODDS))
    downbeat = cross_entropy(events[..., 1], targets[..., 1], pos_weight=torch.tensor(_DOWNBEAT_ODDS))
    of_tempo = -(torch.log_softmax(tempi, -1) * tempo).sum(-1)
    of_tempo = (of_tempo * has_tempo).sum() / has_tempo.sum().clamp(min=1)
    return beat + _DOWNBEAT_WEIGHT * downbeat + _TEMPO_WEIGHT * of_tempo


def main() -> None:
    """Read the command line and run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where pieces and weights are kept")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--pieces", type=int, nargs=3, default=(560, 240, 240), metavar=tuple(_FIRST_SEED))
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    pieces = gather(given.folder / "pieces", dict(zip(_FIRST_SEED, given.pieces, strict=True)))
    write_weights(given.folder / "model.safetensors", exported(train(pieces, given.minutes, given.seed)))


if __name__ == "__main__":
    main()
