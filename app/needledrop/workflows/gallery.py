# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the memory-mapped gallery in step with the library: built from it, never the other way round."""

from __future__ import annotations

from collections.abc import Sequence, Set

from needledrop.core.errors import KnownError
from needledrop.core.music import Clips, Loudness, Tonality
from needledrop.core.paths import Profile, display_path
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.index.builder import GalleryBuilder, TrackIdentity
from needledrop.index.gallery import Gallery
from needledrop.library.library import Library
from needledrop.library.rows import TrackRow
from needledrop.workflows.rhythms import effective_rhythms
from needledrop.workflows.stored_features import unpacked

_CHUNK = 200


def refresh_gallery(profile: Profile, library: Library, progress: ProgressSink, cancel: CancelToken) -> Gallery:
    """The gallery of the library as it is now; built only if the one in the cache is of another revision.

    Raises:
        KnownError: the cache folder cannot be written.
    """
    from needledrop.features.music import FEATURE_VERSIONS

    revision = library.revision_id
    gallery = Gallery.open(profile.gallery_dir, library_revision=revision, feature_versions=FEATURE_VERSIONS)
    if gallery is not None:
        return gallery
    before = _gallery_before(profile, revision)
    corrected = (
        library.tracks_corrected_since(_number_of(before.library_revision)) if before is not None else frozenset()
    )
    builder = GalleryBuilder(revision, FEATURE_VERSIONS)
    watch = Stopwatch()
    ids = library.track_ids(("present",))
    for start in range(0, len(ids), _CHUNK):
        cancel.check()
        _add_chunk(library, builder, before, corrected, ids[start : start + _CHUNK])
        done = min(start + _CHUNK, len(ids))
        progress(Progress("Preparing the gallery", done, len(ids), watch.elapsed_s))
    try:
        return builder.write(profile.gallery_dir)
    except OSError as error:
        raise KnownError(
            f"The gallery could not be written to {display_path(profile.gallery_dir)}.",
            remedy="Free some space there, or check that the folder can be written.",
            cause=str(error),
            code="disk-full",
        ) from error


def _gallery_before(profile: Profile, revision: str) -> Gallery | None:
    """An older snapshot of this very library; in any other one the same ids would mean other tracks."""
    from needledrop.features.music import FEATURE_VERSIONS

    before = Gallery.open(profile.gallery_dir, feature_versions=FEATURE_VERSIONS)
    if before is None or before.library_revision.rpartition(":")[0] != revision.rpartition(":")[0]:
        return None
    return before


def _number_of(revision: str) -> int:
    """The number at the end of a Library.revision_id."""
    return int(revision.rpartition(":")[2])


def _add_chunk(
    library: Library, builder: GalleryBuilder, before: Gallery | None, corrected: Set[int], ids: Sequence[int]
) -> None:
    rows = library.tracks(ids)
    # The same content under the same feature versions has the same features: only the identity can have changed,
    # and the beats where the user corrected them.
    fresh = [
        track_id
        for track_id in ids
        if before is None or track_id in corrected or not builder.carry_over(before, _identity(rows[track_id]))
    ]
    rhythm, tonality = effective_rhythms(library, fresh), unpacked(library, fresh, Tonality, "tonality")
    loudness, clips = unpacked(library, fresh, Loudness, "loudness"), unpacked(library, fresh, Clips, "clips")
    for track_id in rhythm.keys() & tonality.keys() & loudness.keys() & clips.keys():
        row = rows[track_id]
        builder.add(
            _identity(row), row.duration_s, rhythm[track_id], tonality[track_id], loudness[track_id], clips[track_id]
        )


def _identity(row: TrackRow) -> TrackIdentity:
    return TrackIdentity(
        row.id, row.recording_id, row.tags.album, row.tags.album_artist or row.tags.artist, row.licence
    )
