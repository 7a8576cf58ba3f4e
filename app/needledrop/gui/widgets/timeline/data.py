# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the timeline shows, as plain frozen values. Knows no Qt and reads nothing: the presenter fills it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from functools import cached_property

import numpy as np

from needledrop.core.cue import Cue
from needledrop.core.music import FloatArray, Peaks, Rhythm, TimeArray
from needledrop.core.picture import MOTION_RATE_HZ, Motion, Soundtrack
from needledrop.core.work import TimelineMarker
from needledrop.workflows.timeline_media import Thumbnail

CALM_S = 0.8
NO_SOUND = Soundtrack(False, np.zeros((0, 2)), -70.0, np.zeros(0, np.float32))


@dataclass(frozen=True, eq=False)
class CueTrack:
    """What is known of the track of a cue; rhythm and peaks arrive later than the cue."""

    title: str
    duration_s: float
    rhythm: Rhythm | None = None
    peaks: Peaks | None = None


class CueState(Enum):
    """KEPT: of the project. REPLACED: of the project, but a candidate is heard in its place. CANDIDATE: auditioned."""

    KEPT = "kept"
    REPLACED = "replaced"
    CANDIDATE = "candidate"


@dataclass(frozen=True, eq=False)
class TimelineCue:
    """A cue with its track. Only the project's own can be selected and edited, and none while it is replaced."""

    cue: Cue
    track: CueTrack
    state: CueState = CueState.KEPT


@dataclass(frozen=True)
class PlacedMusic:
    """Music that is on the timeline already, of the project that is open: it is shown, and stays as it is."""

    title: str
    start_s: float
    end_s: float


@dataclass(frozen=True, eq=False)
class TimelineData:
    """Everything the lanes show. All times are seconds of the video; motion [frames] is what `calm_motion` made.

    `cues` are the user's in their order, then the candidate that is auditioned, if any; `markers` are in order of time.
    """

    duration_s: float
    frame_rate: Fraction
    cuts_s: TimeArray = field(default_factory=lambda: np.zeros(0))
    motion: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32))
    soundtrack: Soundtrack = NO_SOUND
    sound_peaks: Peaks | None = None
    thumbnails: tuple[Thumbnail, ...] = ()
    cues: tuple[TimelineCue, ...] = ()
    markers: tuple[TimelineMarker, ...] = ()
    music_there: tuple[PlacedMusic, ...] = ()

    @cached_property
    def markers_s(self) -> TimeArray:
        """The times of the markers [n]."""
        return np.array([marker.time_s for marker in self.markers], np.float64)

    @property
    def editable(self) -> list[int]:
        """The cues that can be selected."""
        return [number for number, placed in enumerate(self.cues) if placed.state is CueState.KEPT]

    @property
    def frame_s(self) -> float:
        """Length of one frame in seconds."""
        return float(1 / self.frame_rate)


def calm_motion(motion: Motion) -> FloatArray:
    """A motion curve to look at, 0..1 at MOTION_RATE_HZ: without what lasts less than CALM_S, its greatest value 1."""
    if len(motion.curve) == 0:
        return motion.curve
    frames = max(1, round(CALM_S * MOTION_RATE_HZ))
    window = np.hanning(frames + 2)[1:-1]
    padded = np.pad(motion.curve.astype(np.float64), frames, mode="edge")
    calm = np.convolve(padded, window / window.sum(), mode="same")[frames:-frames]
    return np.asarray(calm / max(float(calm.max()), 1e-6), np.float32)
