# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains any retriever on any set of pairs: one process or several, any device, resumed after a kill at any step.

Every draw of chance at a step follows from the seed and the step's number alone, so that a training that was stopped
and resumed comes to the same weights as one that ran through.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import nn

from needledrop.core import log
from needledrop.core.errors import KnownError
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch, ignore_progress
from needledrop.crossmodal.device import is_out_of_memory
from needledrop.training.batching import Indices, PairTensors
from needledrop.training.evaluation.metrics import ranks_of, recall_at
from needledrop.training.recipe import Recipe
from needledrop.training.seeds import mixed_seed

_SMALLEST_BATCH = 8
_STATE = "training.pt"
Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Task:
    """What to train on: videos to learn from, and videos with the gallery of tracks to choose the best weights by."""

    tensors: PairTensors
    training_videos: Indices
    validation_videos: Indices
    validation_tracks: Indices
    validation_relevant: NDArray[np.bool_]
    track_of_video: NDArray[np.int64]
    label_of_track: NDArray[np.int64]


@dataclass
class History:
    """What happened: the loss's terms and the validation's R@10 by step, and notes of what had to be given up on the
    way and of what was fitted."""

    losses: list[dict[str, float]] = field(default_factory=list)
    validation: list[tuple[int, float]] = field(default_factory=list)
    best_step: int = 0
    best_recall: float = -1.0
    steps: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Machine:
    """Where to train: Fabric's accelerator, number of devices and strategy."""

    accelerator: str = "auto"
    devices: int = 1
    strategy: str = "auto"


