# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project of an editor in place of a video: its own cuts, and what its media look and sound like laid end to end."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path

from needledrop.core import log
from needledrop.core.edit import ClipKind, EditClip, MediaSource, ProjectEdit
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile, display_path
from needledrop.core.picture import VideoFeatures, VideoProbe
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.core.times import parse_time
from needledrop.export.interchange.read import read_edit
from needledrop.export.timecode import frame_timecode
from needledrop.features.edited_picture import edited_features
from needledrop.features.telling_words import name_words
from needledrop.workflows.analysis import PROBE_ENTRY
from needledrop.workflows.found_words import FoundWord
from needledrop.workflows.project_media import with_media_found
from needledrop.workflows.videos import AnalysedVideo, analysed_video, run_in_worker

_MOST_WORDS = 12
# What editors call things by themselves says nothing about a film.
_EDITORS_WORDS = frozenset(
    {
        "audio", "bin", "bins", "black", "clip", "clips", "compound", "dialog", "dialogue", "edit", "effects", "event",
        "folder", "footage", "gap", "interview", "library", "marker", "master", "media", "mix", "mov", "mp4",
        "multicam", "music", "nested", "project", "rushes", "sequence", "sequences", "sfx", "sound", "speech",
        "timeline", "track", "untitled", "video", "voice", "voiceover", "wav",
    }
)  # fmt: skip


def read_project(path: Path, cancel: CancelToken) -> ProjectEdit:
    """The timeline of a project; an EDL takes its frame rate and the start of its timecodes from the media it names.

    Raises:
        KnownError: the file cannot be read, is damaged, or has no clips.
        Cancelled: stopped by the user.
    """
    edit = read_edit(path)
    named = [clip.source for clip in edit.clips if clip.source is not None]
    if not any(source.is_in_timecode for source in named):
        return edit
    probes = _probes([source for source in named if source.path is not None], cancel)
    if not probes:
        return edit
    edit = read_edit(path, next(iter(probes.values())).frame_rate)
    return replace(edit, clips=tuple(_from_first_frame(clip, probes) for clip in edit.clips))


def found_project(profile: Profile, path: Path, cancel: CancelToken) -> ProjectEdit:
    """A project whose media were looked for in the folders that the user named for it, too.

    Raises:
        KnownError: as `read_project`.
    """
    edit = with_media_found(profile, path, read_project(path, cancel))
    return _with_size(edit, cancel)


def _with_size(edit: ProjectEdit, cancel: CancelToken) -> ProjectEdit:
    """OpenTimelineIO and EDL say no size: the first of the media does."""
    if min(edit.size) > 0:
        return edit
    pictures = (clip.source for clip in edit.of_kind(ClipKind.PICTURE) if clip.source is not None)
    probes = _probes(itertools.islice((source for source in pictures if source.path is not None), 1), cancel)
    return replace(edit, size=next(((one.width, one.height) for one in probes.values()), (0, 0)))


def _probes(sources: Iterable[MediaSource], cancel: CancelToken) -> dict[str, VideoProbe]:
    found: dict[str, VideoProbe] = {}
    for source in sources:
        if source.named in found or source.path is None:
            continue
        try:
            found[source.named] = run_in_worker(PROBE_ENTRY, source.path, (), cancel)
        except KnownError as error:  # Sound without picture, or a file of its own kind of trouble.
            log.media.info("not described: %s", error.sentence)
    return found


def _from_first_frame(clip: EditClip, probes: dict[str, VideoProbe]) -> EditClip:
    """A clip whose times were its file's timecode, counted from the file's first frame."""
    probe = probes.get(clip.source.named) if clip.source is not None else None
    if clip.source is None or probe is None or not clip.source.is_in_timecode or not probe.start_timecode:
        return clip
    start_s = parse_time(probe.start_timecode, probe.frame_rate)
    if clip.source_in_s < start_s:
        return clip
    source = replace(clip.source, start_s=start_s)
    return replace(
        clip, source=source, source_in_s=clip.source_in_s - start_s, source_out_s=clip.source_out_s - start_s
    )


