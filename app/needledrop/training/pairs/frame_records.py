# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frame-level feature records as YouTube-8M publishes them and HIMV-200K keeps them, read without TensorFlow.

A file is a sequence of TFRecords, each a SequenceExample: context "id" (or "video_id") and "labels"; a second of the
video a row of "rgb" (1,024 numbers) and of "audio" (128), a byte each, between -2 and 2. A damaged record costs itself.

Source: Abu-El-Haija et al., "YouTube-8M", 2016 (arXiv 1609.08675) and the data set's format as its readers define it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.training.pairs.crc32c import crc32c, masked
from needledrop.training.pairs.pair_set import MusicItems, PairSet, VideoItems
from needledrop.training.pairs.protobuf_wire import parts, string_map, whole_numbers

RGB_SIZE, AUDIO_SIZE = 1024, 128
_LOWEST, _HIGHEST = -2.0, 2.0
# No record of these sets comes near: 300 s hold 0.35 MB. A length beyond it is damage.
_LARGEST_RECORD = 1 << 28
_CLIPS, _CLIP_ROWS, _TOP = 7, 4, 5
_Arrays = dict[str, NDArray[Any]]
_SPLIT_OF_PREFIX = {"train": "train", "validate": "validation", "test": "test-strong"}


@dataclass(frozen=True)
class FrameRecord:
    """One video: labels are numbers of its set's vocabulary; rgb float32 [n, 1024] and audio float32 [n, 128], a row a
    second."""

    video_id: str
    labels: tuple[int, ...]
    rgb: FloatArray
    audio: FloatArray


def read_frame_records(path: Path, problems: list[str]) -> Iterator[FrameRecord]:
    """The records of a file; for each that cannot be used a sentence is added to `problems`.

    Raises:
        KnownError: "missing" or "unreadable": the file cannot be opened.
    """
    try:
        with path.open("rb") as stream:
            for number, data in _framed(stream, path.name, problems):
                try:
                    yield _parsed(data)
                except ValueError as error:
                    problems.append(f"Record {number} of {path.name} holds no frames of a video ({error}): left out.")
    except OSError as error:
        raise KnownError(
            f"'{path.name}' cannot be read.",
            remedy="Check the path and your right to read it.",
            cause=str(error),
            code="missing" if isinstance(error, FileNotFoundError) else "unreadable",
        ) from error


def _framed(stream: BinaryIO, name: str, problems: list[str]) -> Iterator[tuple[int, bytes]]:
    """Number, from 1, and data of each record: a length of 8 bytes, its checksum, the data, its checksum."""
    number = 0
    while head := stream.read(12):
        number += 1
        length, length_sum = struct.unpack("<QI", head) if len(head) == 12 else (0, -1)
        if length_sum < 0:
            problems.append(f"{name} ends inside record {number}: it is left out.")
            return
        if length > _LARGEST_RECORD or masked(crc32c(head[:8])) != length_sum:
            problems.append(f"The length of record {number} of {name} is damaged: it and all after it are left out.")
            return
        body = stream.read(length + 4)
        if len(body) < length + 4:
            problems.append(f"{name} ends inside record {number}: it is left out.")
            return
        if masked(crc32c(body[:length])) != int.from_bytes(body[length:], "little"):
            problems.append(f"Record {number} of {name} is damaged (its checksum is wrong): it is left out.")
            continue
        yield number, body[:length]


def _parsed(data: bytes) -> FrameRecord:
    context = {name: feature for part in parts(data, 1) for name, feature in string_map(part, 1).items()}
    lists = {name: rows for part in parts(data, 2) for name, rows in string_map(part, 1).items()}
    named = context.get("id", context.get("video_id", b""))
    video_id = next((text for listed in parts(named, 1) for text in parts(listed, 1)), b"").decode("utf-8")
    if not video_id:
        raise ValueError("no id")
    labels = [label for listed in parts(context.get("labels", b""), 3) for label in whole_numbers(listed, 1)]
    rgb, audio = (_rows(lists.get(name, b""), name, size) for name, size in (("rgb", RGB_SIZE), ("audio", AUDIO_SIZE)))
    return FrameRecord(video_id, tuple(labels), rgb, audio)


def _rows(feature_list: bytes, name: str, size: int) -> FloatArray:
    """The rows [n, size] of a list of features, each one text of bytes."""
    found = [text for feature in parts(feature_list, 1) for listed in parts(feature, 1) for text in parts(listed, 1)]
    if not found:
        raise ValueError(f"no {name}")
    if any(len(row) != size for row in found):
        raise ValueError(f"a row of {name} has not {size} numbers")
    return dequantised(np.frombuffer(b"".join(found), np.uint8).reshape(-1, size))


