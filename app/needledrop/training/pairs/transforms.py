# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is fitted to the training split before any model sees a number: scales, whitened PCA, bins of the tokens.

Everything fitted here is saved with the model, for whoever feeds it later must do the very same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.crossmodal.quantise import (
    COUNT_BINS,
    FLOW_BINS,
    INTERVAL_BINS,
    STRENGTH_BINS,
    BinEdges,
    FlowBins,
    RhythmBins,
)
from needledrop.training.pairs.pair_set import PairSet

Arrays = dict[str, NDArray[Any]]
# The widest whitened vector of a video: CBVMR's 1,024.
WIDEST_VIDEO = 1024
_LEAST_SPREAD = 1e-6
_LEAST_VARIANCE = 1e-5
# Standardised numbers beyond this are faults of measurement, not music.
_FARTHEST = 6.0
_SCALES = ("music_vector", "music_clip", "video_clip")


@dataclass(frozen=True)
class Scale:
    """Numbers to mean 0 and deviation 1: mean [D], gain [D], the inverse of the deviation."""

    mean: FloatArray
    gain: FloatArray

    def __call__(self, values: FloatArray) -> FloatArray:
        scaled = (np.asarray(values, np.float32) - self.mean) * self.gain
        return np.asarray(np.clip(scaled, -_FARTHEST, _FARTHEST), np.float32)


@dataclass(frozen=True)
class Whitening:
    """Whitened principal components: scale of the raw numbers, then basis [D, r]."""

    scale: Scale
    basis: FloatArray

    def __call__(self, values: FloatArray) -> FloatArray:
        return np.asarray(self.scale(values) @ self.basis, np.float32)


@dataclass(frozen=True)
class Transforms:
    """All that was fitted."""

    music_vector: Scale
    video_vector: Whitening
    music_clip: Scale
    video_clip: Scale
    rhythm: RhythmBins
    flow: FlowBins

    def as_arrays(self) -> Arrays:
        """For a checkpoint, by dotted name."""
        arrays: Arrays = {}
        for name in _SCALES:
            scale = getattr(self, name)
            arrays |= {f"{name}.mean": scale.mean, f"{name}.gain": scale.gain}
        arrays |= {f"video_vector.{part}": getattr(self.video_vector.scale, part) for part in ("mean", "gain")}
        arrays["video_vector.basis"] = self.video_vector.basis
        arrays |= {f"rhythm.{name}": edges for name, edges in self.rhythm.as_arrays().items()}
        return arrays | {f"flow.{name}": edges for name, edges in self.flow.as_arrays().items()}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Transforms:
        """What as_arrays wrote.

        Raises:
            KnownError: "bad-model": something is missing, or bins are damaged.
        """
        try:
            scales = {name: Scale(arrays[f"{name}.mean"], arrays[f"{name}.gain"]) for name in _SCALES}
            raw = Scale(arrays["video_vector.mean"], arrays["video_vector.gain"])
            return cls(
                **scales,
                video_vector=Whitening(raw, arrays["video_vector.basis"]),
                rhythm=RhythmBins.from_arrays(_under("rhythm", arrays)),
                flow=FlowBins.from_arrays(_under("flow", arrays)),
            )
        except KeyError as error:
            raise KnownError(
                "The model does not say how its inputs were prepared.",
                remedy="Install the model again.",
                cause=f"no {error}",
                code="bad-model",
            ) from error


def _under(name: str, arrays: Arrays) -> Arrays:
    return {key.removeprefix(f"{name}."): values for key, values in arrays.items() if key.startswith(f"{name}.")}


