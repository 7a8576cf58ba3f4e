# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pretraining of the two Conformers on target labels, and the clip features they then give (UT-CMVMR, section 3).

Every step depends on the seed and its own number alone: a training that is stopped and resumed comes to the same
weights. Clips are read from the set as needed; a set that is memory-mapped is never held in memory.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.progress import CancelToken
from needledrop.crossmodal.conformer import PICTURES, SMALL_MUSIC, Conformer, ConformerSize, small_video
from needledrop.training.pairs.pair_set import PairSet
from needledrop.training.pairs.target_labels import Labels, SeparateLabels, TargetLabels
from needledrop.training.seeds import mixed_seed

# [N, T, steps, numbers] of log-mel codes, or [N, T, 4, H, W] of grey pictures.
Clips = NDArray[np.uint8]
Mask = NDArray[np.bool_]
# Items that the mean and deviation of the codes are estimated from.
_ITEMS_FOR_SCALE = 64


@dataclass(frozen=True)
class ConformerRecipe:
    """steps at most, clips a step. The rate falls as learning_rate / (epoch + 1), the released schedule; an epoch is as
    many steps as show each labelled item once on average."""

    steps: int = 400
    batch: int = 32
    learning_rate: float = 1e-3
    clip_norm: float = 3.0
    seed: int = 1


@dataclass
class ConformerState:
    """A Conformer in training, whole: mean and spread of the codes, weights, optimiser, steps taken, what happened.

    losses and accuracies (of the clips it was just shown) have one entry a step.
    """

    size: ConformerSize
    classes: int
    mean: float
    spread: float
    model: dict[str, Tensor]
    optimiser: dict[str, object] | None = None
    steps: int = 0
    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Conformers:
    """Both, pretrained; is_unified: on one set of labels rather than each on its own."""

    music: ConformerState
    video: ConformerState
    is_unified: bool


def pretrain(
    pairs: PairSet,
    labels: TargetLabels | SeparateLabels,
    recipe: ConformerRecipe,
    music_size: ConformerSize = SMALL_MUSIC,
    video_size: ConformerSize | None = None,
    device: str = "cpu",
    cancel: CancelToken | None = None,
) -> Conformers:
    """Train both Conformers on unified labels, or each on its own set of labels.

    Raises:
        KnownError: "no-clips": the set keeps no spectrograms or pictures. Else as train_conformer.
        Cancelled: it was stopped.
    """
    mel, frames = _clips_of(pairs)
    is_unified = not isinstance(labels, SeparateLabels)
    music, video = (labels.music, labels.video) if isinstance(labels, SeparateLabels) else (labels, labels)
    video_size = video_size or small_video(frames.shape[-1])
    heard = train_conformer(mel, pairs.music.mask, music.of_track, music_size, recipe, device=device, cancel=cancel)
    seen = train_conformer(frames, pairs.video.mask, video.of_video, video_size, recipe, device=device, cancel=cancel)
    return Conformers(heard, seen, is_unified)


def features_of(pairs: PairSet, conformers: Conformers, device: str = "cpu") -> tuple[FloatArray, FloatArray]:
    """What both make of every clip of a set: [M, T, D] and [V, T, D], zero where none is real.

    Raises:
        KnownError: "no-clips": the set keeps no spectrograms or pictures; "other-pairs": they are of another size.
    """
    mel, frames = _clips_of(pairs)
    music, video = conformers.music.size.input_dim, conformers.video.size.input_dim
    if (mel.shape[-1], PICTURES * frames.shape[-1]) != (music, video):
        raise KnownError(
            f"{pairs.name} keeps spectrograms or pictures of another size than these Conformers were trained on.",
            remedy=f"Make the set with pictures of {video // PICTURES} pixels (--side), or pretrain on it.",
            cause=f"{mel.shape[-1]} bands and {frames.shape[-1]} pixels, wanted {music} and {video // PICTURES}",
            code="other-pairs",
        )
    return (
        clip_features(conformers.music, mel, pairs.music.mask, device),
        clip_features(conformers.video, frames, pairs.video.mask, device),
    )


def _clips_of(pairs: PairSet) -> tuple[Clips, Clips]:
    mel, frames = pairs.music.mel, pairs.video.frames
    if not mel.size or not frames.size:
        raise KnownError(
            f"{pairs.name} keeps no spectrograms or pictures, which Conformers are trained on.",
            remedy="Prepare the set with them.",
            code="no-clips",
        )
    return mel, frames


