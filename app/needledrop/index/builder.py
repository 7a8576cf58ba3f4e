# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Building a gallery from the features of tracks, whole or by carrying over rows of the snapshot before.

Writes only into the folder it is given; a snapshot appears there whole or not at all.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import CLIP_DESCRIPTORS, Clips, FloatArray, Licence, Loudness, Rhythm, Tonality
from needledrop.index.gallery import CURRENT_NAME, FORMAT_VERSION, MANIFEST_NAME, TRACK_DTYPE, Gallery, array_files
from needledrop.index.summary import arousal, energy_curve, exact_tempo_bpm, mean_descriptor, valence


@dataclass(frozen=True)
class TrackIdentity:
    """What the library knows of a track besides its features; recording_id joins encodings of one recording."""

    track_id: int
    recording_id: int
    album: str
    artist: str
    licence: Licence


@dataclass(frozen=True)
class _Entry:
    row: NDArray[Any]
    descriptor: FloatArray
    clips: FloatArray
    energy: FloatArray


class GalleryBuilder:
    """Collects tracks in any order; `build` gives the gallery, `write` puts it on disk."""

    def __init__(self, library_revision: str, feature_versions: Mapping[str, int]) -> None:
        self._library_revision = library_revision
        self._feature_versions = dict(feature_versions)
        self._licences: dict[Licence, int] = {}
        self._entries: dict[int, _Entry] = {}

    def add(
        self,
        identity: TrackIdentity,
        duration_s: float,
        rhythm: Rhythm,
        tonality: Tonality,
        loudness: Loudness,
        clips: Clips,
    ) -> None:
        """Take in one analysed track; the last one of an id counts."""
        row = self._identified_row(identity)
        descriptor = mean_descriptor(clips)
        level = arousal(rhythm, loudness, descriptor)
        values: dict[str, float] = {
            "duration_s": duration_s,
            "ending_s": rhythm.ending_s if rhythm.ending_s > 0 else duration_s,
            "tempo_bpm": rhythm.tempo_bpm,
            "exact_tempo_bpm": exact_tempo_bpm(rhythm),
            "rhythm_confidence": rhythm.confidence,
            "beats_per_bar": rhythm.beats_per_bar,
            "onset_density_hz": rhythm.onset_density_hz,
            "integrated_lufs": loudness.integrated_lufs,
            "range_lu": loudness.range_lu,
            "tonic": tonality.tonic,
            "is_major": tonality.is_major,
            "key_confidence": tonality.confidence,
            "arousal": level,
            "valence": valence(rhythm, tonality, descriptor),
        }
        for name, value in values.items():
            row[name] = value
        curve = energy_curve(duration_s, rhythm, loudness, level)
        self._entries[identity.track_id] = _Entry(row, descriptor, np.nan_to_num(clips.values), curve)

    def carry_over(self, before: Gallery, identity: TrackIdentity) -> bool:
        """Take a track's features from the snapshot before and its identity from the library; False if not in it."""
        index = before.row_of(identity.track_id)
        if index is None:
            return False
        row = before.tracks[index : index + 1].copy()
        row[["track_id", "recording_id", "album", "licence"]] = self._identified_row(identity)[
            ["track_id", "recording_id", "album", "licence"]
        ]
        clips = before.clips[before.clip_offsets[index] : before.clip_offsets[index + 1]]
        energy = before.energy[before.energy_offsets[index] : before.energy_offsets[index + 1]]
        self._entries[identity.track_id] = _Entry(row, before.descriptors[index], clips, energy)
        return True

    def build(self) -> Gallery:
        """The gallery in memory, tracks by rising id."""
        entries = [self._entries[track_id] for track_id in sorted(self._entries)]
        width = len(CLIP_DESCRIPTORS)
        return Gallery(
            library_revision=self._library_revision,
            feature_versions=self._feature_versions,
            licences=tuple(self._licences),
            tracks=np.concatenate([np.zeros(0, TRACK_DTYPE), *(entry.row for entry in entries)]),
            descriptors=np.array([entry.descriptor for entry in entries], np.float32).reshape(-1, width),
            clips=np.concatenate([np.zeros((0, width), np.float32), *(entry.clips for entry in entries)]),
            clip_offsets=_offsets([len(entry.clips) for entry in entries]),
            energy=np.concatenate([np.zeros(0, np.float32), *(entry.energy for entry in entries)]),
            energy_offsets=_offsets([len(entry.energy) for entry in entries]),
        )

    def write(self, folder: Path) -> Gallery:
        """Build, and make the result the current snapshot of `folder`; older snapshots are removed where possible.

        Raises:
            OSError: the disk is full or the folder not writable; the snapshot before stays valid.
        """
        gallery = self.build()
        folder.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix="part-", dir=folder))
        try:
            _write_snapshot(gallery, part)
            snapshot = folder / part.name.replace("part-", "gallery-", 1)
            part.rename(snapshot)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        _point_at(folder, snapshot.name)
        return gallery

    def _identified_row(self, identity: TrackIdentity) -> NDArray[Any]:
        row = np.zeros(1, TRACK_DTYPE)
        row["track_id"] = identity.track_id
        row["recording_id"] = identity.recording_id
        row["album"] = album_key(identity.album, identity.artist)
        row["licence"] = self._licences.setdefault(identity.licence, len(self._licences))
        return row


def album_key(album: str, artist: str) -> int:
    """A stable 63-bit number for an album of an artist (or the artist alone); 0 where neither is known."""
    if not (album or artist):
        return 0
    digest = blake2b(f"{artist.casefold()}\x00{album.casefold()}".encode(errors="surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "little") >> 1


def _offsets(lengths: list[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)


def _write_snapshot(gallery: Gallery, folder: Path) -> None:
    sizes: dict[str, int] = {}
    for name, array in array_files(gallery).items():
        path = folder / f"{name}.npy"
        np.save(path, array, allow_pickle=False)
        sizes[name] = path.stat().st_size
    manifest = {
        "format": FORMAT_VERSION,
        "library_revision": gallery.library_revision,
        "feature_versions": dict(gallery.feature_versions),
        "licences": [dataclasses.asdict(licence) for licence in gallery.licences],
        "sizes": sizes,
    }
    (folder / MANIFEST_NAME).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _point_at(folder: Path, name: str) -> None:
    pointer = folder / f"{name}.pointer"
    pointer.write_text(name, encoding="ascii")
    os.replace(pointer, folder / CURRENT_NAME)  # noqa: PTH105 - the atomic replace is the point
    for old in folder.glob("gallery-*"):
        # A reader that still maps an old snapshot keeps it alive on POSIX; on Windows the removal fails and waits.
        if old.name != name:
            shutil.rmtree(old, ignore_errors=True)
