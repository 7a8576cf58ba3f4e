# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Past edits as evidence of taste: the music of finished videos and of editors' projects, found, shown, struck.

Each file is kept as soon as it is done, so that a run may be stopped and gone on with. Changes no file of the user's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path

from needledrop.core.edit import ProjectEdit, is_edit_file
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile, display_path
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.index.landmark_index import LandmarkIndex
from needledrop.index.landmark_verdict import Heard
from needledrop.jobs.pool import Outcome
from needledrop.library.library import Library
from needledrop.library.rows import TrackRow
from needledrop.media.suffixes import VIDEO_SUFFIXES
from needledrop.workflows.analysis import IDENTITY_ENTRY, Identity
from needledrop.workflows.past_edit_store import KeptEdit, KeptPair, keep_edit, kept_edits, strike_pair
from needledrop.workflows.past_evidence import watch_past_edits
from needledrop.workflows.past_projects import NamedMusic, named_music
from needledrop.workflows.past_videos import HeardVideo, hear_videos, landmarks_of, tracks_in
from needledrop.workflows.profiles import read_library
from needledrop.workflows.videos import run_in_worker

# A pair counts as evidence; was struck by the user; or its track was taken out of the library since.
COUNTS, STRUCK, LOST = "counts", "struck", "lost"
# Less sound under which no music is known is an intro or an end, not a piece the library lacks.
_SHORTEST_UNKNOWN_S = 10.0


