# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The latent script of a scene: what a picture and a music have in common, drawn by chance. Draws and sounds nothing.

A track has a script of its own; every video cut to it has that script with errors: moods drift, sections shift, and
some videos contradict their track outright, as people's choices do. So even one who knows both scripts exactly does
not always find the track (`latent`), and nothing that only sees the picture can do better.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from needledrop.core.music import FloatArray, TimeArray

LENGTH_S = 28.0
CLIP_COUNT = 7
_CLIP_S = 4.0


@dataclass(frozen=True)
class Kind:
    """A kind of scene, and where its mood usually lies: arousal, valence and density 0..1, tempo in beats a minute."""

    name: str
    arousal: float
    valence: float
    density: float
    tempo_bpm: float


KINDS = (
    Kind("nature", 0.25, 0.70, 0.35, 84), Kind("city", 0.55, 0.55, 0.65, 112), Kind("sport", 0.85, 0.65, 0.70, 138),
    Kind("space", 0.30, 0.40, 0.30, 76), Kind("horror", 0.55, 0.10, 0.40, 92), Kind("romance", 0.25, 0.60, 0.30, 80),
    Kind("party", 0.80, 0.85, 0.80, 126), Kind("travel", 0.50, 0.75, 0.50, 104), Kind("war", 0.80, 0.15, 0.75, 120),
    Kind("comedy", 0.60, 0.85, 0.60, 132), Kind("technology", 0.60, 0.45, 0.75, 118),
    Kind("childhood", 0.40, 0.80, 0.45, 100),
)  # fmt: skip
SLOWEST_BPM, FASTEST_BPM = 60.0, 168.0
# How far a video strays from its track's script, and how often it contradicts it.
_MOOD_ERROR, _LEVEL_ERROR, _SECTION_ERROR_S = 0.11, 0.12, 0.8
_OTHER_KIND, _OTHER_VALENCE, _OTHER_AROUSAL, _OTHER_TEMPO = 0.15, 0.10, 0.07, 0.15


@dataclass(frozen=True)
class SceneScript:
    """arousal, valence, density, warmth (of the palette), object_motion in 0..1; camera motion -1..1, its sign the
    direction; a cut every cut_beats beats; sections begin at section_starts_s with section_levels 0..1."""

    kind: int
    arousal: float
    valence: float
    density: float
    tempo_bpm: float
    first_beat_s: float
    warmth: float
    camera: float
    object_motion: float
    cut_beats: int
    section_starts_s: tuple[float, ...]
    section_levels: tuple[float, ...]

    def beats_s(self, until_s: float) -> TimeArray:
        """Beat times in s up to `until_s`."""
        count = max(0, math.ceil((until_s - self.first_beat_s) * self.tempo_bpm / 60))
        return np.asarray(self.first_beat_s + np.arange(count) * (60 / self.tempo_bpm), np.float64)

    def level_at(self, time_s: float) -> float:
        """How much is going on at a moment, 0..1."""
        section = sum(start <= time_s for start in self.section_starts_s) - 1
        return self.section_levels[max(section, 0)]


def track_script(seed: int) -> SceneScript:
    """The script of the track of that seed."""
    rng = np.random.default_rng((seed, 1))
    kind = int(rng.integers(len(KINDS)))
    usual = KINDS[kind]
    arousal = _unit(rng.normal(usual.arousal, 0.17))
    tempo = usual.tempo_bpm * math.exp(rng.normal(0.45 * (arousal - usual.arousal), 0.13))
    starts_s = [0.0]
    while (at_s := starts_s[-1] + rng.uniform(4.5, 11.0)) < LENGTH_S - 3:
        starts_s.append(at_s)
    levels = _levels(rng, len(starts_s), arousal)
    density = _unit(rng.normal(usual.density, 0.15))
    script = SceneScript(
        kind, arousal, _unit(rng.normal(usual.valence, 0.18)), density, _tempo(tempo), float(rng.uniform(0.05, 0.6)),
        0.5, 0.0, 0.5, 4, tuple(starts_s), levels,
    )  # fmt: skip
    return _with_picture(script, rng)


def video_script(track: SceneScript, seed: int) -> SceneScript:
    """The script of one video cut to the track: the track's with errors, and now and then against it."""
    rng = np.random.default_rng((seed, 2))
    valence, arousal, tempo, kind = track.valence, track.arousal, track.tempo_bpm, track.kind
    if rng.random() < _OTHER_VALENCE:
        valence = 1 - valence
    if rng.random() < _OTHER_AROUSAL:
        arousal = 1 - arousal
    if rng.random() < _OTHER_TEMPO:
        tempo = _tempo(float(rng.uniform(70, 150)))
    if rng.random() < _OTHER_KIND:
        kind = int(rng.integers(len(KINDS)))
    starts_s = [0.0, *sorted(_within(at + rng.normal(0, _SECTION_ERROR_S)) for at in track.section_starts_s[1:])]
    levels = tuple(_unit(level + rng.normal(0, _LEVEL_ERROR)) for level in track.section_levels)
    script = replace(
        track, kind=kind, arousal=_unit(arousal + rng.normal(0, _MOOD_ERROR)),
        valence=_unit(valence + rng.normal(0, _MOOD_ERROR)), density=_unit(track.density + rng.normal(0, _MOOD_ERROR)),
        tempo_bpm=tempo, section_starts_s=tuple(starts_s), section_levels=levels,
    )  # fmt: skip
    return _with_picture(script, rng)


def latent(script: SceneScript) -> FloatArray:
    """What a script says, float32 [23], scaled so that plain distances mean something: mood, pace, course, kind."""
    tempo = math.log(script.tempo_bpm / SLOWEST_BPM) / math.log(FASTEST_BPM / SLOWEST_BPM)
    course = [script.level_at((index + 0.5) * _CLIP_S) for index in range(CLIP_COUNT)]
    kinds = 0.35 * np.eye(len(KINDS))[script.kind]
    mood = [script.arousal, script.valence, script.density, tempo]
    return np.concatenate([mood, 0.5 * np.array(course), kinds]).astype(np.float32)


def _with_picture(script: SceneScript, rng: np.random.Generator) -> SceneScript:
    """Palette, camera, objects and cutting as they go with the mood, with taste in between."""
    direction = 1.0 if rng.random() < 0.5 else -1.0
    pace = _unit(script.arousal + rng.normal(0, 0.12))
    return replace(
        script,
        warmth=_unit(script.valence + rng.normal(0, 0.12)),
        camera=direction * _unit(script.arousal + rng.normal(0, 0.15)),
        object_motion=_unit(0.5 * (script.arousal + script.density) + rng.normal(0, 0.12)),
        cut_beats=(16, 8, 8, 4, 4, 2)[min(5, int(pace * 6))],
    )


def _levels(rng: np.random.Generator, count: int, arousal: float) -> tuple[float, ...]:
    """Levels of sections: neighbours differ, the mean follows the arousal."""
    level, levels = _unit(rng.normal(arousal, 0.2)), []
    for _ in range(count):
        levels.append(level)
        step = rng.uniform(0.2, 0.55) * (1 if rng.random() < (0.75 if level < 0.5 else 0.25) else -1)
        level = _unit(level + step)
    return tuple(levels)


def _unit(value: float) -> float:
    return float(min(1.0, max(0.0, value)))


def _tempo(bpm: float) -> float:
    return float(min(FASTEST_BPM, max(SLOWEST_BPM, bpm)))


def _within(time_s: float) -> float:
    return float(min(LENGTH_S - 1.0, max(1.0, time_s)))
