# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sound and the pictures that a set's items were made from, for whoever has to hear and see them again.

Finished films are decoded for it, and a made-up or half-real corpus is sounded and drawn once more from its recipe.
Sets that hold numbers only have no source. Measures nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.picture import FLOW_SIZE
from needledrop.features.onsets import RATE
from needledrop.features.picture_rows import Pictures, picture_rows
from needledrop.media.frames import analysis_frames
from needledrop.media.pictures import read_frame
from needledrop.media.probe import probe_video
from needledrop.training.corpus import half_real, items, make, music, picture
from needledrop.training.corpus.items import Job, Settings
from needledrop.training.corpus.scene_script import track_script
from needledrop.training.descriptors.clip_descriptors import LONGEST_S, heard
from needledrop.training.pairs.media_files import files_by_name
from needledrop.training.pairs.pair_set import PairSet

Picture = NDArray[np.uint8]
Frames = Iterable[tuple[float, Picture]]


@dataclass(frozen=True)
class Source:
    """Items by their index in the set.

    sound: samples [n, 2] of a whole track at features.onsets.RATE. pictures: of a video, all of them with their times
    in s, as large as films are analysed. stills: its picture at each whole second of the first 28 s, RGB of any size.
    is_from_middle: whether a track's videos begin with its middle 28 s rather than with itself. shares_lengths: whether
    a video's own track is as long as the video, as with films.
    """

    sound: Callable[[int], FloatArray]
    pictures: Callable[[int], Frames]
    stills: Callable[[int], Iterator[Picture]]
    is_from_middle: Callable[[int], bool]
    shares_lengths: bool

    def start_s(self, track: int) -> float:
        """Where in a track its videos begin, in s."""
        return items.middle(self.sound(track))[1] if self.is_from_middle(track) else 0.0

    def excerpt(self, track: int) -> FloatArray:
        """The samples [n, 2] at features.onsets.RATE that a track's videos go with, at most 28 s."""
        stereo = self.sound(track)
        return items.middle(stereo)[0] if self.is_from_middle(track) else stereo[: round(LONGEST_S * RATE)]


def open_source(pairs: PairSet, folder: Path) -> Source | None:
    """Where the items of the set that was read from the folder come from; None of a set that holds numbers only.

    What the source gives raises KnownError where a file that was there when the set was made cannot be read any more.

    Raises:
        KnownError: "missing": the folder is none; "other-recipe": the real media of a corpus came or went.
    """
    return _made_again(pairs, folder) or _films(pairs, folder)


def _films(pairs: PairSet, folder: Path) -> Source | None:
    """Finished videos, whose tracks are their own sound; None where one of the videos or tracks has no file."""
    files = files_by_name((*pairs.video_names, *pairs.track_names), folder)
    if len(files) < len({*pairs.video_names, *pairs.track_names}):
        return None

    def pictures(video: int) -> Iterator[tuple[float, Picture]]:
        for frame in analysis_frames(files[pairs.video_names[video]]):
            yield frame.t_s, frame.rgb

    def stills(video: int) -> Iterator[Picture]:
        path = files[pairs.video_names[video]]
        shown_s = min(LONGEST_S, probe_video(path).duration_s)
        for second in range(_seconds(shown_s)):
            yield read_frame(path, second)

    def sound(track: int) -> FloatArray:
        return half_real.read_track(files[pairs.track_names[track]])

    return Source(sound, pictures, stills, lambda _: False, True)


def _made_again(pairs: PairSet, folder: Path) -> Source | None:
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

    def drawn(video: int) -> Pictures:
        return _pictures_of(job_of_video[video], int(names[video][2]), settings)

    def stills(video: int) -> Iterator[Picture]:
        shown = drawn(video)
        seconds = _seconds(min(LONGEST_S, len(shown) / picture.RATE_HZ))
        return (shown[round(second * picture.RATE_HZ)] for second in range(seconds))

    def is_excerpt(track: int) -> bool:
        job = job_of_track[track]
        return job.path is not None and not job.is_video

    return Source(
        lambda track: _sound_of(job_of_track[track], settings), lambda video: _timed(drawn(video)), stills,
        is_excerpt, False,
    )  # fmt: skip


def _seconds(shown_s: float) -> int:
    """How many stills stand for a video: a last second that is shown less than half gets none."""
    return max(1, round(shown_s))


def _require_same_file(job: Job | None, track: str, folder: str) -> None:
    """Jobs of real media are numbered as their files are: see that none came or went since the set was made."""
    if job is None or (job.path is not None and not track.endswith(job.path.name)):
        raise KnownError(
            f"{folder} no longer holds the files that '{track}' was made from.",
            remedy="Put the folder back as it was, or ask for nothing that has to be heard and seen.",
            code="other-recipe",
        )


def _timed(pictures: Pictures) -> Iterator[tuple[float, Picture]]:
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
