# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cues -> a WAV file of exactly the range: the music alone, or everything that is heard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from needledrop.core.cue import Cue
from needledrop.core.music import FloatArray
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch, ignore_progress
from needledrop.core.times import TimeRange
from needledrop.export.wav import SampleFormat, write_wav
from needledrop.media.output_file import written_whole
from needledrop.mix.mixer import SAMPLE_RATE, Mixer
from needledrop.mix.session import open_mixer


def export_wav(
    cues: Sequence[Cue],
    track_paths: Mapping[int, Path],
    out_path: Path,
    time_range: TimeRange,
    *,
    video_path: Path | None = None,
    sample_format: SampleFormat = SampleFormat.PCM_24,
    overwrite: bool = False,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> int:
    """Write 48 kHz stereo and give its length: round(end_s * 48000) - round(start_s * 48000) frames, exactly.

    Args:
        time_range: In seconds of the video, as the cues are.
        video_path: Mixes the video's own sound in (the full mix); None writes the music alone. A video without
            sound adds none.

    Rendered twice, the bytes are the same.

    Raises:
        KnownError: "exists", "would-overwrite-source", "disk-full", or an unreadable file.
        Cancelled: asked to stop; nothing is left behind.
    """
    start, end = time_range.sample_span(SAMPLE_RATE)
    sources = [*track_paths.values(), *([video_path] if video_path else [])]
    with (
        open_mixer(cues, track_paths, video_path) as mixer,
        written_whole(out_path, overwrite=overwrite, sources=sources) as part,
        part.open("wb") as file,
    ):
        blocks = _watched(mixer, start, end, progress, cancel or CancelToken())
        write_wav(file, blocks, end - start, SAMPLE_RATE, sample_format)
    return end - start


def _watched(mixer: Mixer, start: int, end: int, progress: ProgressSink, cancel: CancelToken) -> Iterator[FloatArray]:
    watch = Stopwatch()
    total = max(1, (end - start) // SAMPLE_RATE)
    done = 0
    for block in mixer.blocks(start, end):
        cancel.check()
        yield block
        done += len(block)
        progress(Progress("Rendering the music, seconds", min(total, done // SAMPLE_RATE), total, watch.elapsed_s))
