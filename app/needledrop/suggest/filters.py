# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tracks of a gallery the user's filters leave. Decides, never ranks."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import Licence
from needledrop.core.query import Filters
from needledrop.index.gallery import Gallery


def allowed_rows(gallery: Gallery, filters: Filters) -> NDArray[np.bool_]:
    """A mask [T] of the tracks that pass. A tempo is taken as it stands: half or double of the range is outside."""
    tracks = gallery.tracks
    licences = np.array([licence_is_allowed(licence, filters) for licence in gallery.licences], dtype=np.bool_)
    allowed: NDArray[np.bool_] = licences[tracks["licence"]] if len(licences) else np.zeros(len(tracks), np.bool_)
    if filters.bpm_range is not None:
        # "90-120" must not lose a track that shows as 120 and was measured as 120.04.
        lowest, highest = filters.bpm_range
        allowed = allowed & (tracks["tempo_bpm"] >= lowest - 0.5) & (tracks["tempo_bpm"] <= highest + 0.5)
    if filters.duration_range_s is not None:
        shortest, longest = filters.duration_range_s
        allowed = allowed & (tracks["duration_s"] >= shortest) & (tracks["duration_s"] <= longest)
    if filters.excluded_track_ids:
        allowed = allowed & ~np.isin(tracks["track_id"], sorted(filters.excluded_track_ids))
    return allowed


def licence_is_allowed(licence: Licence, filters: Filters) -> bool:
    """NoDerivatives only where named; NonCommercial never in a commercial project; else what the user listed."""
    if licence.forbids_commercial_use and filters.is_commercial:
        return False
    is_named = any(_names(wanted, licence.name) for wanted in filters.licences)
    if licence.forbids_derivatives:
        return is_named
    return is_named or not filters.licences


def _names(wanted: str, name: str) -> bool:
    """True if `wanted` names the licence, with its version ("CC-BY-4.0") or without ("CC-BY")."""
    unversioned = re.sub(r"-\d+(\.\d+)*$", "", name)
    return wanted.casefold() in (name.casefold(), unversioned.casefold())
