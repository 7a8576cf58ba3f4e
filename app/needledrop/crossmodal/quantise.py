# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rhythm and optical flow as tokens: bins for beat count, mean strength, mean interval and mean flow of a 4-s clip.

Source: UT-CMVMR (Mao et al. 2024, arXiv 2309.09421), section 3, "we estimate their range". The published bins hold for
its extractors only; `fitted` estimates the range of ours from training items. The number of classes never exceeds the
published one, so that the published embedding tables always suffice. It reads no files and knows no network.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray

Tokens = NDArray[np.int64]

# Bins of each measure in the paper; interval and flow have one class more, for a clip with nothing to measure.
COUNT_BINS = 18
STRENGTH_BINS = 49
INTERVAL_BINS = 64
FLOW_BINS = 64
# "At least 80 % of bins used" by the items that the range was estimated from.
LEAST_USED = 0.8
# Per cent cut off at either end before equal bins are laid, tried in this order.
_TRIMS = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
_USUAL_TRIM = 1.0


@dataclass(frozen=True)
class BinEdges:
    """`bins` equal bins from low to high; values outside fall into the first or the last. `has_empty`: class number
    `bins` stands for nothing to measure."""

    low: float
    high: float
    bins: int
    has_empty: bool = False

    @property
    def classes(self) -> int:
        """How many values the token takes."""
        return self.bins + self.has_empty

    def __call__(self, values: ArrayLike) -> Tokens:
        """The bin of each value, same shape.

        Raises:
            KnownError: "not-a-number": a value is NaN or infinite.
        """
        numbers = np.asarray(values, np.float64)
        if not np.isfinite(numbers).all():
            raise KnownError(
                "A measure of rhythm or motion is not a number.",
                remedy="Analyse the set of pairs anew; if it stays so, leave the broken items out.",
                cause=f"{int((~np.isfinite(numbers)).sum())} of {numbers.size} values",
                code="not-a-number",
            )
        places = np.floor((numbers - self.low) * (self.bins / (self.high - self.low)))
        return np.clip(places, 0, self.bins - 1).astype(np.int64)

    def used(self, values: ArrayLike) -> float:
        """The share of bins that hold at least one of these values."""
        return len(np.unique(self(values))) / self.bins

    def as_array(self) -> NDArray[np.float64]:
        """[low, high, bins, has_empty], for a checkpoint; float32 would move the edges."""
        return np.array([self.low, self.high, self.bins, self.has_empty], np.float64)

    @classmethod
    def from_array(cls, values: NDArray[np.float64]) -> BinEdges:
        """What as_array wrote.

        Raises:
            KnownError: "bad-model": these are no edges.
        """
        if values.shape != (4,) or not np.isfinite(values).all() or values[2] < 1 or values[1] <= values[0]:
            raise KnownError(
                "The model's bins of rhythm and motion are damaged.",
                remedy="Install the model again.",
                cause=str(values),
                code="bad-model",
            )
        return cls(float(values[0]), float(values[1]), int(values[2]), bool(values[3]))


def fit_edges(values: ArrayLike, most_bins: int, *, has_empty: bool = False) -> BinEdges:
    """Equal bins between the outermost percentiles at which LEAST_USED of them hold a training value.

    The whole range is tried first, then ranges without the outermost 0.5, 1, 2, 5 and 10 per cent at either end. Where
    none spreads the values enough (few items, few different values), the number of bins is lowered.

    Args:
        values: of training items, any shape. Without any: the range 0..1 in one bin.
        most_bins: The published number.
    """
    numbers = np.asarray(values, np.float64).ravel()
    if not numbers.size:
        return BinEdges(0.0, 1.0, 1, has_empty)
    for trim in _TRIMS:
        edges = BinEdges(*_range(numbers, trim), most_bins, has_empty)
        if edges.used(numbers) >= LEAST_USED:
            return edges
    low, high = _range(numbers, _USUAL_TRIM)
    candidates = (BinEdges(low, high, bins, has_empty) for bins in range(most_bins - 1, 0, -1))
    return next(edges for edges in candidates if edges.used(numbers) >= LEAST_USED)


