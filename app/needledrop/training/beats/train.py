# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe of models/beats-2: make the pieces, train on them, write the weights. Needs fluidsynth, mma, espeak-ng,
ffmpeg and torch. Stopped at any time, the same command goes on where it was.

python -m needledrop.training.beats.train FOLDER
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.music import FloatArray
from needledrop.features.beat_network import BLOCKS, CHANNELS, FRONT_CHANNELS, KERNEL
from needledrop.training.beats.dataset import Excerpt, Heard, excerpt, load_piece, make_piece
from needledrop.training.beats.export import exported, write_weights

# No seed twice, and none of those from 900,000 on, which tests/benchmarks/bench_beats.py measures on.
_FIRST_SEED = {"composed": 0, "groove": 0, "synthesised": 700_000, "beatless": 0}
_PIECES = {"composed": 1500, "groove": 550, "synthesised": 250, "beatless": 60}
# Training begins on the first pieces while the others are being made: one more each so many steps.
_FIRST_PIECES, _STEPS_A_PIECE = 400, 4
_STEPS, _BATCH, _SEED = 12_000, 8, 1
_LEARNING_RATE, _WEIGHT_DECAY = 2.5e-3, 1e-3
_WARM_UP_STEPS = 200
# The weights that are kept are a running mean, over some hundreds of steps.
_KEPT = 0.998
_DOWNBEAT_WEIGHT, _TEMPO_WEIGHT = 0.7, 0.1
# Frames with an event are rare.
_BEAT_ODDS, _DOWNBEAT_ODDS = 3.0, 6.0
_CHECKPOINT_STEPS = 250
_CHECKPOINT = "checkpoint.pt"


