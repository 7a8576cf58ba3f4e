# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drags, from press to release: of cues and their handles, the playhead, the range, the scroll bar. Knows no Qt.

A drag computes every edit from the cue as it was pressed, so that nothing adds up and Escape gives it back whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from needledrop.core.cue import Cue
from needledrop.gui.widgets.timeline.cue_parts import (
    BODY,
    LEVELS,
    Handle,
    Part,
    grid_of,
    moving_points,
    shifted,
    with_level,
)
from needledrop.gui.widgets.timeline.hit_test import Hit, Place, gain_step_db, hit
from needledrop.gui.widgets.timeline.intents import Intents
from needledrop.gui.widgets.timeline.snapping import SnapTargets, spaced
from needledrop.gui.widgets.timeline.view_state import TimelineView

START_PX = 3.0  # A press that moves less than this is a click.


@dataclass(frozen=True)
class Pointer:
    """Where the pointer is, and what is held with it: `is_slip` Alt, `is_free` the key that turns snapping off."""

    x: float
    y: float
    is_slip: bool = False
    is_free: bool = False


class Gestures:
    """Follows one pointer over one timeline."""

    def __init__(self, view: TimelineView, intents: Intents) -> None:
        self._view = view
        self._intents = intents
        self._hit = Hit(Place.NOTHING)
        self._pressed: Pointer | None = None
        self._last = Pointer(0.0, 0.0)
        self._handle = BODY
        self._is_dragging = False

    @property
    def is_active(self) -> bool:
        """True between press and release."""
        return self._pressed is not None

    @property
    def is_scrubbing(self) -> bool:
        """True while the playhead is dragged."""
        return self._pressed is not None and self._hit.place in (Place.RULER, Place.LANES)

    def press(self, pointer: Pointer) -> None:
        """Begin."""
        self._hit = hit(self._view, pointer.x, pointer.y)
        self._pressed, self._last, self._is_dragging = pointer, pointer, False
        if self._hit.place is Place.CUE and self._hit.handle is not None:
            is_slip = pointer.is_slip and self._hit.handle.part is Part.BODY
            self._handle = Handle(Part.SLIP) if is_slip else self._hit.handle
            self._intents.select(self._hit.cue, self._handle)
        elif self._hit.place is Place.MARKER:
            self._intents.hold_marker(self._hit.marker)
        elif self._hit.place is Place.LANES:
            self._intents.select(None, BODY)
            self._intents.hold_marker(None)
        if self.is_scrubbing:
            self._scrub(pointer)

    def move(self, pointer: Pointer) -> None:
        """Go on; nothing happens to a cue before the pointer has moved START_PX."""
        if self._pressed is None:
            return
        pressed = self._pressed
        self._is_dragging |= abs(pointer.x - pressed.x) + abs(pointer.y - pressed.y) >= START_PX
        if self._is_dragging:
            self._drag(pointer)
        self._last = pointer

    def release(self, pointer: Pointer) -> None:
        """End: keep what the drag made."""
        self.move(pointer)
        made, is_cue = self._view.pending, self._hit.place is Place.CUE and self._is_dragging
        self._pressed = None
        self._view.snapped_s = None
        if is_cue and made is not None:
            self._intents.commit(made, self._handle)

    def cancel(self) -> None:
        """End, and give everything back."""
        self._pressed = None
        self._view.snapped_s = None
        self._intents.drop()

    def _drag(self, pointer: Pointer) -> None:
        match self._hit.place:
            case Place.RULER | Place.LANES:
                self._scrub(pointer)
            case Place.RANGE_IN | Place.RANGE_OUT:
                self._drag_range(pointer)
            case Place.MARKER:
                self._drag_marker(pointer)
            case Place.SCROLL:
                scale = self._view.scale
                shown = (scale.end_s - scale.start_s) / max(scale.duration_s, 1e-3)
                self._intents.pan((pointer.x - self._last.x) / max(shown, 1e-6))
            case Place.CUE:
                self._intents.preview(self._edited(pointer), self._handle)
            case Place.NOTHING:
                pass

    def _scrub(self, pointer: Pointer) -> None:
        view = self._view
        time_s = min(max(0.0, self._time_s(pointer)), view.data.duration_s)
        if view.is_snapping and not pointer.is_free:
            snap = SnapTargets.of(view.data.cuts_s, view.data.markers_s).snap(np.array([time_s]), view.reach_s() / 2)
            time_s += snap.by_s if snap is not None else 0.0
        self._intents.seek(time_s)

    def _drag_marker(self, pointer: Pointer) -> None:
        view = self._view
        if view.marker is None:
            return
        time_s = min(max(0.0, self._time_s(pointer)), view.data.duration_s)
        if view.is_snapping and not pointer.is_free:
            edges = [edge for placed in view.cues for edge in (placed.cue.record_in_s, placed.cue.record_out_s)]
            beats = [spaced(grid_of(placed).beats_s, 3.0 * view.reach_s()) for placed in view.cues]
            targets = SnapTargets.of(view.data.cuts_s, edges, *beats, (0.0, view.playhead_s, view.data.duration_s))
            snap = targets.snap(np.array([time_s]), view.reach_s())
            time_s += snap.by_s if snap is not None else 0.0
        self._intents.move_marker(view.marker, time_s)

    def _drag_range(self, pointer: Pointer) -> None:
        view = self._view
        if view.range_s is None:
            return
        time_s = min(max(0.0, self._time_s(pointer)), view.data.duration_s)
        first_s, last_s = view.range_s
        if view.is_snapping and not pointer.is_free:
            targets = SnapTargets.of(
                view.data.cuts_s, view.data.markers_s, (0.0, view.playhead_s, view.data.duration_s)
            )
            snap = targets.snap(np.array([time_s]), view.reach_s())
            time_s += snap.by_s if snap is not None else 0.0
        if self._hit.place is Place.RANGE_IN:
            self._intents.choose_range((min(time_s, last_s - view.data.frame_s), last_s))
        else:
            self._intents.choose_range((first_s, max(time_s, first_s + view.data.frame_s)))

    def _edited(self, pointer: Pointer) -> Cue:
        view = self._view
        placed, pressed = view.selected_cue, self._pressed
        if placed is None or pressed is None:
            raise RuntimeError("A drag without a cue.")
        if self._handle.part in LEVELS:
            return with_level(placed.cue, self._handle.part, gain_step_db(view.layout, pointer.y - pressed.y))
        by_s = (pointer.x - pressed.x) / view.scale.px_per_s
        view.snapped_s = None
        if view.is_snapping and not pointer.is_free:
            points_s = moving_points(placed, self._handle, view.reach_s()) + by_s
            snap = view.targets(self._handle).snap(points_s, view.reach_s())
            if snap is not None:
                by_s += snap.by_s
                view.snapped_s = snap.at_s
        return view.settled(shifted(placed, self._handle, by_s))

    def _time_s(self, pointer: Pointer) -> float:
        return self._view.scale.time_s(pointer.x - self._view.layout.left)
