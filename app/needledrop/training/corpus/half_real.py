# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Half-real pairs: what is measured of a real track becomes a script to draw, of a real video one to sound.

Only measured things go into a script: pulse, loudness, brightness of sound and mode of a track; motion, breaks, colour
and detail of a video. What they mean to people is not known here, and the scripts cannot teach it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.music import CLIP_DESCRIPTORS, FloatArray, MusicFeatures, TimeArray
from needledrop.core.picture import PictureRows
from needledrop.features.onsets import RATE
from needledrop.features.picture_rows import ROWS, Pictures, break_times_s
from needledrop.media.audio import AudioSource
from needledrop.media.frames import analysis_frames
from needledrop.media.suffixes import MUSIC_SUFFIXES, VIDEO_SUFFIXES
from needledrop.training.corpus.picture import RATE_HZ
from needledrop.training.corpus.scene_script import (
    CLIP_COUNT,
    FASTEST_BPM,
    KINDS,
    LENGTH_S,
    SLOWEST_BPM,
    SceneScript,
)

NEVER_READ = "pairs"
"""A folder of that name holds real pairs: they are for validation, never for making anything."""
_LONGEST_TRACK_S = 600.0
_SHORTEST_S = 2.0
_CLIP_S = LENGTH_S / CLIP_COUNT


@dataclass(frozen=True)
class MeasuredScript:
    """A script, and the beats that cuts fall on [B] in s where they were measured."""

    script: SceneScript
    beats_s: TimeArray | None


def media_of(folder: Path) -> tuple[list[Path], list[Path]]:
    """The tracks and the videos in a folder and below, in order of their paths; those in NEVER_READ are left out.

    Raises:
        KnownError: "missing": there is nothing of either kind.
    """
    files = sorted(
        path for path in folder.rglob("*") if NEVER_READ not in (folder.name, *path.relative_to(folder).parts)
    )
    tracks = [path for path in files if path.suffix.lower() in MUSIC_SUFFIXES]
    videos = [path for path in files if path.suffix.lower() in VIDEO_SUFFIXES]
    if not tracks and not videos:
        raise KnownError(f"{folder} holds no music and no videos.", remedy="Name another folder.", code="missing")
    return tracks, videos


def source_of(path: Path) -> str:
    """Who made it, as far as the name tells: what stands before the first underscore."""
    return path.stem.split("_")[0]


def read_track(path: Path) -> FloatArray:
    """Stereo samples [n, 2] at features.onsets.RATE, ten minutes at most.

    Raises:
        KnownError: the file cannot be read, or holds less than two seconds.
    """
    with AudioSource(path) as source:
        blocks, samples = [], 0
        for block in source.blocks(RATE, 2):
            blocks.append(block)
            samples += len(block)
            if samples >= _LONGEST_TRACK_S * RATE:
                break
    if samples < _SHORTEST_S * RATE:
        raise _too_short(path)
    return np.concatenate(blocks)[: round(_LONGEST_TRACK_S * RATE)]


def read_pictures(path: Path) -> Pictures:
    """The first 28 s of a video, RATE_HZ pictures a second, uint8 [n, h, w, 3].

    Raises:
        KnownError: the file cannot be read, or shows less than two seconds.
    """
    pictures = list(itertools.islice(_at_rate(path), round(LENGTH_S * RATE_HZ)))
    if len(pictures) < _SHORTEST_S * RATE_HZ:
        raise _too_short(path)
    return np.stack(pictures)


def _at_rate(path: Path) -> Iterator[Pictures]:
    """Each tick's picture is the last one that had been shown by then."""
    shown: Pictures | None = None
    tick = 0
    for frame in analysis_frames(path):
        while shown is not None and tick / RATE_HZ < frame.t_s - 1e-6:
            yield shown
            tick += 1
        if shown is None or frame.rgb.shape == shown.shape:
            shown = frame.rgb
    if shown is not None:
        yield shown