def fit_count_edges(counts: ArrayLike, most_bins: int) -> BinEdges:
    """A bin for each whole number between the percentiles 1 and 99; wider bins where they are too many or sparse."""
    numbers = np.rint(np.asarray(counts, np.float64).ravel())
    if numbers.size:
        low, high = (np.rint(limit) for limit in np.percentile(numbers, (_USUAL_TRIM, 100 - _USUAL_TRIM)))
        edges = BinEdges(float(low) - 0.5, float(high) + 0.5, int(high - low) + 1)
        if edges.bins <= most_bins and edges.used(numbers) >= LEAST_USED:
            return edges
    return fit_edges(numbers, most_bins)


def _range(numbers: NDArray[np.float64], trim: float) -> tuple[float, float]:
    low, high = (float(limit) for limit in np.percentile(numbers, (trim, 100 - trim)))
    # Values that are all alike still need a bin that has a width.
    return (low, high) if high > low else (low - 0.5, low + 0.5)


@dataclass(frozen=True)
class RhythmBins:
    """The bins of music: beats in a clip, their mean strength, their mean interval in seconds."""

    count: BinEdges
    strength: BinEdges
    interval: BinEdges

    @classmethod
    def published(cls) -> RhythmBins:
        """The released code's: the count itself, the rounded strength, 64 intervals from 0 to 4 s and one for none."""
        return cls(
            BinEdges(-0.5, COUNT_BINS - 0.5, COUNT_BINS),
            BinEdges(-0.5, STRENGTH_BINS - 0.5, STRENGTH_BINS),
            BinEdges(0.0, 4.0, INTERVAL_BINS, has_empty=True),
        )

    @classmethod
    def fitted(cls, rhythm: FloatArray) -> RhythmBins:
        """Estimated from training clips [n, 3]; clips with fewer than two beats have no interval."""
        count, strength, interval = np.asarray(rhythm, np.float64).reshape(-1, 3).T
        return cls(
            fit_count_edges(count, COUNT_BINS),
            fit_edges(strength, STRENGTH_BINS),
            fit_edges(interval[count >= 2], INTERVAL_BINS, has_empty=True),
        )

    def __call__(self, rhythm: FloatArray, mask: NDArray[np.bool_]) -> Tokens:
        """Tokens [..., T, 3] of rhythm [..., T, 3]; a clip that is not real (mask [..., T] False) counts as silent.

        Raises:
            KnownError: "not-a-number": a real clip's rhythm is NaN or infinite.
        """
        real = np.where(mask[..., None], rhythm, 0.0)
        count, strength, interval = np.moveaxis(real, -1, 0)
        intervals = np.where(count >= 2, self.interval(interval), self.interval.bins)
        return np.stack((self.count(count), self.strength(strength), intervals), axis=-1)

    def as_arrays(self) -> dict[str, NDArray[np.float64]]:
        """For a checkpoint: by name, each [4]."""
        return {name: getattr(self, name).as_array() for name in ("count", "strength", "interval")}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[np.float64]]) -> RhythmBins:
        """What as_arrays wrote.

        Raises:
            KnownError: "bad-model": the arrays are no edges.
        """
        return cls(*(BinEdges.from_array(arrays[name]) for name in ("count", "strength", "interval")))


@dataclass(frozen=True)
class FlowBins:
    """The bins of pictures: mean optical flow of a clip, in pixels."""

    flow: BinEdges

    @classmethod
    def published(cls) -> FlowBins:
        """The paper's: 64 bins from 0 to 320 px. Its 65th class is never used there; here it means a missing clip."""
        return cls(BinEdges(0.0, 320.0, FLOW_BINS, has_empty=True))

    @classmethod
    def fitted(cls, flow: FloatArray) -> FlowBins:
        """Estimated from training clips [n]."""
        return cls(fit_edges(flow, FLOW_BINS, has_empty=True))

    def __call__(self, flow: FloatArray, mask: NDArray[np.bool_]) -> Tokens:
        """Tokens [..., T, 1] of flow [..., T]; a clip that is not real (mask [..., T] False) is class `bins`.

        Raises:
            KnownError: "not-a-number": a real clip's flow is NaN or infinite.
        """
        places = self.flow(np.where(mask, flow, self.flow.low))
        return np.where(mask, places, self.flow.bins)[..., None]

    def as_arrays(self) -> dict[str, NDArray[np.float64]]:
        """For a checkpoint: by name, each [4]."""
        return {"flow": self.flow.as_array()}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[np.float64]]) -> FlowBins:
        """What as_arrays wrote.

        Raises:
            KnownError: "bad-model": the array is no edges.
        """
        return cls(BinEdges.from_array(arrays["flow"]))