def fit_transforms(pairs: PairSet) -> Transforms:
    """Fit to the training split of the set.

    Raises:
        KnownError: "few-pairs": fewer than two tracks or videos are there to train on.
    """
    tracks, videos = training_items(pairs)
    music, video = pairs.music, pairs.video
    music_real, video_real = music.mask[tracks], video.mask[videos]
    return Transforms(
        music_vector=fit_scale(music.vector[tracks]),
        video_vector=fit_whitening(video.vector[videos]),
        music_clip=fit_scale(music.clips[tracks][music_real]),
        video_clip=fit_scale(video.clips[videos][video_real]),
        rhythm=RhythmBins.fitted(music.rhythm[tracks][music_real]),
        flow=FlowBins.fitted(video.flow[videos][video_real]),
    )


@dataclass(frozen=True)
class BinUse:
    """How the bins of one measure lie on the training clips: bins that were laid, of at most `most` as published, and
    the share 0..1 of them that holds one of the `clips` measured values."""

    measure: str
    bins: int
    most: int
    used: float
    clips: int

    def __str__(self) -> str:
        return f"{self.measure} {self.bins} of at most {self.most}, {100 * self.used:.0f} % used by {self.clips} clips"


def bin_use(pairs: PairSet, fitted: Transforms) -> tuple[BinUse, ...]:
    """Of beats, their strength, their interval and the flow: what the training split makes of the fitted bins.

    Few items get fewer bins, so that at least 80 % of them are used always; how many there are says what that is worth.
    """
    tracks, videos = training_items(pairs)
    count, strength, interval = np.asarray(pairs.music.rhythm[tracks])[pairs.music.mask[tracks]].T
    flow = np.asarray(pairs.video.flow[videos])[pairs.video.mask[videos]]
    measured: tuple[tuple[str, BinEdges, int, FloatArray], ...] = (
        ("beats", fitted.rhythm.count, COUNT_BINS, count),
        ("strength", fitted.rhythm.strength, STRENGTH_BINS, strength),
        ("interval", fitted.rhythm.interval, INTERVAL_BINS, interval[count >= 2]),
        ("flow", fitted.flow.flow, FLOW_BINS, flow),
    )
    return tuple(
        BinUse(name, edges.bins, most, edges.used(values), len(values)) for name, edges, most, values in measured
    )


def training_items(pairs: PairSet) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of the tracks and of the videos to train on; a track counts where one of those videos uses it.

    Raises:
        KnownError: "few-pairs": fewer than two tracks or videos.
    """
    videos = np.flatnonzero(np.array(pairs.split) == "train")
    tracks = np.unique(pairs.track_of_video[videos]).astype(np.intp)
    if len(tracks) < 2:
        raise KnownError(
            f"{pairs.name} has {len(videos)} videos with {len(tracks)} tracks to train on.",
            remedy="Training needs pairs of at least two different tracks: add finished videos.",
            code="few-pairs",
        )
    return tracks, videos


def fit_scale(values: FloatArray) -> Scale:
    """Mean and deviation [D] of values [n, D]; columns that never change are left at 0."""
    values = np.asarray(values, np.float64)
    spread = values.std(axis=0)
    gain = np.where(spread > _LEAST_SPREAD, 1.0 / np.maximum(spread, _LEAST_SPREAD), 0.0)
    return Scale(values.mean(axis=0).astype(np.float32), gain.astype(np.float32))


def fit_whitening(values: FloatArray) -> Whitening:
    """Principal components [D, r] of values [n, D], each of variance 1; r is the rank, at most WIDEST_VIDEO."""
    scale = fit_scale(values)
    centred = scale(values).astype(np.float64)
    centred -= centred.mean(axis=0)
    _, singular, rows = np.linalg.svd(centred, full_matrices=False)
    variance = singular**2 / max(len(values) - 1, 1)
    rank = int((variance > _LEAST_VARIANCE * variance[0]).sum()) if len(variance) else 0
    rank = max(1, min(rank, WIDEST_VIDEO))
    basis = rows[:rank].T / np.sqrt(np.maximum(variance[:rank], _LEAST_VARIANCE * variance[0]))
    return Whitening(scale, basis.astype(np.float32))
