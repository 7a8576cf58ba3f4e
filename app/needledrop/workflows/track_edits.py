# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Editing several tracks as one step that can be taken back. The files themselves are never written."""

from __future__ import annotations

from collections.abc import Mapping

from needledrop.core.paths import Profile
from needledrop.workflows.browse import apply_changes, read_changes
from needledrop.workflows.profiles import write_library


def edit_tracks(profile: Profile, changes: Mapping[int, Mapping[str, str]]) -> Mapping[int, Mapping[str, str]]:
    """Set fields of tracks, named as in `browse.edit_track`; "" takes the user's edit of a field back.

    Returns:
        What `edit_tracks` has to be given to undo it.

    Raises:
        KnownError: a track or field does not exist, or a value does not fit; then nothing is changed.
    """
    read = {
        track_id: read_changes(f"{name}={value}" for name, value in one.items()) for track_id, one in changes.items()
    }
    before: dict[int, dict[str, str]] = {}
    with write_library(profile, "edit") as library:
        for track_id, fields in read.items():
            kept = library.edits(track_id)
            before[track_id] = {name: _as_word(name, kept) for name in fields}
        with library.connection.decision():
            for track_id, fields in read.items():
                apply_changes(library, track_id, fields)
    return before


def _as_word(name: str, kept: Mapping[str, str]) -> str:
    """What the user had said of a field, as `edit_track` reads it."""
    if name == "favourite":
        return "yes" if "is_favourite" in kept else ""
    return kept.get(name, "")
