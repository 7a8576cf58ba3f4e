# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Artists the user wants none of, where tracks were used, and what a list can be narrowed to.

Ratings and favourites are edits of tracks (`track_edits`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from needledrop.core.paths import Profile, display_path
from needledrop.workflows.profiles import read_library, write_library


@dataclass(frozen=True)
class Choices:
    """What suggestions can be narrowed to: genres, licences and collections with their counts, folders, artists."""

    genres: Sequence[tuple[str, int]]
    licences: Sequence[tuple[str, int]]
    folders: Sequence[Path]
    blocked_artists: Sequence[str]
    collections: Sequence[tuple[str, int]] = ()


def choices(profile: Profile) -> Choices:
    """What the library offers to choose from now."""
    with read_library(profile) as library:
        return Choices(
            library.genres(),
            library.licence_names(),
            [Path(os.fsdecode(root.path)) for root in library.roots()],
            library.blocked_artists(),
            library.collections(),
        )


def block_artist(profile: Profile, artist: str, *, is_blocked: bool) -> Sequence[str]:
    """Suggest nothing of an artist any more, or again; returns the blocked artists.

    Raises:
        KnownError: another process is writing to the library.
    """
    with write_library(profile, "block an artist") as library:
        if is_blocked:
            library.block_artist(artist)
        else:
            library.unblock_artist(artist)
        return library.blocked_artists()


def used_in(profile: Profile, track_ids: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
    """For tracks that were used, the names of the videos they were used in, latest first."""
    with read_library(profile) as library:
        uses = library.uses_of(track_ids)
    return {track_id: tuple(display_path(Path(path).name) for path in paths) for track_id, paths in uses.items()}
