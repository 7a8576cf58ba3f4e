# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rhythm that counts: what analysis found with the user's corrections over it. Nothing else reads a track's rhythm.

What the user decided on beats is kept for ever: a newer analysis, a rescan or a moved file never change it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from needledrop.core.errors import KnownError
from needledrop.core.music import Rhythm, RhythmEdit
from needledrop.core.paths import Profile
from needledrop.features.rhythm_edits import edited, kept_beats, with_kept_beats
from needledrop.library.library import Library
from needledrop.library.rows import TrackRow
from needledrop.workflows.profiles import read_library, write_library
from needledrop.workflows.stored_features import unpacked


@dataclass(frozen=True)
class BeatSheet:
    """A track's rhythm as it counts, as analysis found it, and the corrections that lie between."""

    track: TrackRow
    rhythm: Rhythm
    analysed: Rhythm
    edits: tuple[RhythmEdit, ...]


def effective_rhythms(library: Library, track_ids: Sequence[int]) -> Mapping[int, Rhythm]:
    """The rhythm of those tracks that are analysed, with the user's beats where there are any."""
    rhythms = dict(unpacked(library, track_ids, Rhythm, "rhythm"))
    for track_id, kept in library.corrected_beats(rhythms).items():
        rhythms[track_id] = with_kept_beats(rhythms[track_id], kept)
    return rhythms


def effective_rhythm(library: Library, track_id: int, analysed: Rhythm) -> Rhythm:
    """What a new analysis of a track found, with the user's beats where there are any."""
    kept = library.corrected_beats([track_id]).get(track_id)
    return analysed if kept is None else with_kept_beats(analysed, kept)


def show_beats(profile: Profile, track_id: int) -> BeatSheet:
    """A track's rhythm.

    Raises:
        KnownError: there is no such track, or it is not analysed yet.
    """
    with read_library(profile) as library:
        return _sheet(library, track_id)


def correct_beats(profile: Profile, track_id: int, edits: Sequence[RhythmEdit]) -> BeatSheet:
    """Lay further corrections over a track's beats as they are now, and keep the result.

    Raises:
        KnownError: there is no such track, it is not analysed yet, or a correction does not fit it.
    """
    with write_library(profile, "library beats") as library:
        before = _sheet(library, track_id)
        rhythm = edited(before.rhythm, edits, before.track.duration_s, before.edits)
        kept = kept_beats(rhythm, (*before.edits, *edits))
        library.correct_beats(track_id, kept, tempo_bpm=rhythm.tempo_bpm, confidence=rhythm.confidence)
        return _sheet(library, track_id)


def reset_beats(profile: Profile, track_id: int) -> BeatSheet:
    """Take all corrections of a track's beats back.

    Raises:
        KnownError: there is no such track, or it is not analysed yet.
    """
    with write_library(profile, "library beats") as library:
        analysed = _sheet(library, track_id).analysed
        library.correct_beats(track_id, None, tempo_bpm=analysed.tempo_bpm, confidence=analysed.confidence)
        return _sheet(library, track_id)


def _sheet(library: Library, track_id: int) -> BeatSheet:
    track = library.track(track_id)
    analysed = unpacked(library, [track_id], Rhythm, "rhythm").get(track_id)
    if analysed is None:
        raise KnownError(
            f"'{track.name}' is not analysed yet.", remedy="Run `needledrop scan` first.", code="not-analysed"
        )
    kept = library.corrected_beats([track_id]).get(track_id)
    if kept is None:
        return BeatSheet(track, analysed, analysed, ())
    return BeatSheet(track, with_kept_beats(analysed, kept), analysed, kept.edits)
