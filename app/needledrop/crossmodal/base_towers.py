# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The towers of the needledrop-base that ships, in numpy: what the program runs. No torch; a test holds it to torch's.

Implements core.query.SequenceModel. Tracks are embedded clip by clip and videos too: where in a track the picture goes
best is found by sliding one along the other, which is `suggest`'s part.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.models import shipped_tensors
from needledrop.core.music import CLIP_DESCRIPTORS, FloatArray, Loudness, Rhythm
from needledrop.core.paths import shipped_dir
from needledrop.core.picture import PictureRows
from needledrop.features.clip_rows import clip_rows, row_columns
from needledrop.features.course import music_steps, picture_steps
from needledrop.features.picture_rows import ROW_SIZE

MODEL = "needledrop-base"
# Raised with every change of the weights: results are kept under it.
VERSION = 1
_CONFIG_NAME = "config.json"
_FARTHEST = 6.0  # As training.pairs.transforms clips what it standardises.

Tensors = dict[str, FloatArray]
Offsets = NDArray[np.int64]


@dataclass(frozen=True)
class BaseTowers:
    """tensors: those of a checkpoint, weights under "model." by their names in crossmodal.needledrop_base, scales under
    "fitted."; columns: which of a clip's picture rows are shown; name: under which results are kept."""

    tensors: Tensors
    columns: tuple[int, ...]
    name: str

    @property
    def shares(self) -> tuple[float, float, float]:
        """What whole, course and steps count; their sum is 1."""
        given = self.tensors["model.shares"]
        powers = np.exp(given - given.max())
        whole, course, steps = (powers / powers.sum()).tolist()
        return whole, course, steps

    def music_clips(self, clips: FloatArray, offsets: Offsets) -> FloatArray:
        """Clip descriptors [n, len(CLIP_DESCRIPTORS)] of tracks end to end, track i at offsets[i] : offsets[i + 1] ->
        float32 [n, 2 width]: whole, then course."""
        return self._clips(self._scaled("music_clip", clips, range(len(CLIP_DESCRIPTORS))), offsets, "music_tower")

    def video_clips(self, rows: PictureRows) -> FloatArray:
        """A stretch of a video -> float32 [clips, 2 width]."""
        return self.clips_of(clip_rows(rows))

    def clips_of(self, clips: FloatArray) -> FloatArray:
        """The same of clips of rows [clips, 2 ROW_SIZE]."""
        scaled = self._scaled("video_clip", clips[:, self.columns], self.columns)
        return self._clips(scaled, np.array([0, len(clips)]), "video_tower")

    @property
    def second_scale(self) -> tuple[FloatArray, FloatArray]:
        """Mean and gain of each row of a second of picture over what the model learned from, two float32 [ROW_SIZE]."""
        mean, gain = (self.tensors[f"fitted.video_clip.{part}"][:ROW_SIZE] for part in ("mean", "gain"))
        return mean, gain

    def music_steps(self, rhythm: Rhythm, loudness: Loudness) -> FloatArray:
        """A track -> float32 [steps, step width] at features.course.STEPS_HZ."""
        return self.steps_of(music_steps(rhythm, loudness), is_music=True)

    def video_steps(self, rows: PictureRows) -> FloatArray:
        """A stretch of a video -> float32 [steps, step width] at features.course.STEPS_HZ."""
        return self.steps_of(picture_steps(rows))

    def _scaled(self, name: str, values: FloatArray, columns: Any) -> FloatArray:
        place = list(columns)
        mean, gain = self.tensors[f"fitted.{name}.mean"][place], self.tensors[f"fitted.{name}.gain"][place]
        scaled = np.clip((np.nan_to_num(values) - mean) * gain, -_FARTHEST, _FARTHEST)
        return np.asarray(scaled, np.float32)

    def _clips(self, clips: FloatArray, offsets: Offsets, tower: str) -> FloatArray:
        get = self._named(tower)
        hidden = _silu(clips @ get["hidden.weight"].T + get["hidden.bias"])
        before, after = np.zeros_like(hidden), np.zeros_like(hidden)
        before[1:], after[:-1] = hidden[:-1], hidden[1:]
        # A track's first and last clips have no neighbour: the next track is none.
        before[offsets[:-1][offsets[:-1] < len(hidden)]] = 0.0
        after[offsets[1:][offsets[1:] > 0] - 1] = 0.0
        kernel = get["neighbours.weight"]  # [out, in, 3]
        near = sum(part @ kernel[:, :, place].T for place, part in enumerate((before, hidden, after)))
        hidden = hidden + _silu(near + get["neighbours.bias"])
        mapped = clips @ get["linear.weight"].T + hidden @ get["out.weight"].T + get["out.bias"]
        return np.asarray(mapped, np.float32)

    def steps_of(self, steps: FloatArray, *, is_music: bool = False) -> FloatArray:
        """Steps of features.course [n, size] -> float32 [n, step width]."""
        linear, near_kernel, far_kernel, out = self._step_layers[0 if is_music else 1]
        near = _silu(_convolved(steps, *near_kernel))
        hidden = near + _silu(_convolved(near, *far_kernel))
        return np.asarray(_convolved(steps, *linear) + _convolved(hidden, *out), np.float32)

    def _named(self, tower: str) -> Tensors:
        start = f"model.{tower}."
        return {name.removeprefix(start): value for name, value in self.tensors.items() if name.startswith(start)}

    @cached_property
    def _step_layers(self) -> list[list[tuple[FloatArray, FloatArray]]]:
        """Of both step towers, music first, kernel [width, in, out] and bias of each layer."""
        towers = [self._named(f"step_towers.{place}") for place in range(2)]
        return [
            [
                (np.ascontiguousarray(get[f"{layer}.weight"].transpose(2, 1, 0)), get[f"{layer}.bias"])
                for layer in ("linear", "near", "far", "out")
            ]
            for get in towers
        ]


