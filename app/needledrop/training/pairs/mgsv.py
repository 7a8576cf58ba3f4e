# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MGSV-EC's tables: which stretch of which track goes with which short video. Moments only; features lie elsewhere.

Source: Xin et al., "Music Grounding by Short Video", ICCV 2025 (arXiv 2408.16990), and the heads of its published
tables. A row that contradicts itself costs itself.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.music import TimeArray

FILES = {"train": "train_data.csv", "validation": "val_data.csv", "test": "test_data.csv"}
_NEEDED = (
    "video_id", "music_id", "video_start", "video_end", "music_start", "music_end", "music_total_duration",
)  # fmt: skip
# Lengths that files declare and lengths that decoders find differ by some frames, in MP3 by more.
_BEYOND_END_S = 1.0


@dataclass(frozen=True)
class Moment:
    """A stretch of a track chosen for a stretch of a video, all in s from the file's start. split: "train",
    "validation", "test-weak" (its track is trained on) or "test-strong". category: what the video is about, or ""."""

    video_id: str
    music_id: str
    video_start_s: float
    video_end_s: float
    music_start_s: float
    music_end_s: float
    music_duration_s: float
    split: str
    category: str


@dataclass(frozen=True)
class Moments:
    """The moments of all tables, in their order, and a sentence for each row that was left out."""

    moments: tuple[Moment, ...]
    left_out: tuple[str, ...]

    def of_split(self, split: str) -> tuple[Moment, ...]:
        """Those of one split; "test" gives weak and strong ones together, as the paper does."""
        return tuple(moment for moment in self.moments if split in (moment.split, moment.split.partition("-")[0]))


def stretches_s(moments: Sequence[Moment]) -> TimeArray:
    """Start and end in the track of each moment [n, 2] in s."""
    return np.array([(one.music_start_s, one.music_end_s) for one in moments], np.float64).reshape(-1, 2)


def read_moments(folder: Path) -> Moments:
    """Read the tables train_data.csv, val_data.csv and test_data.csv that the folder has.

    A video of two tables is kept where it is trained on, else where it validates, and left out elsewhere.

    Raises:
        KnownError: "missing": none of the tables is there, or none has a row that can be used; "unsupported": a table
            lacks a column.
    """
    left_out: list[str] = []
    moments: list[Moment] = []
    table_of: dict[str, str] = {}
    trained: set[str] = set()
    for split, name in FILES.items():
        path = folder / name
        if not path.is_file():
            continue
        for moment in _rows_of(path, split, trained, left_out):
            if table_of.setdefault(moment.video_id, name) != name:
                left_out.append(f"Video {moment.video_id} of {name} is in {table_of[moment.video_id]} too: left out.")
                continue
            moments.append(moment)
        trained |= {moment.music_id for moment in moments if moment.split == "train"}
    if not moments:
        raise KnownError(
            f"{folder} holds none of MGSV-EC's tables ({', '.join(FILES.values())}) with a row that can be used.",
            remedy="Name the folder that the tables lie in.",
            cause=" ".join(left_out[:3]),
            code="missing",
        )
    return Moments(tuple(moments), tuple(left_out))


def _rows_of(path: Path, split: str, trained: set[str], left_out: list[str]) -> list[Moment]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            lacking = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
            if lacking:
                raise KnownError(
                    f"'{path.name}' has no column {lacking[0]!r}.",
                    remedy="Give MGSV-EC's table as it was published.",
                    code="unsupported",
                )
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise KnownError(
            f"'{path.name}' cannot be read as a table.",
            remedy="Download it again.",
            cause=str(error),
            code="unreadable",
        ) from error
    moments = []
    for line, row in rows:
        try:
            moments.append(_moment(row, split, trained))
        except ValueError as error:
            left_out.append(f"Line {line} of {path.name} {error}: it is left out.")
    return moments


def _moment(row: Mapping[str, str | None], split: str, trained: set[str]) -> Moment:
    """A row as a moment.

    Raises:
        ValueError: with the rest of a sentence that begins with the row.
    """
    video, music = (row["video_id"] or "").strip(), (row["music_id"] or "").strip()
    if not video or not music:
        raise ValueError("names no video or no track")
    video_start_s, video_end_s, start_s, end_s, duration_s = (_seconds(row, name) for name in _NEEDED[2:])
    if not 0 <= start_s < end_s or not 0 <= video_start_s < video_end_s:
        raise ValueError("ends before it begins")
    if end_s > duration_s + _BEYOND_END_S:
        raise ValueError("ends after its track does")
    if split == "test":
        split = "test-weak" if music in trained else "test-strong"
    return Moment(
        video, music, video_start_s, video_end_s, start_s, min(end_s, duration_s), duration_s, split,
        (row.get("video_category") or "").strip(),
    )  # fmt: skip


def _seconds(row: Mapping[str, str | None], name: str) -> float:
    try:
        value = float(row[name] or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"has no number in {name}")
    return value