def train(
    build: Callable[[], nn.Module],
    task: Task,
    recipe: Recipe,
    folder: Path,
    machine: Machine | None = None,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> tuple[nn.Module, History]:
    """The model with the weights that ranked the validation split best, and the history.

    The folder keeps the state; training goes on from it where one is there. On a GPU that runs out of memory the batch
    is halved, then the CPU is used; the history says so.

    Raises:
        KnownError: "diverged": the loss is no longer a number; "other-training": the folder holds another recipe's.
        Cancelled: it was stopped; the state is kept.
    """
    machine, batch, notes = machine or Machine(), recipe.schedule.batch, list[str]()
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            run = _Run(build, task, recipe, folder, machine, batch, progress, cancel or CancelToken())
            run.history.notes.extend(notes)
            return run.finish()
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            machine, batch, said = _lessened(machine, batch)
            notes.append(said)
            log.worker.warning(said)


def fitted_at_once(model: Any, task: Task) -> tuple[nn.Module, History]:
    """A model that is fitted in closed form to all training pairs, and its history of one step."""
    model.fit(task.tensors.pairs(task.training_videos))
    recall = _validation_recall(model, task, "cpu")
    return model.eval(), History(validation=[(1, recall)], best_step=1, best_recall=recall, steps=1)


def _validation_recall(model: Any, task: Task, device: torch.device | str) -> float:
    """R@10 of the validation split, video to music."""
    scores = index_scores(model, task.tensors, task.validation_videos, task.validation_tracks, device)
    return recall_at(ranks_of(scores, task.validation_relevant), 10)


def _lessened(machine: Machine, batch: int) -> tuple[Machine, int, str]:
    if machine.accelerator == "cpu":
        raise KnownError(
            "This machine's memory does not hold the training.",
            remedy="Close other programs, or choose a smaller model or batch in the recipe.",
            code="memory",
        )
    if batch > _SMALLEST_BATCH:
        return machine, batch // 2, f"The GPU's memory was too small for batches of {batch}; went on with {batch // 2}."
    return Machine("cpu", 1), batch, "The GPU's memory was too small; went on with the CPU."


class _Run:
    """One training on one device, from the state in the folder or from nothing."""

    def __init__(
        self,
        build: Callable[[], nn.Module],
        task: Task,
        recipe: Recipe,
        folder: Path,
        machine: Machine,
        batch: int,
        progress: ProgressSink,
        cancel: CancelToken,
    ) -> None:
        self.task, self.recipe, self.schedule, self.folder = task, recipe, recipe.schedule, folder
        self.machine, self.batch, self.progress, self.cancel = machine, batch, progress, cancel
        self.fabric = Fabric(
            accelerator=machine.accelerator,
            devices=machine.devices,
            strategy=machine.strategy,
            precision=recipe.schedule.precision,  # type: ignore[arg-type]
        )
        self.fabric.launch()
        torch.manual_seed(recipe.seed)
        model = build()
        optimiser = torch.optim.AdamW(
            model.parameters(), lr=recipe.schedule.learning_rate, weight_decay=recipe.schedule.weight_decay
        )
        self.model, self.optimiser = self.fabric.setup(model, optimiser)
        self.model.mark_forward_method("training_loss")
        self.best: dict[str, torch.Tensor] = {}
        self.history = History()
        self._resume()

    def finish(self) -> tuple[nn.Module, History]:
        """Take the steps that are left."""
        watch, first = Stopwatch(), self.history.steps
        for step in range(first, self.schedule.steps):
            if self._is_over():
                break
            if self.cancel.is_cancelled:
                self._save()
            self.cancel.check()
            self.history.losses.append(self._step(step))
            self.history.steps = step + 1
            if (step + 1) % self.schedule.validate_every == 0 or step + 1 == self.schedule.steps:
                self._validate()
                self._save()
            self.progress(Progress("training", step + 1 - first, self.schedule.steps - first, watch.elapsed_s))
        model = self.model.module
        model.load_state_dict(self.best)
        if hasattr(model, "check_active_units"):
            seen = self.task.tensors.pairs(self.task.validation_videos, self.fabric.device)
            with torch.inference_mode(), as_when_used(model):
                model.check_active_units(seen.music, seen.video)
        return model.eval().to("cpu"), self.history

    def _step(self, step: int) -> dict[str, float]:
        for group in self.optimiser.param_groups:
            group["lr"] = self.schedule.rate_at(step)
        self.model.train()
        torch.manual_seed(mixed_seed(self.recipe.seed, step, self.fabric.global_rank))
        if hasattr(self.model.module, "set_progress"):
            self.model.module.set_progress(step)
        videos = drawn(self.task, self.recipe, step, self.batch)[self.fabric.global_rank :: self.fabric.world_size]
        losses = self.model.training_loss(self.task.tensors.pairs(videos, self.fabric.device))
        total = losses["total"]
        if not bool(torch.isfinite(total)):
            raise KnownError(
                f"Training {self.recipe.name} came apart at step {step}: its loss is no longer a number.",
                remedy="Lower the learning rate in the recipe, or look for broken items in the data.",
                cause=", ".join(f"{name} {float(value.detach()):.3g}" for name, value in losses.items()),
                code="diverged",
            )
        self.optimiser.zero_grad()
        self.fabric.backward(total)
        self.fabric.clip_gradients(self.model, self.optimiser, max_norm=self.schedule.clip_norm)
        self.optimiser.step()
        return {name: float(value.detach()) for name, value in losses.items()}

    def _validate(self) -> None:
        model = self.model.module
        recall = _validation_recall(model, self.task, self.fabric.device)
        self.history.validation.append((self.history.steps, recall))
        if recall > self.history.best_recall:
            self.history.best_recall, self.history.best_step = recall, self.history.steps
            self.best = {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}

    def _is_over(self) -> bool:
        since = sum(1 for step, _ in self.history.validation if step > self.history.best_step)
        return since >= self.schedule.patience

    def _save(self) -> None:
        if self.fabric.global_rank:
            return
        state = {
            "recipe": self.recipe.as_dict(),
            "model": self.model.module.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "best": self.best,
            "history": vars(self.history),
        }
        part = self.folder / f".{_STATE}.part"
        torch.save(state, part)
        part.replace(self.folder / _STATE)

    def _resume(self) -> None:
        path = self.folder / _STATE
        if not path.exists():
            return
        state = _read_state(path)
        if state is None:
            return
        if state["recipe"] != self.recipe.as_dict():
            raise KnownError(
                f"The folder {self.folder} holds the training of another recipe.",
                remedy="Name another folder, or empty this one.",
                code="other-training",
            )
        self.model.module.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.best = state["best"]
        self.history = History(**state["history"])


def _read_state(path: Path) -> dict[str, Any] | None:
    """The state; None for one that is damaged, which costs the work since the start but nothing else."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return state if isinstance(state, dict) else None
    except Exception as error:  # torch raises whatever its zip and pickle readers do.
        log.worker.warning("the state of a training in %s is damaged, starting anew: %s", path, error)
        path.replace(path.with_suffix(".damaged"))
        return None


def drawn(task: Task, recipe: Recipe, step: int, batch: int) -> Indices:
    """The videos of a step: any of the training split, or the same number from every label."""
    rng = np.random.default_rng((recipe.seed, step))
    videos = task.training_videos
    if not recipe.schedule.balanced:
        return rng.choice(videos, min(batch, len(videos)), replace=False)
    labels = task.label_of_track[task.track_of_video[videos]]
    labelled = np.unique(labels[labels >= 0])
    if len(labelled) < 2:
        return rng.choice(videos, min(batch, len(videos)), replace=False)
    chosen = rng.choice(labelled, batch)
    return np.array([rng.choice(videos[labels == label]) for label in chosen], np.intp)


@torch.inference_mode()
def embedded(
    model: Any, tensors: PairTensors, items: Indices, side: str, device: torch.device | str = "cpu", batch: int = 512
) -> Scores:
    """Unit vectors [n, d] of these tracks (side "music") or videos ("video")."""
    with as_when_used(model):
        rows = [items[start : start + batch] for start in range(0, len(items), batch)]
        if side == "music":
            parts = [model.embed_music(tensors.music(row, device)) for row in rows]
        else:
            parts = [model.embed_video(tensors.video(row, device)) for row in rows]
        return np.asarray(torch.cat(parts).float().cpu().numpy(), np.float32)


def index_scores(
    model: Any, tensors: PairTensors, videos: Indices, tracks: Indices, device: torch.device | str = "cpu"
) -> Scores:
    """Scores [videos, tracks] of the two towers."""
    return np.asarray(
        embedded(model, tensors, videos, "video", device) @ embedded(model, tensors, tracks, "music", device).T,
        np.float32,
    )


@contextlib.contextmanager
def as_when_used(model: nn.Module) -> Iterator[None]:
    """Without dropout and batch statistics, and afterwards as before."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)
