# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The space that a taste lives in: every track of a gallery as one row of plain features. Only arithmetic.

Four blocks side by side: what the learned matcher makes of the whole track, the mean clip, plain facts (tempo,
loudness, course of energy, mode), and the genre. The last three have nothing to do with any picture, so that a taste
which no picture explains can be learned as well. Each block counts the same: its mean squared length is 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from needledrop.core.music import CLIP_DESCRIPTORS, FloatArray
from needledrop.index.gallery import Gallery

FACTS = (
    "tempo_oct", "tempo_apart", "has_pulse", "loudness_lufs", "loudness_range_lu", "onset_density_hz", "arousal",
    "valence", "major", "energy_rise", "energy_peak_place", "log_length",
)  # fmt: skip
# Genres that a library has many tracks of; the rest say too little to be told apart by.
_MOST_GENRES = 12
_FEWEST_OF_A_GENRE = 3
_USUAL_TEMPO_BPM = 110.0
_TINY = 1e-6


@dataclass(frozen=True)
class TrackTraits:
    """Features of the tracks of a gallery as measured: values float32 [T, P], and what each column is called."""

    names: tuple[str, ...]
    values: FloatArray

    @property
    def width(self) -> int:
        """How many columns are the learned matcher's."""
        return sum(name.startswith("whole_") for name in self.names)


@dataclass(frozen=True)
class TasteSpace:
    """names [P] with the mean and gain of each: what makes traits of any gallery comparable with a taste."""

    names: tuple[str, ...]
    mean: FloatArray
    gain: FloatArray

    @classmethod
    def fitted(cls, traits: TrackTraits) -> TasteSpace:
        """The space in which the tracks of this gallery have mean 0 and each block mean squared length 1."""
        values = traits.values.astype(np.float64)
        if not len(values):
            return cls(traits.names, np.zeros(len(traits.names), np.float32), np.ones(len(traits.names), np.float32))
        mean, deviation = values.mean(axis=0), values.std(axis=0)
        gain = np.zeros(len(traits.names))
        blocks = np.array([_block(name) for name in traits.names])
        for block in np.unique(blocks):
            own = blocks == block
            if block == "whole":  # Directions of an embedding are comparable as they are.
                gain[own] = 1.0 / max(float(np.sqrt(np.square(deviation[own]).sum())), _TINY)
            else:
                telling = own & (deviation > _TINY)
                gain[telling] = 1.0 / (deviation[telling] * np.sqrt(max(int(telling.sum()), 1)))
        return cls(traits.names, mean.astype(np.float32), gain.astype(np.float32))

    def placed(self, traits: TrackTraits) -> FloatArray | None:
        """The tracks in this space, float32 [T, P]; None where it has columns that were not measured."""
        places = {name: place for place, name in enumerate(traits.names)}
        if any(name not in places and not name.startswith("genre:") for name in self.names):
            return None
        values = np.zeros((len(traits.values), len(self.names)), np.float32)
        for column, name in enumerate(self.names):
            if name in places:  # A genre that no track has any more is had by none.
                values[:, column] = traits.values[:, places[name]]
        return np.asarray(np.clip((values - self.mean) * self.gain, -5.0, 5.0), np.float32)


def track_traits(gallery: Gallery, embedded: FloatArray, genres: Mapping[int, str] | None = None) -> TrackTraits:
    """Measure every track of a gallery.

    Args:
        embedded: what a sequence model's music_clips made of the gallery's clips, [clips, 2 width].
        genres: track id to genre as its tags say, for those that say any.
    """
    whole = whole_of_tracks(embedded, gallery)
    names = [f"whole_{place}" for place in range(whole.shape[1])]
    names += [f"clip:{name}" for name in CLIP_DESCRIPTORS]
    names += [f"fact:{name}" for name in FACTS]
    found, columns = _genres(gallery, genres or {})
    names += [f"genre:{genre}" for genre in found]
    values = np.concatenate([whole, np.asarray(gallery.descriptors, np.float32), _facts(gallery), columns], axis=1)
    return TrackTraits(tuple(names), np.nan_to_num(values).astype(np.float32))


def whole_of_tracks(embedded: FloatArray, gallery: Gallery) -> FloatArray:
    """The direction of the mean of the clips' whole parts of each track, float32 [T, width]."""
    width = embedded.shape[1] // 2
    total = np.zeros((len(embedded) + 1, width))
    np.cumsum(embedded[:, :width], axis=0, dtype=np.float64, out=total[1:])
    return directions(total[gallery.clip_offsets[1:]] - total[gallery.clip_offsets[:-1]])


def context_of(video_clips: FloatArray) -> FloatArray:
    """The direction of a stretch of picture, float32 [width], from a sequence model's video_clips [clips, 2 width]."""
    width = video_clips.shape[1] // 2
    mean: FloatArray = directions(video_clips[:, :width].mean(axis=0, dtype=np.float64)[None])[0]
    return mean


def directions(vectors: FloatArray) -> FloatArray:
    """Vectors [n, d] with length 1; those without a length stay 0."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: FloatArray = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > _TINY).astype(
        np.float32
    )
    return found


def _block(name: str) -> str:
    return "whole" if name.startswith("whole_") else name.partition(":")[0]


def _facts(gallery: Gallery) -> FloatArray:
    tracks = gallery.tracks
    has_pulse = tracks["tempo_bpm"] > 0
    tempo_bpm = np.where(has_pulse, np.maximum(tracks["tempo_bpm"], 1.0), _USUAL_TEMPO_BPM)
    octaves = np.log2(tempo_bpm / _USUAL_TEMPO_BPM)  # With its square, a tempo in the middle can be preferred.
    rises, peaks = _courses(gallery)
    columns = [
        octaves, np.square(octaves), has_pulse, tracks["integrated_lufs"], tracks["range_lu"],
        tracks["onset_density_hz"], tracks["arousal"], tracks["valence"],
        np.where(tracks["is_major"], 1.0, -1.0) * tracks["key_confidence"],
        rises, peaks, np.log2(np.maximum(tracks["duration_s"], 1.0)),
    ]  # fmt: skip
    return np.stack(columns, axis=1).astype(np.float32)


def _courses(gallery: Gallery) -> tuple[FloatArray, FloatArray]:
    """How much louder and busier each track's second half is than its first, and where (0..1) its peak lies."""
    rises = np.zeros(gallery.track_count, np.float32)
    peaks = np.full(gallery.track_count, 0.5, np.float32)
    smoothing = np.ones(8) / 8.0
    for row in range(gallery.track_count):
        curve = gallery.energy[gallery.energy_offsets[row] : gallery.energy_offsets[row + 1]]
        if len(curve) < 2 * len(smoothing):
            continue
        middle = len(curve) // 2
        rises[row] = float(curve[middle:].mean() - curve[:middle].mean())
        peaks[row] = int(np.convolve(curve, smoothing, mode="valid").argmax()) / (len(curve) - len(smoothing))
    return rises, peaks


def _genres(gallery: Gallery, genres: Mapping[int, str]) -> tuple[Sequence[str], FloatArray]:
    ids = gallery.tracks["track_id"].tolist()
    said = [genres.get(track_id, "").casefold().strip() for track_id in ids]
    counts = {genre: said.count(genre) for genre in sorted(set(said)) if genre}
    common = sorted(counts, key=lambda genre: (-counts[genre], genre))[:_MOST_GENRES]
    common = [genre for genre in common if counts[genre] >= _FEWEST_OF_A_GENRE]
    columns = np.array([[one == genre for genre in common] for one in said], np.float32)
    return common, columns.reshape(len(said), len(common))