class Pieces:
    """The pieces in an order in which all kinds take turns; made by a pool, kept in a folder."""

    def __init__(self, folder: Path, pool: Executor) -> None:
        most = max(_PIECES.values())
        turns = [
            (kind, count * turn // most)
            for turn in range(most)
            for kind, count in _PIECES.items()
            if count * turn // most < count * (turn + 1) // most
        ]
        self._waiting: list[Future[Path | None]] = [
            pool.submit(make_piece, folder, _FIRST_SEED[kind] + number, kind) for kind, number in turns
        ]
        self._made: list[Heard] = []
        self._taken = 0

    def of_step(self, step: int) -> list[Heard]:
        """What the network may draw from at a step; waits until it is made."""
        wanted = min(_FIRST_PIECES + step // _STEPS_A_PIECE, len(self._waiting))
        while self._taken < wanted:
            path = self._waiting[self._taken].result()
            self._taken += 1
            if path is not None:
                self._made.append(load_piece(path))
        return self._made


class Training:
    """The network with its running mean and all that it takes to go on after a stop."""

    def __init__(self, folder: Path) -> None:
        import torch

        from needledrop.training.beats.network import BeatNetwork

        torch.manual_seed(_SEED)
        self._torch, self._path = torch, folder / _CHECKPOINT
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._network: Any = BeatNetwork().to(self._device)
        averaging: Any = torch.optim.swa_utils
        self._mean: Any = averaging.AveragedModel(self._network, multi_avg_fn=averaging.get_ema_multi_avg_fn(_KEPT))
        self._optimiser = torch.optim.AdamW(self._network.parameters(), weight_decay=_WEIGHT_DECAY)
        self.step = 0
        if self._path.exists():
            stored = torch.load(self._path, map_location=self._device)
            for name, owner in self._owners().items():
                owner.load_state_dict(stored[name])
            self.step = int(stored["step"])

    def _owners(self) -> dict[str, Any]:
        return {"network": self._network, "mean": self._mean, "optimiser": self._optimiser}

    def save(self) -> None:
        """Write the checkpoint; a stop in the middle leaves the one before."""
        unfinished = self._path.with_suffix(".part")
        state = {name: owner.state_dict() for name, owner in self._owners().items()}
        self._torch.save({**state, "step": self.step}, unfinished)
        unfinished.replace(self._path)

    def learn(self, batch: list[Excerpt]) -> float:
        """One step; dropout follows from the number of the step, so that a training that went on is the same."""
        torch = self._torch
        torch.manual_seed(_SEED + self.step)
        for group in self._optimiser.param_groups:
            group["lr"] = _learning_rate(self.step)
        given = {
            name: torch.from_numpy(np.stack([getattr(item, name) for item in batch])).to(self._device)
            for name in ("levels", "changes", "events", "tempo", "has_tempo")
        }
        with torch.autocast(self._device, dtype=torch.bfloat16):
            events, tempi = self._network(given["levels"], given["changes"])
        loss = _loss(events.float(), tempi.float(), given)
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
        self._optimiser.step()
        self._mean.update_parameters(self._network)
        self.step += 1
        return float(loss.item())

    def weights(self) -> dict[str, FloatArray]:
        """The running mean's tensors as arrays."""
        return {name: tensor.cpu().numpy() for name, tensor in self._mean.module.state_dict().items()}


def _learning_rate(step: int) -> float:
    warm = min(1.0, (step + 1) / _WARM_UP_STEPS)
    return _LEARNING_RATE * warm * max(0.01, 0.5 + 0.5 * math.cos(math.pi * step / _STEPS))


def _loss(events: Any, tempi: Any, given: dict[str, Any]) -> Any:
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

    targets, has_tempo = given["events"], given["has_tempo"]
    beat = cross_entropy(events[..., 0], targets[..., 0], pos_weight=events.new_tensor(_BEAT_ODDS))
    downbeat = cross_entropy(events[..., 1], targets[..., 1], pos_weight=events.new_tensor(_DOWNBEAT_ODDS))
    of_tempo = -(torch.log_softmax(tempi, -1) * given["tempo"]).sum(-1)
    of_tempo = (of_tempo * has_tempo).sum() / has_tempo.sum().clamp(min=1)
    return beat + _DOWNBEAT_WEIGHT * downbeat + _TEMPO_WEIGHT * of_tempo


def _batch(pieces: list[Heard], step: int) -> list[Excerpt]:
    rng = np.random.default_rng((_SEED, step))
    return [excerpt(pieces[rng.integers(len(pieces))], rng) for _ in range(_BATCH)]


def batches(pieces: Pieces, first_step: int, threads: int) -> Iterator[list[Excerpt]]:
    """The batch of every step from `first_step` on, made ahead by some threads."""
    with ThreadPoolExecutor(threads) as pool:
        ahead: list[Future[list[Excerpt]]] = []
        for step in range(first_step, _STEPS + threads):
            if step < _STEPS:
                # A copy, for the list grows with the steps.
                ahead.append(pool.submit(_batch, list(pieces.of_step(step)), step))
            if step >= first_step + threads:
                yield ahead.pop(0).result()


def train(pieces: Pieces, folder: Path, threads: int) -> dict[str, FloatArray]:
    """Train from the folder's checkpoint, if there is one, to the last step; the tensors of the network."""
    training, losses = Training(folder), []
    for batch in batches(pieces, training.step, threads):
        losses.append(training.learn(batch))
        if training.step % _CHECKPOINT_STEPS == 0 or training.step == _STEPS:
            training.save()
            print(f"step {training.step} of {_STEPS}, loss {np.mean(losses):.4f}", flush=True)
            losses.clear()
    return training.weights()


def configuration() -> dict[str, Any]:
    """What the weights were made with."""
    return {
        "network": {"channels": CHANNELS, "front_channels": FRONT_CHANNELS, "blocks": BLOCKS, "kernel": KERNEL},
        "pieces": _PIECES,
        "steps": _STEPS,
        "batch": _BATCH,
        "seed": _SEED,
        "learning_rate": _LEARNING_RATE,
        "weight_decay": _WEIGHT_DECAY,
        "running_mean": _KEPT,
        "loss_weights": {"beat": 1.0, "downbeat": _DOWNBEAT_WEIGHT, "tempo": _TEMPO_WEIGHT},
    }


def main() -> None:
    """Read the command line and run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where pieces, checkpoint and weights are kept")
    parser.add_argument("--processes", type=int, default=2, help="for making pieces, and batches of them")
    given = parser.parse_args()
    with ProcessPoolExecutor(given.processes) as pool:
        trained = train(Pieces(given.folder / "pieces", pool), given.folder, given.processes)
    write_weights(given.folder / "model.safetensors", exported(trained))
    (given.folder / "config.json").write_text(json.dumps(configuration(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
