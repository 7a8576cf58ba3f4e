# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feature sets read out of the library as values, in their current version only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from needledrop.core.packing import unpack
from needledrop.library.library import Library

T = TypeVar("T")


def unpacked(library: Library, ids: Sequence[int], kind: type[T], feature_set: str) -> Mapping[int, T]:
    """The feature set of those tracks that have it in its current version."""
    from needledrop.features.music import FEATURE_VERSIONS

    packed = library.features(ids, feature_set, FEATURE_VERSIONS[feature_set])
    return {track_id: unpack(kind, blob) for track_id, blob in packed.items()}
