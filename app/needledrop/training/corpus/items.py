# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tracks and videos of a corpus, one job each, kept as files so that nothing is made twice."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import Fingerprint, FloatArray, MusicFeatures
from needledrop.core.picture import PictureRows
from needledrop.features.onsets import RATE
from needledrop.features.picture_rows import Pictures, picture_rows
from needledrop.training.corpus import half_real, music, picture, words
from needledrop.training.corpus.scene_script import SceneScript, latent, track_script, video_script
from needledrop.training.descriptors import clip_descriptors, music_statistics, picture_statistics

Item = dict[str, Any]
RENDERERS = {"first": (music.FIRST, picture.FIRST), "second": (music.SECOND, picture.SECOND)}
_VIDEO_SEEDS = 100


@dataclass(frozen=True)
class Settings:
    """What all jobs of a corpus share: the renderer's name, videos a track, the side of the grey frames in pixels, and
    whether oscillators take the place of fluidsynth."""

    renderer: str
    videos_per_track: int
    side: int
    is_synthesis_only: bool

    @property
    def sound(self) -> music.Sound:
        """What music is played on."""
        sound = RENDERERS[self.renderer][0]
        return music.without_fluidsynth(sound) if self.is_synthesis_only else sound

    @property
    def style(self) -> picture.PictureStyle:
        """How pictures are drawn."""
        return RENDERERS[self.renderer][1]


@dataclass(frozen=True)
class Job:
    """One track with its videos: made up (path is None), or about a real track or video at `path`."""

    name: str
    seed: int
    path: Path | None = None
    is_video: bool = False

    @property
    def source(self) -> str:
        """Who made it: a script, or whoever the file's name tells."""
        return f"script {self.seed}" if self.path is None else half_real.source_of(self.path)

    def track_file(self, folder: Path) -> Path:
        """Where its track is kept."""
        return folder / f"{self.name}.track.npz"

    def video_file(self, folder: Path, number: int) -> Path:
        """Where one of its videos is kept."""
        return folder / f"{self.name}.video-{number}.npz"

    def refusal_file(self, folder: Path) -> Path:
        """Where it says why there is none."""
        return folder / f"{self.name}.left-out.txt"

    def video_count(self, settings: Settings) -> int:
        """How many videos it has."""
        return 1 if self.is_video else settings.videos_per_track

    def is_done(self, folder: Path, settings: Settings) -> bool:
        """Whether all of it is there."""
        files = [self.track_file(folder), *(self.video_file(folder, n) for n in range(self.video_count(settings)))]
        return self.refusal_file(folder).exists() or all(file.exists() for file in files)


def make(job: Job, folder: Path, settings: Settings) -> str:
    """Make what is missing of a job; gives why it was left out, or ""."""
    try:
        if job.path is None:
            _make_rendered(job, folder, settings)
        elif job.is_video:
            _make_music_for(job, job.path, folder, settings)
        else:
            _make_pictures_for(job, job.path, folder, settings)
    except KnownError as error:
        if job.path is None:
            raise
        job.refusal_file(folder).write_text(str(error), encoding="utf-8")
        return str(error)
    return ""


def _make_rendered(job: Job, folder: Path, settings: Settings) -> None:
    script = track_script(job.seed)
    if not job.track_file(folder).exists():
        _write(job.track_file(folder), _rendered_track(script, job.seed, settings))
    _make_videos(job, script, None, folder, settings)


def _rendered_track(script: SceneScript, seed: int, settings: Settings) -> Item:
    """The script's beginning is the track's, so that sections and beats of its videos lie where the music's do."""
    stereo = music.sounded(script, seed, settings.sound)
    excerpt = stereo[: round(clip_descriptors.LONGEST_S * RATE)]
    features = clip_descriptors.heard(excerpt, RATE)
    return _with_landmarks(track_item(stereo, excerpt, features, latent(script)), features.fingerprint)


def _make_pictures_for(job: Job, path: Path, folder: Path, settings: Settings) -> None:
    stereo = half_real.read_track(path)
    excerpt, _ = middle(stereo)
    features = clip_descriptors.heard(excerpt, RATE)
    measured = half_real.script_of_track(features)
    _make_videos(job, measured.script, measured.beats_s, folder, settings)
    track = track_item(stereo, excerpt, features, latent(measured.script))
    # Landmarks of the whole recording: another file may hold another part of it.
    _write(job.track_file(folder), _with_landmarks(track, clip_descriptors.heard(stereo, RATE).fingerprint))


