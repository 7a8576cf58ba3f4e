# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at the library and changing what the user may change: list, show, edit, remove, problems, backups."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.library.backup import restore as restore_backup
from needledrop.library.backup_files import Backup, list_backups
from needledrop.library.library import Library
from needledrop.library.rows import FileRow, Problem, Root, SearchFilters, TrackRow
from needledrop.workflows.profiles import read_library, write_library

_SHORT_NAMES = {
    "licence": "licence_name",
    "license": "licence_name",
    "url": "licence_url",
    "source": "licence_source",
    "author": "licence_author",
}
_OPINIONS = ("rating", "favourite")


@dataclass(frozen=True)
class Page:
    """A page of tracks and how many there are in all."""

    tracks: Sequence[TrackRow]
    total: int


@dataclass(frozen=True)
class TrackSheet:
    """Everything there is to show of one track."""

    track: TrackRow
    files: Sequence[FileRow]
    edits: Mapping[str, str]


def list_tracks(profile: Profile, text: str, filters: SearchFilters, *, sort: str, limit: int, offset: int) -> Page:
    """A page of the library, narrowed to tracks in which all words of `text` occur."""
    with read_library(profile) as library:
        tracks = library.search(text, limit=limit, offset=offset, sort=sort, filters=filters)
        return Page(tracks, library.count(text, filters=filters))


def show_track(profile: Profile, track_id: int) -> TrackSheet:
    """One track with its files and the user's edits."""
    with read_library(profile) as library:
        return TrackSheet(library.track(track_id), library.track_files(track_id), library.edits(track_id))


def save_cover(profile: Profile, track_id: int, path: Path, *, overwrite: bool) -> None:
    """Write a track's embedded cover to a file, as it is.

    Raises:
        KnownError: the track has no cover, or the file exists (without `overwrite`) or cannot be written.
    """
    from needledrop.media.output_file import written_whole
    from needledrop.media.tags import read_cover

    track = show_track(profile, track_id).track
    cover = read_cover(track.path)
    if cover is None:
        raise KnownError(f"'{track.name}' has no cover.", remedy="Put one into its tags, and scan.", code="missing")
    with written_whole(path, overwrite=overwrite, sources=[track.file_path]) as scratch:
        scratch.write_bytes(cover)


def edit_track(profile: Profile, track_id: int, assignments: Sequence[str]) -> TrackSheet:
    """Apply "field=value" words; "field=" takes the edit back. The files themselves are never written.

    Besides tags and licence there are "rating" (1 to 5) and "favourite" (yes or no).

    Raises:
        KnownError: a word is no assignment, or names no field, or the value does not fit; then nothing is changed.
    """
    changes = read_changes(assignments)
    with write_library(profile, "edit") as library:
        apply_changes(library, track_id, changes)
    return show_track(profile, track_id)


def read_changes(assignments: Iterable[str]) -> dict[str, str | None]:
    """The fields that "field=value" words change, under their full names; None takes an edit back.

    Raises:
        KnownError: a word is no assignment, or a rating or favourite does not fit.
    """
    changes = dict(_change(word) for word in assignments)
    _rating(changes.get("rating"))
    _is_yes(changes.get("favourite"))
    return changes


def apply_changes(library: Library, track_id: int, changes: Mapping[str, str | None]) -> None:
    """Write what `read_changes` returned; inside a transaction of the caller's it is one with it."""
    tags = {name: value for name, value in changes.items() if name not in _OPINIONS}
    library.edit_track(track_id, tags)
    if "rating" in changes:
        library.rate_track(track_id, _rating(changes["rating"]))
    if "favourite" in changes:
        library.mark_favourite(track_id, _is_yes(changes["favourite"]))


def _change(word: str) -> tuple[str, str | None]:
    from needledrop.media.licences import parse_licence_name

    field, equals, value = word.partition("=")
    if not equals:
        raise KnownError(f"'{word}' is no change.", remedy='Write field=value, such as title="Dawn".', code="usage")
    name = _SHORT_NAMES.get(field.strip(), field.strip().replace("-", "_"))
    if name == "licence_name":
        value = parse_licence_name(value) or value  # A licence of the user's own words is kept as it is.
    return name, value or None


def _rating(value: str | None) -> int | None:
    if value is None:
        return None
    if value not in {"1", "2", "3", "4", "5"}:
        raise KnownError(f"'{value}' is not a rating.", remedy="Give 1 to 5, or nothing for none.", code="bad-value")
    return int(value)


def _is_yes(value: str | None) -> bool:
    if value is not None and value.lower() not in {"yes", "no"}:
        raise KnownError(f"'{value}' is neither yes nor no.", remedy="Write favourite=yes or =no.", code="bad-value")
    return value is not None and value.lower() == "yes"


def remove_tracks(profile: Profile, track_ids: Sequence[int], *, is_undo: bool) -> None:
    """Take tracks out of the library (or back in). Their files stay where they are."""
    with write_library(profile, "remove") as library:
        for track_id in track_ids:
            library.track(track_id)
        if is_undo:
            library.undelete_tracks(track_ids)
        else:
            library.delete_tracks(track_ids)


def list_problems(profile: Profile) -> list[Problem]:
    """Files that could not be used, each with its reason."""
    with read_library(profile) as library:
        return library.problems()


def list_folders(profile: Profile) -> list[Root]:
    """The music folders."""
    with read_library(profile) as library:
        return library.roots()


def forget_folder(profile: Profile, folder: Path) -> None:
    """Take a music folder out of the library; what the user decided on its tracks is kept.

    Raises:
        KnownError: it is no music folder of the library.
    """
    with write_library(profile, "forget a folder") as library:
        for root in library.roots():
            if root.path == os.fsencode(folder.absolute()):
                library.remove_root(root.id)
                return
    raise KnownError(
        f"{folder} is no music folder of the library.", remedy="List them: needledrop library folders", code="missing"
    )


def back_up(profile: Profile) -> Path:
    """Back the library up now; returns the new file."""
    with write_library(profile, "backup") as library:
        return library.back_up()


def list_library_backups(profile: Profile) -> list[Backup]:
    """Backups, newest first."""
    return list_backups(profile.backups_dir)


def restore(profile: Profile, backup: Path | None) -> tuple[Path, Path | None]:
    """Go back to a backup (the newest sound one unless named); the present library is moved aside, never deleted."""
    restored = restore_backup(profile.library_path, profile.backups_dir, backup)
    shutil.rmtree(profile.gallery_dir, ignore_errors=True)  # Made from what the library was before; see revision_id.
    return restored
