# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The small composition language of the demo tracks: songs, parts, chords, patterns, melodies.

Times are in beats, pitches are MIDI numbers. Nothing here makes sound or writes files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

PITCH_CLASS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic": (0, 2, 3, 5, 7, 8, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}
QUALITIES = {
    "": (0, 4, 7), "m": (0, 3, 7), "5": (0, 7), "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10), "9": (0, 4, 7, 10, 14), "m9": (0, 3, 7, 10, 14), "maj9": (0, 4, 7, 11, 14),
    "sus4": (0, 5, 7), "sus2": (0, 2, 7), "add9": (0, 4, 7, 14), "madd9": (0, 3, 7, 14), "dim": (0, 3, 6),
    "dim7": (0, 3, 6, 9), "6": (0, 4, 7, 9), "m6": (0, 3, 7, 9), "69": (0, 4, 7, 9, 14), "13": (0, 4, 7, 10, 21),
    "m7b5": (0, 3, 6, 10), "7b9": (0, 4, 7, 10, 13), "7sus4": (0, 5, 7, 10), "m11": (0, 3, 7, 10, 17),
}  # fmt: skip
DRUM_KEYS = {
    "kick": 36, "rim": 37, "snare": 38, "clap": 39, "snare2": 40, "hat": 42, "pedal": 44, "open": 46,
    "tom_low": 45, "tom_mid": 47, "tom_high": 50, "crash": 49, "ride": 51, "ride_bell": 53, "splash": 55,
    "tambourine": 54, "cowbell": 56, "shaker": 70, "conga_mute": 62, "conga_open": 63, "conga_low": 64,
    "claves": 75, "guiro": 73, "triangle": 81, "brush_swirl": 39, "brush_tap": 38, "cymbal": 57, "bass_drum": 35,
}  # fmt: skip
ACCENT = {"X": 1.15, "x": 1.0, "o": 0.68, "g": 0.42}


@dataclass(frozen=True)
class Note:
    """One note: start and length in beats, MIDI pitch, velocity 1..127."""

    start: float
    length: float
    pitch: int
    velocity: float


@dataclass(frozen=True)
class Chord:
    """One harmony in time: symbol such as "Am7/G", start and length in beats."""

    symbol: str
    start: float
    length: float

    @property
    def root(self) -> int:
        """Pitch class of the root."""
        return _split_symbol(self.symbol)[0]

    @property
    def bass(self) -> int:
        """Pitch class of the lowest note (the root unless a slash names another)."""
        return _split_symbol(self.symbol)[2]

    @property
    def intervals(self) -> tuple[int, ...]:
        """Semitones above the root."""
        return QUALITIES[_split_symbol(self.symbol)[1]]


def _split_symbol(symbol: str) -> tuple[int, str, int]:
    match = re.fullmatch(r"([A-G][b#]?)([^/]*)(?:/([A-G][b#]?))?", symbol)
    if match is None or match[2] not in QUALITIES:
        raise ValueError(f"chord symbol {symbol!r}")
    root = pitch_class(match[1])
    return root, match[2], pitch_class(match[3]) if match[3] else root


def pitch_class(name: str) -> int:
    """Pitch class 0..11 of a note name such as "Bb"."""
    return (PITCH_CLASS[name[0]] + name.count("#") - name.count("b")) % 12


def progression(text: str, beats: float, start: float = 0.0) -> list[Chord]:
    """Chords from "Am F C:2 G:2"; `beats` is the length of those without their own."""
    chords = []
    for token in text.replace("|", " ").split():
        symbol, _, length = token.partition(":")
        span = float(length) if length else beats
        chords.append(Chord(symbol, start, span))
        start += span
    return chords


def voice_leading(chords: list[Chord], centre: float, voices: int) -> list[tuple[int, ...]]:
    """Close voicings of `voices` notes each, every one moving as little as possible from the last."""
    chosen: list[tuple[int, ...]] = []
    for chord in chords:
        options = list(_voicings(chord, centre, voices))
        if not chosen:
            best = min(options, key=lambda v: abs(sum(v) / len(v) - centre))
        else:
            last = chosen[-1]
            best = min(options, key=lambda v: _movement(last, v) + 0.35 * abs(sum(v) / len(v) - centre))
        chosen.append(best)
    return chosen


