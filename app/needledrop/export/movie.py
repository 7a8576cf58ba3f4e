# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The finished movie: as the preview, at a quality to hand out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from needledrop.core.cue import Cue
from needledrop.core.progress import CancelToken, ProgressSink, ignore_progress
from needledrop.core.times import TimeRange
from needledrop.media.mux import MovieResult
from needledrop.media.picture_encoder import MovieQuality
from needledrop.mix.movie import render_movie

EXPORT_QUALITY = MovieQuality(crf=16, preset="medium", sound_bit_rate=320_000)


def export_mp4(
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
    """Write the video's `time_range` with the cues mixed in; .mp4, .mov, .mkv and .webm by the suffix of `out_path`.

    The picture is copied where that is exact, else encoded at EXPORT_QUALITY, and the result says why.

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
        quality=EXPORT_QUALITY,
        label="Rendering the film, seconds",
        music_only=music_only,
        overwrite=overwrite,
        progress=progress,
        cancel=cancel,
    )
