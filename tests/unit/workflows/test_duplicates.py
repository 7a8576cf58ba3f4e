# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pairs are compared in full, and what joining them leaves."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken
from needledrop.workflows.duplicates import LEAST_SHARED, candidate_pairs, join_recordings
from needledrop.workflows.profiles import write_library
from unit.workflows.made_library import add_track


def pairs(sketches: dict[int, list[int]]) -> list[tuple[int, int]]:
    owners = [owner for owner, hashes in sketches.items() for _ in hashes]
    hashes = [one for hashes in sketches.values() for one in hashes]
    return candidate_pairs(np.array(owners, np.int64), np.array(hashes, np.uint32))


def test_enough_shared_hashes_make_a_pair_once_and_in_order() -> None:
    shared = list(range(LEAST_SHARED))
    assert pairs({9: [*shared, 50], 2: [*shared, 60], 5: [70, *shared[1:]]}) == [(2, 9)]


def test_a_hash_that_everybody_has_says_nothing() -> None:
    assert pairs({owner: [1, 2, 3] for owner in range(50)}) == []


@pytest.mark.parametrize("sketches", [{}, {1: [5, 6, 7]}])
def test_nothing_and_one_track_make_no_pair(sketches: dict[int, list[int]]) -> None:
    assert pairs(sketches) == []


def test_only_equal_recordings_join_and_only_new_tracks_are_counted(profile: Profile) -> None:
    with write_library(profile, "test") as library:
        old, copy, other = (add_track(library, number) for number in (1, 2, 3))
        packed = library.features([old], "fingerprint", 1)[old]
        library.put_features(copy, {"fingerprint": (1, packed)})
        assert join_recordings(library, [], CancelToken()) == 0
        assert join_recordings(library, [copy, other], CancelToken()) == 1
        tracks = library.tracks([old, copy, other])
    assert tracks[old].recording_id == tracks[copy].recording_id != tracks[other].recording_id