def _movement(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    return float(sum(min(abs(a - b) for b in other) for a in one))


def _voicings(chord: Chord, centre: float, voices: int) -> Iterator[tuple[int, ...]]:
    intervals = list(chord.intervals)
    for spare in (7, 0):
        if len(intervals) > voices and spare in intervals:
            intervals.remove(spare)
    classes = sorted({(chord.root + step) % 12 for step in intervals[:voices]})
    for turn in range(len(classes)):
        if len(classes) == 2 and classes[turn] != chord.root:
            continue  # an inverted power chord is a fourth, which growls when distorted
        rotated = classes[turn:] + [c + 12 for c in classes[:turn]]
        while len(rotated) < voices:
            rotated.append(rotated[len(rotated) - len(classes)] + 12)
        for octave in range(2, 8):
            voicing = tuple(sorted(pitch + 12 * octave for pitch in rotated))
            if abs(sum(voicing) / len(voicing) - centre) < 9:
                yield voicing


@dataclass
class Part:
    """One instrument of a song. `voice` is a GM program, "drums", or "synth:NAME" for the numpy voices."""

    name: str
    voice: int | str
    volume: int = 100
    pan: int = 64
    reverb: int = 45
    chorus: int = 0
    human_ms: float = 6.0
    ducked: bool = False
    kit: int = 0
    notes: list[Note] = field(default_factory=list)
    expression: list[tuple[float, int]] = field(default_factory=list)

    def add(self, start: float, length: float, pitch: int, velocity: float) -> None:
        """Append one note."""
        self.notes.append(Note(start, length, pitch, velocity))

    def swell(self, start: float, end: float, low: int, high: int) -> None:
        """Expression (CC 11) ramp from `low` to `high` between two beats."""
        steps = max(2, int((end - start) * 4))
        self.expression += [
            (start + (end - start) * i / steps, round(low + (high - low) * i / steps)) for i in range(steps + 1)
        ]

    def comp(
        self, chords: list[Chord], rhythm: str, step: float, velocity: float,
        centre: float = 60, voices: int = 3, strum: float = 0.0, gate: float = 0.95,
    ) -> None:  # fmt: skip
        """Play voiced chords in `rhythm` ("X.x-o.", one character per `step` beats, cycling per section)."""
        for chord, voicing in zip(chords, voice_leading(chords, centre, voices), strict=True):
            for at, length, weight in hits(rhythm, step, chord.start - chords[0].start, chord.length):
                for index, pitch in enumerate(voicing):
                    self.add(chord.start + at + index * strum, length * gate, pitch, velocity * weight)

    def arpeggio(
        self, chords: list[Chord], order: str, step: float, velocity: float,
        centre: float = 64, voices: int = 3, hold: float = 1.0,
    ) -> None:  # fmt: skip
        """Broken chords: each digit of `order` picks a voice (past the top: an octave up), "." rests."""
        for chord, voicing in zip(chords, voice_leading(chords, centre, voices), strict=True):
            for index in range(round(chord.length / step)):
                mark = order[index % len(order)]
                if mark == ".":
                    continue
                octave, voice = divmod(int(mark), voices)
                shape = 1.08 if index % len(order) == 0 else 0.9 + 0.04 * (index % 2)
                length = min(step * hold, chord.length - index * step)
                self.add(chord.start + index * step, length, voicing[voice] + 12 * octave, velocity * shape)

    def bassline(
        self, chords: list[Chord], pattern: str, step: float, velocity: float, low: int = 28, gate: float = 0.92
    ) -> None:
        """Bass: R root, 3, 5, 7, 8 octave, 9 high ninth, 4 fourth below, A approach to the next chord, "-" holds."""
        following = [*chords[1:], chords[0]]
        for chord, after in zip(chords, following, strict=True):
            base = low + (chord.bass - low) % 12
            target = low + (after.bass - low) % 12
            third = next((i for i in chord.intervals if i in (3, 4, 5, 2)), 7)
            seventh = next((i for i in chord.intervals if i in (9, 10, 11)), 10)
            fifth = 6 if 6 in chord.intervals else 7
            pitch = {
                "R": base, "3": base + third, "5": base + fifth, "7": base + seventh, "8": base + 12,
                "9": base + 14, "4": base + fifth - 12, "A": target - 1 if target > base else target + 1,
            }  # fmt: skip
            pattern_hits = hits(pattern, step, chord.start - chords[0].start, chord.length, set(pitch))
            for at, length, mark in pattern_hits_with_marks(pattern, step, chord, chords[0].start, pattern_hits):
                weight = 1.08 if at % 2 == 0 else 0.94
                self.add(chord.start + at, length * gate, pitch[mark], velocity * weight)

    def tune(
        self, text: str, start: float, tonic: int, scale: str, velocity: float, gate: float = 0.96, octave: int = 0
    ) -> float:
        """Melody in scale degrees: "5:1.5 6:.5 1':2 r:1 b7!"; ' and , shift octaves, ! accents. Returns its end."""
        steps = SCALES[scale]
        length = 1.0
        for token in text.replace("|", " ").split():
            body, _, span = token.partition(":")
            length = float(span) if span else length
            if not body.startswith("r"):
                degree = int(re.sub(r"[^0-9]", "", body)) - 1
                pitch = tonic + steps[degree % 7] + 12 * (degree // 7 + octave)
                pitch += 12 * (body.count("'") - body.count(",")) + body.count("#") - body.count("b")
                weight = (1.12 if "!" in body else 1.0) * (1.04 if start % 1 == 0 else 0.95)
                self.add(start, length * gate, pitch, velocity * weight)
            start += length
        return start

    def beat(
        self, patterns: Mapping[str, str], start: float, length: float, velocity: float, step: float = 0.25
    ) -> None:
        """Drum patterns by instrument name, cycling from `start` for `length` beats."""
        for name, pattern in patterns.items():
            for at, _, weight in hits(pattern, step, 0.0, length):
                self.add(start + at, step, DRUM_KEYS[name], velocity * weight)


def pattern_hits_with_marks(
    pattern: str, step: float, chord: Chord, origin: float, found: list[tuple[float, float, float]]
) -> Iterator[tuple[float, float, str]]:
    """Give each hit of a bass pattern the character that made it."""
    pattern = re.sub(r"[| ]", "", pattern)
    for at, length, _ in found:
        yield at, length, pattern[round((chord.start - origin + at) / step) % len(pattern)]


def hits(
    pattern: str, step: float, offset: float, length: float, marks: set[str] | None = None
) -> list[tuple[float, float, float]]:
    """(start, length, weight) of each hit of a cycling pattern within `length` beats after `offset`."""
    pattern = re.sub(r"[| ]", "", pattern)
    known = marks if marks is not None else set(ACCENT)
    count = round(length / step)
    first = round(offset / step)
    result = []
    for index in range(count):
        mark = pattern[(first + index) % len(pattern)]
        if mark not in known:
            continue
        end = index + 1
        while end < count and pattern[(first + end) % len(pattern)] == "-":
            end += 1
        result.append((index * step, (end - index) * step, ACCENT.get(mark, 1.0)))
    return result


@dataclass
class Song:
    """A whole demo track: its facts (for tags and truth), its parts and its sections."""

    slug: str
    title: str
    album: str
    genre: str
    moods: str
    key: str
    bpm: float | None
    beats_per_bar: int
    bars: int
    suffix: str
    bitrate: int
    room: float = 0.6
    reverb_level: float = 0.5
    swing: float = 0.5
    tail_s: float = 5.0
    lowpass_hz: float | None = None
    crackle: bool = False
    parts: list[Part] = field(default_factory=list)
    sections: list[tuple[str, int]] = field(default_factory=list)

    @property
    def beat_s(self) -> float:
        """Seconds per beat (the beatless songs count in seconds)."""
        return 60.0 / self.bpm if self.bpm else 1.0

    def part(self, name: str, voice: int | str, **options: int | float | bool) -> Part:
        """Add and return a part."""
        made = Part(name, voice, **options)  # type: ignore[arg-type]
        self.parts.append(made)
        return made

    def at(self, bar: int) -> float:
        """First beat of a bar (bars count from 0)."""
        return float(bar * self.beats_per_bar)

    def section_spans(self) -> list[tuple[str, int, int]]:
        """(name, first bar, end bar) of each section."""
        bounds = [*self.sections, ("end", self.bars)]
        return [(name, first, last) for (name, first), (_, last) in pairwise(bounds)]
