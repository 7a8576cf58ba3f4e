# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library as a table: kept orders follow the library, rows come for any stretch, waveforms keep their peaks."""

from __future__ import annotations

import numpy as np

from needledrop.core.music import Peaks
from needledrop.core.packing import pack
from needledrop.core.paths import Profile
from needledrop.features.music import FEATURE_VERSIONS
from needledrop.features.peaks import PeaksBuilder
from needledrop.workflows.profiles import write_library
from needledrop.workflows.track_table import OUTLINE_BARS, TrackTable, outlines
from unit.workflows.made_library import add_track


def test_an_empty_profile_is_an_empty_table(profile: Profile) -> None:
    view = TrackTable(profile).view()
    assert (list(view.ids), view.total, dict(view.first)) == ([], 0, {})


def test_views_are_narrowed_and_follow_the_library(profile: Profile) -> None:
    with write_library(profile, "test") as library:
        made = [add_track(library, number) for number in range(1, 6)]
    table = TrackTable(profile)
    view = table.view(order="-title", first=2)
    assert list(view.ids) == made[::-1] and view.total == 5
    assert list(view.first) == made[:2:-1]
    assert list(table.view("title 3").ids) == [made[2]]
    with write_library(profile, "test") as library:
        library.edit_track(made[0], {"title": "Zest"})
        library.delete_tracks([made[1]])
    view = table.view(order="-title")
    assert list(view.ids) == [made[0], made[4], made[3], made[2]] and view.total == 4
    assert view.first[made[0]].track.tags.title == "Zest"


def test_rows_of_any_stretch_leave_out_what_is_gone(profile: Profile) -> None:
    with write_library(profile, "test") as library:
        first = add_track(library, 1)
    rows = TrackTable(profile).rows([first, 99])
    assert list(rows) == [first] and rows[first].problem == ""


def test_an_outline_has_the_loudest_of_each_stretch(profile: Profile) -> None:
    builder = PeaksBuilder(8000)
    sound = np.zeros(8000 * 12, np.float32)
    sound[8000 * 6 :] = 0.5
    builder.feed(sound)
    with write_library(profile, "test") as library:
        first, second = add_track(library, 1), add_track(library, 2, is_analysed=False)
        packed = {"peaks": (FEATURE_VERSIONS["peaks"], pack(builder.finish()))}
        library.put_features(first, packed)
    found = outlines(profile, [first, second])
    assert list(found) == [first]
    heights = found[first]
    assert heights.shape == (OUTLINE_BARS,) and heights.dtype == np.uint8
    assert np.all(heights[: OUTLINE_BARS // 2 - 1] == 0)
    assert np.all(np.abs(heights[OUTLINE_BARS // 2 + 1 :].astype(int) - 128) <= 2)


def test_an_outline_of_nothing_and_of_little(profile: Profile) -> None:
    with write_library(profile, "test") as library:
        first, second = add_track(library, 1), add_track(library, 2)
        little = Peaks(100.0, np.array([[-127, 10], [0, 5]], np.int8), np.array([0, 2], np.int64))
        library.put_features(second, {"peaks": (FEATURE_VERSIONS["peaks"], pack(little))})
    found = outlines(profile, [first, second])
    assert not found[first].any()
    assert found[second][0] == 254 and found[second][-1] == 10
