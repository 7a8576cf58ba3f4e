# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Past edits as evidence of taste: the music of finished videos and of editors' projects, found, shown, struck.

Each file is kept as soon as it is done, so that a run may be stopped and gone on with. Changes no file of the user's.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from needledrop.core.edit import ProjectEdit, is_edit_file
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile, display_path
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.library.library import Library
from needledrop.library.rows import TrackRow
from needledrop.media.suffixes import VIDEO_SUFFIXES
from needledrop.workflows.analysis import IDENTITY_ENTRY, Identity
from needledrop.workflows.past_edit_store import KeptEdit, KeptPair, keep_edit, kept_edits, strike_pair
from needledrop.workflows.past_projects import NamedMusic, named_music
from needledrop.workflows.profiles import read_library
from needledrop.workflows.videos import run_in_worker

# A pair counts as evidence; was struck by the user; or its track was taken out of the library since.
COUNTS, STRUCK, LOST = "counts", "struck", "lost"
_AGAINST_NOTHING = "project"


@dataclass(frozen=True)
class PastPair:
    """Music found in a past edit, from start_s to end_s of it.

    Attributes:
        pair_id: The number `strike` takes.
        video: The finished video or the project.
        video_hash: Its identity: content hash of a video.
        track: Its track in the library; None where the library has none: then the music serves as itself.
        name: Of the music, for people.
        track_start_s: Moment of the track at start_s.
        speed: Seconds of the track to a second of the video.
        confidence: 0..1; 1 is what a project says.
        state: COUNTS, STRUCK or LOST.
        level_db: Where a project says it.
        own_key: Of the features of music outside the library; "" for tracks of the library.
    """

    pair_id: int
    video: Path
    video_hash: str
    start_s: float
    end_s: float
    track: TrackRow | None
    name: str
    track_start_s: float
    speed: float
    confidence: float
    state: str
    level_db: float | None = None
    own_key: str = ""


@dataclass(frozen=True)
class PastReport:
    """What a run came to: files looked at now, files that were known, pairs in all of them, and a sentence for each
    file (or part of one) that gave nothing."""

    looked_at: int
    known: int
    pairs: int
    notes: tuple[str, ...] = ()


def find_past_edits(profile: Profile, paths: Iterable[Path], progress: ProgressSink, cancel: CancelToken) -> PastReport:
    """Look for music in finished videos and projects, and in all of those below folders; what is found is kept.

    A file that gives nothing costs itself only. Files that were looked at before and have not changed are passed over.

    Raises:
        KnownError: a path is not there, nothing below the paths is a video or project, or nothing can be written.
        Cancelled: stopped by the user; what was done is kept.
    """
    files = past_files(paths)
    watch, notes, looked_at, count = Stopwatch(), [], 0, 0
    with read_library(profile) as library:
        known = {(edit.path, edit.size, edit.mtime_ns): edit for edit in kept_edits(profile)}
        for done, path in enumerate(files):
            cancel.check()
            progress(Progress("Past edits", done, len(files), watch.elapsed_s, display_path(path.name)))
            status = path.stat()
            edit = known.get((os.fspath(path), status.st_size, status.st_mtime_ns))
            if edit is None:
                edit, said = _look(profile, library, path, status, cancel)
                notes += said
                looked_at += 1
            count += len(edit.pairs) if edit is not None else 0
    return PastReport(looked_at, len(files) - looked_at, count, tuple(notes))


def pairs(profile: Profile) -> list[PastPair]:
    """All pairs that were found, by file and time; struck and lost ones are among them and say so."""
    with read_library(profile) as library:
        return [_shown(library, edit, pair) for edit in kept_edits(profile) for pair in edit.pairs]


def strike(profile: Profile, pair_id: int, struck: bool = True) -> None:
    """Let a pair not count any more, or count again; what was learned from it stays until the next `learn`.

    Raises:
        KnownError: there is no such pair, the disk is full, or another process holds the list for seconds.
    """
    strike_pair(profile, pair_id, is_struck=struck)


