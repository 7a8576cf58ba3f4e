# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program itself measures of a set's items: beats and energy of its sound, cuts and motion of its pictures.

Finished films are decoded for it, and a made-up or half-real corpus is sounded and drawn once more from its recipe.
Sets that hold numbers only have nothing to measure, and say so. Learns and ranks nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray, Licence
from needledrop.core.picture import FLOW_SIZE, Soundtrack, VideoFeatures
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch, ignore_progress
from needledrop.features.loudness import FLOOR_LUFS
from needledrop.features.onsets import RATE
from needledrop.features.picture import PictureAnalyser
from needledrop.features.picture_rows import Pictures, picture_rows
from needledrop.media.frames import analysis_frames
from needledrop.suggest.details import TrackDetails
from needledrop.training.corpus import half_real, items, make, music, picture
from needledrop.training.corpus.items import Job, Settings
from needledrop.training.corpus.scene_script import track_script
from needledrop.training.descriptors.clip_descriptors import LONGEST_S, heard
from needledrop.training.evaluation.media_files import files_by_name
from needledrop.training.pairs.pair_set import PairSet

Indices = NDArray[np.intp]
Frames = Iterable[tuple[float, NDArray[np.uint8]]]
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


@dataclass(frozen=True)
class _Source:
    """Where items come from: samples of a track at RATE, pictures of a video with their times in s, and where in its
    track a video begins."""

    sound: Callable[[int], FloatArray]
    pictures: Callable[[int], Frames]
    start_s: Callable[[int], float]
    shares_lengths: bool


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
    source = _made_again(pairs, folder) or _films(pairs, folder)
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
        found.own_start_s[video] = source.start_s(video)
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


def _films(pairs: PairSet, folder: Path) -> _Source | None:
    """Finished videos, whose tracks are their own sound; None where one of the videos or tracks has no file."""
    files = files_by_name((*pairs.video_names, *pairs.track_names), folder)
    if len(files) < len({*pairs.video_names, *pairs.track_names}):
        return None

    def pictures(video: int) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        for frame in analysis_frames(files[pairs.video_names[video]]):
            yield frame.t_s, frame.rgb

    return _Source(lambda track: half_real.read_track(files[pairs.track_names[track]]), pictures, lambda _: 0.0, True)


def _made_again(pairs: PairSet, folder: Path) -> _Source | None:
    """What a corpus was made of, from its recipe and its jobs' names; None where no corpus was made in the folder."""
    names = [name.rpartition(".video-") for name in pairs.video_names]
    made = [int(job.removeprefix("track-")) for job, _, _ in names if job.startswith("track-")]
    recipe = make.read_recipe(folder, 1 + max(made, default=-1))
    if recipe is None:
        return None
    jobs = {job.name: job for job in recipe.jobs()}
    for (job, _, _), track in zip(names, pairs.track_of_video, strict=True):
        _require_same_file(jobs.get(job), pairs.track_names[track], recipe.half_real)
    job_of_video = [jobs[job] for job, _, _ in names]
    job_of_track = {int(track): job for track, job in zip(pairs.track_of_video, job_of_video, strict=True)}
    settings = recipe.settings

    def pictures(video: int) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        return _timed(_pictures_of(job_of_video[video], int(names[video][2]), settings))

    def start_s(video: int) -> float:
        job = job_of_video[video]
        is_excerpt = job.path is not None and not job.is_video
        return items.middle(_sound_of(job, settings))[1] if is_excerpt else 0.0

    return _Source(lambda track: _sound_of(job_of_track[track], settings), pictures, start_s, False)


def _require_same_file(job: Job | None, track: str, folder: str) -> None:
    """Jobs of real media are numbered as their files are: see that none came or went since the set was made."""
    if job is None or (job.path is not None and not track.endswith(job.path.name)):
        raise KnownError(
            f"{folder} no longer holds the files that '{track}' was made from.",
            remedy="Put the folder back as it was, or ask for nothing that has to be heard and seen.",
            code="other-recipe",
        )


def _timed(pictures: Pictures) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Pictures with their times, as large as films are analysed, so that motion is on the same scale."""
    import cv2

    for index, rgb in enumerate(pictures):
        scale = min(FLOW_SIZE[0] / rgb.shape[1], FLOW_SIZE[1] / rgb.shape[0])
        size = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
        yield index / picture.RATE_HZ, np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _sound_of(job: Job, settings: Settings) -> FloatArray:
    """A job's track: the real one, or what its script, or that of its real video, sounds like."""
    if job.path is None:
        return music.sounded(track_script(job.seed), job.seed, settings.sound)
    if not job.is_video:
        return half_real.read_track(job.path)
    rows = picture_rows(half_real.read_pictures(job.path), picture.RATE_HZ)
    return music.sounded(half_real.script_of_pictures(rows).script, job.seed, settings.sound)


def _pictures_of(job: Job, number: int, settings: Settings) -> Pictures:
    """A job's video: the real one, or what is drawn from its script, or from that of its real track."""
    if job.path is None:
        return items.drawn_video(job, number, track_script(job.seed), None, settings)[0]
    if job.is_video:
        return half_real.read_pictures(job.path)
    measured = half_real.script_of_track(heard(items.middle(half_real.read_track(job.path))[0], RATE))
    return items.drawn_video(job, number, measured.script, measured.beats_s, settings)[0]
