# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the worker processes do: identify a file, analyse a track, analyse a video. One untrusted file a call.

Each function takes the pool's report callback first and returns plain values that cross the pipe cheaply.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from needledrop.core import log
from needledrop.core.errors import BrokenMedia, KnownError
from needledrop.core.music import Licence, TrackTags
from needledrop.core.packing import pack
from needledrop.core.paths import display_path
from needledrop.core.picture import Soundtrack, VideoProbe
from needledrop.core.times import format_time

MUSIC_ENTRY = "needledrop.workflows.analysis:analyse_music"
IDENTITY_ENTRY = "needledrop.workflows.analysis:identify"
VIDEO_IDENTITY_ENTRY = "needledrop.workflows.analysis:identify_video"
PROBE_ENTRY = "needledrop.workflows.analysis:describe_video"
THUMBNAIL_ENTRY = "needledrop.workflows.analysis:make_thumbnail"
VIDEO_ENTRY = "needledrop.workflows.analysis:analyse_video"

SHORTEST_MUSIC_S = 1.0
SILENCE_LUFS = -69.0
SILENT_LUFS = -70.0

Report = Callable[[float], None]


@dataclass(frozen=True)
class Identity:
    """Who a file is: the hash of its sound, and what it says of itself."""

    content_hash: str
    tags: TrackTags
    licence: Licence
    duration_s: float
    codec: str
    sample_rate: int
    channels: int


@dataclass(frozen=True)
class Analysis:
    """Feature sets as packed bytes by name, and the measured duration."""

    duration_s: float
    packed: Mapping[str, bytes]


def identify(report: Report, path: bytes) -> Identity:
    """Read a file's tags, stream facts and content hash, without decoding it."""
    from needledrop.media.identity import content_hash
    from needledrop.media.probe import probe_audio
    from needledrop.media.tags import read_tags

    stream, duration_s = probe_audio(path)
    tags, licence = read_tags(path)
    return Identity(content_hash(path), tags, licence, duration_s, stream.codec, stream.sample_rate, stream.channels)


def identify_video(report: Report, path: bytes) -> str:
    """The content hash of a video."""
    from needledrop.media.identity import content_hash

    return content_hash(path)


def analyse_music(report: Report, path: bytes) -> Analysis:
    """Decode a track once and compute every feature set of it.

    Raises:
        KnownError: the file is broken, too short, silent, or holds samples that are no numbers.
    """
    from needledrop.features.music import MusicAnalyser
    from needledrop.media.audio import AudioSource
    from needledrop.media.faults import broke_off

    with AudioSource(path) as source:
        analyser = MusicAnalyser(source.sample_rate)
        done = 0
        for block in source.blocks():
            analyser.feed(block)
            done += len(block)
            report(done / source.sample_rate)
        if source.broke_off_at_s is not None:
            raise broke_off(path, source.broke_off_at_s, source.duration_s)
        bad_samples = source.bad_samples
    features = analyser.finish()
    _refuse_what_is_no_music(path, features.duration_s, features.loudness.integrated_lufs, bad_samples)
    sets = ("rhythm", "tonality", "loudness", "clips", "fingerprint", "peaks")
    return Analysis(features.duration_s, {name: pack(getattr(features, name)) for name in sets})


def _refuse_what_is_no_music(path: bytes, duration_s: float, integrated_lufs: float, bad_samples: int) -> None:
    name = display_path(os.path.basename(path))  # noqa: PTH119  a bytes path
    if bad_samples:
        raise BrokenMedia(
            f"'{name}' holds {bad_samples:,} samples that are no numbers.",
            remedy="Export it again from where it was made.",
            code="bad-samples",
        )
    if duration_s < SHORTEST_MUSIC_S:
        raise KnownError(
            f"'{name}' is only {duration_s:.2f} s long.",
            remedy=f"Music has to last {SHORTEST_MUSIC_S:.0f} s or more to be suggested.",
            code="too-short",
        )
    if integrated_lufs <= SILENCE_LUFS:
        raise KnownError(
            f"'{name}' is silent for all of its {format_time(duration_s)}.",
            remedy="If it should not be, export it again.",
            code="silent",
        )


def analyse_video(report: Report, path: bytes, is_every_frame: bool, models_dir: str) -> Analysis:
    """Decode a video once and compute every feature set of its picture and of its own sound.

    Raises:
        KnownError: the file is broken or has no picture.
    """
    from needledrop.crossmodal.raft import gpu_flow
    from needledrop.features.picture import PictureAnalyser
    from needledrop.media.frames import analysis_frames, prefetched
    from needledrop.media.probe import probe_video

    file = Path(os.fsdecode(path))
    probe = probe_video(file)
    analyser = PictureAnalyser(gpu_flow(Path(models_dir)))
    last_s = 0.0
    for frame in prefetched(analysis_frames(file, is_every_frame=is_every_frame)):
        analyser.feed(frame.t_s, frame.rgb)
        last_s = frame.t_s
        report(last_s)
    duration_s = max(probe.duration_s, last_s)
    shots, motion, colour, rows = analyser.finish(duration_s)
    soundtrack = _soundtrack(report, path, has_sound=bool(probe.audio_streams))
    sets = {"shots": shots, "motion": motion, "colour": colour, "rows": rows, "soundtrack": soundtrack}
    return Analysis(duration_s, {name: pack(value) for name, value in sets.items()})


def _soundtrack(report: Report, path: bytes, *, has_sound: bool) -> Soundtrack:
    """The video's own sound; sound that cannot be read counts as none, for the picture is what was asked about."""
    from needledrop.features.soundtrack import SoundtrackAnalyser
    from needledrop.media.audio import AudioSource

    empty = Soundtrack(False, np.zeros((0, 2)), SILENT_LUFS, np.zeros(0, np.float32))
    if not has_sound:
        return empty
    try:
        with AudioSource(path) as source:
            analyser = SoundtrackAnalyser(source.sample_rate)
            done = 0
            for block in source.blocks():
                analyser.feed(block)
                done += len(block)
                report(done / source.sample_rate)
    except KnownError as error:
        log.media.warning("%s: its sound is left out: %s", display_path(path), error.sentence)
        return empty
    return analyser.finish()


def describe_video(report: Report, path: bytes) -> VideoProbe:
    """What the container says of a video."""
    from needledrop.media.probe import probe_video

    return probe_video(path)


def make_thumbnail(report: Report, path: bytes, at_s: float, height: int) -> bytes:
    """One picture of a video as JPEG, upright."""
    from needledrop.media.pictures import thumbnail

    return thumbnail(path, at_s, height)
