# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needledrop.gui.widgets.timeline.snapping import SnapTargets, spaced

TIMES = st.lists(st.floats(0.0, 100.0), min_size=1, max_size=12)


def test_the_nearest_pair_wins() -> None:
    snap = SnapTargets.of([10.0, 20.0]).snap(np.array([9.7, 19.9]), 0.5)
    assert snap is not None
    assert (snap.by_s, snap.at_s) == (pytest.approx(0.1), pytest.approx(20.0))


def test_nothing_within_reach_snaps_nothing() -> None:
    assert SnapTargets.of([10.0]).snap(np.array([9.0]), 0.5) is None
    assert SnapTargets.of([]).snap(np.array([9.0]), 5.0) is None
    assert SnapTargets.of([10.0]).snap(np.zeros(0), 5.0) is None


def test_of_points_equally_near_the_first_counts() -> None:
    snap = SnapTargets.of([10.0, 30.0]).snap(np.array([10.25, 30.25]), 1.0)
    assert snap is not None
    assert snap.at_s == 10.0


@given(TIMES, TIMES, st.floats(0.01, 20.0))
def test_snapping_is_the_smallest_move_of_all(points: list[float], targets: list[float], reach_s: float) -> None:
    smallest = min((t - p for p in points for t in targets), key=abs)
    snap = SnapTargets.of(targets).snap(np.array(points), reach_s)
    if abs(smallest) > reach_s:
        assert snap is None
    else:
        assert snap is not None
        assert abs(snap.by_s) == pytest.approx(abs(smallest), abs=1e-9)
        assert min(abs(snap.at_s - t) for t in targets) < 1e-9


def test_dense_times_are_no_targets() -> None:
    beats_s = np.arange(0.0, 10.0, 0.5)
    assert len(spaced(beats_s, 0.4)) == len(beats_s)
    assert len(spaced(beats_s, 0.6)) == 0
