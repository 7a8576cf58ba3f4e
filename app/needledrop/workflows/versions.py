# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions of one piece in a list: full and instrumental, 30 and 60 seconds. Known by their names only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from needledrop.core.query import Suggestion
from needledrop.library.rows import TrackRow
from needledrop.workflows.references import plain_title

_INSTRUMENTAL = re.compile(r"\b(instrumental|no vocals?|karaoke)\b", re.IGNORECASE)


def grouped(suggestions: Sequence[Suggestion], tracks: Mapping[int, TrackRow]) -> list[tuple[int, ...]]:
    """Indices of suggestions, one group a piece, in the order of the best of each group.

    Tracks are one piece where title without its version and artist agree. The first of a group is the one to offer: its
    best, but under speech the best instrumental one, for a voice that sings fights one that speaks.
    """
    groups: dict[tuple[str, str] | int, list[int]] = {}
    for index, suggestion in enumerate(suggestions):
        tags = tracks[suggestion.track_id].tags
        title, artist = plain_title(tags.title), tags.artist.casefold().strip()
        groups.setdefault((title, artist) if title and artist else index, []).append(index)
    return [tuple(_instrumental_first(group, suggestions, tracks)) for group in groups.values()]


def version_name(track: TrackRow) -> str:
    """What tells a version apart in its title: "Instrumental" of "Harbour (Instrumental)"; "" for a plain title."""
    kept = len(plain_title(track.tags.title))
    return track.tags.title[kept:].strip(" -()[]")


def _instrumental_first(
    group: list[int], suggestions: Sequence[Suggestion], tracks: Mapping[int, TrackRow]
) -> list[int]:
    if not suggestions[group[0]].cue.ducking.speech_s:
        return group
    return sorted(group, key=lambda index: not _INSTRUMENTAL.search(tracks[suggestions[index].track_id].tags.title))
