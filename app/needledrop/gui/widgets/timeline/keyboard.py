# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything the pointer can do, without one.

Keys act on one handle of the selected cue (its place, what it plays, an edge, a fade, the gain, a splice), walk from
handle to handle, and move the held one by a frame or a beat. Which keys those are stands in `commands`. No Qt here.
"""

from __future__ import annotations

import numpy as np

from needledrop.core.cue import Cue
from needledrop.gui.widgets.timeline.cue_parts import (
    BODY,
    LEVELS,
    Handle,
    Part,
    beat_step_s,
    handle_s,
    handles,
    shifted,
    with_level,
)
from needledrop.gui.widgets.timeline.data import TimelineCue
from needledrop.gui.widgets.timeline.intents import Intents
from needledrop.gui.widgets.timeline.view_state import TimelineView
from needledrop.suggest import cue_edits

_SMALL_DB, _LARGE_DB = 0.5, 3.0
_USUAL_FADE_S = 1.0


class CueKeys:
    """Edits of the selected cue of one timeline. Each does nothing where no cue is selected."""

    def __init__(self, view: TimelineView, intents: Intents) -> None:
        self._view = view
        self._intents = intents

    def select_next(self, step: int) -> None:
        """The next cue (1) or the one before (-1), in a circle."""
        cues, selected = self._view.data.editable, self._view.selected
        if cues:
            at = cues.index(selected) if selected in cues else (-1 if step > 0 else 0)
            self._intents.select(cues[(at + step) % len(cues)], BODY)

    def walk_handles(self, step: int) -> None:
        """The next handle of the selected cue (1) or the one before (-1), in a circle."""
        placed = self._view.selected_cue
        if placed is None:
            self.select_next(step)
            return
        every = handles(placed.cue)
        at = every.index(self._view.handle) if self._view.handle in every else 0
        self._intents.select(self._view.selected, every[(at + step) % len(every)])

    def nudge_frames(self, frames: int) -> None:
        """Move the handle by frames; a gain by half a decibel each."""
        self._nudge(frames * self._view.data.frame_s, _SMALL_DB * frames, self._view.handle)

    def nudge_beats(self, direction: int) -> None:
        """Move the handle to the next beat (1) or the last one (-1); a gain by three decibels."""
        placed = self._view.selected_cue
        if placed is not None:
            self._nudge(beat_step_s(placed, self._view.handle, direction), _LARGE_DB * direction, self._view.handle)

    def slip_frames(self, frames: int) -> None:
        """Move what the cue plays, not the cue."""
        self._nudge(frames * self._view.data.frame_s, 0.0, Handle(Part.SLIP))

    def slip_beats(self, direction: int) -> None:
        """Move what the cue plays by one beat."""
        placed = self._view.selected_cue
        if placed is not None:
            self._nudge(beat_step_s(placed, Handle(Part.SLIP), direction), 0.0, Handle(Part.SLIP))

    def bring_to_playhead(self, part: Part) -> None:
        """Put a handle where the playhead is: trim, fade or move to it."""
        placed = self._view.selected_cue
        if placed is not None:
            handle = Handle(part)
            self._commit(shifted(placed, handle, self._view.playhead_s - handle_s(placed.cue, handle)), handle)

    def toggle_fade(self, part: Part) -> None:
        """A fade of a second where there is none to see, else none."""
        placed = self._view.selected_cue
        if placed is None:
            return
        is_in = part is Part.FADE_IN
        length_s = placed.cue.fade_in_s if is_in else placed.cue.fade_out_s
        change = cue_edits.with_fade_in if is_in else cue_edits.with_fade_out
        self._commit(change(placed.cue, 0.0 if length_s > 0.1 else _USUAL_FADE_S), Handle(part))

    def remove_splice(self) -> None:
        """Let the music play on over the splice that is held, or over the only one."""
        placed, handle = self._view.selected_cue, self._view.handle
        if placed is None or len(placed.cue.pieces) < 2:
            return
        if handle.part is not Part.JOINT and len(placed.cue.pieces) > 2:
            return
        joint = handle.joint if handle.part is Part.JOINT else 0
        cue = cue_edits.joint_removed(placed.cue, joint, placed.track.duration_s)
        self._intents.select(self._view.selected, BODY)
        self._commit(cue, Handle(Part.JOINT, joint))

    def _nudge(self, by_s: float, by_db: float, handle: Handle) -> None:
        placed = self._view.selected_cue
        if placed is None:
            return
        self._commit(_nudged(placed, handle, by_s, by_db), handle)

    def _commit(self, cue: Cue, handle: Handle) -> None:
        placed = self._view.selected_cue
        settled = self._view.settled(cue)
        if placed is not None and settled != placed.cue:
            self._intents.commit(settled, handle)


class TimeKeys:
    """The playhead, the range and the cuts, by keys."""

    def __init__(self, view: TimelineView, intents: Intents) -> None:
        self._view = view
        self._intents = intents

    def step_frames(self, frames: int) -> None:
        """The playhead by frames."""
        frame_s = self._view.data.frame_s
        self._seek((round(self._view.playhead_s / frame_s) + frames) * frame_s)

    def step_cut(self, direction: int) -> None:
        """The playhead to the next cut (1) or the last one (-1); the ends of the video count as cuts."""
        data, at_s = self._view.data, self._view.playhead_s
        stops = [0.0, *data.cuts_s.tolist(), data.duration_s]
        ahead = [stop_s for stop_s in stops if (stop_s - at_s) * direction > 1e-3]
        if ahead:
            self._seek(min(ahead) if direction > 0 else max(ahead))

    def step_marker(self, direction: int) -> None:
        """The playhead to the next marker (1) or the last one (-1)."""
        at_s = self._view.playhead_s
        ahead = [s for s in self._view.data.markers_s.tolist() if (s - at_s) * direction > 1e-3]
        if ahead:
            self._seek(min(ahead) if direction > 0 else max(ahead))

    def mark(self) -> None:
        """Mark the moment under the playhead; where it is marked already, its name is asked for."""
        here = self.marker_here()
        if here is None:
            self._intents.add_marker(self._view.playhead_s)
        else:
            self._intents.hold_marker(here)
            self._intents.name_marker(here)

    def name_marker(self) -> None:
        """Write the name of the held marker, or of the one under the playhead."""
        marker = self._meant()
        if marker is not None:
            self._intents.name_marker(marker)

    def remove_marker(self) -> None:
        """Take the held marker away, or the one under the playhead."""
        marker = self._meant()
        if marker is not None:
            self._intents.remove_marker(marker)

    def nudge_marker(self, frames: int) -> None:
        """Move the held marker by frames."""
        view = self._view
        if view.marker is not None:
            time_s = view.data.markers[view.marker].time_s + frames * view.data.frame_s
            self._intents.move_marker(view.marker, min(max(0.0, time_s), view.data.duration_s))

    def marker_here(self) -> int | None:
        """The marker within half a frame of the playhead."""
        view = self._view
        near = np.flatnonzero(np.abs(view.data.markers_s - view.playhead_s) <= view.data.frame_s / 2)
        return int(near[0]) if len(near) else None

    def _meant(self) -> int | None:
        return self._view.marker if self._view.marker is not None else self.marker_here()

    def go_start(self) -> None:
        """The playhead to the beginning."""
        self._seek(0.0)

    def go_end(self) -> None:
        """The playhead to the end."""
        self._seek(self._view.data.duration_s)

    def set_in(self) -> None:
        """The range begins at the playhead."""
        first_s = min(self._view.playhead_s, self._view.data.duration_s - self._view.data.frame_s)
        last_s = self._view.range_s[1] if self._view.range_s is not None else self._view.data.duration_s
        self._intents.choose_range((first_s, last_s if last_s > first_s else self._view.data.duration_s))

    def set_out(self) -> None:
        """The range ends at the playhead."""
        last_s = max(self._view.playhead_s, self._view.data.frame_s)
        first_s = self._view.range_s[0] if self._view.range_s is not None else 0.0
        self._intents.choose_range((first_s if first_s < last_s else 0.0, last_s))

    def range_of_cue(self) -> None:
        """The range is what the selected cue lies under: suggestions are asked for, and loops run, there."""
        placed = self._view.selected_cue
        if placed is not None:
            end_s = min(placed.cue.record_out_s, self._view.data.duration_s)
            self._intents.choose_range((placed.cue.record_in_s, end_s))

    def clear_range(self) -> None:
        """No range."""
        self._intents.choose_range(None)

    def _seek(self, time_s: float) -> None:
        self._intents.seek(min(max(0.0, time_s), self._view.data.duration_s))


def _nudged(placed: TimelineCue, handle: Handle, by_s: float, by_db: float) -> Cue:
    if handle.part in LEVELS:
        return with_level(placed.cue, handle.part, by_db)
    return shifted(placed, handle, by_s)
