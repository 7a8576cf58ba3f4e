# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder as a set of pairs, whichever of the known kinds it holds: one place for all who are given a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink, ignore_progress
from needledrop.media.suffixes import VIDEO_SUFFIXES
from needledrop.training.pairs.folder_pairs import read_folder_pairs
from needledrop.training.pairs.frame_records import frame_record_pairs
from needledrop.training.pairs.mgsv_features import holds_mgsv, read_mgsv_pairs
from needledrop.training.pairs.pair_set import PairSet, load_pair_set
from needledrop.training.pairs.style_features import CandidateLists, read_style_features

_RECORDS = "*.tfrecord"
_SET, _LISTS = "pair_set.json", "train.npy"


@dataclass(frozen=True)
class FoundPairs:
    """The set; the lists of candidates that come with it, if any; a sentence for each item that was left out."""

    pairs: PairSet
    candidates: tuple[CandidateLists, ...] = ()
    left_out: tuple[str, ...] = ()


def read_pairs(
    folder: Path,
    profile: Profile | None = None,
    *,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> FoundPairs:
    """Read a saved set, TT-150k's files, MGSV-EC's tables with its features, frame-level records (*.tfrecord) or
    finished videos, in that order.

    Args:
        profile: whose cache holds the sentence model, for the words of finished videos.

    Raises:
        KnownError: "missing": the folder holds nothing of the kind, or is none; or what it holds cannot be used.
        Cancelled: asked to stop.
    """
    if (folder / _SET).is_file():
        return FoundPairs(load_pair_set(folder))
    if (folder / _LISTS).is_file():
        style = read_style_features(folder, folder.name)
        return FoundPairs(style.pairs, style.candidates, style.left_out)
    if holds_mgsv(folder):
        moments = read_mgsv_pairs(folder, progress=progress, cancel=cancel)
        return FoundPairs(moments.pairs, (), moments.left_out)
    records = sorted(folder.rglob(_RECORDS))
    if records:
        pairs, problems = frame_record_pairs(records, folder.name)
        return FoundPairs(pairs, (), tuple(problems))
    if any(path.suffix.lower() in VIDEO_SUFFIXES for path in folder.rglob("*")):
        films = read_folder_pairs(folder, profile=profile, progress=progress, cancel=cancel)
        return FoundPairs(films.pairs, (), tuple(one.sentence for one in films.left_out))
    raise KnownError(
        f"{folder} holds no pairs of videos and music.",
        remedy="Name a folder with a saved set, with finished videos, or with a published data set.",
        code="missing",
    )
