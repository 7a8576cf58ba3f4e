# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a scene script down as a score: mode, tempo, register, instruments, dynamics and sections. Sounds nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from needledrop.training.beats.arranger import DRUMS, Part
from needledrop.training.beats.composer import Piece
from needledrop.training.corpus.scene_script import KINDS, SceneScript

MUSIC_S = 30.0
_BEATS_PER_BAR = 4
_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
_PROGRESSIONS = ((0, 4, 5, 3), (0, 5, 3, 4), (0, 3, 4, 3), (5, 3, 0, 4), (0, 2, 3, 4), (0, 6, 5, 4))
_KICK, _SNARE, _HAT, _CRASH, _SHAKER = 36, 38, 42, 49, 70
_LOWEST_LEVEL_WITH_DRUMS = 0.3

# General MIDI programs of the lead, the chords and the bass, by kind of scene.
Voices = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
_FIRST_VOICES: tuple[Voices, ...] = (
    ((73, 75, 68), (24, 46, 88), (32, 43)),
    ((26, 65, 11), (4, 5, 27), (33, 36)),
    ((56, 62, 81), (29, 61, 62), (34, 38)),
    ((85, 91, 79), (88, 95, 89), (38, 39)),
    ((44, 70, 20), (48, 92, 19), (43, 58)),
    ((40, 71, 0), (0, 48, 46), (32, 42)),
    ((81, 80, 62), (63, 55, 90), (38, 87)),
    ((22, 25, 105), (25, 24, 21), (33, 32)),
    ((60, 57, 47), (48, 61, 30), (43, 34)),
    ((64, 12, 58), (0, 13, 6), (58, 32)), ((80, 84, 87), (90, 81, 2), (39, 38)), ((10, 9, 75), (8, 14, 0), (32, 35)),
)  # fmt: skip
_SECOND_VOICES: tuple[Voices, ...] = (
    ((79, 78, 72), (15, 107, 93), (35, 32)),
    ((66, 59, 28), (16, 7, 1), (37, 35)),
    ((63, 87, 30), (27, 50, 18), (36, 39)),
    ((99, 54, 94), (90, 91, 96), (87, 37)),
    ((69, 101, 49), (52, 97, 95), (42, 32)),
    ((41, 68, 66), (1, 49, 45), (43, 35)),
    ((84, 86, 61), (50, 17, 2), (36, 39)),
    ((23, 104, 72), (15, 106, 26), (35, 37)),
    ((58, 69, 62), (44, 52, 29), (42, 38)),
    ((67, 13, 71), (3, 12, 22), (57, 33)),
    ((82, 103, 85), (99, 62, 5), (87, 36)),
    ((14, 78, 108), (11, 112, 4), (35, 33)),
)  # fmt: skip


@dataclass(frozen=True)
class MusicStyle:
    """How a script becomes a score. voices by kind; follows: how often they are used; register: semitones that the
    happiest music lies above the saddest; steps: notes of the chords a beat for three degrees of density."""

    name: str
    voices: tuple[Voices, ...]
    follows: float
    register: int
    steps: tuple[float, float, float]
    drums_from_arousal: float


FIRST = MusicStyle("first", _FIRST_VOICES, 0.8, 12, (0.25, 1.0, 2.0), 0.35)
SECOND = MusicStyle("second", _SECOND_VOICES, 0.8, 7, (0.5, 1.0, 4.0), 0.5)


def arranged(script: SceneScript, seed: int, style: MusicStyle) -> Piece:
    """The piece of MUSIC_S and a little more that the script asks for."""
    writer = _Writer(script, np.random.default_rng((seed, 4)), style)
    period_s = 60 / script.tempo_bpm
    times_s = [script.first_beat_s + beat * period_s for beat in range(writer.bars * _BEATS_PER_BAR + 1)]
    return Piece(KINDS[script.kind].name, _BEATS_PER_BAR, times_s, writer.parts(), 0.5, 4)


