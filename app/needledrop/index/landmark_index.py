# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where every landmark of a library's tracks stands: an inverted index over their fingerprints, memory-mapped.

Made from what analysis kept already; thrown away and made anew when the tracks change. All tracks lie one behind the
other on one line of positions, with silence between them, so that one subtraction compares a sound with all of them.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import Fingerprint
from needledrop.features.landmarks import KEYS

FORMAT_VERSION = 1
# Frames between two tracks: a sound that runs out of one must not reach into the next.
_GAP_FRAMES = 6000
_CURRENT, _MANIFEST = "current", "manifest.json"
_NAMES = ("starts", "positions", "bases", "track_ids")


@dataclass(frozen=True)
class LandmarkIndex:
    """Positions with hash k are positions[starts[k] : starts[k + 1]], uint32; track i begins at bases[i], int64
    [T + 1], and is track_ids[i], int64 [T]; key says of which tracks it was made."""

    key: str
    starts: NDArray[np.uint32]
    positions: NDArray[np.uint32]
    bases: NDArray[np.int64]
    track_ids: NDArray[np.int64]

    def rows_at(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """The row of the track that each position is nearest to the beginning of, from before its first frame on."""
        rows = np.searchsorted(self.bases, positions + _GAP_FRAMES // 2, "right") - 1
        return np.asarray(np.clip(rows, 0, len(self.track_ids) - 1), np.int64)

    @staticmethod
    def open(folder: Path, key: str) -> LandmarkIndex | None:
        """Map the index of a folder; None where there is none, it is damaged, or was made of other tracks."""
        try:
            snapshot = folder / (folder / _CURRENT).read_text(encoding="ascii").strip()
            manifest = json.loads((snapshot / _MANIFEST).read_text(encoding="utf-8"))
            if manifest["format"] != FORMAT_VERSION or manifest["key"] != key:
                return None
            arrays = {}
            for name in _NAMES:
                path = snapshot / f"{name}.npy"
                if path.stat().st_size != manifest["sizes"][name]:
                    return None
                arrays[name] = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return LandmarkIndex(key=key, **arrays)


def build_index(key: str, tracks: Iterable[tuple[int, Fingerprint]]) -> LandmarkIndex:
    """The index of tracks by their ids, in memory: 8 bytes a landmark while it is made, 4 afterwards.

    Raises:
        ValueError: more than 2**32 frames, some 30,000 tracks of an hour.
    """
    entries, bases, track_ids = [np.zeros(0, np.uint64)], [0], []
    for track_id, fingerprint in tracks:
        track_ids.append(track_id)
        positions = fingerprint.frames.astype(np.uint64) + np.uint64(bases[-1])
        entries.append(fingerprint.hashes.astype(np.uint64) << np.uint64(32) | positions)
        last = int(fingerprint.frames.max(initial=0))
        bases.append(bases[-1] + last + _GAP_FRAMES)
    if bases[-1] >= 1 << 32:
        raise ValueError("too many frames for one index")
    merged = np.concatenate(entries)
    del entries
    merged.sort()
    hashes = (merged >> np.uint64(32)).astype(np.int64)
    starts = np.searchsorted(hashes, np.arange(KEYS + 1)).astype(np.uint32)
    positions = (merged & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    return LandmarkIndex(key, starts, positions, np.array(bases, np.int64), np.array(track_ids, np.int64))


def write_index(index: LandmarkIndex, folder: Path) -> LandmarkIndex:
    """Make it the current index of a folder, and give it mapped; the ones before are removed where possible.

    Raises:
        OSError: the disk is full or the folder not writable; the index before stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    snapshot = Path(tempfile.mkdtemp(prefix="landmarks-", dir=folder))
    try:
        sizes = {}
        for name in _NAMES:
            path = snapshot / f"{name}.npy"
            np.save(path, getattr(index, name), allow_pickle=False)
            sizes[name] = path.stat().st_size
        manifest = {"format": FORMAT_VERSION, "key": index.key, "sizes": sizes}
        (snapshot / _MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        pointer = folder / f"{snapshot.name}.pointer"
        pointer.write_text(snapshot.name, encoding="ascii")
        os.replace(pointer, folder / _CURRENT)  # noqa: PTH105  atomic, so that a reader sees one index or the other
    except BaseException:
        shutil.rmtree(snapshot, ignore_errors=True)
        raise
    for old in folder.glob("landmarks-*"):
        if old.is_dir() and old.name != snapshot.name:
            shutil.rmtree(old, ignore_errors=True)
    return LandmarkIndex.open(folder, index.key) or index
