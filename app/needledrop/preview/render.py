# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The preview file: the video with its cues mixed under its own sound, made fast enough to be waited for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from needledrop.core.cue import Cue
from needledrop.core.progress import CancelToken, ProgressSink, ignore_progress
from needledrop.core.times import TimeRange
from needledrop.media.mux import MovieResult, suffix_for_copy
from needledrop.media.picture_encoder import MovieQuality
from needledrop.mix.movie import render_movie

PREVIEW_QUALITY = MovieQuality(crf=20, preset="veryfast", sound_bit_rate=256_000, is_sound_fast=True)


def preview_suffix(video_path: Path) -> str:
    """The suffix to give a preview of this video so that its picture is copied, not encoded.

    Raises:
        KnownError: the file cannot be read or has no picture.
    """
    return suffix_for_copy(video_path)


def render_preview(
    video_path: Path,
    cues: Sequence[Cue],
    track_paths: Mapping[int, Path],
    out_path: Path,
    time_range: TimeRange,
    *,
    music_only: bool = False,
    overwrite: bool = False,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> MovieResult:
    """Write the video's `time_range` with the cues mixed under its own sound (or without it: music_only).

    Cues are placed in seconds of the video, not of the range. The suffix of `out_path` chooses the container; the
    picture is copied where that is exact, else encoded quickly, and the result says why.

    Raises:
        KnownError: "exists", "would-overwrite-source", "disk-full", or an unreadable file.
        Cancelled: asked to stop; nothing is left behind.
    """
    return render_movie(
        video_path,
        cues,
        track_paths,
        out_path,
        time_range,
        quality=PREVIEW_QUALITY,
        label="Rendering the preview, seconds",
        music_only=music_only,
        overwrite=overwrite,
        progress=progress,
        cancel=cancel,
    )
