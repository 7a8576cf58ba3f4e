# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Joins tracks that are the same recording in two encodings, by their acoustic fingerprints.

Comparing every pair of 10,000 fingerprints would take hours. Each is first reduced to its SKETCH smallest hashes
(bottom-k sketch, Broder 1997): recordings that share enough landmarks share some of these, and only such pairs are
compared in full.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import Fingerprint
from needledrop.core.packing import unpack
from needledrop.core.progress import CancelToken
from needledrop.library.library import Library

SKETCH = 128
LEAST_SHARED = 3
_COMMON = 40  # A hash that more tracks than this share (a hum, a click) says nothing.
_CHUNK = 500


def join_recordings(library: Library, new_ids: Sequence[int], cancel: CancelToken) -> int:
    """Give tracks that sound the same one recording id; returns how many of `new_ids` joined another track."""
    from needledrop.features.recordings import is_same_recording

    if not new_ids:
        return 0
    ids = np.array(library.track_ids(), np.int64)
    owners, hashes = _sketches(library, ids, cancel)
    new = set(new_ids)
    joined: set[int] = set()
    for first, second in candidate_pairs(owners, hashes):
        cancel.check()
        if first not in new and second not in new:
            continue
        prints = _fingerprints(library, [first, second])
        if len(prints) == 2 and is_same_recording(prints[first], prints[second]):
            library.set_recording([first, second])
            joined |= {first, second} & new
    return len(joined)


def candidate_pairs(owners: NDArray[np.int64], hashes: NDArray[np.uint32]) -> list[tuple[int, int]]:
    """Pairs of owners that share at least LEAST_SHARED of their sketch hashes [n], sorted."""
    order = np.lexsort((owners, hashes))
    owners, hashes = owners[order], hashes[order]
    starts = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]]) if len(hashes) else np.zeros(0, np.int64)
    lengths = np.diff(np.r_[starts, len(hashes)])
    counts: dict[tuple[int, int], int] = {}
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        if not 2 <= length <= _COMMON:
            continue
        group = owners[start : start + length].tolist()
        for index, first in enumerate(group):
            for second in group[index + 1 :]:
                counts[first, second] = counts.get((first, second), 0) + 1
    return sorted(pair for pair, count in counts.items() if count >= LEAST_SHARED)


def _sketches(
    library: Library, ids: NDArray[np.int64], cancel: CancelToken
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    owners: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    hashes: list[NDArray[np.uint32]] = [np.zeros(0, np.uint32)]
    for start in range(0, len(ids), _CHUNK):
        cancel.check()
        for track_id, fingerprint in _fingerprints(library, ids[start : start + _CHUNK].tolist()).items():
            sketch = np.unique(fingerprint.hashes)[:SKETCH]
            owners.append(np.full(len(sketch), track_id, np.int64))
            hashes.append(sketch)
    return np.concatenate(owners), np.concatenate(hashes)


def _fingerprints(library: Library, ids: Sequence[int]) -> dict[int, Fingerprint]:
    from needledrop.features.music import FEATURE_VERSIONS

    packed = library.features(ids, "fingerprint", FEATURE_VERSIONS["fingerprint"])
    return {track_id: unpack(Fingerprint, blob) for track_id, blob in packed.items()}
