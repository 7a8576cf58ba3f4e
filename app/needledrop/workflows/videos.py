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
from needledrop.core.errors import KnownError
from needledrop.core.packing import pack, unpack
from needledrop.core.paths import Profile, display_path
from needledrop.core.picture import Colour, Motion, Shots, Soundtrack, VideoFeatures
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
    """A video with its features; content_hash says which one it is, wherever its file lies."""

    path: Path
    content_hash: str
    features: VideoFeatures


def analysed_video(
    profile: Profile, path: Path, progress: ProgressSink, cancel: CancelToken, *, is_every_frame: bool = True
) -> AnalysedVideo:
    """The features of a video. They are kept in the library unless another process is writing to it just now.

    Raises:
        KnownError: the file is missing, broken or has no picture.
        Cancelled: stopped by the user.
    """
    status = _status(path)
    with read_library(profile) as library:
        content_hash = library.video_hash(path, size=status.st_size, mtime_ns=status.st_mtime_ns)
        known = _cached(library, content_hash, is_every_frame) if content_hash else None
        if content_hash is None:
            content_hash = run_in_worker(VIDEO_IDENTITY_ENTRY, path, (), cancel)
            known = _cached(library, content_hash, is_every_frame)
    if known is not None:
        return AnalysedVideo(path, content_hash, known)
    watch = Stopwatch()

    def on_report(_: int, done_s: float) -> None:
        progress(Progress("Watching the video", round(done_s), None, watch.elapsed_s, format_time(done_s)))

    analysis: Analysis = run_in_worker(VIDEO_ENTRY, path, (is_every_frame,), cancel, on_report)
    packed = dict(analysis.packed) | {"length": pack(VideoLength(analysis.duration_s))}
    stored = {_stored(name, is_every_frame): blob for name, blob in packed.items()}
    sets = {name: (version, stored[name]) for name, version in _versions(is_every_frame).items()}
    try:
        with write_library(profile, "analyse a video") as library:
            library.put_video(path, content_hash, size=status.st_size, mtime_ns=status.st_mtime_ns, sets=sets)
    except KnownError as error:
        if error.code not in {"locked", "read-only", "disk-full"}:
            raise
        log.media.warning("the features of %s were not kept: %s", display_path(path), error.sentence)
    return AnalysedVideo(path, content_hash, _features(packed, is_every_frame))


def _status(path: Path) -> os.stat_result:
    from needledrop.media.faults import media_faults

    with media_faults(path):
        return path.stat()


def run_in_worker(
    entry: str,
    path: Path,
    arguments: tuple[Any, ...],
    cancel: CancelToken,
    on_report: Callable[[int, float], None] | None = None,
) -> Any:
    """Give one untrusted file to a worker process and wait for its result.

    Raises:
        KnownError: what the worker said of the file, or that it hung or crashed.
        Cancelled: stopped by the user.
    """
    pool: WorkerPool[Any] = WorkerPool(entry, 1)
    task = Task(0, display_path(path), (os.fsencode(path), *arguments))
    (outcome,) = pool.run([task], cancel, on_report)
    if outcome.fault is not None:
        raise outcome.fault
    return outcome.result


def _stored(name: str, is_every_frame: bool) -> str:
    """The fast mode sees other frames, so its sets have names of their own and never mix with the others."""
    return name if is_every_frame else f"{name}-fast"


def _versions(is_every_frame: bool) -> dict[str, int]:
    from needledrop.features.picture import VIDEO_FEATURE_VERSIONS

    versions = VIDEO_FEATURE_VERSIONS | {"length": _LENGTH_VERSION}
    return {_stored(name, is_every_frame): version for name, version in versions.items()}


def _cached(library: Library, content_hash: str, is_every_frame: bool) -> VideoFeatures | None:
    versions = _versions(is_every_frame)
    found = library.video_features(content_hash, versions)
    if found.keys() != versions.keys():
        return None
    suffix = "" if is_every_frame else "-fast"
    return _features({name.removesuffix(suffix): blob for name, blob in found.items()}, is_every_frame)


def _features(packed: Mapping[str, bytes], is_every_frame: bool) -> VideoFeatures:
    return VideoFeatures(
        duration_s=unpack(VideoLength, packed["length"]).duration_s,
        is_every_frame=is_every_frame,
        shots=unpack(Shots, packed["shots"]),
        motion=unpack(Motion, packed["motion"]),
        colour=unpack(Colour, packed["colour"]),
        soundtrack=unpack(Soundtrack, packed["soundtrack"]),
    )