def train_conformer(
    clips: Clips,
    mask: Mask,
    labels: Labels,
    size: ConformerSize,
    recipe: ConformerRecipe,
    *,
    state: ConformerState | None = None,
    device: str = "cpu",
    cancel: CancelToken | None = None,
) -> ConformerState:
    """Train to tell the labels of single clips apart; batches hold every label equally often (cross-entropy, Adam).

    Args:
        clips: [N, T, ...] of all items.
        mask: [N, T], clips that are real.
        labels: [N]; items of label -1 are not trained on and not looked at.
        state: go on from here; None starts anew.

    Raises:
        KnownError: "few-labels": fewer than two labels; "diverged": the loss is no longer a number.
        Cancelled: it was stopped between two steps.
    """
    items = np.flatnonzero((labels >= 0) & mask.any(axis=1))
    by_label = [items[labels[items] == label] for label in np.unique(labels[items])]
    if len(by_label) < 2:
        raise KnownError(
            f"There are {len(by_label)} target labels to tell apart; a Conformer needs two.",
            remedy="Use a set with more tags, or train without Conformer features.",
            code="few-labels",
        )
    state = state or _started(clips, mask, items, int(labels.max()) + 1, size, recipe.seed)
    model = _model(state, device)
    optimiser = torch.optim.Adam(model.parameters(), lr=recipe.learning_rate)
    if state.optimiser is not None:
        optimiser.load_state_dict(state.optimiser)
    epoch = max(1, len(items) // recipe.batch)
    with torch.random.fork_rng(devices=[]):
        for step in range(state.steps, recipe.steps):
            if cancel is not None:
                cancel.check()
            torch.manual_seed(mixed_seed(recipe.seed, step))
            rows, places = drawn(by_label, mask, recipe, step)
            target = torch.from_numpy(labels[rows]).to(device)
            logits = model(_as_steps(clips[rows, places], state, device))
            loss = functional.cross_entropy(logits, target)
            optimiser.param_groups[0]["lr"] = recipe.learning_rate / (1 + step // epoch)
            _moved(model, optimiser, loss, recipe.clip_norm, step)
            state.losses.append(float(loss.detach()))
            state.accuracies.append(float((logits.argmax(dim=1) == target).float().mean()))
            state.steps = step + 1
    state.model = {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}
    state.optimiser = optimiser.state_dict()
    return state


@torch.inference_mode()
def clip_features(state: ConformerState, clips: Clips, mask: Mask, device: str = "cpu", batch: int = 64) -> FloatArray:
    """What the Conformer makes of every real clip: [N, T, D]; zero elsewhere."""
    model = _model(state, device).eval()
    found = np.zeros((*mask.shape, state.size.width), np.float32)
    rows, places = np.nonzero(mask)
    for start in range(0, len(rows), batch):
        part = rows[start : start + batch], places[start : start + batch]
        found[part] = model.features(_as_steps(clips[part], state, device)).cpu().numpy()
    return found


@torch.inference_mode()
def label_accuracy(state: ConformerState, clips: Clips, mask: Mask, labels: Labels, device: str = "cpu") -> float:
    """The share of labelled items that are told right from the mean of their clips' features."""
    items = np.flatnonzero((labels >= 0) & mask.any(axis=1))
    features = clip_features(state, clips[items], mask[items], device).sum(axis=1) / mask[items].sum(axis=1)[:, None]
    logits = _model(state, device).classify(torch.from_numpy(features).float().to(device))
    return float((logits.argmax(dim=1).cpu().numpy() == labels[items]).mean())


def drawn(
    by_label: list[NDArray[np.int64]], mask: Mask, recipe: ConformerRecipe, step: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The items of a step, of all labels equally often, and one real clip of each."""
    rng = np.random.default_rng((recipe.seed, step))
    turns = -(-recipe.batch // len(by_label))
    order = np.concatenate([rng.permutation(len(by_label)) for _ in range(turns)])[: recipe.batch]
    rows = np.array([rng.choice(by_label[label]) for label in order])
    return rows, np.array([rng.choice(np.flatnonzero(mask[row])) for row in rows])


def _moved(model: Conformer, optimiser: torch.optim.Adam, loss: Tensor, clip_norm: float, step: int) -> None:
    if not bool(torch.isfinite(loss)):
        raise KnownError(
            f"Training the Conformer came apart at step {step}: its loss is no longer a number.",
            remedy="Lower its learning rate.",
            code="diverged",
        )
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
    optimiser.step()


def _started(
    clips: Clips, mask: Mask, items: NDArray[np.int64], classes: int, size: ConformerSize, seed: int
) -> ConformerState:
    few = np.random.default_rng(seed).permutation(items)[:_ITEMS_FOR_SCALE]
    codes = np.concatenate([clips[item][mask[item]].ravel() for item in np.sort(few)]).astype(np.float64)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        weights = Conformer(size, classes).state_dict()
    return ConformerState(size, classes, float(codes.mean()), float(max(codes.std(), 1.0)), weights)


def _model(state: ConformerState, device: str) -> Conformer:
    with torch.random.fork_rng(devices=[]):
        model = Conformer(state.size, state.classes)
    model.load_state_dict(state.model)
    return model.to(device)


def _as_steps(clips: Clips, state: ConformerState, device: str) -> Tensor:
    """Codes [B, ...] to the standardised sequence [B, S, input_dim]; pictures stand side by side in time."""
    codes = torch.from_numpy(np.ascontiguousarray(clips)).to(device)
    if codes.ndim == 4:
        height, width = codes.shape[2:]
        codes = codes.transpose(1, 2).reshape(len(codes), height, PICTURES * width)  # [B, 4, H, W] -> [B, H, 4 W]
    return (codes.float() - state.mean) / state.spread
