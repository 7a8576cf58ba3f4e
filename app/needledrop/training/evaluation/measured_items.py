# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program itself measures of a set's items: beats and energy of its sound, cuts and motion of its pictures.

Sets that hold numbers only have nothing to measure, and say so. Learns and ranks nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray, Licence
from needledrop.core.picture import Soundtrack, VideoFeatures
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch, ignore_progress
from needledrop.features.loudness import FLOOR_LUFS
from needledrop.features.onsets import RATE
from needledrop.features.picture import PictureAnalyser
from needledrop.suggest.details import TrackDetails
from needledrop.training.descriptors.clip_descriptors import LONGEST_S, heard
from needledrop.training.pairs.pair_set import PairSet
from needledrop.training.pairs.sources import Frames, open_source

Indices = NDArray[np.intp]
# Speech in a film is part of its own track: the matcher is not to be told when.
_NO_SOUND = Soundtrack(False, np.zeros((0, 2)), FLOOR_LUFS, np.zeros(0, np.float32))


@dataclass(frozen=True)
class MeasuredItems:
    """By their index in the set: whole tracks; the first 28 s of videos; and where in its own track, in s, a video
    begins. why_not: the sentence that says why there is nothing, or "". shares_lengths: whether a video's own track is
    as long as the video, as with films."""

    tracks: dict[int, TrackDetails]
    videos: dict[int, VideoFeatures]
    own_start_s: dict[int, float]
    why_not: str = ""
    shares_lengths: bool = False


def measured_items(
    pairs: PairSet,
    folder: Path,
    videos: Indices,
    tracks: Indices,
    *,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> MeasuredItems:
    """Measure these videos and tracks of the set that was read from the folder.

    Raises:
        KnownError: a file that was there when the set was made is gone or cannot be read.
        Cancelled: asked to stop.
    """
    source = open_source(pairs, folder)
    if source is None:
        return MeasuredItems({}, {}, {}, f"{pairs.name} holds numbers only: there is nothing to hear and to see.")
    found = MeasuredItems({}, {}, {}, shares_lengths=source.shares_lengths)
    watch, count = Stopwatch(), len(videos) + len(tracks)

    def tell(done: int, name: str) -> None:
        if cancel is not None:
            cancel.check()
        progress(Progress("Measuring sound and pictures", done, count, watch.elapsed_s, name))

    for done, track in enumerate(tracks.tolist()):
        tell(done, pairs.track_names[track])
        found.tracks[track] = _heard(track, pairs.track_names[track], source.sound(track))
    for done, video in enumerate(videos.tolist(), start=len(tracks)):
        tell(done, pairs.video_names[video])
        found.videos[video] = _seen(source.pictures(video))
        found.own_start_s[video] = source.start_s(int(pairs.track_of_video[video]))
    return found


def _heard(number: int, name: str, stereo: FloatArray) -> TrackDetails:
    features = heard(stereo, RATE)
    return TrackDetails(
        track_id=number, title=name, artist="", album="", words="", licence=Licence(),
        duration_s=features.duration_s, rhythm=features.rhythm, tonality=features.tonality,
        loudness=features.loudness, clips=features.clips,
    )  # fmt: skip


def _seen(frames: Frames) -> VideoFeatures:
    """The first 28 s of pictures; each is shown until the next, the last one as long as the one before."""
    analyser = PictureAnalyser()
    times_s: list[float] = []
    for t_s, rgb in frames:
        if t_s >= LONGEST_S:
            break
        analyser.feed(t_s, rgb)
        times_s.append(t_s)
    shown_s = min(LONGEST_S, times_s[-1] + (times_s[-1] - times_s[-2] if len(times_s) > 1 else 0.04))
    shots, motion, colour, rows = analyser.finish(shown_s)
    return VideoFeatures(shown_s, True, shots, motion, colour, rows, _NO_SOUND)
