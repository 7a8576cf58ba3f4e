# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cues to files: the preview, and everything `export` writes. Exported tracks count as used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from needledrop.core import log
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile, display_path
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.core.times import parse_time
from needledrop.export.attribution import export_attribution
from needledrop.export.credits import CueTrack
from needledrop.export.cue_sheet import export_cue_sheet
from needledrop.export.record import cues_document, export_json
from needledrop.workflows.profiles import write_library
from needledrop.workflows.project import Selection


class Kind(StrEnum):
    """What `export` can write."""

    WAV = "wav"
    MP4 = "mp4"
    JSON = "json"
    ATTRIBUTION = "attribution"
    CUE_SHEET = "cue-sheet"


@dataclass(frozen=True)
class Written:
    """One file that was written, and what is worth knowing of it."""

    path: Path
    note: str = ""


@dataclass(frozen=True)
class RenderOptions:
    """music_only leaves the video's own sound out; full_mix puts it into the WAV too."""

    overwrite: bool = False
    music_only: bool = False
    full_mix: bool = False


def preview(
    selection: Selection, path: Path | None, options: RenderOptions, progress: ProgressSink, cancel: CancelToken
) -> Written:
    """Render the range with its cues under its own sound; beside the working folder where no path is given."""
    from needledrop.preview.render import preview_suffix, render_preview

    _refuse_film_of_project(selection)
    video = selection.video.path
    if path is None:
        path = Path.cwd() / f"{video.stem}-needledrop{preview_suffix(video)}"
    result = render_preview(
        video,
        selection.cues,
        selection.track_paths(),
        path,
        selection.time_range,
        music_only=options.music_only,
        overwrite=options.overwrite,
        progress=progress,
        cancel=cancel,
    )
    return Written(path, "picture copied" if result.is_picture_copied else f"picture encoded: {result.why_encoded}")


def export(
    profile: Profile,
    selection: Selection,
    targets: dict[Kind, Path],
    options: RenderOptions,
    progress: ProgressSink,
    cancel: CancelToken,
) -> list[Written]:
    """Write each wanted file, then remember that the tracks were used."""
    writers: dict[Kind, Callable[[Selection, Path, RenderOptions, ProgressSink, CancelToken], Written]] = {
        Kind.WAV: _write_wav,
        Kind.MP4: _write_mp4,
        Kind.JSON: _write_json,
        Kind.ATTRIBUTION: _write_attribution,
        Kind.CUE_SHEET: _write_cue_sheet,
    }
    if Kind.MP4 in targets or options.full_mix:
        _refuse_film_of_project(selection)
    written = [writers[kind](selection, path, options, progress, cancel) for kind, path in targets.items()]
    remember_use(profile, selection)
    return written


def _write_wav(
    selection: Selection, path: Path, options: RenderOptions, progress: ProgressSink, cancel: CancelToken
) -> Written:
    from needledrop.export.sound import export_wav

    frames = export_wav(
        selection.cues,
        selection.track_paths(),
        path,
        selection.time_range,
        video_path=selection.video.path if options.full_mix else None,
        overwrite=options.overwrite,
        progress=progress,
        cancel=cancel,
    )
    return Written(path, f"{frames:,} samples at 48 kHz")


def _write_mp4(
    selection: Selection, path: Path, options: RenderOptions, progress: ProgressSink, cancel: CancelToken
) -> Written:
    from needledrop.export.movie import export_mp4

    result = export_mp4(
        selection.video.path,
        selection.cues,
        selection.track_paths(),
        path,
        selection.time_range,
        music_only=options.music_only,
        overwrite=options.overwrite,
        progress=progress,
        cancel=cancel,
    )
    return Written(path, "picture copied" if result.is_picture_copied else f"picture encoded: {result.why_encoded}")


def cues_text(selection: Selection) -> str:
    """What a JSON export of the selection says."""
    return cues_document(
        selection.cues,
        _credits(selection),
        selection.time_range,
        suggestions=selection.suggestions,
        versions=selection.versions,
    )


def _write_json(
    selection: Selection, path: Path, options: RenderOptions, progress: ProgressSink, cancel: CancelToken
) -> Written:
    export_json(
        selection.cues,
        _credits(selection),
        path,
        selection.time_range,
        suggestions=selection.suggestions,
        versions=selection.versions,
        overwrite=options.overwrite,
    )
    return Written(path)


def _write_attribution(
    selection: Selection, path: Path, options: RenderOptions, progress: ProgressSink, cancel: CancelToken
) -> Written:
    export_attribution(selection.cues, _credits(selection), path, overwrite=options.overwrite)
    return Written(path)


def _write_cue_sheet(
    selection: Selection, path: Path, options: RenderOptions, progress: ProgressSink, cancel: CancelToken
) -> Written:
    frame_rate, start_s = _clock(selection)
    export_cue_sheet(
        selection.cues,
        _credits(selection),
        path,
        frame_rate,
        start_s=start_s,
        overwrite=options.overwrite,
    )
    return Written(path)


def _clock(selection: Selection) -> tuple[Fraction, Fraction]:
    """The frame rate of the timeline, and what its first frame is called, in seconds."""
    from needledrop.media.probe import probe_video

    edit = selection.video.edit
    if edit is not None:
        return edit.frame_rate, edit.time_of(edit.start_frame)
    probe = probe_video(selection.video.path)
    start_s = parse_time(probe.start_timecode, probe.frame_rate) if probe.start_timecode else Fraction(0)
    return probe.frame_rate, start_s


def _refuse_film_of_project(selection: Selection) -> None:
    if selection.video.edit is not None:
        raise KnownError(
            f"'{display_path(selection.video.path.name)}' is a project; its film is made by your editor.",
            remedy="Write the music with --wav or a new project for your editor, such as --otio, and render there.",
            code="unsupported",
        )


def _credits(selection: Selection) -> dict[int, CueTrack]:
    used = {cue.track_id for cue in selection.cues}
    return {
        track_id: CueTrack.from_library(track_id, track.tags, track.licence, track.name)
        for track_id, track in selection.tracks.items()
        if track_id in used
    }


def remember_use(profile: Profile, selection: Selection) -> None:
    """The files are written; a library that is busy just now must not turn that into a failure."""
    try:
        with write_library(profile, "remember a use") as library:
            project = library.open_project(selection.video.content_hash, selection.video.path)
            library.record_uses(project.id, sorted({cue.track_id for cue in selection.cues}))
            for cue in selection.cues:
                range_s = (cue.record_in_s, cue.record_out_s)
                library.give_feedback(
                    project.id, cue.track_id, "export", range_s=range_s, offered=selection.offered, cue=cue
                )
    except KnownError as error:
        log.library.warning("the use was not remembered: %s", error.sentence)
