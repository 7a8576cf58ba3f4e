# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The music that an editor's project names: which file, from where, how loud. It is taken at its word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from needledrop.core.edit import ClipKind, EditClip, MediaSource, ProjectEdit, SoundRole
from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.export.interchange.media_paths import plain_path
from needledrop.library.library import Library
from needledrop.library.rows import TrackRow

# A clip this quiet was muted, and shorter ones are stings, not music somebody chose for a scene.
_MUTED_DB = -60.0
_SHORTEST_S = Fraction(2)
# Pieces of one track with a gap no longer than this, that run on, were cut for the picture and are one use.
_LONGEST_GAP_S = Fraction(1, 2)


@dataclass(frozen=True)
class NamedMusic:
    """A stretch of the timeline under which a project lays one piece of music; track is None where the library has
    none of that content."""

    clip: EditClip
    end_s: Fraction
    track: TrackRow | None


def named_music(
    library: Library, edit: ProjectEdit, content_hash: Callable[[Path], str]
) -> tuple[list[NamedMusic], list[str]]:
    """The music of a timeline in its order, and a sentence for each file of it that could not be read.

    A sound is music where the library has it as a track, or where the project says so; the sound of what is seen is
    not, nor is what the project calls speech or effects.

    Args:
        content_hash: Identifies the sound of a file; raises KnownError where it cannot be read.
    """
    seen = {clip.source.named for clip in edit.of_kind(ClipKind.PICTURE) if clip.source is not None}
    tracks: dict[str, TrackRow | None] = {}
    notes: list[str] = []
    found: list[NamedMusic] = []
    for clip in sorted(edit.of_kind(ClipKind.SOUND), key=lambda one: (one.record_in_s, one.track)):
        if clip.source is None or _is_muted(clip):
            continue
        if clip.source.named not in tracks:
            is_sought = clip.source.named not in seen and clip.role in {SoundRole.MUSIC, SoundRole.UNKNOWN}
            tracks[clip.source.named] = _track_of(library, clip.source, content_hash, notes) if is_sought else None
        track = tracks[clip.source.named]
        if track is not None or clip.role is SoundRole.MUSIC:
            found.append(NamedMusic(clip, clip.record_out_s, track))
    return [one for one in _joined(found) if one.end_s - one.clip.record_in_s >= _SHORTEST_S], notes


def _is_muted(clip: EditClip) -> bool:
    levels = [point.level_db for point in clip.levels] or [0.0]
    return clip.gain_db + max(levels) <= _MUTED_DB or clip.speed <= 0


def _track_of(
    library: Library, source: MediaSource, content_hash: Callable[[Path], str], notes: list[str]
) -> TrackRow | None:
    path = source.path or Path(plain_path(source.named))
    file = library.file(path)
    if file is not None:
        return library.track(file.track_id)
    if source.path is None:
        return None
    try:
        return library.track_with_content(content_hash(source.path))
    except KnownError as error:
        notes.append(f"{display_path(path.name)} was left out: {error.sentence}")
        return None


def _joined(found: Sequence[NamedMusic]) -> list[NamedMusic]:
    joined: list[NamedMusic] = []
    for one in found:
        before = next((other for other in reversed(joined) if _runs_on(other, one)), None)
        if before is None:
            joined.append(one)
        else:
            joined[joined.index(before)] = NamedMusic(before.clip, max(before.end_s, one.end_s), before.track)
    return joined


def _runs_on(earlier: NamedMusic, later: NamedMusic) -> bool:
    first, second = earlier.clip, later.clip
    if first.source is None or second.source is None or first.source.named != second.source.named:
        return False
    is_near = second.record_in_s - earlier.end_s <= _LONGEST_GAP_S
    drift_s = abs(first.source_at(second.record_in_s) - second.source_in_s)
    return is_near and first.speed == second.speed and drift_s <= _LONGEST_GAP_S
