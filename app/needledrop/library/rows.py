# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values the library hands out and takes in. Plain: none of them holds a connection."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from needledrop.core.music import Licence, Loudness, Rhythm, Tonality, TrackTags

LISTED_STATES = ("present", "missing", "offline")


class FileRow(NamedTuple):
    """One file of the library. state: "present", "missing" (gone from its folder) or "offline" (its drive is)."""

    path: bytes
    size: int
    mtime_ns: int
    inode: int
    device: int
    content_hash: str
    track_id: int
    state: str


@dataclass(frozen=True)
class Root:
    """A music folder, with the mount point it was on when last seen. scanned_at: end of the last whole scan."""

    id: int
    path: bytes
    display: str
    device: int
    mount: bytes
    added_at: float
    scanned_at: float | None


@dataclass(frozen=True)
class FoundFile:
    """What a scan learnt of one new or changed file."""

    path: bytes
    size: int
    mtime_ns: int
    inode: int
    device: int
    content_hash: str
    tags: TrackTags
    licence: Licence
    duration_s: float
    codec: str
    sample_rate: int
    channels: int


@dataclass(frozen=True)
class ScanBatch:
    """A part of a scan's result, applied in one transaction.

    found: new and changed files. gone: known paths that are no longer there; only a walk that came to its end can know
    that, so `gone` without `is_whole_walk` is refused.
    """

    root_id: int
    found: tuple[FoundFile, ...] = ()
    gone: tuple[bytes, ...] = ()
    is_whole_walk: bool = False


@dataclass(frozen=True)
class ScanCounts:
    """What a batch did: new tracks, and files that moved, changed, went missing or returned."""

    new: int = 0
    moved: int = 0
    changed: int = 0
    missing: int = 0
    returned: int = 0

    def __add__(self, other: ScanCounts) -> ScanCounts:
        return ScanCounts(
            self.new + other.new,
            self.moved + other.moved,
            self.changed + other.changed,
            self.missing + other.missing,
            self.returned + other.returned,
        )


@dataclass(frozen=True)
class TrackFacts:
    """The single numbers of the feature sets, kept for filters, sorting and lists. None where not analysed.

    tempo_bpm is 0 where there is no steady pulse; tonic is -1 and key_name "" where no key was found.
    """

    tempo_bpm: float | None = None
    tempo_confidence: float | None = None
    tonic: int | None = None
    is_major: bool | None = None
    key_name: str | None = None
    integrated_lufs: float | None = None
    range_lu: float | None = None
    true_peak_dbtp: float | None = None
    onset_density_hz: float | None = None

    @classmethod
    def of(cls, rhythm: Rhythm, tonality: Tonality, loudness: Loudness) -> TrackFacts:
        """The facts that analysis found."""
        return cls(
            tempo_bpm=rhythm.tempo_bpm,
            tempo_confidence=rhythm.confidence,
            tonic=tonality.tonic,
            is_major=tonality.is_major,
            key_name=tonality.key_name,
            integrated_lufs=loudness.integrated_lufs,
            range_lu=loudness.range_lu,
            true_peak_dbtp=loudness.true_peak_dbtp,
            onset_density_hz=rhythm.onset_density_hz,
        )


@dataclass(frozen=True)
class TrackRow:
    """One track as the user knows it: tags and licence with the user's edits applied.

    state: "present", "missing", "offline"; hidden: "removed" (its music folder was taken out of the library) and
    "deleted" (the user took the track out). path: its first present file. recording_id: shared by tracks that are the
    same recording; a track alone is its own. rating is 1..5 or None.
    """

    id: int
    content_hash: str
    recording_id: int
    state: str
    path: bytes
    display_path: str
    added_at: float
    duration_s: float
    codec: str
    sample_rate: int
    channels: int
    tags: TrackTags
    licence: Licence
    rating: int | None
    is_favourite: bool
    facts: TrackFacts

    @property
    def file_path(self) -> Path:
        """The file to open."""
        return Path(os.fsdecode(self.path))

    @property
    def name(self) -> str:
        """What to call the track: "Artist - Title", or the file's name where the tags say nothing."""
        if self.tags.title:
            return f"{self.tags.artist} - {self.tags.title}" if self.tags.artist else self.tags.title
        return self.display_path.replace("\\", "/").rsplit("/", 1)[-1]


@dataclass(frozen=True)
class SearchFilters:
    """What a list of the library is narrowed to. Empty or None means all."""

    bpm_range: tuple[float, float] | None = None
    duration_range_s: tuple[float, float] | None = None
    licences: frozenset[str] = frozenset()
    states: tuple[str, ...] = LISTED_STATES
    is_favourite: bool | None = None
    min_rating: int | None = None


@dataclass(frozen=True)
class Problem:
    """A file that could not be used, why, and what to do. size and mtime_ns are the file's when it failed."""

    path: bytes
    display: str
    code: str
    sentence: str
    remedy: str
    cause: str
    first_seen: float
    size: int
    mtime_ns: int