@dataclass(frozen=True)
class PastPair:
    """Music found in a past edit, from start_s to end_s of it.

    Attributes:
        pair_id: The number `strike` takes.
        video: The finished video or the project.
        video_hash: Its identity: content hash of a video.
        track: Its track in the library; None where that is gone.
        name: Of the music, for people.
        track_start_s: Moment of the track at start_s.
        speed: Seconds of the track to a second of the video.
        confidence: 0..1; 1 is what a project says.
        state: COUNTS, STRUCK or LOST.
        level_db: Where a project says it.
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


@dataclass(frozen=True)
class PastReport:
    """What a run came to: files looked at now, files that were known, pairs in all of them, and a sentence for each
    file (or part of one) that gave nothing."""

    looked_at: int
    known: int
    pairs: int
    notes: tuple[str, ...] = ()


def find_past_edits(
    profile: Profile, paths: Iterable[Path], progress: ProgressSink, cancel: CancelToken, *, is_watched: bool = True
) -> PastReport:
    """Look for music in finished videos and projects, and in all of those below folders; what is found is kept.

    A file that gives nothing costs itself only. Files that were looked at before are passed over, unless they changed,
    or some of their music was not known and the library is another now. With `is_watched` the pictures above the music
    are looked at afterwards, for what a taste has to do with pictures.

    Raises:
        KnownError: a path is not there, nothing below the paths is a video or project, or nothing can be written.
        Cancelled: stopped by the user; what was done is kept.
    """
    files = past_files(paths)
    with read_library(profile) as library:
        index = landmarks_of(profile, library, progress, cancel)
        known = {(edit.path, edit.size, edit.mtime_ns): edit for edit in kept_edits(profile)}
        asked = [_Asked(path, path.stat()) for path in files]
        fresh = [one for one in asked if _is_due(known.get(one.key), index.key)]
        notes: list[str] = []
        watch = Stopwatch()
        for done, (one, edit, said) in enumerate(_looked_at(profile, library, index, fresh, cancel), start=1):
            name = display_path(one.path.name)
            if edit is not None:
                edit = keep_edit(profile, edit)
                known[one.key] = edit
            notes += [f"{name}: {sentence}" for sentence in said]
            progress(Progress("Past edits", done, len(fresh), watch.elapsed_s, name))
    count = sum(len(known[one.key].pairs) for one in asked if one.key in known)
    if is_watched:
        notes += watch_past_edits(profile, progress, cancel)
    return PastReport(len(fresh), len(files) - len(fresh), count, tuple(notes))


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


@dataclass(frozen=True)
class _Asked:
    path: Path
    status: os.stat_result

    @property
    def key(self) -> tuple[str, int, int]:
        return os.fspath(self.path), self.status.st_size, self.status.st_mtime_ns


_Look = tuple[_Asked, KeptEdit | None, Sequence[str]]


def _is_due(known: KeptEdit | None, against: str) -> bool:
    return known is None or (known.against != against and known.has_unknown)


def _looked_at(
    profile: Profile, library: Library, index: LandmarkIndex, asked: Sequence[_Asked], cancel: CancelToken
) -> Iterator[_Look]:
    """What is in each file, and sentences about it; None where it could not be looked into."""
    for one in asked:
        if is_edit_file(one.path):
            cancel.check()
            yield _judged(one, partial(_project, library, one, index.key, cancel))
    videos = [one for one in asked if not is_edit_file(one.path)]
    for outcome in hear_videos(profile, index, [one.path for one in videos], cancel):
        yield _judged(videos[outcome.key], partial(_video, library, index, videos, outcome, cancel))


def _judged(asked: _Asked, look: Callable[[], tuple[KeptEdit, Sequence[str]]]) -> _Look:
    try:
        edit, notes = look()
    except KnownError as error:
        return asked, None, [error.sentence]
    return asked, edit, [sentence for sentence in (edit.sentence, *notes) if sentence]


def _video(
    library: Library, index: LandmarkIndex, videos: Sequence[_Asked], outcome: Outcome[HeardVideo], cancel: CancelToken
) -> tuple[KeptEdit, Sequence[str]]:
    if outcome.result is None:
        raise outcome.fault or KnownError("It could not be read.", code="broken-media")
    asked, video = videos[outcome.key], outcome.result
    heard = tracks_in(library, index, video, cancel)
    rows = library.tracks([int(index.track_ids[one.row]) for one in heard])
    found = [_heard_pair(rows[int(index.track_ids[one.row])], one) for one in heard]
    sentence = "" if found else "No music of the library was found in it."
    has_unknown = _unheard_s(found, video.duration_s) >= _SHORTEST_UNKNOWN_S
    path, size, mtime_ns = asked.key
    return KeptEdit(path, video.identity, size, mtime_ns, index.key, sentence, has_unknown, tuple(found)), ()


def _unheard_s(found: Sequence[KeptPair], duration_s: float) -> float:
    """The longest stretch of a video under which no music is known."""
    longest_s, reached_s = 0.0, 0.0
    for pair in sorted(found, key=lambda one: one.start_s):
        longest_s, reached_s = max(longest_s, pair.start_s - reached_s), max(reached_s, pair.end_s)
    return max(longest_s, duration_s - reached_s)


def _heard_pair(track: TrackRow, heard: Heard) -> KeptPair:
    return KeptPair(
        number=0,
        start_s=round(heard.start_s, 2),
        end_s=round(heard.end_s, 2),
        track_hash=track.content_hash,
        name=track.name,
        track_start_s=round(heard.track_start_s, 2),
        speed=round(heard.speed, 4),
        confidence=round(heard.confidence, 3),
    )


def _project(library: Library, asked: _Asked, against: str, cancel: CancelToken) -> tuple[KeptEdit, Sequence[str]]:
    from needledrop.workflows.edited_video import read_project

    def content_hash(file: Path) -> str:
        identity: Identity = run_in_worker(IDENTITY_ENTRY, file, (), cancel)
        return identity.content_hash

    timeline: ProjectEdit = read_project(asked.path, cancel)
    found, notes = named_music(library, timeline, content_hash)
    identity = f"project-{blake2b(os.fsencode(asked.path), digest_size=16).hexdigest()}"
    kept = tuple(_named_pair(one, one.track) for one in found if one.track is not None)
    unknown = [f"'{one.clip.name}' is not in the library." for one in found if one.track is None]
    sentence = "" if found or notes else "It names no music."
    path, size, mtime_ns = asked.key
    edit = KeptEdit(path, identity, size, mtime_ns, against, sentence, bool(unknown) or not kept, kept)
    return edit, [*notes, *unknown]


def _named_pair(music: NamedMusic, track: TrackRow) -> KeptPair:
    clip = music.clip
    return KeptPair(
        number=0,
        start_s=float(clip.record_in_s),
        end_s=float(music.end_s),
        track_hash=track.content_hash,
        name=track.name,
        track_start_s=float(clip.source_in_s),
        speed=float(clip.speed),
        confidence=1.0,
        level_db=clip.gain_db,
    )


def _shown(library: Library, edit: KeptEdit, pair: KeptPair) -> PastPair:
    track = library.track_with_content(pair.track_hash)
    is_lost = track is None or track.state in {"removed", "deleted"}
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
    )
