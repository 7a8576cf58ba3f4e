# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Timeline data with known cuts, beats and cues, for tests of the timeline."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from needledrop.core.cue import Cue, Ducking, Piece
from needledrop.core.music import Rhythm
from needledrop.core.picture import Soundtrack
from needledrop.features.peaks import PeaksBuilder
from needledrop.gui.widgets.timeline.data import CueTrack, TimelineCue, TimelineData

BEAT_S = 0.5
TRACK_S = 100.0
CUTS_S = (5.0, 12.3, 20.0, 33.1)
SPEECH_S = ((8.0, 10.0), (24.0, 27.0))


def rhythm(beat_s: float = BEAT_S, length_s: float = TRACK_S) -> Rhythm:
    """Steady beats from 0, four a bar, two sections."""
    beats_s = np.arange(0.0, length_s, beat_s)
    return Rhythm(
        beats_s, np.ones(len(beats_s), np.float32), beats_s[::4], 60.0 / beat_s, (), 1.0, 4, np.zeros(0, np.uint8), 2.0,
        np.array([0.0, 16.0]), np.ones(2, np.float32), length_s, section_roles=("intro", "drop"),
    )  # fmt: skip


def track(peaks_seed: int | None = None, length_s: float = TRACK_S) -> CueTrack:
    """A track with its rhythm, and with a waveform of noise where a seed is given."""
    peaks = None
    if peaks_seed is not None:
        rng = np.random.default_rng(peaks_seed)
        builder = PeaksBuilder(8000)
        builder.feed((0.4 * rng.standard_normal(int(8000 * length_s))).clip(-1, 1).astype(np.float32))
        peaks = builder.finish()
    return CueTrack("Legends", length_s, rhythm(length_s=length_s), peaks)


def cue(record_in_s: float = 2.0, *pieces: tuple[float, float], stretch: float = 1.0) -> Cue:
    """A cue of pieces of the track; one piece from 10 to 30 s where none is given."""
    spans = pieces or ((10.0, 30.0),)
    return Cue(1, record_in_s, tuple(Piece(*span) for span in spans), -6.0, 1.0, 2.0, stretch=stretch)


def data(*cues: Cue, peaks_seed: int | None = None) -> TimelineData:
    """A video of 40 seconds at 25 pictures a second with CUTS_S, speech and these cues."""
    of = track(peaks_seed)
    soundtrack = Soundtrack(True, np.array(SPEECH_S), -20.0, np.zeros(0, np.float32))
    placed = tuple(TimelineCue(one, of) for one in cues)
    return TimelineData(40.0, Fraction(25), np.array(CUTS_S), np.ones(500, np.float32), soundtrack, cues=placed)


def ducked(one: Cue) -> Cue:
    """The cue stepping back by 9 dB under SPEECH_S."""
    from dataclasses import replace

    return replace(one, ducking=Ducking(SPEECH_S))
