# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a timeline shows at this moment: data, zoom, playhead, selection, and the edit under way. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from needledrop.core.cue import Cue
from needledrop.gui.widgets.timeline.cue_parts import BODY, Handle, own_targets
from needledrop.gui.widgets.timeline.data import TimelineCue, TimelineData
from needledrop.gui.widgets.timeline.lane_layout import LaneLayout
from needledrop.gui.widgets.timeline.snapping import REACH_PX, SnapTargets
from needledrop.gui.widgets.timeline.time_scale import TimeScale
from needledrop.suggest.cue_edits import ducked_again


class BeatsShown(Enum):
    """How much of the music's grid is drawn; each shows what the ones before it show."""

    OFF = "off"
    SECTIONS = "sections"
    DOWNBEATS = "downbeats"
    BEATS = "beats"

    @property
    def following(self) -> BeatsShown:
        """The next one, in a circle."""
        every = list(BeatsShown)
        return every[(every.index(self) + 1) % len(every)]


@dataclass
class TimelineView:
    """The state of one timeline. `pending` is the cue an unfinished drag would make, shown in place of the old one;
    `marker` is the one that is held, never together with a selected cue."""

    data: TimelineData
    scale: TimeScale
    layout: LaneLayout
    playhead_s: float = 0.0
    range_s: tuple[float, float] | None = None
    selected: int | None = None
    marker: int | None = None
    handle: Handle = BODY
    beats_shown: BeatsShown = BeatsShown.BEATS
    is_snapping: bool = True
    pending: Cue | None = None
    snapped_s: float | None = None

    @property
    def cues(self) -> tuple[TimelineCue, ...]:
        """The cues as they are to be drawn."""
        if self.pending is None or self.selected is None:
            return self.data.cues
        held = replace(self.data.cues[self.selected], cue=self.pending)
        return (*self.data.cues[: self.selected], held, *self.data.cues[self.selected + 1 :])

    @property
    def selected_cue(self) -> TimelineCue | None:
        """The selected cue as the document has it."""
        return self.data.cues[self.selected] if self.selected is not None else None

    def reach_s(self) -> float:
        """How far snapping reaches at this zoom."""
        return REACH_PX / self.scale.px_per_s

    def targets(self, handle: Handle) -> SnapTargets:
        """What the handle of the selected cue snaps to."""
        data = self.data
        edges = [
            t for n, c in enumerate(data.cues) if n != self.selected for t in (c.cue.record_in_s, c.cue.record_out_s)
        ]
        placed = self.selected_cue
        own = own_targets(placed, handle, self.reach_s()) if placed is not None else np.zeros(0)
        return SnapTargets.of(
            data.cuts_s, data.markers_s, edges, own, self.range_s or (), (0.0, self.playhead_s, data.duration_s)
        )

    def settled(self, cue: Cue) -> Cue:
        """An edited cue stepping back under the speech it lies over now."""
        return ducked_again(cue, self.data.soundtrack)