def past_files(paths: Iterable[Path]) -> list[Path]:
    """The videos and projects among paths and below folders, each once, sorted.

    Raises:
        KnownError: "missing" or "nothing-found".
    """
    found: set[Path] = set()
    named = [path.absolute() for path in paths]
    for path in named:
        if not path.exists():
            raise KnownError(
                f"'{display_path(path)}' is not there.", remedy="Check its name, or plug in its drive.", code="missing"
            )
        inside = sorted(path.rglob("*")) if path.is_dir() and not is_edit_file(path) else [path]
        found |= {one for one in inside if _is_past_edit(one)}
    if not found:
        raise KnownError(
            "There is no finished video and no project among these.",
            remedy="Name a folder of finished videos, or files of OTIO, FCPXML, XML, Kdenlive or Shotcut.",
            code="nothing-found",
        )
    return sorted(found)


def _is_past_edit(path: Path) -> bool:
    return (path.suffix.casefold() in VIDEO_SUFFIXES and path.is_file()) or (is_edit_file(path) and path.exists())


def _look(
    profile: Profile, library: Library, path: Path, status: os.stat_result, cancel: CancelToken
) -> tuple[KeptEdit | None, list[str]]:
    """Look into one file and keep what is there; with sentences for the user."""
    try:
        edit, notes = _project(library, path, status, cancel)
    except KnownError as error:
        return None, [f"{display_path(path.name)}: {error.sentence}"]
    if not edit.pairs:
        edit = KeptEdit(edit.path, edit.identity, edit.size, edit.mtime_ns, edit.against, "No music was found.")
    kept = keep_edit(profile, edit)
    said = [kept.sentence] if kept.sentence else []
    return kept, [f"{display_path(path.name)}: {sentence}" for sentence in (*said, *notes)]


def _project(
    library: Library, path: Path, status: os.stat_result, cancel: CancelToken
) -> tuple[KeptEdit, Sequence[str]]:
    from needledrop.workflows.edited_video import read_project

    def content_hash(file: Path) -> str:
        identity: Identity = run_in_worker(IDENTITY_ENTRY, file, (), cancel)
        return identity.content_hash

    timeline: ProjectEdit = read_project(path, cancel)
    found, notes = named_music(library, timeline, content_hash)
    identity = f"project-{blake2b(os.fsencode(path), digest_size=16).hexdigest()}"
    known = [_kept(one) for one in found if one.track is not None]
    size, mtime_ns = status.st_size, status.st_mtime_ns
    return KeptEdit(os.fspath(path), identity, size, mtime_ns, _AGAINST_NOTHING, "", tuple(known)), notes


def _kept(music: NamedMusic) -> KeptPair:
    clip, track = music.clip, music.track
    return KeptPair(
        number=0,
        start_s=float(clip.record_in_s),
        end_s=float(music.end_s),
        track_hash=track.content_hash if track is not None else "",
        own_key="",
        name=track.name if track is not None else clip.name,
        track_start_s=float(clip.source_in_s),
        speed=float(clip.speed),
        confidence=1.0,
        level_db=clip.gain_db,
    )


def _shown(library: Library, edit: KeptEdit, pair: KeptPair) -> PastPair:
    track = library.track_with_content(pair.track_hash) if pair.track_hash else None
    is_lost = bool(pair.track_hash) and (track is None or track.state in {"removed", "deleted"})
    return PastPair(
        pair_id=pair.number,
        video=Path(edit.path),
        video_hash=edit.identity,
        start_s=pair.start_s,
        end_s=pair.end_s,
        track=track,
        name=track.name if track is not None else pair.name,
        track_start_s=pair.track_start_s,
        speed=pair.speed,
        confidence=pair.confidence,
        state=STRUCK if pair.is_struck else LOST if is_lost else COUNTS,
        level_db=pair.level_db,
        own_key=pair.own_key,
    )
