# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench on which every system is trained and measured alike: from a set of pairs and a recipe to a checkpoint, and
from checkpoints to scorers. Prints nothing and knows no command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.progress import CancelToken, ProgressSink, ignore_progress
from needledrop.crossmodal import systems
from needledrop.training.pairs.broken_items import without_broken
from needledrop.training.pairs.pair_set import PairSet
from needledrop.training.pairs.target_labels import (
    FEWEST_ITEMS,
    TargetLabels,
    separate_labels,
    unified_labels,
    without_labels,
)
from needledrop.training.pairs.transforms import Transforms, bin_use, fit_transforms, training_items
from needledrop.training.recipe import Recipe, recipe_from

if TYPE_CHECKING:
    from needledrop.training.batching import PairTensors
    from needledrop.training.conformers import ConformerRecipe, Conformers
    from needledrop.training.evaluation.scorers import Reranked, TwoTowers
    from needledrop.training.trainer import History, Machine

Encoder = Callable[[Sequence[str]], FloatArray]
HISTORY_NAME, RECIPE_NAME = "history.json", "recipe.json"


@dataclass(frozen=True)
class Bench:
    """A set of pairs as fitted for training."""

    pairs: PairSet
    transforms: Transforms
    labels: TargetLabels
    tensors: PairTensors


def prepared(pairs: PairSet, encode: Encoder | None = None, fewest: int = FEWEST_ITEMS) -> Bench:
    """Fit transforms and labels to the training split.

    Args:
        encode: gives the sentence embeddings [n, D] of the labels' names; without it systems learn vectors of labels.

    Raises:
        KnownError: "few-pairs": there is too little to train on; "not-a-number": items are broken.
    """
    from needledrop.training.batching import Labels, PairTensors

    pairs = without_broken(pairs)
    transforms = fit_transforms(pairs)
    _, videos = training_items(pairs)
    try:
        labels = unified_labels(pairs.tags, pairs.track_of_video, len(pairs.track_names), videos.tolist(), fewest)
    except KnownError as error:
        if error.code != "no-labels":
            raise
        # A corpus without tags trains everything but what needs labels, and whoever needs them says so.
        labels = without_labels(len(pairs.track_names), len(pairs.video_names))
    text = encode(list(labels.names)) if encode and labels.names else np.zeros((len(labels.names), 0), np.float32)
    tensors = PairTensors(pairs, transforms, Labels(labels.names, labels.of_track, text))
    return Bench(pairs, transforms, labels, tensors)


def pretrained_conformers(
    pairs: PairSet,
    recipe: ConformerRecipe,
    *,
    is_unified: bool = True,
    fewest: int = FEWEST_ITEMS,
    device: str = "cpu",
    cancel: CancelToken | None = None,
) -> Conformers:
    """Two Conformers, pretrained on target labels of the set's training split. is_unified: both on one set of labels
    (UT-CMVMR), or each modality on its own.

    Raises:
        KnownError: the set keeps no spectrograms or pictures, or too few tags.
        Cancelled: it was stopped.
    """
    from needledrop.training.conformers import pretrain

    _, videos = training_items(pairs)
    fitted = unified_labels if is_unified else separate_labels
    labels = fitted(pairs.tags, pairs.track_of_video, len(pairs.track_names), videos.tolist(), fewest=fewest)
    return pretrain(pairs, labels, recipe, device=device, cancel=cancel)


def with_conformer_clips(pairs: PairSet, conformers: Conformers, *, device: str = "cpu") -> PairSet:
    """The set, or any other of the same kind, with what two Conformers make of each clip in place of its clip
    descriptors.

    Raises:
        KnownError: the set keeps no spectrograms or pictures, or others than they were trained on.
    """
    from needledrop.training.conformer_files import key_of
    from needledrop.training.conformers import features_of

    heard, seen = features_of(pairs, conformers, device)
    return replace(
        pairs,
        name=f"{pairs.name}, {'unified' if conformers.is_unified else 'separate'} Conformers",
        music=replace(pairs.music, clips=heard),
        video=replace(pairs.video, clips=seen),
        extractors=dict(pairs.extractors) | dict.fromkeys(("music.clips", "video.clips"), key_of(conformers)),
    )