def _too_short(path: Path) -> KnownError:
    return KnownError(f"{path} is shorter than two seconds.", remedy="It is left out.", code="too-short")


def script_of_track(features: MusicFeatures) -> MeasuredScript:
    """The script that the sound of an excerpt of 28 s asks for."""
    clips = {name: features.clips.values[:, index] for index, name in enumerate(CLIP_DESCRIPTORS)}
    rhythm = features.rhythm
    tempo = float(np.clip(rhythm.tempo_bpm or 90.0, SLOWEST_BPM, FASTEST_BPM))
    busy = _share(rhythm.onset_density_hz, 1.0, 8.0)
    brightness = _share(float(clips["centroid_oct"].mean()), 2.5, 5.5)
    arousal = 0.4 * busy + 0.3 * _share(tempo, 70, 150) + 0.3 * _share(float(clips["flux"].mean()), 0.1, 0.7)
    valence = 0.6 * _share(float(clips["majorness"].mean()), -0.25, 0.25) + 0.4 * brightness
    levels = _course(clips["level_db"].astype(np.float64), 12.0, arousal)
    beats_s = rhythm.beats_s if len(rhythm.beats_s) else None
    return MeasuredScript(_script(arousal, valence, busy, tempo, brightness, levels), beats_s)


def script_of_pictures(rows: PictureRows) -> MeasuredScript:
    """The script that the look of a video asks for."""
    group = dict(zip(ROWS, np.split(rows.seconds, np.cumsum(list(ROWS.values()))[:-1], axis=1), strict=True))
    brightness, _, saturation, warmth = group["colour"].mean(axis=0)
    breaks_hz = len(break_times_s(rows)) / max(len(rows.seconds), 1)
    flow = float(rows.flow[~rows.is_break].mean()) if (~rows.is_break).any() else 0.0
    arousal = 0.5 * _share(np.log1p(flow), 0.0, 1.6) + 0.3 * _share(breaks_hz, 0.0, 0.6) + 0.2 * float(saturation)
    valence = 0.5 * _share(float(brightness), 0.15, 0.65) + 0.5 * _share(float(warmth), -0.3, 0.4)
    density = _share(float(group["detail"][:, :3].sum(axis=1).mean()), 0.03, 0.25)
    tempo = SLOWEST_BPM + (FASTEST_BPM - SLOWEST_BPM) * (0.25 + 0.5 * arousal)
    change = np.log1p(group["camera"][:, 3] + 20 * group["change"][:, 0]).astype(np.float64)
    levels = _course(np.array([part.mean() for part in np.split(change, range(4, len(change), 4))]), 1.0, arousal)
    return MeasuredScript(_script(arousal, valence, density, tempo, float(brightness), levels), None)


def _script(
    arousal: float, valence: float, density: float, tempo_bpm: float, warmth: float, levels: tuple[float, ...]
) -> SceneScript:
    usual = [
        abs(kind.arousal - arousal) + abs(kind.valence - valence) + abs(kind.density - density)
        + abs(kind.tempo_bpm - tempo_bpm) / (FASTEST_BPM - SLOWEST_BPM)
        for kind in KINDS
    ]  # fmt: skip
    return SceneScript(
        kind=int(np.argmin(usual)), arousal=arousal, valence=valence, density=density, tempo_bpm=tempo_bpm,
        first_beat_s=0.25, warmth=warmth, camera=arousal, object_motion=(arousal + density) / 2,
        cut_beats=(16, 8, 4, 4, 2)[min(4, int(arousal * 5))],
        section_starts_s=tuple(index * _CLIP_S for index in range(len(levels))), section_levels=levels,
    )  # fmt: skip


def _course(values: TimeArray, spread: float, mean: float) -> tuple[float, ...]:
    """Levels 0..1 of consecutive clips: how far each lies from the mean of all, about `mean`; `spread` is 1."""
    values = values[:CLIP_COUNT]
    return tuple(float(level) for level in np.clip(mean + (values - values.mean()) / spread, 0, 1))


def _share(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))
