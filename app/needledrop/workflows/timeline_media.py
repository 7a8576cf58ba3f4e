# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures and waveforms for drawing a video on a timeline: made once, kept in the cache, handed out as they come.

Untrusted files are read by worker processes. Nothing here knows how it is drawn.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from needledrop.core.music import FloatArray, Peaks
from needledrop.core.packing import pack, unpack
from needledrop.core.paths import Profile, display_path
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch, ignore_progress
from needledrop.workflows.cache_budget import read_kept, write_kept

THUMBNAIL_HEIGHT = 180  # Twice the highest picture lane, and what `needledrop inspect` keeps.
MOST_THUMBNAILS = 240
SPACING_S = 4.0  # Pictures of a long shot are about this far apart, more where there are too many.
_PEAKS_VERSION = 1


@dataclass(frozen=True)
class Thumbnail:
    """One picture of a video: when it is shown, and the bytes of a JPEG file THUMBNAIL_HEIGHT pixels high."""

    at_s: float
    jpeg: bytes


def thumbnail_times(duration_s: float, cuts_s: Sequence[float]) -> list[float]:
    """When to take pictures, in the order to take them: the middle of each shot, then evenly inside long shots."""
    edges = [0.0, *cuts_s, duration_s]
    shots = [(start, end) for start, end in itertools.pairwise(edges) if end > start]
    middles = [(start + end) / 2 for start, end in shots]
    if len(middles) >= MOST_THUMBNAILS:
        step = len(middles) / MOST_THUMBNAILS
        return [middles[int(n * step)] for n in range(MOST_THUMBNAILS)]
    spacing_s = max(SPACING_S, duration_s / (MOST_THUMBNAILS - len(middles)))
    return [*middles, *itertools.chain.from_iterable(_inside(*shot, spacing_s) for shot in shots)]


def stream_thumbnails(
    profile: Profile,
    path: Path,
    content_hash: str,
    times_s: Sequence[float],
    deliver: Callable[[Thumbnail], None],
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> None:
    """Hand out a picture for each time, those in the cache first, others as they are made.

    `deliver` is called on the calling thread. A picture that cannot be made is left out.

    Raises:
        KnownError: the cache cannot be written.
        Cancelled: stopped; what was made is kept.
    """
    from needledrop.jobs.pool import Task, WorkerPool
    from needledrop.workflows.analysis import THUMBNAIL_ENTRY

    cancel = cancel or CancelToken()
    files = {at_s: _thumbnail_file(profile, content_hash, at_s) for at_s in times_s}
    missing: list[float] = []
    for at_s, file in files.items():
        kept = read_kept(file)
        if kept is None:
            missing.append(at_s)
        else:
            deliver(Thumbnail(at_s, kept))
    tasks = [
        Task(number, display_path(path), (os.fsencode(path), at_s, THUMBNAIL_HEIGHT))
        for number, at_s in enumerate(missing)
    ]
    watch, pool = Stopwatch(), WorkerPool[bytes](THUMBNAIL_ENTRY, 1)
    for done, outcome in enumerate(pool.run(tasks, cancel), start=1):
        if outcome.result is not None:
            at_s = missing[outcome.key]
            deliver(Thumbnail(at_s, outcome.result))
            write_kept(files[at_s], outcome.result)
        progress(Progress("Thumbnails", done, len(tasks), watch.elapsed_s))


def video_peaks(profile: Profile, path: Path, content_hash: str, stream: int, cancel: CancelToken) -> Peaks:
    """The waveform of one sound stream of a video, from the cache where it is there.

    Raises:
        KnownError: the file cannot be read or has no such stream, or the cache cannot be written.
        Cancelled: stopped.
    """
    from needledrop.workflows.videos import run_in_worker

    file = profile.cache_dir / "peaks" / f"{content_hash}-{stream}-v{_PEAKS_VERSION}.peaks"
    kept = read_kept(file)
    if kept is not None:
        try:
            return unpack(Peaks, kept)
        except ValueError:
            pass  # A file that another program damaged is made again.
    packed: bytes = run_in_worker(PEAKS_ENTRY, path, (stream,), cancel)
    write_kept(file, packed)
    return unpack(Peaks, packed)


PEAKS_ENTRY = "needledrop.workflows.timeline_media:packed_peaks"


def packed_peaks(report: Callable[[float], None], path: bytes, stream: int) -> bytes:
    """Entry of a worker process: the peaks of a sound stream, packed."""
    from needledrop.features.peaks import PeaksBuilder
    from needledrop.media.audio import AudioSource

    with AudioSource(path, stream) as source:
        builder = PeaksBuilder(source.sample_rate)
        rest: FloatArray = np.zeros(0, np.float32)
        done = 0
        for block in source.blocks(channels=1):
            rest = np.concatenate([rest, block[:, 0]])
            whole = len(rest) // builder.pair_samples * builder.pair_samples
            builder.feed(rest[:whole])
            rest = rest[whole:]
            done += len(block)
            report(done / source.sample_rate)
        builder.feed(rest)
        return pack(builder.finish())


def _inside(start_s: float, end_s: float, spacing_s: float) -> list[float]:
    """Times that part a shot evenly, without its middle, which every shot has."""
    count = round((end_s - start_s) / spacing_s)
    step_s = (end_s - start_s) / max(1, count)
    places = [start_s + (n + 0.5) * step_s for n in range(count)]
    return [at_s for at_s in places if abs(at_s - (start_s + end_s) / 2) > step_s / 4]


def _thumbnail_file(profile: Profile, content_hash: str, at_s: float) -> Path:
    return profile.cache_dir / "thumbnails" / content_hash / f"{round(at_s * 1000):08d}-{THUMBNAIL_HEIGHT}.jpg"