def train_recipe(
    bench: Bench,
    recipe: Recipe,
    folder: Path,
    machine: Machine | None = None,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> History:
    """Train, and write the checkpoint, the recipe and the history into the folder; goes on where it was stopped.

    Raises:
        KnownError: the recipe asks for what is not there, or the training came apart.
        Cancelled: stopped; what was done is kept.
    """
    from needledrop.training.trainer import fitted_at_once, train

    config, task = systems.read_config(recipe.system, recipe.model), task_of(bench)

    def build() -> Any:
        return systems.build(recipe.system, config, bench.tensors.sizes)

    if systems.system(recipe.system).is_closed_form:
        model, history = fitted_at_once(build(), task)
    else:
        model, history = train(build, task, recipe, folder / "state", machine, progress, cancel)
    if getattr(getattr(config, "input", None), "form", "") == "SE&R":
        history.notes.append(f"Bins: {'; '.join(map(str, bin_use(bench.pairs, bench.transforms)))}.")
    _save(bench, recipe, config, model, history, folder)
    return history


def task_of(bench: Bench) -> Any:
    """What the trainer is asked to do with the set.

    Raises:
        KnownError: "few-pairs": the validation split has fewer than two tracks.
    """
    from needledrop.training.evaluation.protocol import trials
    from needledrop.training.trainer import Task

    _, videos = training_items(bench.pairs)
    asked = trials(bench.pairs, "validation")[0]
    return Task(
        tensors=bench.tensors,
        training_videos=videos,
        validation_videos=asked.videos,
        validation_tracks=asked.tracks,
        validation_relevant=asked.relevant,
        track_of_video=bench.pairs.track_of_video,
        label_of_track=bench.labels.of_track,
    )


def _save(bench: Bench, recipe: Recipe, config: Any, model: Any, history: History, folder: Path) -> None:
    import torch

    from needledrop.crossmodal.checkpoint import Checkpoint, save_checkpoint

    fitted = {name: torch.from_numpy(np.array(values)) for name, values in bench.transforms.as_arrays().items()}
    about = {
        "recipe": recipe.as_dict(),
        "trained_on": bench.pairs.name,
        "extractors": dict(bench.pairs.extractors),
        "labels": list(bench.labels.names),
        "best_step": history.best_step,
        "validation_recall_at_10": history.best_recall,
        "notes": history.notes,
    }
    save_checkpoint(Checkpoint(recipe.system, config, bench.tensors.sizes, model, fitted, about), folder)
    (folder / RECIPE_NAME).write_text(json.dumps(recipe.as_dict(), indent=1), encoding="utf-8")
    (folder / HISTORY_NAME).write_text(json.dumps(vars(history)), encoding="utf-8")


def load_towers(folder: Path, pairs: PairSet) -> TwoTowers:
    """A trained system ready to rank the items of a set, each prepared as the system's own training set was.

    Raises:
        KnownError: the checkpoint cannot be used, or the set's items are of other widths.
    """
    from needledrop.crossmodal.checkpoint import load_checkpoint
    from needledrop.training.batching import Labels, PairTensors
    from needledrop.training.evaluation.scorers import TwoTowers

    checkpoint = load_checkpoint(folder)
    extractors = dict(checkpoint.about.get("extractors", {}))
    if extractors != dict(pairs.extractors):
        raise _other_pairs(pairs, folder, f"{dict(pairs.extractors)}, wanted {extractors}")
    fitted = {name: value.numpy() for name, value in checkpoint.fitted.items()}
    transforms = Transforms.from_arrays(fitted)
    labels = without_labels(len(pairs.track_names), len(pairs.video_names))
    try:
        tensors = PairTensors(pairs, transforms, Labels((), labels.of_track, np.zeros((0, 0), np.float32)))
    except ValueError as error:
        raise _other_pairs(pairs, folder, str(error)) from error
    recipe = recipe_from(dict(checkpoint.about["recipe"]), str(folder))
    return TwoTowers(f"{systems.system(checkpoint.system).title} ({recipe.name})", checkpoint.model, tensors)


def _other_pairs(pairs: PairSet, folder: Path, cause: str) -> KnownError:
    return KnownError(
        f"{pairs.name} is described otherwise than what {folder.name} was trained on.",
        remedy="Evaluate it on a set made by the same version, with the same extractors or Conformers.",
        cause=cause,
        code="other-pairs",
    )


def with_reranking(towers: TwoTowers, depth: int) -> Reranked | None:
    """The system with the best of its list judged pair by pair; None for a system that cannot."""
    from needledrop.training.evaluation.scorers import Reranked

    if not hasattr(towers.model, "pair_scores"):
        return None
    return Reranked(f"{towers.name}, best {depth} re-ranked", towers, towers.model, towers.tensors, depth)


def searchable(recipe: Recipe) -> tuple[dict[str, float], bool]:
    """What a search may move in a recipe's system: its loss's weights with their values, and whether it has a margin.

    Raises:
        KnownError: "recipe": there is no such system.
    """
    config = systems.read_config(recipe.system, recipe.model)
    weights = {name: float(getattr(config, name)) for name in systems.system(recipe.system).weights}
    return weights, hasattr(config, "margin")
