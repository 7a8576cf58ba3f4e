# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needledrop.gui.widgets.timeline.ruler_ticks import LEAST_LABEL_PX, ruler_ticks
from needledrop.gui.widgets.timeline.time_scale import END_MARGIN_PX, TimeScale

DURATION_S, FRAME_S, WIDTH = 600.0, 0.04, 1200.0
FITTED = TimeScale.fitted(DURATION_S, FRAME_S, WIDTH)


def test_fitted_shows_the_whole_video_with_room_behind_its_end() -> None:
    assert FITTED.x(0.0) == 0.0
    assert FITTED.x(DURATION_S) == pytest.approx(WIDTH - END_MARGIN_PX)
    assert FITTED.is_fitted


@given(st.floats(0.0, DURATION_S), st.floats(1.0, 400.0))
def test_pixels_and_seconds_are_inverse(time_s: float, factor: float) -> None:
    scale = FITTED.zoomed(factor, 300.0)
    assert scale.time_s(scale.x(time_s)) == pytest.approx(time_s, abs=1e-6)


@given(st.floats(1.01, 50.0), st.floats(50.0, 1100.0))
def test_zooming_in_keeps_the_time_under_the_pointer(factor: float, at_px: float) -> None:
    scale = FITTED.zoomed(4.0, 600.0)
    assert scale.zoomed(factor, at_px).time_s(at_px) == pytest.approx(scale.time_s(at_px), abs=1e-6)


@given(st.lists(st.tuples(st.floats(0.05, 20.0), st.floats(0.0, WIDTH), st.floats(-5000.0, 5000.0)), max_size=12))
def test_no_zoom_or_pan_leaves_the_video(steps: list[tuple[float, float, float]]) -> None:
    scale = FITTED
    for factor, at_px, by_px in steps:
        scale = scale.zoomed(factor, at_px).panned(by_px)
        assert scale.start_s >= 0.0
        assert scale.x(DURATION_S) >= WIDTH - END_MARGIN_PX - 1e-6
        assert FITTED.px_per_s <= scale.px_per_s <= 48.0 / FRAME_S


def test_zooming_out_all_the_way_fits() -> None:
    assert FITTED.zoomed(30.0, 900.0).zoomed(1e-6, 10.0).is_fitted


def test_a_fitted_scale_stays_fitted_when_the_widget_grows_and_others_keep_their_zoom() -> None:
    assert FITTED.resized(2400.0).is_fitted
    zoomed = FITTED.zoomed(8.0, 0.0)
    assert zoomed.resized(2400.0).px_per_s == zoomed.px_per_s


def test_showing_pages_only_when_the_time_is_out_of_view() -> None:
    scale = FITTED.zoomed(10.0, 0.0)
    assert scale.showing(scale.end_s / 2) is scale
    paged = scale.showing(scale.end_s + 1.0)
    assert paged.start_s < scale.end_s + 1.0 < paged.end_s
    assert paged.x(scale.end_s + 1.0) == pytest.approx(0.1 * WIDTH)


def test_an_empty_video_has_a_scale() -> None:
    scale = TimeScale.fitted(0.0, FRAME_S, 0.0)
    assert scale.zoomed(2.0, 0.0).x(0.0) == 0.0


@given(st.floats(1.0, 2000.0), st.floats(0.0, WIDTH))
def test_ruler_labels_never_crowd_and_stand_at_their_time(factor: float, at_px: float) -> None:
    scale = FITTED.zoomed(factor, at_px)
    ticks = ruler_ticks(scale)
    gaps = [b.time_s - a.time_s for a, b in itertools.pairwise(ticks)]
    assert all(gap * scale.px_per_s >= LEAST_LABEL_PX - 1e-6 for gap in gaps)
    assert all(scale.start_s - 1e-6 <= tick.time_s <= min(scale.end_s, DURATION_S) + 1e-6 for tick in ticks)
    assert len({tick.label for tick in ticks}) == len(ticks)


def test_ruler_says_frames_where_there_is_room() -> None:
    labels = [tick.label for tick in ruler_ticks(TimeScale(10.0, 0.04, 400.0, 4.0, 500.0))]
    assert labels[:2] == ["0:04", "0:04+05"] or labels[0] == "0:04"
    assert [tick.label for tick in ruler_ticks(TimeScale(52.0, 1 / 24, 1300.0, 0.0, 24.5))][:3] == [
        "0:00",
        "0:04",
        "0:08",
    ]
