# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A library of any size as a table: which tracks, in which order, and the rows of any stretch of it.

The order of a column is read once for each state of the library and kept; a search only narrows it. May be used from
several threads; each call opens the library for itself.
"""

from __future__ import annotations

import itertools
import threading
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import Peaks
from needledrop.core.paths import Profile
from needledrop.library.library import Library
from needledrop.library.listing import Shown
from needledrop.library.rows import TrackRow
from needledrop.workflows.profiles import read_library
from needledrop.workflows.stored_features import unpacked

KEPT_ORDERS = 6
OUTLINE_BARS = 96


@dataclass(frozen=True)
class TableRow:
    """A track, why its file could not be used ("" where it could), its collections, and the films it was used in."""

    track: TrackRow
    problem: str
    collections: tuple[str, ...] = ()
    used_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableView:
    """Which tracks a table shows, in order, how many there are in all, its first rows, and every collection."""

    ids: array[int]
    total: int
    first: Mapping[int, TableRow]
    collections: Sequence[tuple[str, int]] = ()


class TrackTable:
    """The library of a profile as a table."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._lock = threading.Lock()
        self._revision = ""
        self._orders: dict[str, Sequence[int]] = {}

    def view(
        self, text: str = "", *, order: str = "title", shown: Shown = "all", collection: str = "", first: int = 64
    ) -> TableView:
        """The tracks in which every word of `text` occurs, and the rows of the first few.

        Args:
            text: What the user seeks; "" for everything.
            order: One of library.listing.ORDERS, "-" before it for descending.
            shown: See `Listing.matching_ids`.
            collection: Only the tracks of this one; "" for all.
            first: How many rows to read at once.

        Raises:
            KnownError: there is no such order, or the library cannot be read.
        """
        with read_library(self._profile) as library:
            ordered = self._ordered(library, order)
            kept = library.matching_ids(text, shown, collection)
            ids = array("q", ordered if kept is None else [track_id for track_id in ordered if track_id in kept])
            return TableView(ids, len(ordered), _rows(library, ids[:first]), library.collections())

    def rows(self, track_ids: Sequence[int]) -> Mapping[int, TableRow]:
        """The rows of some tracks; those that are gone are left out."""
        with read_library(self._profile) as library:
            return _rows(library, track_ids)

    def _ordered(self, library: Library, order: str) -> Sequence[int]:
        revision = library.revision_id
        with self._lock:
            if revision != self._revision:
                self._revision, self._orders = revision, {}
            kept = self._orders.get(order)
        if kept is not None:
            return kept
        found = array("q", library.ordered_ids(order))
        with self._lock:
            if revision == self._revision:
                self._orders[order] = found
                while len(self._orders) > KEPT_ORDERS:
                    del self._orders[next(iter(self._orders))]
        return found


def outlines(profile: Profile, track_ids: Sequence[int]) -> Mapping[int, NDArray[np.uint8]]:
    """The waveforms of tracks as OUTLINE_BARS heights, uint8 of full scale; those not analysed are left out."""
    with read_library(profile) as library:
        peaks = unpacked(library, track_ids, Peaks, "peaks")
    return {track_id: _outline(one) for track_id, one in peaks.items()}


def _rows(library: Library, track_ids: Sequence[int]) -> Mapping[int, TableRow]:
    ids = list(track_ids)
    problems, collections, uses = library.problem_sentences(ids), library.collections_of(ids), library.uses_of(ids)
    return {
        track_id: TableRow(
            track,
            problems.get(track_id, ""),
            collections.get(track_id, ()),
            tuple(path.replace("\\", "/").rpartition("/")[2] for path in uses.get(track_id, ())),
        )
        for track_id, track in library.tracks(ids).items()
    }


def _outline(peaks: Peaks) -> NDArray[np.uint8]:
    bounds = peaks.bounds.tolist()
    levels = [peaks.pairs[start:end] for start, end in itertools.pairwise(bounds)]
    fine = [level for level in levels if len(level) >= OUTLINE_BARS]
    pairs = fine[-1] if fine else levels[0] if levels else peaks.pairs
    if len(pairs) == 0:
        return np.zeros(OUTLINE_BARS, np.uint8)
    loudest = np.abs(pairs.astype(np.int16)).max(axis=1)
    edges = np.linspace(0, len(loudest), OUTLINE_BARS + 1).astype(np.int64)
    starts = np.minimum(edges[:-1], len(loudest) - 1)
    return np.asarray(np.minimum(np.maximum.reduceat(loudest, starts) * 2, 255), np.uint8)
