# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a taste changes, in plain numbers: the tracks it puts first beside the base's. Explains, never decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.index.gallery import Gallery
from needledrop.suggest.taste import Taste, standing
from needledrop.training.personal.evidence import Evidence

_FIRST = 10
# In deviations over the gallery: less is not worth a sentence.
_TELLING = 0.35


@dataclass(frozen=True)
class Change:
    """A fact of the first ten tracks, on average over the pictures: by the base, and with the taste."""

    fact: str
    unit: str
    base: float
    yours: float


def changes(evidence: Evidence, own: Evidence, taste: Taste, gallery: Gallery) -> list[Change]:
    """The facts that the taste moves, most telling first. `own` is the evidence by the user's weights of the base's
    experts; `evidence.tracks` are the gallery's."""
    base, yours = _first_rows(evidence, own, taste)
    found = []
    for (fact, unit), values in track_facts(gallery).items():
        known = np.isfinite(values)
        deviation = float(values[known].std()) if known.any() else 0.0
        means = [_mean(values, rows) for rows in (base, yours)]
        apart = abs(means[1] - means[0]) / deviation if deviation > 0 else 0.0
        if apart >= _TELLING:
            found.append((apart, Change(fact, unit, *means)))
    return [change for _, change in sorted(found, key=lambda one: (-one[0], one[1].fact))]


def _first_rows(evidence: Evidence, own: Evidence, taste: Taste) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    base = [first_rows(standings) for standings in evidence.standings]
    yours = []
    for context, standings, precision in zip(own.contexts, own.standings, own.base_precision, strict=True):
        liked = standing(own.tracks @ taste.direction(context))
        yours.append(first_rows(precision * standings + taste.precision * liked))
    return np.concatenate(base), np.concatenate(yours)


def first_rows(scores: FloatArray) -> NDArray[np.int64]:
    """The rows of the first ten by some scores [T]."""
    return np.argsort(-scores, kind="stable")[:_FIRST]


def track_facts(gallery: Gallery) -> Mapping[tuple[str, str], FloatArray]:
    """Facts of every track [T] that people have words for, by name and unit; not a number where one is not known."""
    tracks = gallery.tracks
    return {
        ("tempo", "BPM"): np.where(tracks["tempo_bpm"] > 0, tracks["tempo_bpm"], np.nan),
        ("loudness", "LUFS"): tracks["integrated_lufs"],
        ("onsets a second", ""): tracks["onset_density_hz"],
        ("drive (0 still, 1 driving)", ""): tracks["arousal"],
        ("mood (0 dark, 1 bright)", ""): tracks["valence"],
        ("length", "s"): tracks["duration_s"],
    }


def _mean(values: FloatArray, rows: NDArray[np.int64]) -> float:
    known = values[rows][np.isfinite(values[rows])]
    return float(known.mean()) if len(known) else 0.0
