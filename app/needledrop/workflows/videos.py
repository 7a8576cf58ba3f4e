# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Analysed videos: from the library's cache where the file is known, else from a worker process."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from needledrop.core import log
from needledrop.core.edit import ProjectEdit, is_edit_file
from needledrop.core.errors import KnownError
from needledrop.core.packing import pack, unpack
from needledrop.core.paths import Profile, display_path
from needledrop.core.picture import Colour, Motion, PictureRows, Shots, Soundtrack, VideoFeatures
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.core.times import format_time
from needledrop.jobs.pool import Task, WorkerPool
from needledrop.library.library import Library
from needledrop.workflows.analysis import VIDEO_ENTRY, VIDEO_IDENTITY_ENTRY, Analysis
from needledrop.workflows.profiles import read_library, write_library

_LENGTH_VERSION = 1


@dataclass(frozen=True)
class VideoLength:
    """The duration analysis measured, kept beside the feature sets."""

    duration_s: float


@dataclass(frozen=True)
class AnalysedVideo:
    """A video with its features; content_hash says which one it is, wherever its file lies. edit is the timeline where
    an editor's project stands in place of a video."""

    path: Path
    content_hash: str
    features: VideoFeatures
    edit: ProjectEdit | None = None


def analysed_video(
    profile: Profile, path: Path, progress: ProgressSink, cancel: CancelToken, *, is_every_frame: bool = True
) -> AnalysedVideo:
    """The features of a video, or of what a project shows. They are kept in the library unless another process is
    writing to it just now.

    Raises:
        KnownError: the file is missing, broken or has no picture.
        Cancelled: stopped by the user.
    """
    if is_edit_file(path):
        from needledrop.workflows.edited_video import analysed_project  # It asks for the media one by one here.

        return analysed_project(profile, path, progress, cancel, is_every_frame=is_every_frame)
    path = path.absolute()
    status = _status(path)
    cache = _Cache(profile.models_dir, is_every_frame)
    with read_library(profile) as library:
        recorded = library.video_hash(path, size=status.st_size, mtime_ns=status.st_mtime_ns)
        content_hash = recorded or str(run_in_worker(VIDEO_IDENTITY_ENTRY, path, (), cancel))
        known = cache.features(library, content_hash)
    if known is not None:
        if recorded is None:  # Moved or touched since: next time no worker has to read it.
            _keep(profile, path, content_hash, status, {})
        return AnalysedVideo(path, content_hash, known)
    watch = Stopwatch()

    def on_report(_: int, done_s: float) -> None:
        progress(Progress("Watching the video", round(done_s), None, watch.elapsed_s, format_time(done_s)))

    arguments = (is_every_frame, os.fspath(profile.models_dir))
    # A GPU's driver reserves far more address space than it uses.
    is_bounded = cache.raft_version is None
    analysis: Analysis = run_in_worker(VIDEO_ENTRY, path, arguments, cancel, on_report, is_memory_bounded=is_bounded)
    packed = dict(analysis.packed) | {"length": pack(VideoLength(analysis.duration_s))}
    _keep(profile, path, content_hash, status, cache.stored(packed))
    return AnalysedVideo(path, content_hash, _features(packed, is_every_frame))


def kept_features(profile: Profile, library: Library, content_hash: str) -> VideoFeatures | None:
    """What the library keeps of a video that was analysed before, whether its file is still there or not."""
    caches = (_Cache(profile.models_dir, is_every_frame) for is_every_frame in (True, False))
    return next((known for cache in caches if (known := cache.features(library, content_hash)) is not None), None)


def _keep(
    profile: Profile, path: Path, content_hash: str, status: os.stat_result, sets: Mapping[str, tuple[int, bytes]]
) -> None:
    """Record where a video lies, and feature sets of it, unless the library cannot be written just now."""
    try:
        with write_library(profile, "analyse a video") as library:
            library.put_video(path, content_hash, size=status.st_size, mtime_ns=status.st_mtime_ns, sets=sets)
    except KnownError as error:
        if error.code not in {"locked", "read-only", "disk-full"}:
            raise
        log.media.warning("the features of %s were not kept: %s", display_path(path), error.sentence)


class _Cache:
    """Under which names and versions the feature sets of videos are kept.

    The fast mode sees other frames and RAFT another motion, so their sets have names of their own and never mix with
    the others. Motion measured on a GPU is preferred where there is some; any current one will do.
    """

    def __init__(self, models_dir: Path, is_every_frame: bool) -> None:
        from needledrop.crossmodal.raft import installed_weights
        from needledrop.features.picture import VIDEO_FEATURE_VERSIONS

        weights = installed_weights(models_dir)
        self.raft_version = weights.feature_version if weights is not None else None
        self._is_every_frame = is_every_frame
        self._versions: dict[str, int] = VIDEO_FEATURE_VERSIONS | {"length": _LENGTH_VERSION}
        if self.raft_version is not None:
            self._versions["motion-raft"] = self.raft_version

    def features(self, library: Library, content_hash: str) -> VideoFeatures | None:
        """What is kept of a video; None unless every set is there in its current version."""
        names = {self._name(name): name for name in self._versions}
        versions = {stored: self._versions[name] for stored, name in names.items()}
        packed = {names[stored]: blob for stored, blob in library.video_features(content_hash, versions).items()}
        if "motion-raft" in packed:
            packed["motion"] = packed.pop("motion-raft")
        if packed.keys() != self._versions.keys() - {"motion-raft"}:
            return None
        return _features(packed, self._is_every_frame)

    def stored(self, packed: Mapping[str, bytes]) -> dict[str, tuple[int, bytes]]:
        """Fresh sets with the versions they are to be kept under."""
        names = {name: name for name in packed}
        if unpack(Motion, packed["motion"]).method == "raft":
            names["motion"] = "motion-raft"
        return {self._name(name): (self._versions[name], packed[kind]) for kind, name in names.items()}

    def _name(self, name: str) -> str:
        return name if self._is_every_frame else f"{name}-fast"


def _status(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        from needledrop.media.faults import known_fault  # It brings av, which a cached video does not need.

        raise known_fault(path, error) from error


def run_in_worker(
    entry: str,
    path: Path,
    arguments: tuple[Any, ...],
    cancel: CancelToken,
    on_report: Callable[[int, float], None] | None = None,
    *,
    is_memory_bounded: bool = True,
) -> Any:
    """Give one untrusted file to a worker process and wait for its result.

    Raises:
        KnownError: what the worker said of the file, or that it hung or crashed.
        Cancelled: stopped by the user.
    """
    pool: WorkerPool[Any] = WorkerPool(entry, 1, is_memory_bounded=is_memory_bounded)
    task = Task(0, display_path(path), (os.fsencode(path), *arguments))
    (outcome,) = pool.run([task], cancel, on_report)
    if outcome.fault is not None:
        raise outcome.fault
    return outcome.result


def _features(packed: Mapping[str, bytes], is_every_frame: bool) -> VideoFeatures:
    return VideoFeatures(
        duration_s=unpack(VideoLength, packed["length"]).duration_s,
        is_every_frame=is_every_frame,
        shots=unpack(Shots, packed["shots"]),
        motion=unpack(Motion, packed["motion"]),
        colour=unpack(Colour, packed["colour"]),
        rows=unpack(PictureRows, packed["rows"]),
        soundtrack=unpack(Soundtrack, packed["soundtrack"]),
    )
