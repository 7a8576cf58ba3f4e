# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a video: its container, its shots, and a thumbnail of each shot, kept as files in the cache."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from needledrop.core.edit import is_edit_file
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile, display_path
from needledrop.core.picture import VideoProbe
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.jobs.pool import Task, WorkerPool
from needledrop.media.output_file import written_whole
from needledrop.workflows.analysis import PROBE_ENTRY, THUMBNAIL_ENTRY
from needledrop.workflows.videos import AnalysedVideo, analysed_video, run_in_worker

THUMBNAIL_HEIGHT = 180


@dataclass(frozen=True)
class Inspection:
    """A video as it was described and analysed; thumbnails are files, one for each shot, empty unless asked for."""

    probe: VideoProbe
    video: AnalysedVideo
    thumbnails: Sequence[Path]


def inspect_video(
    profile: Profile,
    path: Path,
    progress: ProgressSink,
    cancel: CancelToken,
    *,
    has_thumbnails: bool = False,
    is_every_frame: bool = True,
) -> Inspection:
    """Describe and analyse a video.

    Raises:
        KnownError: the file cannot be read, or the cache cannot be written.
        Cancelled: stopped by the user.
    """
    if is_edit_file(path):
        return _inspect_project(profile, path, progress, cancel, has_thumbnails, is_every_frame)
    probe: VideoProbe = run_in_worker(PROBE_ENTRY, path, (), cancel)
    video = analysed_video(profile, path, progress, cancel, is_every_frame=is_every_frame)
    thumbnails = shot_thumbnails(profile, video, progress, cancel) if has_thumbnails else ()
    return Inspection(probe, video, thumbnails)


def _inspect_project(
    profile: Profile,
    path: Path,
    progress: ProgressSink,
    cancel: CancelToken,
    has_thumbnails: bool,
    is_every_frame: bool,
) -> Inspection:
    """A project says itself what a container says of a video."""
    if has_thumbnails:
        raise KnownError(
            f"'{display_path(path.name)}' is a project; thumbnails are made of videos.",
            remedy="Inspect one of its videos with --thumbnails.",
            code="unsupported",
        )
    video = analysed_video(profile, path, progress, cancel, is_every_frame=is_every_frame)
    from needledrop.workflows.edited_video import project_probe

    edit = video.edit
    if edit is None:
        raise ValueError("a project without its timeline")
    return Inspection(project_probe(path, edit), video, ())


def shot_thumbnails(profile: Profile, video: AnalysedVideo, progress: ProgressSink, cancel: CancelToken) -> list[Path]:
    """One picture from the middle of each shot, in order; those already in the cache are not made again."""
    folder = profile.cache_dir / "thumbnails" / video.content_hash
    edges = [0.0, *video.features.shots.cuts_s.tolist(), video.features.duration_s]
    middles = [(start + end) / 2 for start, end in itertools.pairwise(edges)]
    files = [folder / f"{round(at_s * 1000):08d}-{THUMBNAIL_HEIGHT}.jpg" for at_s in middles]
    wanted = [number for number, file in enumerate(files) if not file.is_file()]
    _make_folder(folder)
    tasks = [
        Task(number, display_path(video.path), (os.fsencode(video.path), middles[number], THUMBNAIL_HEIGHT))
        for number in wanted
    ]
    watch, pool = Stopwatch(), WorkerPool[bytes](THUMBNAIL_ENTRY, 1)
    for done, outcome in enumerate(pool.run(tasks, cancel), start=1):
        progress(Progress("Thumbnails", done, len(tasks), watch.elapsed_s))
        if outcome.result is not None:  # A shot that cannot be pictured has no thumbnail; the others have.
            with written_whole(files[outcome.key], overwrite=True) as scratch:
                scratch.write_bytes(outcome.result)
    return [file for file in files if file.is_file()]


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KnownError(
            f"The cache folder {display_path(folder)} cannot be made.",
            remedy="Free some space there, or check that the folder can be written.",
            cause=str(error),
            code="disk-full",
        ) from error