@lru_cache(maxsize=1)
def shipped_towers() -> BaseTowers:
    """The towers that ship.

    Raises:
        KnownError: "installation": the weights are missing, or not those that the registry names.
    """
    about = json.loads((shipped_dir("models") / MODEL / _CONFIG_NAME).read_text(encoding="utf-8"))
    return BaseTowers(shipped_tensors(MODEL), tuple(row_columns(tuple(about["rows"]))), f"{MODEL}-{VERSION}")


def towers_of(folder: Path) -> BaseTowers:
    """The towers of a checkpoint that the lab wrote; needs the extra `learn`.

    Raises:
        KnownError: "model": it cannot be used. ValueError: it is of another system.
    """
    from needledrop.crossmodal.checkpoint import load_checkpoint

    checkpoint = load_checkpoint(folder)
    if checkpoint.system != MODEL:
        raise ValueError(f"{folder} holds {checkpoint.system}")
    return BaseTowers(needed_tensors(checkpoint), tuple(row_columns(checkpoint.config.rows)), folder.name)


def needed_tensors(checkpoint: Any) -> Tensors:
    """What the towers are made of, out of a crossmodal.checkpoint.Checkpoint."""
    tensors = {f"model.{name}": value for name, value in checkpoint.model.state_dict().items()}
    for scale in ("music_clip", "video_clip"):
        tensors |= {f"fitted.{scale}.{part}": checkpoint.fitted[f"{scale}.{part}"] for part in ("mean", "gain")}
    return {name: np.asarray(value.numpy(), np.float32) for name, value in tensors.items()}


def _silu(values: FloatArray) -> FloatArray:
    return np.asarray(values * (0.5 + 0.5 * np.tanh(0.5 * values)), np.float32)


def _convolved(values: FloatArray, kernel: FloatArray, bias: FloatArray) -> FloatArray:
    """values [n, in] by kernel [width, in, out] (width odd), 0 beyond the ends -> [n, out]."""
    width, inside, outside = kernel.shape
    if width == 1:
        return np.asarray(values @ kernel[0] + bias, np.float32)
    count, reach = len(values), width // 2
    padded = np.zeros((count + 2 * reach, inside), np.float32)
    padded[reach : reach + count] = values
    # The rows that a step sees lie one behind the other: its window is one stretch of memory.
    windows = np.lib.stride_tricks.sliding_window_view(padded.ravel(), width * inside)[::inside]
    mapped = np.ascontiguousarray(windows) @ kernel.reshape(width * inside, outside)
    return np.asarray(mapped + bias, np.float32)
