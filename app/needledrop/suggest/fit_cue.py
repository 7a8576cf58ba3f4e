# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fitted track as a cue under a range of the picture: its level, its fades, and where it steps back under speech."""

from __future__ import annotations

from needledrop.core.cue import Cue, MixTargets
from needledrop.core.picture import Soundtrack
from needledrop.suggest.details import TrackDetails
from needledrop.suggest.fit_length import FitResult
from needledrop.suggest.levels import fade_in_s, music_gain_db, speech_ducking

_FADE_S = 0.05
# A tail that is cut is faded over this many times what is cut of it.
_FADE_BY_CUT = 2.0


def fitted_cue(
    track: TrackDetails, found: FitResult, start_s: float, length_s: float, soundtrack: Soundtrack, mix: MixTargets
) -> Cue:
    """The cue that plays `found` from start_s of the timeline for length_s."""
    begin_s = found.pieces[0].source_in_s
    cut_s = max(0.0, -found.ring_s)
    return Cue(
        track_id=track.track_id,
        record_in_s=start_s,
        pieces=found.pieces,
        gain_db=music_gain_db(track.loudness, found.pieces, mix.music_lufs),
        fade_in_s=fade_in_s(begin_s, track.rhythm.beats_s, length_s) if found.is_end_only else 0.0,
        fade_out_s=min(_FADE_S + _FADE_BY_CUT * cut_s, length_s / 4.0),
        splice_s=found.splice_s,
        ducking=speech_ducking(soundtrack, start_s, start_s + length_s, mix.ducking_db),
        stretch=found.stretch,
    )
