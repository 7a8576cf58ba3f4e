# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user rules out stays out, and nothing else."""

from __future__ import annotations

import pytest

from needledrop.core.music import Licence
from needledrop.core.query import Filters
from needledrop.suggest.filters import allowed_rows, licence_is_allowed
from retrieval.synthetic_gallery import make_library, make_track


@pytest.mark.parametrize(
    ("name", "filters", "allowed"),
    [
        ("CC-BY-4.0", Filters(), True),
        ("", Filters(), True),
        ("CC-BY-ND-4.0", Filters(), False),
        ("CC-BY-ND-4.0", Filters(licences=frozenset({"CC-BY-ND-4.0"})), True),
        ("CC-BY-ND-3.0", Filters(licences=frozenset({"cc-by-nd"})), True),
        ("CC-BY-NC-4.0", Filters(), True),
        ("CC-BY-NC-4.0", Filters(is_commercial=True), False),
        ("CC-BY-NC-4.0", Filters(is_commercial=True, licences=frozenset({"CC-BY-NC-4.0"})), False),
        ("CC-BY-SA-4.0", Filters(licences=frozenset({"CC-BY"})), False),
        ("CC-BY-4.0", Filters(licences=frozenset({"CC-BY", "CC0"})), True),
        ("CC0-1.0", Filters(licences=frozenset({"CC-BY", "CC0"})), True),
        ("", Filters(licences=frozenset({"CC-BY"})), False),
    ],
)
def test_licences(name: str, filters: Filters, allowed: bool) -> None:
    assert licence_is_allowed(Licence(name), filters) is allowed


def test_tempo_duration_and_excluded_ids() -> None:
    library = make_library(
        [
            make_track(1, tempo_bpm=60.0, duration_s=50.0),
            make_track(2, tempo_bpm=120.0, duration_s=100.0),
            make_track(3, tempo_bpm=240.0, duration_s=200.0),
            make_track(4, has_pulse=False, duration_s=100.0),
        ]
    )

    def left(filters: Filters) -> list[int]:
        return library.gallery.tracks["track_id"][allowed_rows(library.gallery, filters)].tolist()

    assert left(Filters(bpm_range=(110.0, 130.0))) == [2]
    assert left(Filters(duration_range_s=(90.0, 120.0))) == [2, 4]
    assert left(Filters(excluded_track_ids=frozenset({1, 3}))) == [2, 4]
    assert left(Filters()) == [1, 2, 3, 4]