class _Writer:
    """Writes the parts of one piece."""

    def __init__(self, script: SceneScript, rng: np.random.Generator, style: MusicStyle) -> None:
        self.script, self.rng, self.style = script, rng, style
        bar_s = _BEATS_PER_BAR * 60 / script.tempo_bpm
        self.bars = math.ceil(MUSIC_S / bar_s) + 1
        self.levels = [script.level_at(script.first_beat_s + (bar + 0.5) * bar_s) for bar in range(self.bars)]
        is_major = rng.random() < 1 / (1 + math.exp(-9 * (script.valence - 0.5)))
        self.scale = _MAJOR if is_major else _MINOR
        self.root = 55 + int(rng.integers(-5, 6)) + round(style.register * (script.valence - 0.5))
        progression = _PROGRESSIONS[int(rng.integers(len(_PROGRESSIONS)))]
        self.chords = [progression[bar % len(progression)] for bar in range(self.bars)]

    def parts(self) -> list[Part]:
        """Chords and bass always; a lead and drums where the script asks for them."""
        parts = [self._chords(), self._bass()]
        if self.rng.random() < 0.75:
            parts.append(self._lead())
        if self.script.arousal + self.rng.normal(0, 0.08) > self.style.drums_from_arousal:
            parts.append(self._drums())
        return parts

    def _part(self, role: int) -> Part:
        rng = self.rng
        kind = self.script.kind if rng.random() < self.style.follows else int(rng.integers(len(self.style.voices)))
        voices = self.style.voices[kind][role]
        return Part(voices[int(rng.integers(len(voices)))], int(rng.integers(75, 110)), 0.004)

    def _pitch(self, degree: int, octaves: int = 0) -> int:
        return self.root + 12 * octaves + 12 * (degree // 7) + self.scale[degree % 7]

    def _velocity(self, bar: int, weight: float = 1.0) -> int:
        loud = 30 + 90 * (0.35 * self.script.arousal + 0.65 * self.levels[bar])
        return int(np.clip(loud * weight + self.rng.normal(0, 5), 15, 127))

    def _steps_a_beat(self, bar: int) -> float:
        busy = 0.6 * self.script.density + 0.4 * self.levels[bar]
        return self.style.steps[min(2, int(busy * 3))]

    def _chords(self) -> Part:
        part = self._part(1)
        is_broken = self.rng.random() < 0.5
        for bar, chord in enumerate(self.chords):
            steps = self._steps_a_beat(bar)
            for index in range(round(_BEATS_PER_BAR * steps)):
                start, length = bar * _BEATS_PER_BAR + index / steps, 0.92 / steps
                tones = (0, 2, 4) if not is_broken or steps < 1 else ((0, 2, 4, 2)[index % 4],)
                for tone in tones:
                    weight = 0.8 if index % round(max(steps, 1)) else 0.9
                    part.notes.append((start, length, self._pitch(chord + tone), self._velocity(bar, weight)))
        return part

    def _bass(self) -> Part:
        part = self._part(2)
        for bar, chord in enumerate(self.chords):
            count = (
                1 if self.levels[bar] < 0.3 else 2 if self.levels[bar] < 0.6 else 4 if self.script.density < 0.6 else 8
            )
            for index in range(count):
                start, length = bar * _BEATS_PER_BAR + index * _BEATS_PER_BAR / count, 0.9 * _BEATS_PER_BAR / count
                part.notes.append((start, length, self._pitch(chord, -2), self._velocity(bar)))
        return part

    def _lead(self) -> Part:
        part = self._part(0)
        degree = int(self.rng.integers(0, 7))
        silent_below = float(self.rng.uniform(0.1, 0.5))
        for bar, chord in enumerate(self.chords):
            place = 0.0
            while place < _BEATS_PER_BAR:
                length = float(self.rng.choice((0.5, 1.0, 1.0, 2.0) if self.script.density > 0.5 else (1.0, 2.0, 4.0)))
                length = min(length, _BEATS_PER_BAR - place)
                degree = int(np.clip(degree + self.rng.integers(-2, 3), 0, 9))
                if self.levels[bar] > silent_below and self.rng.random() < 0.85:
                    pitch = self._pitch(chord + 2 * (degree // 2) if place == 0 else degree, 1)
                    part.notes.append((bar * _BEATS_PER_BAR + place, 0.95 * length, pitch, self._velocity(bar, 1.05)))
                place += length
        return part

    def _drums(self) -> Part:
        part = Part(DRUMS, int(self.rng.integers(80, 118)), 0.003)
        hat = _HAT if self.rng.random() < 0.7 else _SHAKER
        for bar, level in enumerate(self.levels):
            first = bar * _BEATS_PER_BAR
            if level < _LOWEST_LEVEL_WITH_DRUMS:
                continue
            if bar and abs(level - self.levels[bar - 1]) > 0.1:
                part.notes.append((first, 1.0, _CRASH, self._velocity(bar)))
            for beat in range(_BEATS_PER_BAR):
                key = _KICK if beat % 2 == 0 else _SNARE
                part.notes.append((first + beat, 0.2, key, self._velocity(bar, 1.1)))
                if key == _SNARE and self.script.arousal > 0.7:
                    part.notes.append((first + beat, 0.2, _KICK, self._velocity(bar)))
            steps = 4 if self.script.density > 0.66 else 2 if self.script.density > 0.33 else 1
            for index in range(_BEATS_PER_BAR * steps):
                part.notes.append((first + index / steps, 0.1, hat, self._velocity(bar, 0.7)))
        return part