def _make_music_for(job: Job, path: Path, folder: Path, settings: Settings) -> None:
    pictures = half_real.read_pictures(path)
    rows = picture_rows(pictures, picture.RATE_HZ)
    script = half_real.script_of_pictures(rows).script
    _write(job.video_file(folder, 0), video_item(pictures, rows, script, job.seed, settings.side))
    _write(job.track_file(folder), _rendered_track(script, job.seed, settings))


def _make_videos(
    job: Job, script: SceneScript, beats_s: NDArray[np.float64] | None, folder: Path, settings: Settings
) -> None:
    for number in range(settings.videos_per_track):
        if job.video_file(folder, number).exists():
            continue
        pictures, cut, seed = drawn_video(job, number, script, beats_s, settings)
        rows = picture_rows(pictures, picture.RATE_HZ)
        _write(job.video_file(folder, number), video_item(pictures, rows, cut, seed, settings.side))


def drawn_video(
    job: Job, number: int, script: SceneScript, beats_s: NDArray[np.float64] | None, settings: Settings
) -> tuple[Pictures, SceneScript, int]:
    """The pictures of one video of a track's script, with the script and the seed that are its own.

    Args:
        beats_s: the track's beats, where they were measured.
    """
    seed = job.seed * _VIDEO_SEEDS + number
    cut = video_script(script, seed)
    # A video that goes by another tempo than its track's is not cut on the track's beats either.
    on_beats_s = beats_s if cut.tempo_bpm == script.tempo_bpm else None
    return picture.drawn(cut, seed, settings.style, beats_s=on_beats_s), cut, seed


def middle(stereo: FloatArray) -> tuple[FloatArray, float]:
    """The middle 28 s of samples [n, 2], and where in them it begins, in s."""
    wanted = round(clip_descriptors.LONGEST_S * RATE)
    start = max(0, (len(stereo) - wanted) // 2)
    return stereo[start : start + wanted], start / RATE


def track_item(stereo: FloatArray, excerpt: FloatArray, features: MusicFeatures, script_latent: FloatArray) -> Item:
    """Everything of a track [n, 2] at features.onsets.RATE: the vector of its middle, the clips of the excerpt of 28 s
    that its videos go with (with what was heard in it)."""
    clips = clip_descriptors.music_clips(excerpt, RATE, features)
    mono = np.asarray(stereo.mean(axis=1), np.float32)
    return {
        "vector": music_statistics.music_statistics(clip_descriptors.resampled(mono, RATE, music_statistics.RATE)),
        "clips": clips.clips, "rhythm": clips.rhythm, "mel": clips.mel, "mask": clips.mask, "steps": clips.steps,
        "latent": script_latent,
    }  # fmt: skip


def _with_landmarks(track: Item, landmarks: Fingerprint) -> Item:
    return track | {"hashes": landmarks.hashes, "frames": landmarks.frames, "frame_s": landmarks.frame_s}


def video_item(pictures: Pictures, rows: PictureRows, script: SceneScript, seed: int, side: int) -> Item:
    """Everything of a video: vector and clips, its words, and what its script says."""
    clips = clip_descriptors.video_clips(pictures, rows, side)
    return {
        "vector": picture_statistics.picture_statistics(rows), "clips": clips.clips, "flow": clips.flow,
        "frames": clips.frames, "mask": clips.mask, "steps": clips.steps, "latent": latent(script),
        "tags": np.array(words.tags_of(script, seed), np.str_), "line": np.array(words.line_of(script, seed), np.str_),
    }  # fmt: skip


def read(file: Path) -> Item:
    """An item as it was made."""
    with np.load(file, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def fingerprint_of(track: Item) -> Fingerprint:
    """A track's landmarks."""
    return Fingerprint(track["hashes"], track["frames"], float(track["frame_s"]))


def _write(file: Path, item: Item) -> None:
    """Whole or not at all."""
    unfinished = file.with_suffix(f".{os.getpid()}.part")
    with unfinished.open("wb") as stream:
        np.savez(stream, **item)
    unfinished.replace(file)