def analysed_project(
    profile: Profile, path: Path, progress: ProgressSink, cancel: CancelToken, *, is_every_frame: bool = True
) -> AnalysedVideo:
    """A project as a video: each of its media is analysed once, as a video of its own is.

    Its identity is its path: cues stay with a project while its cut changes.

    Raises:
        KnownError: the project cannot be read, or none of its pictures is there.
        Cancelled: stopped by the user.
    """
    path = path.absolute()
    edit = found_project(profile, path, cancel)
    known: dict[str, VideoFeatures] = {}
    notes: list[str] = []
    for source in _sources(edit):
        try:
            known[source.named] = _features(profile, source, progress, cancel, is_every_frame=is_every_frame)
        except KnownError as error:
            notes.append(f"{error.sentence} Its clips count as black.")
    if not known:
        raise _nothing_there(path, edit)
    edit = replace(edit, notes=(*edit.notes, *notes))
    return AnalysedVideo(path, project_identity(path), edited_features(edit, known), edit)


def _features(
    profile: Profile, source: MediaSource, progress: ProgressSink, cancel: CancelToken, *, is_every_frame: bool
) -> VideoFeatures:
    if source.path is None:
        raise KnownError(
            f"The media '{display_path(source.named)}' of the project is not there.",
            remedy="Plug in its drive, or put it beside the project.",
            code="missing",
        )
    return analysed_video(profile, source.path, progress, cancel, is_every_frame=is_every_frame).features


def _sources(edit: ProjectEdit) -> list[MediaSource]:
    """What is seen, each once."""
    pictures = (clip.source for clip in edit.of_kind(ClipKind.PICTURE) if clip.source is not None)
    return list({source.named: source for source in pictures}.values())


def _nothing_there(path: Path, edit: ProjectEdit) -> KnownError:
    name = display_path(path.name)
    sources = _sources(edit)
    if not sources:
        return KnownError(
            f"The timeline in '{name}' shows no picture.",
            remedy="Export the timeline with its pictures, as OpenTimelineIO or XML.",
            code="no-video",
        )
    missing = next((source for source in sources if source.path is None), None)
    if missing is None:
        return KnownError(
            f"None of the media of '{name}' can be read as a video.",
            remedy="Render the timeline and give the video instead.",
            code="no-video",
        )
    return KnownError(
        f"The media of '{name}' are not there: {display_path(missing.named)}.",
        remedy="Plug in their drive, or put them beside the project.",
        code="missing",
    )


def project_identity(path: Path) -> str:
    """What a project is known by in the library: its path, whatever its cut."""
    return f"project-{blake2b(os.fsencode(path), digest_size=16).hexdigest()}"


def keyed_identity(key: str) -> str:
    """The same for a timeline that its editor exports under a new name each time, and knows by a key."""
    return f"project-{blake2b(key.encode(), digest_size=16, person=b'key').hexdigest()}"


def project_probe(path: Path, edit: ProjectEdit) -> VideoProbe:
    """What a project says of itself, in the words of a container."""
    rate = edit.frame_rate if edit.is_drop_frame else Fraction(math.ceil(edit.frame_rate))
    return VideoProbe(
        duration_s=float(edit.duration_s),
        width=edit.size[0],
        height=edit.size[1],
        frame_rate=edit.frame_rate,
        is_variable_frame_rate=False,
        rotation_deg=0,
        codec="project",
        pixel_format="",
        is_hdr=False,
        has_alpha=False,
        start_timecode=frame_timecode(edit.start_frame, rate),
        container=path.suffix.lstrip(".").lower(),
        audio_streams=(),
    )


def project_words(edit: ProjectEdit) -> list[FoundWord]:
    """What the names in a project say: of the timeline, its bins, tracks and clips, and of markers set by hand."""
    names = [(name, "project") for name in (edit.name, *edit.names)]
    names += [(marker.label, "markers") for marker in edit.markers if marker.kind is None]
    found: dict[str, FoundWord] = {}
    for name, source in names:
        for word in name_words(name):
            if word.casefold() not in _EDITORS_WORDS:
                found.setdefault(word.casefold(), FoundWord(word, source))
    return list(found.values())[:_MOST_WORDS]
