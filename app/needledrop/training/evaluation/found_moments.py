# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stretches of tracks that somebody found for MGSV-EC's videos, read from a table, and what guessing finds.

The overlaps themselves are counted in moments.py. No system is run here.
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
from needledrop.training.evaluation.metrics import Ranks
from needledrop.training.evaluation.moments import (
    COMPOSITE_KS,
    COMPOSITE_THRESHOLDS,
    THRESHOLDS,
    Composite,
    Grounding,
    composite,
    grounding,
    overlaps,
)
from needledrop.training.pairs.mgsv import Moment, stretches_s

_COLUMNS = ("video_id", "music_start", "music_end")
_RANK = "rank"


@dataclass(frozen=True)
class MomentResult:
    """One finder on one split; together: track and stretch, where the finder ranked tracks as well; unanswered: the
    queries that it has no usable row for, which count as missed."""

    finder: str
    split: str
    alone: Grounding
    together: Composite | None
    unanswered: int


def judged_moments(
    finder: str, split: str, moments: Sequence[Moment], found_s: TimeArray, ranks: Ranks | None = None, seed: int = 0
) -> MomentResult:
    """Of found stretches [Q, 2] in s, NaN where there is none, and ranks [Q] of the true tracks, from 1.

    Raises:
        KnownError: "few-pairs": the split has no moments.
    """
    if not moments:
        raise KnownError(
            f"The tables have no moments in their split {split!r}.", remedy="Choose another split.", code="few-pairs"
        )
    durations_s = np.array([one.music_duration_s for one in moments])
    _, tracks = np.unique([one.music_id for one in moments], return_inverse=True)
    iou = overlaps(found_s, stretches_s(moments), durations_s)
    together = None if ranks is None else composite(ranks, iou, tracks, seed=seed)
    return MomentResult(finder, split, grounding(iou, tracks, seed), together, int(np.isnan(found_s).any(axis=1).sum()))


def guesses_s(moments: Sequence[Moment], seed: int = 0) -> dict[str, TimeArray]:
    """What needs no looking: a stretch as long as the video's, at the beginning, in the middle, anywhere; [Q, 2]."""
    durations_s = np.array([one.music_duration_s for one in moments])
    lengths_s = np.minimum([one.video_end_s - one.video_start_s for one in moments], durations_s)
    room_s = durations_s - lengths_s
    starts_s = {
        "Beginning": np.zeros(len(moments)),
        "Middle": room_s / 2,
        "Anywhere": room_s * np.random.default_rng((seed, 23)).random(len(moments)),
    }
    return {name: np.stack([start, start + lengths_s], axis=1) for name, start in starts_s.items()}


def read_found(path: Path, moments: Sequence[Moment]) -> tuple[TimeArray, Ranks | None]:
    """Stretches [Q, 2] in s from a CSV table with the columns video_id, music_start and music_end, in the order of the
    moments, NaN where it has no usable row; and ranks [Q] where it has a column "rank".

    A query without a usable rank counts as ranked last.

    Raises:
        KnownError: "unreadable": it is no such table; "unsupported": it lacks a column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns = reader.fieldnames or ()
            rows = {(row.get("video_id") or "").strip(): row for row in reader}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise KnownError(
            f"'{path.name}' cannot be read as a table.", remedy="Give a CSV file.", cause=str(error), code="unreadable"
        ) from error
    lacking = [name for name in _COLUMNS if name not in columns]
    if lacking:
        raise KnownError(
            f"'{path.name}' has no column {lacking[0]!r}.",
            remedy=f"Name its columns {', '.join(_COLUMNS)} and, where tracks were ranked, {_RANK}.",
            code="unsupported",
        )
    own = [rows.get(one.video_id, {}) for one in moments]
    found_s = np.array([[_number(row, name) for name in _COLUMNS[1:]] for row in own], np.float64).reshape(-1, 2)
    if _RANK not in columns:
        return found_s, None
    ranks = [_number(row, _RANK) for row in own]
    last = np.iinfo(np.int64).max
    return found_s, np.array([int(rank) if rank >= 1 else last for rank in ranks], np.int64)


def _number(row: Mapping[str, str | None], name: str) -> float:
    """NaN for what is no finite number."""
    try:
        value = float(row.get(name) or "")
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def moment_table(results: Sequence[MomentResult]) -> str:
    """A Markdown table a split; a second one where tracks were ranked too."""
    parts = []
    for split in dict.fromkeys(result.split for result in results):
        chosen = [result for result in results if result.split == split]
        head = ["mIoU", *(f"IoU > {threshold}" for threshold in THRESHOLDS), "unanswered"]
        lines = [f"{split}: {chosen[0].alone.queries} moments", "", f"| finder | {' | '.join(head)} |"]
        lines.append("|" + "---|" * (len(head) + 1))
        for result in chosen:
            shares = (result.alone.mean_iou, *(result.alone.above[threshold] for threshold in THRESHOLDS))
            cells = [f"{100 * one.value:.1f} [{100 * one.low:.1f}, {100 * one.high:.1f}]" for one in shares]
            lines.append(f"| {result.finder} | {' | '.join(cells)} | {result.unanswered} |")
        parts.append("\n".join(lines))
        parts += [_together(result.finder, result.together) for result in chosen if result.together is not None]
    return "\n\n".join(parts)


def _together(finder: str, both: Composite) -> str:
    head = [f"track found, IoU > {threshold}" for threshold in COMPOSITE_THRESHOLDS]
    lines = [f"| {finder}: among the first | {' | '.join(head)} | mIoU where found |", "|---|---|---|---|"]
    for k in COMPOSITE_KS:
        shares = (both.found[k, threshold] for threshold in COMPOSITE_THRESHOLDS)
        cells = [f"{100 * one.value:.1f} [{100 * one.low:.1f}, {100 * one.high:.1f}]" for one in shares]
        lines.append(f"| {k} | {' | '.join(cells)} | {100 * both.mean_iou[k]:.1f} |")
    return "\n".join(lines)
