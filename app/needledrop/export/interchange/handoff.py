# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cues as clips of an edit: whole frames of the timeline, native fades, gain, ducking as keyframes. Reads no files.

Editors lay clips on whole frames and most start their sources on whole frames too, which is up to 20 ms beside the beat
that a cue was placed by. So a clip begins on the frame before its cue, and a file it plays may begin with less than a
frame of silence (`lead_s`), so that a whole frame of it is the exact moment of the track.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from needledrop.core.cue import Cue, Ducking
from needledrop.core.edit import ClipKind, EditClip, EditMarker, LevelPoint, MediaSource, ProjectEdit, SoundRole
from needledrop.core.marker import Marker
from needledrop.export.interchange.fade_shape import level_at
from needledrop.mix.curves import speech_spans

_NO_LEAD_S = Fraction(1, 2000)  # What nobody hears and no editor keeps.
_ROUNDING_S = Fraction(1, 10_000)
_FINEST = 1_000_000


@dataclass(frozen=True)
class MusicFile:
    """What a clip plays: a track at the speed of its cue, after lead_s of silence."""

    track_id: int
    stretch: float
    lead_s: Fraction

    @property
    def is_as_recorded(self) -> bool:
        """Whether the track's own file is the same sound."""
        return self.stretch == 1.0 and self.lead_s == 0


@dataclass(frozen=True)
class MusicPiece:
    """A piece of a cue on the timeline: frames [first, end), from source_in_s of its file."""

    cue: Cue
    file: MusicFile
    first: int
    end: int
    source_in_s: Fraction
    is_first: bool
    is_last: bool


def music_pieces(cues: Sequence[Cue], frame_rate: Fraction, *, is_exact: bool = True) -> list[MusicPiece]:
    """The clips that play some cues; neighbouring pieces of one overlap by a frame, in which they are crossfaded.

    Args:
        is_exact: Plays each moment of the track where the cue has it. Otherwise the nearest whole frame of the
            track's own file is taken, at most half a frame beside it.
    """
    return [piece for cue in cues for piece in _pieces_of(cue, frame_rate, is_exact=is_exact)]


def _pieces_of(cue: Cue, rate: Fraction, *, is_exact: bool) -> list[MusicPiece]:
    stretch = _exact(cue.stretch)
    starts = [_exact(cue.record_in_s)]
    for piece in cue.pieces:
        starts.append(starts[-1] + _exact(piece.duration_s) * stretch)
    firsts = [max(0, math.floor((start_s + _ROUNDING_S) * rate)) for start_s in starts[:-1]]
    ends = [first + 1 for first in firsts[1:]] + [round(starts[-1] * rate)]
    found = []
    for number, piece in enumerate(cue.pieces):
        first, end = firsts[number], max(ends[number], firsts[number] + 1)
        source_s = _exact(piece.source_in_s) * stretch - (starts[number] - first / rate)
        lead_s = -source_s % (1 / rate)
        if lead_s < _NO_LEAD_S or 1 / rate - lead_s < _NO_LEAD_S or not is_exact:
            lead_s, source_s = Fraction(0), max(0, round(source_s * rate)) / rate
        file = MusicFile(cue.track_id, cue.stretch, lead_s)
        is_last = number == len(cue.pieces) - 1
        found.append(MusicPiece(cue, file, first, end, source_s + lead_s, number == 0, is_last))
    return found


def with_music(
    edit: ProjectEdit,
    pieces: Iterable[MusicPiece],
    sources: Mapping[MusicFile, MediaSource],
    titles: Mapping[int, str],
    markers: Iterable[Marker],
) -> ProjectEdit:
    """The edit with the pieces on a sound track of their own, and markers of music; nothing of it is changed.

    Args:
        titles: What the clips of each track are called.
    """
    track = max((clip.track for clip in edit.clips if clip.kind is ClipKind.SOUND), default=-1) + 1
    clips = [_clip(edit, piece, track, sources[piece.file], titles[piece.cue.track_id]) for piece in pieces]
    end_s = max([edit.duration_s, *(clip.record_out_s for clip in clips)])
    marked = (*edit.markers, *_markers(edit, markers))
    return replace(
        edit,
        clips=(*edit.clips, *clips),
        markers=tuple(sorted(marked, key=lambda marker: marker.time_s)),
        duration_s=end_s,
    )


