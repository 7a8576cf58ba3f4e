# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TT-150k's features and lists: style embeddings of short videos and their background music, with its own protocol.

Files, by the names that the code of its first author reads (either generation): a matrix of video features, one or two
of music features, optionally text_features.npy (a name of our own: none was published); train.npy with rows [video,
track, ...]; val.npy and test.npy, in 100neg/ or beside it, with rows [video, track, array of other tracks]; optionally
video_popularity_test.npy, a weight a row of test.npy, by which hits on seldom used tracks count more.

Source: Yi et al., "Cross-modal variational auto-encoder for content-based micro-video background music
recommendation", 2021 (arXiv 2107.07268), and the data set format of its follow-up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray, TimeArray
from needledrop.training.pairs.pair_set import MusicItems, PairSet, VideoItems
from needledrop.training.pairs.plain_arrays import load_column, load_numbers, load_rows

_VIDEO_FILES = ("visual_features_resnet_V.npy", "mv_video_resnet_features.npy")
_MUSIC_FILES = ("music_features.npy", "vggish_features.npy")
_MORE_MUSIC_FILES = ("new_music_smile_features_norm.npy", "opensmile_features_norm.npy")
_TEXT_FILE = "text_features.npy"
_LISTS = "100neg"
_WEIGHTS = "video_popularity_test.npy"
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class CandidateLists:
    """What each query of a split may choose from: videos [Q]; tracks, for each query its right track and then the
    others, in the order of the file; all are indices into the set. weights [Q]: what each query counts, where the data
    set says so."""

    split: str
    videos: Indices
    tracks: tuple[Indices, ...]
    weights: TimeArray | None = None


