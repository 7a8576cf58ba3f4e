# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every edit of a cue, as a new cue. Knows no Qt, no pixels and no gestures.

Moving keeps what is played and changes where; slipping keeps where and changes what; trimming changes where the cue
begins or ends and leaves every beat where it lies on the picture. After each edit the music steps back under the
speech it now lies over, as when it was placed.
"""

from __future__ import annotations

from dataclasses import replace

from needledrop.core.cue import Cue, Piece
from needledrop.core.picture import Soundtrack
from needledrop.suggest.levels import speech_ducking

LEAST_CUE_S = 0.25
LEAST_GAIN_DB = -36.0
MOST_GAIN_DB = 18.0
DEEPEST_DUCKING_DB = -30.0
_LEAST_PIECE_S = 0.1


def moved(cue: Cue, by_s: float) -> Cue:
    """The same music, `by_s` seconds later; never before the beginning of the video."""
    return replace(cue, record_in_s=max(0.0, cue.record_in_s + by_s))


def slipped(cue: Cue, by_s: float, track_s: float) -> Cue:
    """The same place with other music: what is heard moves `by_s` seconds of the timeline to the right.

    Stops at the first and last moment of the track (`track_s` long).
    """
    source_s = -by_s / cue.stretch
    least = -min(piece.source_in_s for piece in cue.pieces)
    most = track_s - max(piece.source_out_s for piece in cue.pieces)
    source_s = min(max(source_s, least), max(most, least))
    pieces = tuple(Piece(piece.source_in_s + source_s, piece.source_out_s + source_s) for piece in cue.pieces)
    return replace(cue, pieces=pieces)


def trimmed_start(cue: Cue, to_s: float) -> Cue:
    """The cue begins at `to_s`; its beats stay where they are. Stops at the beginning of the track and of the video."""
    to_s = min(max(0.0, to_s), cue.record_out_s - LEAST_CUE_S)
    left_s = (to_s - cue.record_in_s) / cue.stretch
    pieces = list(cue.pieces)
    while len(pieces) > 1 and left_s > pieces[0].duration_s - _LEAST_PIECE_S:
        left_s -= pieces.pop(0).duration_s
    source_in_s = max(0.0, pieces[0].source_in_s + left_s)
    pieces[0] = Piece(source_in_s, pieces[0].source_out_s)
    start_s = cue.record_out_s - sum(piece.duration_s for piece in pieces) * cue.stretch
    return _with_fades(replace(cue, record_in_s=max(0.0, start_s), pieces=tuple(pieces)))


def trimmed_end(cue: Cue, to_s: float, track_s: float) -> Cue:
    """The cue ends at `to_s`, or with the track (`track_s` long)."""
    to_s = max(to_s, cue.record_in_s + LEAST_CUE_S)
    left_s = (cue.record_out_s - to_s) / cue.stretch
    pieces = list(cue.pieces)
    while len(pieces) > 1 and left_s > pieces[-1].duration_s - _LEAST_PIECE_S:
        left_s -= pieces.pop().duration_s
    last = pieces[-1]
    pieces[-1] = Piece(last.source_in_s, min(max(track_s, last.source_out_s), last.source_out_s - left_s))
    return _with_fades(replace(cue, pieces=tuple(pieces)))


def with_fade_in(cue: Cue, length_s: float) -> Cue:
    """A fade-in of that length, as far as the fade-out leaves room."""
    return replace(cue, fade_in_s=min(max(0.0, length_s), cue.duration_s - cue.fade_out_s))


def with_fade_out(cue: Cue, length_s: float) -> Cue:
    """A fade-out of that length, as far as the fade-in leaves room."""
    return replace(cue, fade_out_s=min(max(0.0, length_s), cue.duration_s - cue.fade_in_s))


def with_gain(cue: Cue, gain_db: float) -> Cue:
    """Another gain, in steps of a tenth of a decibel."""
    return replace(cue, gain_db=round(min(max(LEAST_GAIN_DB, gain_db), MOST_GAIN_DB), 1))


def with_ducking(cue: Cue, depth_db: float) -> Cue:
    """Stepping back so far under speech (0 or less), in steps of a tenth of a decibel."""
    depth_db = round(min(max(DEEPEST_DUCKING_DB, depth_db), 0.0), 1)
    return replace(cue, ducking=replace(cue.ducking, depth_db=depth_db))


def joint_moved(cue: Cue, joint: int, to_s: float, track_s: float) -> Cue:
    """The `joint`-th splice (from 0) lies at `to_s`; as much music is left out, and the cue stays as long."""
    before, after = cue.pieces[joint], cue.pieces[joint + 1]
    by_s = (to_s - cue.joints_s[joint]) / cue.stretch
    least = max(_LEAST_PIECE_S - before.duration_s, -after.source_in_s)
    most = min(after.duration_s - _LEAST_PIECE_S, track_s - before.source_out_s)
    by_s = min(max(by_s, least), most)
    pair = (
        Piece(before.source_in_s, before.source_out_s + by_s),
        Piece(after.source_in_s + by_s, after.source_out_s),
    )
    return replace(cue, pieces=(*cue.pieces[:joint], *pair, *cue.pieces[joint + 2 :]))


def joint_removed(cue: Cue, joint: int, track_s: float) -> Cue:
    """The music plays on over the `joint`-th splice; the cue ends where it did, as far as the track reaches.

    What lies before the splice stays on the picture; what comes after it moves.
    """
    before, after = cue.pieces[joint], cue.pieces[joint + 1]
    one = Piece(before.source_in_s, max(after.source_out_s, before.source_out_s))
    whole = replace(cue, pieces=(*cue.pieces[:joint], one, *cue.pieces[joint + 2 :]))
    return trimmed_end(whole, cue.record_out_s, track_s)


def ducked_again(cue: Cue, soundtrack: Soundtrack) -> Cue:
    """The cue stepping back under the speech it lies over now, by as much as before."""
    speech_s = speech_ducking(soundtrack, cue.record_in_s, cue.record_out_s, cue.ducking.depth_db).speech_s
    return replace(cue, ducking=replace(cue.ducking, speech_s=speech_s))


def _with_fades(cue: Cue) -> Cue:
    """Fades that fit a cue that became shorter."""
    fade_in_s = min(cue.fade_in_s, cue.duration_s)
    return replace(cue, fade_in_s=fade_in_s, fade_out_s=min(cue.fade_out_s, cue.duration_s - fade_in_s))
