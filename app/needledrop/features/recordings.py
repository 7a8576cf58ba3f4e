# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding the same recording again by its landmarks: pairwise, and one against a whole library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import Fingerprint

# Measured on 140 real tracks: a share of 0.33 and more between encodings at 32 to 64 kbit/s, at most 0.006 between
# strangers.
_SAME_SHARE = 0.06
_SAME_VOTES = 10
_JITTER_FRAMES = 1


@dataclass(frozen=True)
class FingerprintMatch:
    """votes: landmarks that agree on one offset; share: of the shorter fingerprint; offset_s: what must be added to
    a time in the first to find the same sound in the second."""

    votes: int
    share: float
    offset_s: float


@dataclass(frozen=True)
class HashLookup:
    """Landmarks of many fingerprints, sorted by hash: hashes, rows and frames, all [n]."""

    hashes: NDArray[np.uint32]
    rows: NDArray[np.int32]
    frames: NDArray[np.uint32]
    frame_s: float

    def query(self, fingerprint: Fingerprint, *, least_votes: int = _SAME_VOTES) -> list[tuple[int, int, float]]:
        """(row, votes, offset_s) of every fingerprint with enough votes, most votes first, then by row."""
        asked, found = _agreeing(fingerprint.hashes, self.hashes)
        if not len(asked):
            return []
        offsets = self.frames[found].astype(np.int64) - fingerprint.frames[asked].astype(np.int64)
        rows = self.rows[found].astype(np.int64)
        best = _best_offsets(rows, offsets, asked)
        hits = [(row, votes, offset * self.frame_s) for row, votes, offset in best if votes >= least_votes]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))


def build_lookup(fingerprints: Sequence[Fingerprint]) -> HashLookup:
    """A lookup whose row i is fingerprints[i]."""
    hashes = np.concatenate([*(f.hashes for f in fingerprints), np.zeros(0, np.uint32)])
    frames = np.concatenate([*(f.frames for f in fingerprints), np.zeros(0, np.uint32)])
    rows = np.repeat(np.arange(len(fingerprints), dtype=np.int32), [len(f.hashes) for f in fingerprints])
    order = np.argsort(hashes, kind="stable")
    frame_s = fingerprints[0].frame_s if fingerprints else 1.0
    return HashLookup(hashes[order], rows[order], frames[order], frame_s)


def match_fingerprints(a: Fingerprint, b: Fingerprint) -> FingerprintMatch:
    """How much of one fingerprint is found in the other at one offset."""
    hits = build_lookup([b]).query(a, least_votes=1)
    if not hits:
        return FingerprintMatch(0, 0.0, 0.0)
    _, votes, offset_s = hits[0]
    return FingerprintMatch(votes, votes / max(min(len(a.hashes), len(b.hashes)), 1), offset_s)


def is_same_recording(a: Fingerprint, b: Fingerprint) -> bool:
    """True for two encodings of one recording, also where one is an excerpt of the other or carries speech on top."""
    match = match_fingerprints(a, b)
    return match.votes >= _SAME_VOTES and match.share >= _SAME_SHARE


def _agreeing(asked: NDArray[np.uint32], stored: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Every pair (index in asked, index in stored) of equal hashes; stored must be sorted."""
    low, high = np.searchsorted(stored, asked, "left"), np.searchsorted(stored, asked, "right")
    counts = high - low
    from_asked = np.repeat(np.arange(len(asked)), counts)
    within = np.arange(len(from_asked)) - np.repeat(np.cumsum(counts) - counts, counts)
    return from_asked, np.repeat(low, counts) + within


def _best_offsets(
    rows: NDArray[np.int64], offsets: NDArray[np.int64], asked: NDArray[np.intp]
) -> list[tuple[int, int, int]]:
    """For each row: (row, number of asked landmarks at its best offset give or take a frame, that offset)."""
    shift = int(offsets.min()) - _JITTER_FRAMES
    span = int(offsets.max()) - shift + _JITTER_FRAMES + 1
    keys = np.unique((rows * span + offsets - shift) * (int(asked.max()) + 1) + asked) // (int(asked.max()) + 1)
    cells, counts = np.unique(keys, return_counts=True)
    total = counts.copy()
    for jitter in (-_JITTER_FRAMES, _JITTER_FRAMES):
        at = np.minimum(np.searchsorted(cells, cells + jitter), len(cells) - 1)
        total += np.where(cells[at] == cells + jitter, counts[at], 0)
    cell_rows = cells // span
    order = np.lexsort((-total, cell_rows))
    first = order[np.flatnonzero(np.diff(cell_rows[order], prepend=-1))]
    return [(int(cells[i] // span), int(total[i]), int(cells[i] % span) + shift) for i in first]
