# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import itertools

import pytest

from needledrop.gui.widgets.timeline.cue_parts import Handle, Part
from needledrop.gui.widgets.timeline.hit_test import Hit, Place, fade_handle_x, gain_step_db, gain_y, hit, wave_band
from needledrop.gui.widgets.timeline.lane_layout import LEAST_HEIGHT_PX, lay_out
from needledrop.gui.widgets.timeline.time_scale import TimeScale
from needledrop.gui.widgets.timeline.view_state import BeatsShown, TimelineView
from needledrop.suggest.cue_edits import LEAST_GAIN_DB, MOST_GAIN_DB
from timeline_factory import cue, data

LAYOUT = lay_out(1072.0, 328.0)


def view(selected: int | None = 0) -> TimelineView:
    shown = data(cue(2.0, (10.0, 20.0), (24.0, 34.0)), cue(20.0, (50.0, 65.0)))
    scale = TimeScale.fitted(shown.duration_s, shown.frame_s, LAYOUT.lanes_width)
    return TimelineView(shown, scale, LAYOUT, selected=selected)


def at(of: TimelineView, time_s: float) -> float:
    return LAYOUT.left + of.scale.x(time_s)


@pytest.mark.parametrize("height", [LEAST_HEIGHT_PX, 328, 700])
def test_lanes_lie_below_each_other_inside_the_widget(height: int) -> None:
    layout = lay_out(1000.0, float(height))
    bands = [layout.ruler, layout.picture, layout.motion, layout.sound, layout.music, layout.strip, layout.scroll]
    assert all(a.bottom <= b.top for a, b in itertools.pairwise(bands))
    assert layout.scroll.bottom == height


def test_edges_body_and_lanes() -> None:
    of, y = view(), LAYOUT.music.top + 60
    assert hit(of, at(of, 2.0) + 1, y) == Hit(Place.CUE, 0, Handle(Part.START))
    assert hit(of, at(of, 9.0), LAYOUT.music.top + 10) == Hit(Place.CUE, 0, Handle(Part.BODY))
    assert hit(of, at(of, 35.0) - 1, y) == Hit(Place.CUE, 1, Handle(Part.END))
    assert hit(of, at(of, 38.0), y) == Hit(Place.LANES)
    assert hit(of, at(of, 9.0), LAYOUT.picture.top + 5) == Hit(Place.LANES)
    assert hit(of, 10.0, y) == Hit(Place.NOTHING)
    assert hit(of, at(of, 9.0), 5.0) == Hit(Place.RULER)


def test_where_cues_overlap_the_selected_one_is_on_top() -> None:
    y = LAYOUT.music.top + 60
    assert hit(view(0), at(view(0), 21.0), y).cue == 0
    assert hit(view(1), at(view(1), 21.0), y).cue == 1
    assert hit(view(None), at(view(None), 21.0), y).cue == 1


def test_small_handles_are_only_on_the_selected_cue() -> None:
    of = view(0)
    one = of.data.cues[0].cue
    fade_x, top = LAYOUT.left + fade_handle_x(one, of.scale, Part.FADE_IN), wave_band(LAYOUT).top
    assert hit(of, fade_x, top) == Hit(Place.CUE, 0, Handle(Part.FADE_IN))
    assert hit(view(None), fade_x, top) == Hit(Place.CUE, 0, Handle(Part.BODY))
    assert hit(of, at(of, 12.0), LAYOUT.music.bottom - 4) == Hit(Place.CUE, 0, Handle(Part.JOINT, 0))
    assert hit(of, at(of, 9.0), gain_y(LAYOUT, one.gain_db)) == Hit(Place.CUE, 0, Handle(Part.GAIN))


def test_fade_handles_stay_off_the_edges() -> None:
    of = view(0)
    one = cue(2.0)
    none = type(one)(1, 2.0, one.pieces, -6.0, 0.0, 0.0)
    assert fade_handle_x(none, of.scale, Part.FADE_IN) > of.scale.x(2.0) + 6
    assert fade_handle_x(none, of.scale, Part.FADE_OUT) < of.scale.x(22.0) - 6


def test_the_ends_of_the_range_lie_on_the_ruler() -> None:
    of = view()
    of.range_s = (10.0, 30.0)
    assert hit(of, at(of, 10.0) + 2, 10.0).place is Place.RANGE_IN
    assert hit(of, at(of, 30.0) - 2, 10.0).place is Place.RANGE_OUT
    assert hit(of, at(of, 20.0), 10.0).place is Place.RULER


def test_the_scroll_bar_is_there_only_where_there_is_something_to_scroll() -> None:
    of = view()
    y = LAYOUT.scroll.top + 4
    assert hit(of, 500.0, y).place is Place.NOTHING
    of.scale = of.scale.zoomed(4.0, 0.0)
    assert hit(of, 500.0, y).place is Place.SCROLL


def test_gain_is_drawn_and_dragged_on_one_scale() -> None:
    assert gain_y(LAYOUT, MOST_GAIN_DB) == pytest.approx(wave_band(LAYOUT).top)
    assert gain_y(LAYOUT, LEAST_GAIN_DB) == pytest.approx(wave_band(LAYOUT).bottom)
    by_px = gain_y(LAYOUT, -9.0) - gain_y(LAYOUT, -6.0)
    assert gain_step_db(LAYOUT, by_px) == pytest.approx(-3.0)


def test_the_filter_of_beats_goes_round() -> None:
    shown, seen = BeatsShown.OFF, []
    for _ in BeatsShown:
        seen.append(shown)
        shown = shown.following
    assert (seen, shown) == (list(BeatsShown), BeatsShown.OFF)
