# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MGSV-EC's published features with its tables as a set of pairs: which track goes with a short video.

Files, by the names that the data set's own loader reads: vit_feature/VIDEO.pt, a row of 512 numbers a second (CLIP
ViT-B/32), vit_mask/VIDEO.pt, which rows are the video's own; ast_feature/TRACK.pt, a row of 768 numbers each 2.5 s
(AST), and ast_mask/TRACK.pt. They may lie anywhere up to three folders below the one that is named, as the tables may.
The stretches within tracks are mgsv.py's; here a track is one item, whole, for where in it a video's stretch lies is
what nobody may know who ranks.

Source: Xin et al., "Music Grounding by Short Video", ICCV 2025 (arXiv 2408.16990), and its published data loader.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch, ignore_progress
from needledrop.training.pairs.mgsv import FILES, Moment, read_moments
from needledrop.training.pairs.pair_set import MusicItems, PairSet, VideoItems

VIDEO_SIZE, MUSIC_SIZE = 512, 768
_VIDEO, _MUSIC = ("vit_feature", "vit_mask"), ("ast_feature", "ast_mask")
_LEVELS = ("", "*/", "*/*/", "*/*/*/")
_CLIPS, _CLIP_ROWS, _TOP = 7, 4, 5
_Item = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class MgsvPairs:
    """The set, and a sentence for each row or file that was left out."""

    pairs: PairSet
    left_out: tuple[str, ...]


def holds_mgsv(folder: Path) -> bool:
    """Whether there are tables and features of the data set in a folder or below."""
    return _tables(folder) is not None and _below(folder, _VIDEO[0]) is not None


def read_mgsv_pairs(
    folder: Path, *, progress: ProgressSink = ignore_progress, cancel: CancelToken | None = None
) -> MgsvPairs:
    """Read the tables, and the features of every video and track that they name.

    vector: mean, variance and the five greatest values of each number over all rows; clips of a video: mean and
    deviation of its first seven stretches of four seconds; clips of a track: of seven stretches of equal length, from
    its beginning to its end. Rhythm and flow are not in these files: they are 0. Tags are the videos' categories.

    Raises:
        KnownError: "missing": there are no tables or no features; "no-torch": the files need it; "few-pairs": nothing
            can be used.
        Cancelled: asked to stop.
    """
    tables, video_rows, music_rows = _tables(folder), _below(folder, _VIDEO[0]), _below(folder, _MUSIC[0])
    if tables is None or video_rows is None or music_rows is None:
        raise KnownError(
            f"{folder} holds no tables and features of MGSV-EC.",
            remedy=f"Name the folder above the tables, '{_VIDEO[0]}' and '{_MUSIC[0]}'.",
            code="missing",
        )
    read = read_moments(tables)
    left_out = list(read.left_out)
    found, videos, watch = list[Moment](), list[_Item](), Stopwatch()
    tracks = _Tracks(music_rows)
    for number, moment in enumerate(read.moments):
        if cancel is not None:
            cancel.check()
        progress(Progress("Reading features", number, len(read.moments), watch.elapsed_s, moment.video_id))
        try:
            tracks.take(moment.music_id)
            videos.append(_video(_rows(video_rows, _VIDEO, moment.video_id, VIDEO_SIZE), moment))
            found.append(moment)
        except ValueError as error:
            left_out.append(f"{error}: video {moment.video_id} is left out.")
    if not found:
        raise KnownError(
            f"None of the {len(read.moments)} videos of the tables in {tables} has features that can be used.",
            remedy="Download the features again.",
            cause=" ".join(left_out[:3]),
            code="few-pairs",
        )
    used = {moment.music_id: tracks.items[moment.music_id] for moment in found}
    return MgsvPairs(_as_pairs(folder.name, found, videos, used), tuple(left_out))


class _Tracks:
    """The tracks that videos go with, each read once."""

    def __init__(self, features: Path) -> None:
        self.items: dict[str, _Item] = {}
        self._features = features
        self._faults: dict[str, str] = {}

    def take(self, track: str) -> None:
        """Read a track if it was not. Raises: ValueError: it cannot be used."""
        if track in self._faults:
            raise ValueError(self._faults[track])
        if track not in self.items:
            try:
                rows = _rows(self._features, _MUSIC, track, MUSIC_SIZE)
            except ValueError as error:
                self._faults[track] = str(error)
                raise
            self.items[track] = _described(rows, np.array_split(rows, min(_CLIPS, len(rows))))


def _tables(folder: Path) -> Path | None:
    paths = (_below(folder, name) for name in FILES.values())
    return next((path.parent for path in paths if path is not None), None)


def _below(folder: Path, name: str) -> Path | None:
    """The first of that name in the folder, or up to three folders below."""
    return next((path for level in _LEVELS for path in sorted(folder.glob(level + name))), None)


