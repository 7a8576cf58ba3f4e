# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cues under a video, written as a movie: what the preview and the MP4 export share: one pass, constant memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from needledrop.core.cue import Cue
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch, ignore_progress
from needledrop.core.times import TimeRange
from needledrop.media.mux import MovieResult, write_movie
from needledrop.media.output_file import written_whole
from needledrop.media.picture_encoder import MovieQuality
from needledrop.mix.mixer import SAMPLE_RATE
from needledrop.mix.session import open_mixer


def render_movie(
    video_path: Path,
    cues: Sequence[Cue],
    track_paths: Mapping[int, Path],
    out_path: Path,
    time_range: TimeRange,
    *,
    quality: MovieQuality,
    label: str,
    music_only: bool = False,
    overwrite: bool = False,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> MovieResult:
    """Write `out_path` whole or not at all; see `write_movie` for what is copied and `Mixer` for what is heard.

    The sound has exactly the frames of `time_range.sample_span(SAMPLE_RATE)`; progress counts seconds.

    Raises:
        KnownError: "exists", "would-overwrite-source", "disk-full", or an unreadable file.
        Cancelled: asked to stop; nothing is left behind.
    """
    watch = Stopwatch()
    total = max(1, round(time_range.duration_s))

    def report_s(done_s: float) -> None:
        progress(Progress(label, min(total, int(done_s)), total, watch.elapsed_s))

    own_sound_path = None if music_only else video_path
    with (
        written_whole(out_path, overwrite=overwrite, sources=(video_path, *track_paths.values())) as part,
        open_mixer(cues, track_paths, own_sound_path) as mixer,
    ):
        sound = mixer.blocks(*time_range.sample_span(SAMPLE_RATE))
        return write_movie(video_path, part, time_range, sound, quality=quality, report_s=report_s, cancel=cancel)
