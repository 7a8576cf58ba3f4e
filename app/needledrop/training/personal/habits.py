# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an editor uses beside what the base puts first for the same pictures, in numbers. Explains, never decides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.index.gallery import Gallery
from needledrop.training.personal.changes import Change, first_rows, track_facts
from needledrop.training.personal.evidence import Evidence

# A habit is one from so many projects on, so many deviations of the gallery and standard errors over projects apart.
_FEWEST_PROJECTS = 4
_TELLING = 0.35
_SURE = 2.0


def habits(evidence: Evidence, gallery: Gallery) -> list[Change]:
    """The facts in which the liked tracks differ from the base's first ten, most telling first; `yours` is the mean of
    what was used, a project counting once. `evidence.tracks` are the gallery's."""
    liked = [label for label in evidence.labels if label.weight > 0 and evidence.base_precision[label.context] > 0]
    groups = np.array([label.group for label in liked], np.int64)
    if len(np.unique(groups)) < _FEWEST_PROJECTS:
        return []
    firsts = {context: first_rows(evidence.standings[context]) for context in {label.context for label in liked}}
    found = []
    for (fact, unit), values in track_facts(gallery).items():
        used = np.array([values[label.row] for label in liked])
        base = np.array([_mean(values[firsts[label.context]]) for label in liked])
        own, other = _by_group(used, base, groups)
        if len(own) < _FEWEST_PROJECTS:
            continue
        apart = own - other
        deviation, error = float(np.nanstd(values)), float(apart.std(ddof=1) / np.sqrt(len(apart)))
        strength = abs(float(apart.mean())) / deviation if deviation > 0 else 0.0
        if strength >= _TELLING and abs(float(apart.mean())) >= _SURE * error:
            found.append((strength, Change(fact, unit, float(other.mean()), float(own.mean()))))
    return [change for _, change in sorted(found, key=lambda one: (-one[0], one[1].fact))]


def _mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _by_group(
    used: NDArray[np.float64], base: NDArray[np.float64], groups: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The means of the projects in which both are known."""
    known = np.isfinite(used) & np.isfinite(base)
    places = [known & (groups == group) for group in np.unique(groups[known])]
    return np.array([used[one].mean() for one in places]), np.array([base[one].mean() for one in places])