def _clip(edit: ProjectEdit, piece: MusicPiece, track: int, source: MediaSource, title: str) -> EditClip:
    begin_s, end_s = edit.time_of(piece.first), edit.time_of(piece.end)
    points = ducking_points(piece.cue.ducking, begin_s, end_s, edit.frame_rate)
    loudest_db = max((point.level_db for point in points), default=0.0)
    levels = tuple(LevelPoint(point.time_s, point.level_db - loudest_db) for point in points)
    rise, fall = _fades(piece, edit.frame_rate)
    return EditClip(
        name=title,
        kind=ClipKind.SOUND,
        track=track,
        source=source,
        source_in_s=piece.source_in_s,
        source_out_s=piece.source_in_s + end_s - begin_s,
        record_in_s=begin_s,
        record_out_s=end_s,
        role=SoundRole.MUSIC,
        gain_db=piece.cue.gain_db + loudest_db,
        fade_in_s=rise / edit.frame_rate,
        fade_out_s=fall / edit.frame_rate,
        levels=levels if any(point.level_db for point in levels) else (),
    )


def _fades(piece: MusicPiece, rate: Fraction) -> tuple[int, int]:
    """In frames: the cue's at its ends, one frame where two of its pieces meet; together no longer than the clip."""
    frames = piece.end - piece.first
    rise = round(_exact(piece.cue.fade_in_s) * rate) if piece.is_first else 1
    fall = round(_exact(piece.cue.fade_out_s) * rate) if piece.is_last else 1
    rise = min(rise, frames)
    return rise, min(fall, frames - rise)


def ducking_points(ducking: Ducking, begin_s: Fraction, end_s: Fraction, rate: Fraction) -> list[LevelPoint]:
    """Keyframes of the ducking from begin_s to end_s, counted from begin_s; none where nothing is ducked.

    Their ramps are straight where those of the mix are raised cosines: at most 1 dB apart at the usual depth.
    """
    row: dict[int, float] = {}
    for start_s, stop_s in speech_spans(ducking):
        ramp = (start_s - ducking.attack_s, 0.0), (start_s, ducking.depth_db)
        back = (stop_s, ducking.depth_db), (stop_s + ducking.release_s, 0.0)
        for time_s, level_db in (*ramp, *back):
            frame = round(_exact(time_s) * rate)
            row[frame] = min(row.get(frame, 0.0), level_db)
    whole = [LevelPoint(frame / rate, level_db) for frame, level_db in sorted(row.items())]
    if not any(_touches(first, second, begin_s, end_s) for first, second in pairwise(whole)):
        return []
    inner = [point for point in whole if begin_s < point.time_s < end_s]
    edges = [LevelPoint(at_s, level_at(whole, at_s)) for at_s in (begin_s, end_s)]
    return [replace(point, time_s=point.time_s - begin_s) for point in (edges[0], *inner, edges[1])]


def _touches(first: LevelPoint, second: LevelPoint, begin_s: Fraction, end_s: Fraction) -> bool:
    is_ducked = bool(first.level_db or second.level_db)
    return is_ducked and first.time_s < end_s and second.time_s > begin_s


def _markers(edit: ProjectEdit, markers: Iterable[Marker]) -> list[EditMarker]:
    """One to a frame; of several the greatest."""
    by_frame: dict[int, Marker] = {}
    for marker in markers:
        frame = edit.frame_of(_exact(marker.time_s))
        if frame not in by_frame or marker.kind > by_frame[frame].kind:
            by_frame[frame] = marker
    return [EditMarker(edit.time_of(frame), one.label, one.kind) for frame, one in sorted(by_frame.items())]


def _exact(value: float) -> Fraction:
    return Fraction(value).limit_denominator(_FINEST)
