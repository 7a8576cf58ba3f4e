# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window keeps of the user's work on a video, so that a crash or a power cut costs half a second of it.

Cues and verdicts belong into the library. A scan may be writing there for an hour, so every state is first put into a
file of its own in the user's data folder, whole or not at all; the library follows when it is free. The file also has
what the library does not keep: the range, the selection, and verdicts that can still be undone.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from needledrop.core.cue import Cue, Ducking, Piece
from needledrop.core.edit import ProjectEdit, is_edit_file
from needledrop.core.errors import KnownError
from needledrop.core.json_file import read_json, write_json
from needledrop.core.music import Peaks, Rhythm
from needledrop.core.paths import Profile
from needledrop.core.picture import VideoProbe
from needledrop.core.progress import CancelToken
from needledrop.core.work import TimelineMarker, Verdict, WorkState
from needledrop.library.rows import TrackRow
from needledrop.workflows.analysis import PROBE_ENTRY
from needledrop.workflows.profiles import read_library, write_library
from needledrop.workflows.rhythms import effective_rhythms
from needledrop.workflows.stored_features import unpacked
from needledrop.workflows.videos import run_in_worker

_FORMAT = 1
_KEPT_RECENT = 20


@dataclass(frozen=True)
class OpenedWork:
    """A video as it is opened: what its container says, and the work on it that was kept.

    content_hash is "" where the library has not met this file; cut is what its cut is called, "" likewise.
    was_interrupted says that the last program to have it open ended before the library had everything. edit is the
    timeline where an editor's project stands in place of a video.
    """

    path: Path
    probe: VideoProbe
    content_hash: str
    state: WorkState
    tracks: Mapping[int, TrackRow]
    was_interrupted: bool
    cut: str = ""
    edit: ProjectEdit | None = None


@dataclass(frozen=True)
class TrackSound:
    """What is drawn of a track: its beats and its waveform; None where it is not analysed."""

    rhythm: Rhythm | None
    peaks: Peaks | None


def open_work(profile: Profile, path: Path, cancel: CancelToken) -> OpenedWork:
    """Describe a video, or an editor's project, and find the work that was kept on it. Quick: nothing is analysed.

    Raises:
        KnownError: the file is missing, broken or has no picture.
        Cancelled: stopped by the user.
    """
    path = path.absolute()
    if is_edit_file(path):
        return _open_project(profile, path, cancel)
    probe: VideoProbe = run_in_worker(PROBE_ENTRY, path, (), cancel)
    status = path.stat()
    with read_library(profile) as library:
        content_hash = library.video_hash(path, size=status.st_size, mtime_ns=status.st_mtime_ns) or ""
    state, was_interrupted = kept_state(profile, path, content_hash)
    return OpenedWork(path, probe, content_hash, state, tracks_of(profile, state), was_interrupted, content_hash)


def _open_project(profile: Profile, path: Path, cancel: CancelToken) -> OpenedWork:
    from needledrop.workflows.edited_video import found_project, project_identity, project_probe
    from needledrop.workflows.kept_cuts import edit_key

    edit = found_project(profile, path, cancel)
    content_hash = project_identity(path)
    state, was_interrupted = kept_state(profile, path, content_hash)
    tracks, probe = tracks_of(profile, state), project_probe(path, edit)
    return OpenedWork(path, probe, content_hash, state, tracks, was_interrupted, edit_key(edit), edit)


def kept_state(profile: Profile, path: Path, content_hash: str) -> tuple[WorkState, bool]:
    """The work kept on a video, and whether the library did not have all of it.

    The library's cues count, since the command line may have changed them, unless the file has newer ones.
    """
    filed = read_json(_state_path(profile, path))
    state, is_settled = _read_state(filed) if isinstance(filed, dict) else (WorkState(), True)
    if not is_settled:
        return state, True
    if not content_hash:
        return state, False
    with read_library(profile) as library:
        project = library.project_of(content_hash)
        cues = tuple(library.cues(project.id)) if project is not None else ()
    selected = state.selected if state.selected is not None and state.selected < len(cues) else None
    return dataclasses.replace(state, cues=cues, selected=selected), False


def tracks_of(profile: Profile, state: WorkState) -> Mapping[int, TrackRow]:
    """The tracks that the cues play."""
    with read_library(profile) as library:
        return library.tracks({cue.track_id for cue in state.cues})


def keep_state(profile: Profile, path: Path, content_hash: str, state: WorkState) -> bool:
    """Keep the work on a video in its file, then in the library.

    Returns:
        Whether the library has it too; False while another process or job writes there, or the video is not known yet.

    Raises:
        KnownError: the disk is full, or the library is damaged.
    """
    file = _state_path(profile, path)
    write_json(file, _state_facts(path, state, is_settled=False))
    if not content_hash:
        return False
    try:
        with write_library(profile, "window") as library:
            project = library.open_project(content_hash, path)
            if list(state.cues) != library.cues(project.id):
                library.save_cues(project.id, state.cues)
    except KnownError as error:
        if error.code != "locked":
            raise
        return False
    write_json(file, _state_facts(path, state, is_settled=True))
    return True


