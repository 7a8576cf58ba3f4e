# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A set of pairs on disk: raw descriptors of tracks and videos, which video goes with which track, and their words.

Nothing in it is fitted: standardising, PCA, quantiser bins and labels come later, from the training split only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray

FORMAT_VERSION = 2
SPLITS = ("train", "validation", "test-weak", "test-strong")
_ABOUT = "pair_set.json"
# 28 s, two a second.
STEPS = 56
_NO_STEPS = np.zeros((0, STEPS, 0), np.float32)


@dataclass(frozen=True)
class MusicItems:
    """Raw descriptors of M tracks in T = 7 clips of 4 s.

    vector [M, 1140]: CBVMR's statistics; clips [M, T, D]: bundled clip descriptors; rhythm [M, T, 3]: beats in the
    clip, their mean strength, their mean interval in s (0 with fewer than two); mel uint8 [M, T, 398, 80]: log-mel
    codes for the Conformer (empty [M, 0, 0, 0] where not kept); mask bool [M, T]: clips that are real; steps
    [M, STEPS, n]: the course of time (features.course), 0 behind the end
    (empty [0, STEPS, 0] where not kept).
    """

    vector: FloatArray
    clips: FloatArray
    rhythm: FloatArray
    mel: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    steps: FloatArray = field(default_factory=lambda: _NO_STEPS)


@dataclass(frozen=True)
class VideoItems:
    """Raw descriptors of V videos in T = 7 clips of 4 s.

    vector [V, D]: frame statistics; clips [V, T, D]; flow [V, T]: mean flow in pixels a frame; frames uint8
    [V, T, 4, H, W]: grey pictures at 1 a second for the Conformer (empty [V, 0, 0, 0, 0] where not kept); text [V, D]:
    sentence embedding, zero where has_text [V] is False; mask bool [V, T]; steps [V, STEPS, n]: the course of time.
    """

    vector: FloatArray
    clips: FloatArray
    flow: FloatArray
    frames: NDArray[np.uint8]
    text: FloatArray
    has_text: NDArray[np.bool_]
    mask: NDArray[np.bool_]
    steps: FloatArray = field(default_factory=lambda: _NO_STEPS)


@dataclass(frozen=True)
class PairSet:
    """Everything known of the pairs.

    track_of_video int [V] indexes the tracks. track_names [M], video_names [V]; track_cluster int [M]: recordings that
    are the same have one number; video_source [V]: who made it; split [V] and track_split [M]: one of SPLITS or "".
    tags [V]: the words of each video, as found (wrong and missing ones included). truth: what the makers of a made-up
    corpus know (latent [V, D] and so on), empty for real ones; never an input. extractors: by what music.vector,
    music.clips, video.vector and video.clips were made, as keys, where it was not the bundled descriptors.
    """

    name: str
    music: MusicItems
    video: VideoItems
    track_of_video: NDArray[np.int64]
    track_names: tuple[str, ...]
    video_names: tuple[str, ...]
    track_cluster: NDArray[np.int64]
    video_source: tuple[str, ...]
    split: tuple[str, ...]
    track_split: tuple[str, ...]
    tags: tuple[tuple[str, ...], ...]
    truth: dict[str, FloatArray]
    extractors: Mapping[str, str] = field(default_factory=dict)


def save_pair_set(pairs: PairSet, folder: Path) -> None:
    """Write the set: one .npy a matrix, so that large ones are mapped rather than read, and one JSON file last."""
    folder.mkdir(parents=True, exist_ok=True)
    for side in ("music", "video"):
        for each in fields(getattr(pairs, side)):
            np.save(folder / f"{side}.{each.name}.npy", getattr(getattr(pairs, side), each.name))
    for name, values in pairs.truth.items():
        np.save(folder / f"truth.{name}.npy", values)
    about = {
        "format": FORMAT_VERSION,
        "name": pairs.name,
        "track_of_video": pairs.track_of_video.tolist(),
        "track_cluster": pairs.track_cluster.tolist(),
        "truth": sorted(pairs.truth),
        "extractors": dict(pairs.extractors),
        **{
            name: getattr(pairs, name)
            for name in ("track_names", "video_names", "video_source", "split", "track_split", "tags")
        },
    }
    (folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")


def load_pair_set(folder: Path) -> PairSet:
    """Read what save_pair_set wrote.

    Raises:
        KnownError: "no-pairs": the folder holds no set of pairs, or one that is damaged or of another version.
    """
    try:
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        if about["format"] != FORMAT_VERSION:
            raise ValueError(f"format {about['format']}")
        return PairSet(
            name=str(about["name"]),
            music=MusicItems(**{f.name: _matrix(folder, f"music.{f.name}") for f in fields(MusicItems)}),
            video=VideoItems(**{f.name: _matrix(folder, f"video.{f.name}") for f in fields(VideoItems)}),
            track_of_video=np.asarray(about["track_of_video"], np.int64),
            track_names=tuple(about["track_names"]),
            video_names=tuple(about["video_names"]),
            track_cluster=np.asarray(about["track_cluster"], np.int64),
            video_source=tuple(about["video_source"]),
            split=tuple(about["split"]),
            track_split=tuple(about["track_split"]),
            tags=tuple(tuple(words) for words in about["tags"]),
            truth={name: _matrix(folder, f"truth.{name}") for name in about["truth"]},
            extractors={str(name): str(key) for name, key in dict(about.get("extractors", {})).items()},
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KnownError(
            f"{folder} holds no set of pairs that this version can read.",
            code="no-pairs",
            cause=str(error),
            remedy="Make one with `python -m needledrop.training.corpus.make`, or name another folder.",
        ) from error


def _matrix(folder: Path, name: str) -> Any:
    return np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
