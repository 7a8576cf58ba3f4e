# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cues: one placement of music on the timeline, and the ducking under the video's own speech."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True)
class Piece:
    """A stretch of the track played without interruption, in seconds of the track."""

    source_in_s: float
    source_out_s: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.source_out_s - self.source_in_s


@dataclass(frozen=True)
class Ducking:
    """How far the music steps back under speech: a gain curve through timeline stretches [start_s, end_s]."""

    speech_s: tuple[tuple[float, float], ...] = ()
    depth_db: float = -9.0
    attack_s: float = 0.25
    release_s: float = 0.6


@dataclass(frozen=True)
class MixTargets:
    """How the user wants music mixed: its loudness under the picture, and how far it steps back under speech."""

    music_lufs: float = -18.0
    ducking_db: float = -9.0


@dataclass(frozen=True)
class Cue:
    """One placement of music: pieces of a track laid end to end from `record_in_s` of the timeline.

    Neighbouring pieces meet on a beat and are joined by an equal-power crossfade of `splice_s`, centred on the joint.
    The cue ends at `record_out_s`; music that ends earlier is followed by silence, which is said in the suggestion.
    All pieces are played `stretch` times as long as they are in the track, at their own pitch; the times of pieces are
    the track's, `splice_s` is the track's too, fades and ducking are the timeline's.
    """

    track_id: int
    record_in_s: float
    pieces: tuple[Piece, ...]
    gain_db: float
    fade_in_s: float
    fade_out_s: float
    splice_s: float = 0.02
    ducking: Ducking = Ducking()
    stretch: float = 1.0

    @property
    def duration_s(self) -> float:
        """Length on the timeline in seconds."""
        return sum(piece.duration_s for piece in self.pieces) * self.stretch

    @property
    def speed_percent(self) -> float:
        """How fast the track is played; 100 is its own speed."""
        return 100.0 / self.stretch

    @property
    def record_out_s(self) -> float:
        """Where the music ends on the timeline."""
        return self.record_in_s + self.duration_s

    @property
    def joints_s(self) -> tuple[float, ...]:
        """Where neighbouring pieces meet on the timeline."""
        lengths_s = accumulate(piece.duration_s * self.stretch for piece in self.pieces[:-1])
        return tuple(self.record_in_s + length_s for length_s in lengths_s)


def with_cue_laid(cues: Sequence[Cue], new: Cue) -> tuple[Cue, ...]:
    """The cues with a new one among them in the order of the timeline; those that it overlaps make room."""
    kept = [cue for cue in cues if not (cue.record_in_s < new.record_out_s and new.record_in_s < cue.record_out_s)]
    return tuple(sorted([*kept, new], key=lambda cue: cue.record_in_s))
