# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Past edits in the form of feedback, so that a taste learns from both alike; and the pictures that go with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from needledrop.core import log
from needledrop.core.edit import is_edit_file
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile, display_path
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.library.library import Library
from needledrop.workflows.past_edit_store import KeptEdit, kept_edits
from needledrop.workflows.profiles import read_library
from needledrop.workflows.videos import analysed_video, kept_features

# The verdict of a pair: somebody laid this under that, and showed it.
PAST = "past"


def past_entries(profile: Profile, library: Library) -> list[dict[str, Any]]:
    """Every pair that counts, as library.feedback gives entries: one project a film, no list, and the id 0, for ids are
    those of feedback. Struck pairs and those whose tracks were taken out are left out."""
    return [entry for edit in kept_edits(profile) for entry in _entries(library, edit)]


def watch_past_edits(profile: Profile, progress: ProgressSink, cancel: CancelToken) -> list[str]:
    """Look at the pictures of the finished videos whose music counts, each once; a sentence for each that cannot be.

    Without its picture a film tells what is used, but not what for.

    Raises:
        Cancelled: stopped by the user; what was seen is kept.
    """
    with read_library(profile) as library:
        edits = [edit for edit in kept_edits(profile) if _entries(library, edit) and not is_edit_file(Path(edit.path))]
        unseen = [edit for edit in edits if kept_features(profile, library, edit.identity) is None]
    watch, notes = Stopwatch(), []
    for done, edit in enumerate(unseen):
        cancel.check()
        path = Path(edit.path)
        progress(Progress("Watching past edits", done, len(unseen), watch.elapsed_s, display_path(path.name)))
        try:
            analysed_video(profile, path, lambda _: None, cancel, is_every_frame=False)
        except KnownError as error:
            log.media.info("not watched: %s", error.sentence)
            notes.append(f"{display_path(path.name)}: {error.sentence} Its music counts without its picture.")
    return notes


def _entries(library: Library, edit: KeptEdit) -> list[dict[str, Any]]:
    project = library.project_of(edit.identity)
    # A film that is no project of the user's is one of its own; below 0 it meets none of theirs.
    group = project.id if project is not None else -min((pair.number for pair in edit.pairs), default=1)
    found = []
    for pair in edit.pairs:
        track = None if pair.is_struck else library.track_with_content(pair.track_hash)
        if track is None or track.state in {"removed", "deleted"}:
            continue
        found.append(
            {
                "id": 0,
                "project_id": group,
                "video": edit.path,
                "video_hash": edit.identity,
                "track": track.name,
                "content_hash": track.content_hash,
                "track_id": track.id,
                "state": track.state,
                "verdict": PAST,
                "start_s": pair.start_s,
                "end_s": pair.end_s,
                "offered": [],
                "given_at": edit.mtime_ns / 1e9,
            }
        )
    return found