def settle_verdicts(profile: Profile, path: Path, content_hash: str, state: WorkState) -> None:
    """Give the verdicts to the library for good, when a video is closed: from then on undo cannot take them back."""
    if not keep_state(profile, path, content_hash, state) or not state.verdicts:
        return
    with write_library(profile, "window") as library:
        project = library.open_project(content_hash, path)
        for one in state.verdicts:
            library.give_feedback(project.id, one.track_id, one.verdict, range_s=one.range_s, offered=one.offered)
    settled = dataclasses.replace(state, verdicts=())
    write_json(_state_path(profile, path), _state_facts(path, settled, is_settled=True))


def track_sounds(profile: Profile, track_ids: Sequence[int]) -> Mapping[int, TrackSound]:
    """The beats and waveforms of tracks, for those that are in the library."""
    with read_library(profile) as library:
        rhythms = effective_rhythms(library, track_ids)
        peaks = unpacked(library, track_ids, Peaks, "peaks")
    return {track_id: TrackSound(rhythms.get(track_id), peaks.get(track_id)) for track_id in track_ids}


def track_rows(profile: Profile, track_ids: Sequence[int]) -> Mapping[int, TrackRow]:
    """Tracks by their ids."""
    with read_library(profile) as library:
        return library.tracks(track_ids)


def recent_videos(profile: Profile) -> list[Path]:
    """Videos that were opened, latest first; whether they are still there is not asked (a drive may be slow)."""
    stored = read_json(_recent_path(profile))
    videos = stored.get("videos", []) if isinstance(stored, dict) else []
    return [Path(one) for one in videos if isinstance(one, str)]


def remember_video(profile: Profile, path: Path) -> list[Path]:
    """Put a video on top of the list, and note that it is open now; returns the list."""
    videos = [path, *(one for one in recent_videos(profile) if one != path)][:_KEPT_RECENT]
    _write_recent(profile, videos, path)
    return videos


def forget_videos(profile: Profile) -> None:
    """Empty the list."""
    _write_recent(profile, [], None)


def note_closed(profile: Profile) -> None:
    """Note that no video is open: the program was ended by the user, not by a crash."""
    _write_recent(profile, recent_videos(profile), None)


def interrupted_video(profile: Profile) -> Path | None:
    """The video that was open when the last program ended without being asked to; None after a clean end."""
    stored = read_json(_recent_path(profile))
    path = stored.get("open") if isinstance(stored, dict) else None
    return Path(path) if isinstance(path, str) else None


def _write_recent(profile: Profile, videos: Sequence[Path], open_path: Path | None) -> None:
    is_open = os.fspath(open_path) if open_path is not None else None
    write_json(_recent_path(profile), {"videos": [os.fspath(one) for one in videos], "open": is_open})


def _recent_path(profile: Profile) -> Path:
    return profile.data_dir / "window" / "recent.json"


def _state_path(profile: Profile, path: Path) -> Path:
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:20]
    return profile.data_dir / "window" / f"work-{name}.json"


def _state_facts(path: Path, state: WorkState, *, is_settled: bool) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "video": os.fspath(path),
        "kept_at": time.time(),
        "is_settled": is_settled,
        **dataclasses.asdict(state),
    }


def _read_state(stored: dict[str, Any]) -> tuple[WorkState, bool]:
    """What a file says; a file of another format or with other fields counts as none, and is left alone."""
    try:
        if stored["format"] != _FORMAT:
            return WorkState(), True
        verdicts = [
            Verdict(one["track_id"], one["verdict"], _pair(one["range_s"]), tuple(one["offered"]))
            for one in stored["verdicts"]
        ]
        range_s = _pair(stored["range_s"]) if stored["range_s"] is not None else None
        cues = tuple(_read_cue(one) for one in stored["cues"])
        markers = tuple(TimelineMarker(**one) for one in stored.get("markers", ()))
        laid_on = str(stored.get("laid_on", ""))
        state = WorkState(cues, stored["selected"], range_s, tuple(verdicts), markers, laid_on)
        return state, bool(stored["is_settled"])
    except (KeyError, TypeError, ValueError):
        return WorkState(), True


def _read_cue(stored: dict[str, Any]) -> Cue:
    ducking = dict(stored["ducking"])
    ducking["speech_s"] = tuple(_pair(stretch) for stretch in ducking["speech_s"])
    pieces = tuple(Piece(**piece) for piece in stored["pieces"])
    return Cue(**{**stored, "pieces": pieces, "ducking": Ducking(**ducking)})


def _pair(values: Sequence[float]) -> tuple[float, float]:
    first, second = values
    return float(first), float(second)


def kind_of(path: Path) -> str:
    """What a dropped path is: "folder", "music", "video" (anything else that is there, projects too), or "missing"."""
    from needledrop.media.suffixes import MUSIC_SUFFIXES

    if path.is_dir() and not is_edit_file(path):  # Final Cut Pro writes bundles: folders that are one project.
        return "folder"
    if not path.exists():
        return "missing"
    return "music" if path.suffix.lower() in MUSIC_SUFFIXES else "video"