def _rows(features: Path, names: tuple[str, str], item: str, size: int) -> FloatArray:
    """The rows [n, size] of an item that its mask keeps.

    Raises:
        ValueError: there are none; with the beginning of a sentence.
    """
    if not item or Path(item).name != item:
        raise ValueError(f"'{item}' is no name of a file")
    rows = _loaded(features / f"{item}.pt")
    if rows.shape[-1:] != (size,):
        raise ValueError(f"{names[0]}/{item}.pt has not {size} numbers a row")
    rows = rows.reshape(-1, size)
    mask = _loaded(features.parent / names[1] / f"{item}.pt").ravel()
    if len(mask) != len(rows):
        raise ValueError(f"{names[1]}/{item}.pt is not of the length of its features")
    kept: FloatArray = rows[mask != 0]
    if not len(kept) or not np.isfinite(kept).all():
        raise ValueError(f"{names[0]}/{item}.pt holds no rows that can be used")
    return kept


def _loaded(path: Path) -> FloatArray:
    """A tensor as numbers; nothing in the file is run."""
    try:
        import torch
    except ImportError as error:
        raise KnownError(
            "MGSV-EC's features are files of torch, which is not installed.",
            remedy="Install Needledrop with its extra: pip install 'needledrop[learn]'.",
            code="no-torch",
        ) from error
    name = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        raise ValueError(f"{name} is not there")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Of damaged files; what they hold is checked.
            loaded = torch.load(path, map_location="cpu", weights_only=True)
        values: FloatArray = loaded.to(torch.float32).numpy()
    except Exception as error:  # Damaged files make the reader raise whatever comes.
        raise ValueError(f"{name} holds no tensor") from error
    return values


def _described(rows: FloatArray, parts: Sequence[FloatArray]) -> _Item:
    """vector [7 * D]; clips [7, 2 * D] of these parts, none of them empty; mask [7]."""
    greatest = -np.sort(-rows, axis=0)[:_TOP]
    greatest = np.concatenate([greatest, np.repeat(greatest[-1:], _TOP - len(greatest), axis=0)])
    clips = np.zeros((_CLIPS, 2 * rows.shape[1]), np.float32)
    for index, part in enumerate(parts):
        clips[index] = np.concatenate([part.mean(axis=0), part.std(axis=0)])
    vector = np.concatenate([rows.mean(axis=0), rows.var(axis=0), greatest.ravel()]).astype(np.float32)
    return {"vector": vector, "clips": clips, "mask": np.arange(_CLIPS) < len(parts)}


def _video(rows: FloatArray, moment: Moment) -> _Item:
    """The stretch of the video that the music goes with, or all of it where the file holds less."""
    shown = rows[int(moment.video_start_s) : math.ceil(moment.video_end_s)]
    shown = shown if len(shown) else rows
    return _described(shown, [shown[at : at + _CLIP_ROWS] for at in range(0, len(shown), _CLIP_ROWS)][:_CLIPS])


def _as_pairs(name: str, moments: Sequence[Moment], videos: Sequence[_Item], tracks: dict[str, _Item]) -> PairSet:
    number_of = {track: number for number, track in enumerate(tracks)}
    track_of_video = np.array([number_of[moment.music_id] for moment in moments], np.int64)
    count, track_count = len(videos), len(tracks)
    # A track is trained on, else validates, else tests, as soon as one of its videos does.
    track_split = [""] * track_count
    for moment, track in zip(moments, track_of_video, strict=True):
        track_split[track] = track_split[track] or ("train" if moment.split == "test-weak" else moment.split)
    music = {key: np.stack([item[key] for item in tracks.values()]) for key in ("vector", "clips", "mask")}
    video = {key: np.stack([item[key] for item in videos]) for key in ("vector", "clips", "mask")}
    return PairSet(
        name=name,
        music=MusicItems(
            rhythm=np.zeros((track_count, _CLIPS, 3), np.float32),
            mel=np.zeros((track_count, 0, 0, 0), np.uint8),
            **music,
        ),
        video=VideoItems(
            flow=np.zeros((count, _CLIPS), np.float32),
            frames=np.zeros((count, 0, 0, 0, 0), np.uint8),
            text=np.zeros((count, 0), np.float32),
            has_text=np.zeros(count, np.bool_),
            **video,
        ),
        track_of_video=track_of_video,
        track_names=tuple(tracks),
        video_names=tuple(moment.video_id for moment in moments),
        track_cluster=np.arange(track_count, dtype=np.int64),
        video_source=("",) * count,
        split=tuple(moment.split for moment in moments),
        track_split=tuple(track_split),
        tags=tuple((moment.category.casefold(),) if moment.category else () for moment in moments),
        truth={},
    )