@dataclass(frozen=True)
class StyleFeatures:
    """The set, the lists of its splits, and a sentence for each row that was left out."""

    pairs: PairSet
    candidates: tuple[CandidateLists, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    """One row of a list: the video, its track and the tracks it is ranked among; all as numbered in the files."""

    video: int
    track: int
    others: tuple[int, ...]
    split: str
    weight: float | None = None


def read_style_features(folder: Path, name: str = "TT-150k") -> StyleFeatures:
    """Read the data set in a folder.

    A query is of test-weak where its track is trained on, else of test-strong. Clips are one: the vector. Rhythm and
    flow are not known: they are 0. Whether two tracks are one recording is not known either.

    Raises:
        KnownError: "missing" or "unreadable": a file is not there or holds something else; "few-pairs": no row can be
            used.
    """
    video, music = load_numbers(_one_of(folder, _VIDEO_FILES)), _music(folder)
    text = load_numbers(folder / _TEXT_FILE) if (folder / _TEXT_FILE).is_file() else None
    if text is not None and len(text) != len(video):
        raise KnownError(
            f"'{_TEXT_FILE}' has {len(text)} rows for {len(video)} videos.",
            remedy="Give a row of zeros for a video without text.",
            code="unreadable",
        )
    left_out: list[str] = []
    rows = list(_rows(folder, len(video), len(music), left_out))
    if not rows:
        raise KnownError(
            f"The lists in {folder} have no row that can be used.",
            remedy="Download them again.",
            cause=" ".join(left_out[:3]),
            code="few-pairs",
        )
    used = np.array([row.video for row in rows])
    pairs = _as_pairs(name, rows, video[used], music, None if text is None else text[used])
    return StyleFeatures(pairs, _candidates(rows), tuple(left_out))


def _one_of(folder: Path, names: Sequence[str]) -> Path:
    return next((folder / name for name in names if (folder / name).is_file()), folder / names[0])


def _music(folder: Path) -> FloatArray:
    """The music features [M, D]; where there are two kinds, one beside the other."""
    kinds = [load_numbers(_one_of(folder, _MUSIC_FILES))]
    more = _one_of(folder, _MORE_MUSIC_FILES)
    if more.is_file():
        kinds.append(load_numbers(more))
        if len(kinds[0]) != len(kinds[1]):
            raise KnownError(
                f"'{more.name}' has {len(kinds[1])} tracks, the other music features have {len(kinds[0])}.",
                remedy="Give files of one version of the data set.",
                code="unreadable",
            )
    return np.concatenate(kinds, axis=1).astype(np.float32)


def _rows(folder: Path, videos: int, tracks: int, left_out: list[str]) -> Iterator[_Row]:
    """The rows of the three lists; a video has one row, the first."""
    seen: set[int] = set()
    trained: set[int] = set()
    for split, name in (("train", "train.npy"), ("validation", "val.npy"), ("test", "test.npy")):
        path = folder / name if split == "train" else _one_of(folder, (f"{_LISTS}/{name}", name))
        listed = load_rows(path)
        weights = _weights(folder, len(listed)) if split == "test" else None
        for number, columns in enumerate(listed, start=1):
            try:
                row = _row(columns, split, videos, tracks)
            except ValueError as error:
                left_out.append(f"Row {number} of {name} {error}: it is left out.")
                continue
            if row.video in seen:
                left_out.append(f"Row {number} of {name} is about video {row.video} again: it is left out.")
                continue
            seen.add(row.video)
            if split == "train":
                trained.add(row.track)
            elif split == "test":
                weight = None if weights is None else float(weights[number - 1])
                split_of_row = "test-weak" if row.track in trained else "test-strong"
                row = _Row(row.video, row.track, row.others, split_of_row, weight)
            yield row


def _weights(folder: Path, rows: int) -> TimeArray | None:
    """The weights [rows] of the tests' rows, where the folder has them.

    Raises:
        KnownError: "unreadable": there is not one a row, or one is no share.
    """
    path = _one_of(folder, (_WEIGHTS, f"{_LISTS}/{_WEIGHTS}"))
    if not path.is_file():
        return None
    weights = np.asarray(load_column(path), np.float64)
    if len(weights) != rows or not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise KnownError(
            f"'{_WEIGHTS}' has not one weight for each of the {rows} rows of test.npy.",
            remedy="Give files of one version of the data set, or take that file away.",
            code="unreadable",
        )
    return weights


def _row(columns: Sequence[Any], split: str, videos: int, tracks: int) -> _Row:
    """A row of a list.

    Raises:
        ValueError: it is none; with the rest of a sentence that begins with the row.
    """
    try:
        video, track = int(columns[0]), int(columns[1])
        rest = columns[2] if len(columns) == 3 and np.ndim(columns[2]) == 1 else columns[2:]
        # The right track once more among the others could not be told from itself.
        others = tuple(dict.fromkeys(one for one in map(int, rest) if one != track)) if split != "train" else ()
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise ValueError("holds no numbers of a video and a track") from error
    if not 0 <= video < videos or not all(0 <= one < tracks for one in (track, *others)):
        raise ValueError("names a video or a track that has no features")
    return _Row(video, track, others, split)


def _as_pairs(
    name: str, rows: Sequence[_Row], video: FloatArray, music: FloatArray, text: FloatArray | None
) -> PairSet:
    video = np.asarray(video, np.float32)
    text = np.zeros((len(rows), 0), np.float32) if text is None else np.asarray(text, np.float32)
    tracks = len(music)
    # A track is trained on, else validates, else tests, as soon as one of its videos does.
    track_split = [""] * tracks
    for row in rows:
        wanted = "train" if row.split == "test-weak" else row.split
        track_split[row.track] = track_split[row.track] or wanted
    return PairSet(
        name=name,
        music=MusicItems(
            vector=music,
            clips=music[:, None],
            rhythm=np.zeros((tracks, 1, 3), np.float32),
            mel=np.zeros((tracks, 0, 0, 0), np.uint8),
            mask=np.ones((tracks, 1), np.bool_),
        ),
        video=VideoItems(
            vector=video,
            clips=video[:, None],
            flow=np.zeros((len(rows), 1), np.float32),
            frames=np.zeros((len(rows), 0, 0, 0, 0), np.uint8),
            text=text,
            has_text=np.asarray(text.any(axis=1)),
            mask=np.ones((len(rows), 1), np.bool_),
        ),
        track_of_video=np.array([row.track for row in rows], np.int64),
        track_names=tuple(f"track {index}" for index in range(tracks)),
        video_names=tuple(f"video {row.video}" for row in rows),
        track_cluster=np.arange(tracks, dtype=np.int64),
        video_source=("",) * len(rows),
        split=tuple(row.split for row in rows),
        track_split=tuple(track_split),
        tags=((),) * len(rows),
        truth={},
    )


def _candidates(rows: Sequence[_Row]) -> tuple[CandidateLists, ...]:
    lists = []
    for split in ("validation", "test-weak", "test-strong"):
        places = [place for place, row in enumerate(rows) if row.split == split and row.others]
        if places:
            tracks = tuple(np.array([rows[place].track, *rows[place].others], np.intp) for place in places)
            given = [rows[place].weight for place in places]
            weights = None if None in given else np.array(given, np.float64)
            lists.append(CandidateLists(split, np.array(places, np.intp), tracks, weights))
    return tuple(lists)
