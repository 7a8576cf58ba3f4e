# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The music in the sound of finished videos: heard by worker processes against the library's landmarks.

The landmarks are those that analysis kept of every track, put in order once and mapped from the cache: no track is
decoded again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.core.music import Fingerprint
from needledrop.core.packing import pack, unpack
from needledrop.core.paths import Profile, display_path
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.features.landmark_alignment import SoundMap
from needledrop.features.landmarks import SoundListener, SoundPeaks, fingerprint_peaks, peak_pairs
from needledrop.index.landmark_index import LandmarkIndex, build_index, write_index
from needledrop.index.landmark_search import Candidate, candidates
from needledrop.index.landmark_verdict import Heard, TrackPeaks, heard_tracks
from needledrop.jobs.pool import Outcome, Task, WorkerPool, in_order
from needledrop.library.library import Library
from needledrop.workflows.analysis import Report
from needledrop.workflows.stored_features import unpacked

HEAR_ENTRY = "needledrop.workflows.past_videos:hear_video"
_CHUNK = 200


@dataclass(frozen=True)
class HeardVideo:
    """What a worker heard: the video's content hash, its length, packed SoundPeaks, and what may play in it."""

    identity: str
    duration_s: float
    peaks: bytes
    proposed: Sequence[Candidate]


def landmarks_of(profile: Profile, library: Library, progress: ProgressSink, cancel: CancelToken) -> LandmarkIndex:
    """The landmarks of the library's tracks as they are now; put in order only where the tracks have changed.

    Raises:
        KnownError: the cache folder cannot be written, or there are a quarter of a million tracks.
        Cancelled: stopped by the user.
    """
    ids = library.track_ids()
    key = _index_key(library, ids)
    index = LandmarkIndex.open(_folder(profile), key)
    if index is not None:
        return index
    watch = Stopwatch()

    def tracks() -> Iterator[tuple[int, Fingerprint]]:
        for start in range(0, len(ids), _CHUNK):
            cancel.check()
            yield from unpacked(library, ids[start : start + _CHUNK], Fingerprint, "fingerprint").items()
            progress(Progress("Landmarks", min(start + _CHUNK, len(ids)), len(ids), watch.elapsed_s))

    try:
        return write_index(build_index(key, tracks()), _folder(profile))
    except ValueError as error:
        raise KnownError(
            "The library is too large for past edits to be compared with all of it.",
            remedy="Take folders out of it that you never use.",
            cause=str(error),
            code="too-large",
        ) from error
    except OSError as error:
        raise KnownError(
            f"The landmarks of the library could not be written to {display_path(profile.cache_dir)}.",
            remedy="Free some space there, or check that the folder can be written.",
            cause=str(error),
            code="disk-full",
        ) from error


def hear_videos(
    profile: Profile, index: LandmarkIndex, paths: Sequence[Path], cancel: CancelToken
) -> Iterator[Outcome[HeardVideo]]:
    """What each video may hold, in the order of `paths`, so that the same films give the same numbers."""
    tasks = [
        Task(number, display_path(path), (os.fsencode(path), os.fspath(_folder(profile)), index.key))
        for number, path in enumerate(paths)
    ]
    pool: WorkerPool[HeardVideo] = WorkerPool(HEAR_ENTRY, min(len(paths), os.cpu_count() or 1))
    return in_order(pool.run(tasks, cancel))


def hear_video(report: Report, path: bytes, index_folder: str, index_key: str) -> HeardVideo:
    """Entry of a worker process: a video's sound, and which tracks may be in it.

    Raises:
        KnownError: the file is broken or has no sound, or the index was replaced meanwhile.
    """
    from needledrop.media.audio import AudioSource
    from needledrop.media.identity import content_hash

    index = LandmarkIndex.open(Path(index_folder), index_key)
    if index is None:
        raise KnownError("The landmarks were made anew meanwhile.", remedy="Start again.", code="stale")
    identity = content_hash(path)
    with AudioSource(path) as source:
        listener = SoundListener(source.sample_rate)
        done = 0
        for block in source.blocks(channels=1):
            listener.feed(block[:, 0])
            done += len(block)
            report(done / source.sample_rate)
    peaks = listener.finish()
    # Against a large library the search takes a second a minute: long films are reported on as they are searched.
    proposed = candidates(index, peak_pairs(peaks), report)
    return HeardVideo(identity, done / source.sample_rate, pack(peaks), proposed)


def tracks_in(library: Library, index: LandmarkIndex, heard: HeardVideo, cancel: CancelToken) -> list[Heard]:
    """The library's tracks that a video holds; rows are those of the index.

    Raises:
        Cancelled: stopped by the user.
    """

    @lru_cache(maxsize=64)
    def peaks_of(row: int) -> TrackPeaks:
        track_id = int(index.track_ids[row])
        return fingerprint_peaks(unpacked(library, [track_id], Fingerprint, "fingerprint")[track_id])

    sound = SoundMap(unpack(SoundPeaks, heard.peaks))
    by_row = sorted(heard.proposed, key=lambda one: (one.row, one.frame))
    return heard_tracks(sound, by_row, peaks_of, cancel)


def _index_key(library: Library, ids: Sequence[int]) -> str:
    from needledrop.features.music import FEATURE_VERSIONS

    stale = set(library.stale_tracks({"fingerprint": FEATURE_VERSIONS["fingerprint"]}))
    tracks = [(track_id, row.content_hash) for track_id, row in library.tracks(ids).items() if track_id not in stale]
    about = json.dumps([FEATURE_VERSIONS["fingerprint"], library.setting("library_id"), tracks])
    return blake2b(about.encode(), digest_size=16).hexdigest()


def _folder(profile: Profile) -> Path:
    return profile.cache_dir / "landmarks"
