# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gallery: every analysed track of a library as a few flat arrays that open in milliseconds.

An immutable snapshot in a folder of its own, made from the library by `workflows` and thrown away when stale. The big
arrays are memory-mapped. Nothing here knows the database; a snapshot that cannot be trusted opens as None.

A gallery folder holds one sub-folder a snapshot and the file `current`, which names the valid one and is replaced
atomically, so a reader sees the old snapshot or the new one and never a half of each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import CLIP_DESCRIPTORS, FloatArray, Licence
from needledrop.index.own_sound import own_whitener

# Raise when the arrays change or index.summary computes other values: old snapshots are then built anew.
FORMAT_VERSION = 3
CURRENT_NAME = "current"
MANIFEST_NAME = "manifest.json"

# One row a track. tempo_bpm is the tracker's, exact_tempo_bpm the slope of its beats, both 0 without a pulse;
# recording_id is the same for the same recording in two encodings; album is a hash of album and artist, 0 where
# unknown; licence indexes the table.
TRACK_DTYPE = np.dtype(
    [
        ("track_id", "<i8"), ("recording_id", "<i8"), ("album", "<i8"), ("licence", "<i4"),
        ("duration_s", "<f4"), ("ending_s", "<f4"),
        ("tempo_bpm", "<f4"), ("exact_tempo_bpm", "<f4"), ("rhythm_confidence", "<f4"), ("beats_per_bar", "<i4"),
        ("onset_density_hz", "<f4"),
        ("integrated_lufs", "<f4"), ("range_lu", "<f4"),
        ("tonic", "<i4"), ("is_major", "|b1"), ("key_confidence", "<f4"),
        ("arousal", "<f4"), ("valence", "<f4"),
    ]
)  # fmt: skip

OffsetArray = NDArray[np.int64]


@dataclass(frozen=True)
class Gallery:
    """T tracks, in rising order of track id.

    tracks: TRACK_DTYPE [T].  descriptors: float32 [T, D], the mean clip of each track.
    clips: float32 [clips, D], clips of track i at clip_offsets[i] : clip_offsets[i + 1].
    energy: float32 [seconds] at summary.ENERGY_RATE_HZ, likewise with energy_offsets.
    """

    library_revision: str
    feature_versions: Mapping[str, int]
    licences: tuple[Licence, ...]
    tracks: NDArray[Any]
    descriptors: FloatArray
    clips: FloatArray
    clip_offsets: OffsetArray
    energy: FloatArray
    energy_offsets: OffsetArray

    @property
    def track_count(self) -> int:
        """T."""
        return len(self.tracks)

    @cached_property
    def descriptor_scale(self) -> tuple[FloatArray, FloatArray]:
        """Mean and standard deviation of each descriptor over the tracks, two float32 [D]; deviations are never 0."""
        dimensions = self.descriptors.shape[1]
        if self.track_count == 0:
            return np.zeros(dimensions, np.float32), np.ones(dimensions, np.float32)
        mean = self.descriptors.mean(axis=0, dtype=np.float64)
        deviation = self.descriptors.std(axis=0, dtype=np.float64)
        return mean.astype(np.float32), np.where(deviation > 1e-6, deviation, 1.0).astype(np.float32)

    def standardised(self, descriptors: FloatArray) -> FloatArray:
        """Descriptors [..., D] in deviations from the gallery's mean."""
        mean, deviation = self.descriptor_scale
        return ((descriptors - mean) / deviation).astype(np.float32)

    @cached_property
    def own_whitener(self) -> FloatArray:
        """What makes standardised descriptors alike where recordings are, learned from these tracks; float32 [D, D]."""
        return own_whitener(self.clips, self.clip_offsets, 1.0 / self.descriptor_scale[1])

    def row_of(self, track_id: int) -> int | None:
        """The row of a track, or None."""
        row = int(np.searchsorted(self.tracks["track_id"], track_id))
        return row if row < self.track_count and self.tracks["track_id"][row] == track_id else None

    @staticmethod
    def open(
        folder: Path, *, library_revision: str | None = None, feature_versions: Mapping[str, int] | None = None
    ) -> Gallery | None:
        """Map the current snapshot of a gallery folder.

        None where there is none, where it is damaged or of another format, or where it was made from another
        revision of the library or other feature versions than those given: then it must be built again.
        """
        try:
            gallery = _read_snapshot(folder / (folder / CURRENT_NAME).read_text(encoding="ascii").strip())
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if library_revision is not None and gallery.library_revision != library_revision:
            return None
        if feature_versions is not None and dict(gallery.feature_versions) != dict(feature_versions):
            return None
        return gallery


def array_files(gallery: Gallery) -> dict[str, NDArray[Any]]:
    """The arrays of a gallery by the stem of the file each is kept in."""
    names = ("tracks", "descriptors", "clips", "clip_offsets", "energy", "energy_offsets")
    return {name: getattr(gallery, name) for name in names}


def _read_snapshot(folder: Path) -> Gallery:
    """Read one snapshot.

    Raises:
        OSError, ValueError, KeyError, TypeError: it is missing or damaged.
    """
    manifest = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
    if manifest["format"] != FORMAT_VERSION:
        raise ValueError("another format")
    arrays: dict[str, NDArray[Any]] = {}
    for name, size in manifest["sizes"].items():
        path = folder / f"{name}.npy"
        if path.stat().st_size != size:
            raise ValueError(f"{name} has another size")
        arrays[name] = np.load(path, mmap_mode="r" if size > 1 << 20 else None, allow_pickle=False)
    gallery = Gallery(
        library_revision=manifest["library_revision"],
        feature_versions=manifest["feature_versions"],
        licences=tuple(Licence(**licence) for licence in manifest["licences"]),
        **arrays,
    )
    _check(gallery)
    return gallery


def _check(gallery: Gallery) -> None:
    """Raise ValueError unless the arrays fit each other."""
    count = gallery.track_count
    fits = (
        gallery.tracks.dtype == TRACK_DTYPE
        and gallery.descriptors.shape == (count, len(CLIP_DESCRIPTORS))
        and gallery.clips.ndim == 2
        and gallery.clips.shape[1] == len(CLIP_DESCRIPTORS)
        and _is_partition(gallery.clip_offsets, count, len(gallery.clips))
        and _is_partition(gallery.energy_offsets, count, len(gallery.energy))
        and bool(np.all(np.diff(gallery.tracks["track_id"]) > 0))
        and (count == 0 or int(gallery.tracks["licence"].max()) < len(gallery.licences))
    )
    if not fits:
        raise ValueError("the arrays do not fit each other")


def _is_partition(offsets: OffsetArray, count: int, total: int) -> bool:
    if offsets.shape != (count + 1,):
        return False
    return offsets[0] == 0 and offsets[-1] == total and bool(np.all(np.diff(offsets) >= 0))
