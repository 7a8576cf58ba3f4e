# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies under the pointer. Knows no Qt; all positions are logical pixels of the widget."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from needledrop.core.cue import Cue
from needledrop.gui.widgets.timeline.cue_parts import Handle, Part
from needledrop.gui.widgets.timeline.lane_layout import NAME_PX, Band, LaneLayout
from needledrop.gui.widgets.timeline.time_scale import TimeScale
from needledrop.gui.widgets.timeline.view_state import TimelineView
from needledrop.suggest.cue_edits import LEAST_GAIN_DB, MOST_GAIN_DB

EDGE_PX = 6.0
FADE_PX = 7.0
GAIN_PX = 5.0
NOTCH_PX = 16.0
BEATS_PX = 10.0
MARKER_PX = 6.0
MARKER_HEIGHT_PX = 14.0


class Place(Enum):
    """What kind of thing lies at a position."""

    NOTHING = "nothing"
    RULER = "ruler"
    LANES = "lanes"
    CUE = "cue"
    MARKER = "marker"
    RANGE_IN = "range-in"
    RANGE_OUT = "range-out"
    SCROLL = "scroll"


@dataclass(frozen=True)
class Hit:
    """The thing at a position; for a cue also which, and by which handle; for a marker which."""

    place: Place
    cue: int | None = None
    handle: Handle | None = None
    marker: int | None = None


def hit(view: TimelineView, x: float, y: float) -> Hit:
    """What lies at a position. Small handles come before the body they sit on, the selected cue before others."""
    layout = view.layout
    if x < layout.left - EDGE_PX:
        return Hit(Place.NOTHING)
    if layout.scroll.holds(y):
        return Hit(Place.NOTHING if view.scale.is_fitted else Place.SCROLL)
    if layout.ruler.holds(y):
        return _on_ruler(view, x - layout.left, y)
    if layout.music.top <= y < layout.strip.bottom and (found := _on_cues(view, x - layout.left, y)) is not None:
        return found
    return Hit(Place.LANES) if x >= layout.left else Hit(Place.NOTHING)


def wave_band(layout: LaneLayout) -> Band:
    """Where in the music lane the waveform lies: under the name, above the beats."""
    return Band(layout.music.top + NAME_PX, layout.music.height - NAME_PX - BEATS_PX - 2.0)


def gain_y(layout: LaneLayout, gain_db: float) -> float:
    """The height at which a gain is drawn in the music lane."""
    band = wave_band(layout)
    share = (min(max(gain_db, LEAST_GAIN_DB), MOST_GAIN_DB) - LEAST_GAIN_DB) / (MOST_GAIN_DB - LEAST_GAIN_DB)
    return band.bottom - share * band.height


def gain_step_db(layout: LaneLayout, by_px: float) -> float:
    """The gain that a drag of so many pixels downwards takes away (negative) or adds."""
    return -by_px / wave_band(layout).height * (MOST_GAIN_DB - LEAST_GAIN_DB)


def fade_handle_x(cue: Cue, scale: TimeScale, part: Part) -> float:
    """Where along the lane a fade's handle is drawn: at the fade's end, but never on the cue's own edge."""
    first, last = scale.x(cue.record_in_s), scale.x(cue.record_out_s)
    inset = min(2.0 * EDGE_PX, max(0.0, (last - first) / 2.0))
    if part is Part.FADE_IN:
        return min(max(scale.x(cue.record_in_s + cue.fade_in_s), first + inset), last)
    return max(min(scale.x(cue.record_out_s - cue.fade_out_s), last - inset), first)


def _on_ruler(view: TimelineView, x: float, y: float) -> Hit:
    if y >= view.layout.ruler.bottom - MARKER_HEIGHT_PX:
        order = sorted(range(len(view.data.markers)), key=lambda number: number != view.marker)
        for number in order:
            if abs(x - view.scale.x(view.data.markers[number].time_s)) <= MARKER_PX:
                return Hit(Place.MARKER, marker=number)
    if view.range_s is not None:
        first, last = (view.scale.x(time_s) for time_s in view.range_s)
        if abs(x - first) <= EDGE_PX and abs(x - first) <= abs(x - last):
            return Hit(Place.RANGE_IN)
        if abs(x - last) <= EDGE_PX:
            return Hit(Place.RANGE_OUT)
    return Hit(Place.RULER)


def _on_cues(view: TimelineView, x: float, y: float) -> Hit | None:
    order = [number for number in reversed(view.data.editable) if number != view.selected]
    if view.selected is not None:
        order.insert(0, view.selected)
    for number in order:
        handle = _handle_at(view, view.data.cues[number].cue, x, y, is_selected=number == view.selected)
        if handle is not None:
            return Hit(Place.CUE, number, handle)
    return None


def _handle_at(view: TimelineView, cue: Cue, x: float, y: float, *, is_selected: bool) -> Handle | None:
    scale, layout = view.scale, view.layout
    first, last = scale.x(cue.record_in_s), scale.x(cue.record_out_s)
    if not first - EDGE_PX / 2 <= x <= last + EDGE_PX / 2:
        return None
    if is_selected and (handle := _small_handle(view, cue, x, y)) is not None:
        return handle
    edge = min(EDGE_PX, (last - first) / 4)
    if x <= first + edge:
        return Handle(Part.START)
    if x >= last - edge:
        return Handle(Part.END)
    if is_selected and cue.ducking.depth_db and abs(y - gain_y(layout, cue.gain_db + cue.ducking.depth_db)) <= GAIN_PX:
        at_s = scale.time_s(x)
        if any(start_s <= at_s <= end_s for start_s, end_s in cue.ducking.speech_s):
            return Handle(Part.DUCKING)
    if is_selected and abs(y - gain_y(layout, cue.gain_db)) <= GAIN_PX:
        return Handle(Part.GAIN)
    return Handle(Part.BODY)


def _small_handle(view: TimelineView, cue: Cue, x: float, y: float) -> Handle | None:
    scale, layout = view.scale, view.layout
    if abs(y - wave_band(layout).top) <= FADE_PX:
        for part in (Part.FADE_IN, Part.FADE_OUT):
            if abs(x - fade_handle_x(cue, scale, part)) <= FADE_PX:
                return Handle(part)
    if y >= layout.music.bottom - NOTCH_PX:
        for number, joint_s in enumerate(cue.joints_s):
            if abs(x - scale.x(joint_s)) <= EDGE_PX:
                return Handle(Part.JOINT, number)
    return None
