# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the timeline shows, as plain frozen values. Knows no Qt and reads nothing: the presenter fills it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from needledrop.core.cue import Cue
from needledrop.core.music import FloatArray, Peaks, Rhythm, TimeArray
from needledrop.core.picture import Soundtrack
from needledrop.workflows.timeline_media import Thumbnail

NO_SOUND = Soundtrack(False, np.zeros((0, 2)), -70.0, np.zeros(0, np.float32))


@dataclass(frozen=True, eq=False)
class CueTrack:
    """What is known of the track of a cue; rhythm and peaks arrive later than the cue."""

    title: str
    duration_s: float
    rhythm: Rhythm | None = None
    peaks: Peaks | None = None


@dataclass(frozen=True, eq=False)
class TimelineCue:
    """A cue with its track."""

    cue: Cue
    track: CueTrack


@dataclass(frozen=True, eq=False)
class TimelineData:
    """Everything the lanes show. All times are seconds of the video; motion [frames] is at MOTION_RATE_HZ."""

    duration_s: float
    frame_rate: Fraction
    cuts_s: TimeArray = field(default_factory=lambda: np.zeros(0))
    motion: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32))
    soundtrack: Soundtrack = NO_SOUND
    sound_peaks: Peaks | None = None
    thumbnails: tuple[Thumbnail, ...] = ()
    cues: tuple[TimelineCue, ...] = ()
    markers_s: TimeArray = field(default_factory=lambda: np.zeros(0))

    @property
    def frame_s(self) -> float:
        """Length of one frame in seconds."""
        return float(1 / self.frame_rate)
