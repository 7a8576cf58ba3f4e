# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A set of pairs as tensors, transformed as fitted, from which batches are picked by index.

What a tower is shown never tells how long the other side of the pair is: see without_shared_lengths.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from needledrop.core.music import FloatArray
from needledrop.crossmodal.batches import STEPS_A_CLIP, InputSizes, MusicBatch, PairBatch, VideoBatch
from needledrop.training.pairs.pair_set import STEPS, PairSet
from needledrop.training.pairs.transforms import Transforms

Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Labels:
    """Unified target labels: of_track [M] (-1 where a track has none or is not trained on), text [L, D]: the sentence
    embedding of each label, D = 0 without a sentence model."""

    names: tuple[str, ...]
    of_track: NDArray[np.int64]
    text: FloatArray


class PairTensors:
    """Every item of a set, ready to be fed. Items are picked by their index in the set."""

    def __init__(self, pairs: PairSet, transforms: Transforms, labels: Labels) -> None:
        music, video = pairs.music, pairs.video
        music_mask, video_mask = without_shared_lengths(music.mask, video.mask)
        self._music = MusicBatch(
            vector=_tensor(transforms.music_vector(music.vector)),
            clips=_tensor(transforms.music_clip(music.clips) * music_mask[..., None]),
            tokens=torch.from_numpy(transforms.rhythm(music.rhythm, music_mask)),
            mask=torch.from_numpy(music_mask),
            steps=_tensor(_steps(music.steps, music_mask)),
        )
        self._video = VideoBatch(
            vector=_tensor(transforms.video_vector(video.vector)),
            clips=_tensor(transforms.video_clip(video.clips) * video_mask[..., None]),
            tokens=torch.from_numpy(transforms.flow(video.flow, video_mask)),
            mask=torch.from_numpy(video_mask),
            text=_tensor(np.array(video.text, np.float32)),
            has_text=torch.from_numpy(np.array(video.has_text)),
            steps=_tensor(_steps(video.steps, video_mask)),
        )
        self._track_of_video = pairs.track_of_video
        self._cluster = torch.from_numpy(np.array(pairs.track_cluster, np.int64))
        self._label = torch.from_numpy(labels.of_track)
        # One row at least, so that the items without a label have something to be multiplied by 0.
        self._label_text = _tensor(labels.text if len(labels.text) else np.zeros((1, labels.text.shape[1]), np.float32))
        self.sizes = InputSizes(
            music_vector=self._music.vector.shape[1],
            video_vector=self._video.vector.shape[1],
            music_clip=self._music.clips.shape[2],
            video_clip=self._video.clips.shape[2],
            text=self._video.text.shape[1],
            labels=len(labels.names),
            label_text=labels.text.shape[1],
            music_steps=self._music.steps.shape[2],
            video_steps=self._video.steps.shape[2],
        )

    def music(self, tracks: Indices, device: torch.device | str = "cpu") -> MusicBatch:
        """These tracks."""
        return MusicBatch(**_picked(self._music, tracks, device))

    def video(self, videos: Indices, device: torch.device | str = "cpu") -> VideoBatch:
        """These videos."""
        return VideoBatch(**_picked(self._video, videos, device))

    def pairs(self, videos: Indices, device: torch.device | str = "cpu") -> PairBatch:
        """These videos with their tracks; recordings that are the same count as one track."""
        tracks = self._track_of_video[videos]
        label = self._label[tracks]
        return PairBatch(
            music=self.music(tracks, device),
            video=self.video(videos, device),
            track=self._cluster[tracks].to(device),
            label=label.to(device),
            label_text=(self._label_text[label.clamp(min=0)] * (label >= 0)[:, None]).to(device),
        )


def without_shared_lengths(music: Mask, video: Mask) -> tuple[Mask, Mask]:
    """The masks [M, T] and [V, T] of clips to be shown, so that no track's length tells which video is its own.

    A paired track and video are as long as each other: their numbers of clips alone would find the pair. On the side
    that loses the smaller share by it, every item is shown with the first n of its clips, n being that side's shortest
    item; a side whose items are all of one length stays as it is, and then so does the other. Copies of their own clips
    in short items would keep the length readable, as the number of clips that differ.
    """
    cropped, lost = zip(*(_cropped(mask) for mask in (music, video)), strict=True)
    return (cropped[0], np.array(video)) if lost[0] <= lost[1] else (np.array(music), cropped[1])


def _cropped(mask: Mask) -> tuple[Mask, float]:
    """A mask [n, T] with as many clips an item as the shortest has, and the share of the clips that it loses."""
    shortest = int(mask.sum(axis=1).min(initial=mask.shape[1]))
    kept = np.asarray(mask & (np.cumsum(mask, axis=1) <= max(shortest, 1)), np.bool_)
    return kept, 1.0 - float(kept.sum()) / max(int(mask.sum()), 1)


def _steps(steps: FloatArray, mask: Mask) -> FloatArray:
    """Steps [N, STEPS, n] with 0 where the clip is not shown; n = 0 where none are kept."""
    if not len(steps):
        return np.zeros((len(mask), STEPS, 0), np.float32)
    shown = np.repeat(mask, STEPS_A_CLIP, axis=1)[:, :STEPS]
    return np.asarray(steps * np.pad(shown, ((0, 0), (0, STEPS - shown.shape[1])))[..., None], np.float32)


def _tensor(values: FloatArray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))


def _picked(batch: MusicBatch | VideoBatch, rows: Indices, device: torch.device | str) -> dict[str, Tensor]:
    index = torch.from_numpy(np.asarray(rows, np.int64))
    return {name: values[index].to(device) for name, values in vars(batch).items()}