def dequantised(codes: NDArray[np.uint8]) -> FloatArray:
    """Numbers between -2 and 2 of codes, by the formula of YouTube-8M's readers: code * 4/255 + 4/512 - 2."""
    spread = _HIGHEST - _LOWEST
    return np.asarray(codes * np.float32(spread / 255) + np.float32(spread / 512 + _LOWEST), np.float32)


def split_of(path: Path) -> str:
    """The split that a file's name tells ("train0093.tfrecord"): "" for another name."""
    return next((split for prefix, split in _SPLIT_OF_PREFIX.items() if path.name.startswith(prefix)), "")


def frame_record_pairs(paths: Sequence[Path], name: str) -> tuple[PairSet, list[str]]:
    """A set in which the sound of each video is its track, and a sentence for each record that was left out.

    vector: mean, variance and the five greatest values of each number over the seconds; clips: mean and deviation of
    the first seven stretches of four seconds. Rhythm and flow are not in such records: they are 0. The split is that
    of the file's name; a video met again is left out, so that none is in two splits. Recordings cannot be told from
    such features: each counts as one of its own.

    Raises:
        KnownError: "missing", "unreadable"; "few-pairs": nothing is left.
    """
    problems: list[str] = []
    rows: list[_Arrays] = []
    splits: dict[str, str] = {}
    tags: list[tuple[str, ...]] = []
    for path in paths:
        for record in read_frame_records(path, problems):
            if record.video_id in splits:
                problems.append(f"Video {record.video_id} of {path.name} was met before: it is left out.")
                continue
            splits[record.video_id] = split_of(path)
            tags.append(tuple(f"label {label}" for label in record.labels))
            rows.append(_described(record.audio, "music") | _described(record.rgb, "video"))
    if not rows:
        raise KnownError(
            f"{name} holds no record that can be used.",
            remedy="Give files of frame-level features in YouTube-8M's format.",
            cause=" ".join(problems),
            code="few-pairs",
        )
    return _as_pairs(name, rows, splits, tags), problems


def _described(seconds: FloatArray, side: str) -> _Arrays:
    """Vector [7 * D], clips [7, 2 * D] and mask [7] of rows [n, D]."""
    greatest = -np.sort(-seconds, axis=0)[:_TOP]
    greatest = np.concatenate([greatest, np.repeat(greatest[-1:], _TOP - len(greatest), axis=0)])
    vector = np.concatenate([seconds.mean(axis=0), seconds.var(axis=0), greatest.ravel()]).astype(np.float32)
    count = min(_CLIPS, -(-len(seconds) // _CLIP_ROWS))
    clips = np.zeros((_CLIPS, 2 * seconds.shape[1]), np.float32)
    for index in range(count):
        part = seconds[index * _CLIP_ROWS : (index + 1) * _CLIP_ROWS]
        clips[index] = np.concatenate([part.mean(axis=0), part.std(axis=0)])
    return {f"{side}.vector": vector, f"{side}.clips": clips, f"{side}.mask": np.arange(_CLIPS) < count}


def _as_pairs(
    name: str, rows: Sequence[_Arrays], splits: Mapping[str, str], tags: Sequence[tuple[str, ...]]
) -> PairSet:
    count = len(rows)
    stacked = {key: np.stack([row[key] for row in rows]) for key in rows[0]}
    ids, split = tuple(splits), tuple(splits.values())
    return PairSet(
        name=name,
        music=MusicItems(
            vector=stacked["music.vector"],
            clips=stacked["music.clips"],
            rhythm=np.zeros((count, _CLIPS, 3), np.float32),
            mel=np.zeros((count, 0, 0, 0), np.uint8),
            mask=stacked["music.mask"].astype(np.bool_),
        ),
        video=VideoItems(
            vector=stacked["video.vector"],
            clips=stacked["video.clips"],
            flow=np.zeros((count, _CLIPS), np.float32),
            frames=np.zeros((count, 0, 0, 0, 0), np.uint8),
            text=np.zeros((count, 0), np.float32),
            has_text=np.zeros(count, np.bool_),
            mask=stacked["video.mask"].astype(np.bool_),
        ),
        track_of_video=np.arange(count, dtype=np.int64),
        track_names=tuple(f"sound of {video}" for video in ids),
        video_names=ids,
        track_cluster=np.arange(count, dtype=np.int64),
        video_source=ids,
        split=split,
        track_split=split,
        tags=tuple(tags),
        truth={},
    )
