# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Composes a piece by chance in one of STYLES, with the exact times of its beats. Makes no sound."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from needledrop.training.beats.styles import STYLES, Style

DRUMS = -1
_KEYS = {"kick": (35, 36, 36), "snare": (38, 38, 40, 39, 37), "tom": (41, 43, 45, 47, 48, 50), "crash": (49, 57, 55)}
_PAD_VOICES = (48, 49, 50, 51, 52, 53, 88, 89, 90, 91, 94, 95, 16, 19, 21, 60, 61, 44, 68)
_PLUCKED_VOICES = (0, 1, 2, 4, 5, 6, 7, 11, 12, 24, 25, 26, 27, 28, 45, 46, 104, 106, 107, 108, 8, 9, 13, 15)
_DRIVEN_VOICES = (29, 30, 30, 29, 27, 81, 62, 63, 55, 84, 87)
_BASS_VOICES = (32, 33, 33, 34, 35, 36, 37, 38, 39, 38, 87, 43)
_LEAD_VOICES = (40, 41, 56, 57, 60, 65, 66, 68, 71, 73, 74, 75, 79, 80, 81, 82, 85, 22, 21, 11, 0, 26, 29, 30, 72, 105)
_ORCHESTRA = (40, 42, 44, 45, 46, 47, 48, 49, 50, 56, 57, 58, 60, 61, 68, 70, 71, 73, 9, 11, 14)
_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10), (0, 2, 4, 5, 7, 9, 10))


@dataclass
class Part:
    """Notes (start in beats, length in beats, pitch, velocity) of one GM voice, or DRUMS."""

    program: int
    volume: int
    jitter_s: float
    notes: list[tuple[float, float, int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Piece:
    """Parts and the times of all beats in seconds; beat k begins a bar where k % beats_per_bar == 0."""

    style: str
    beats_per_bar: int
    beats_s: list[float]
    parts: list[Part]
    swing: float
    parts_per_beat: int

    def time_s(self, beat: float) -> float:
        """When a place in the score sounds, with its swing."""
        whole = math.floor(beat)
        part = beat - whole
        if self.parts_per_beat == 4 and self.swing != 0.5:
            half = 2 * part * self.swing if part <= 0.5 else self.swing + 2 * (part - 0.5) * (1 - self.swing)
            part = half
        last = len(self.beats_s) - 2
        index = min(max(whole, 0), last)
        return self.beats_s[index] + (whole - index + part) * (self.beats_s[index + 1] - self.beats_s[index])


def compose(seed: int, length_s: float) -> Piece:
    """The piece of that seed, about `length_s` long."""
    rng = random.Random(seed)
    style = rng.choices(STYLES, [style.weight for style in STYLES])[0]
    beats_per_bar, parts_per_beat = rng.choice(style.metres)
    bpm = style.slowest * (style.fastest / style.slowest) ** rng.random()
    bars = max(8, math.ceil(length_s * bpm / 60 / beats_per_bar))
    beats_s = beat_times(rng, bpm, bars * beats_per_bar + 1)
    parts = _Arranger(rng, style, beats_per_bar, parts_per_beat, bars).parts()
    return Piece(style.name, beats_per_bar, beats_s, parts, rng.uniform(*style.swing), parts_per_beat)


def beat_times(rng: random.Random, bpm: float, count: int) -> list[float]:
    """Beat times of a steady, drifting, or changing tempo."""
    kind = rng.choices(("steady", "drift", "change", "ritardando"), (6, 2.5, 1, 0.7))[0]
    time_s, period, drift = 0.05 + rng.random() * 1.5, 60 / bpm, 0.0
    change_at, factor = rng.randrange(count // 4 + 1, count), rng.uniform(0.75, 1.3)
    spread = rng.uniform(0.001, 0.008)
    times = []
    for beat in range(count):
        times.append(time_s)
        if kind == "drift":
            drift = 0.9 * drift + rng.gauss(0, spread)
        elif kind == "change" and beat == change_at:
            period *= factor
        elif kind == "ritardando" and beat > count - 9:
            period *= 1.03
        time_s += period * math.exp(drift)
    return times


class _Arranger:
    """Writes the parts of one piece."""

    def __init__(self, rng: random.Random, style: Style, beats_per_bar: int, parts_per_beat: int, bars: int) -> None:
        self.rng, self.style, self.bars = rng, style, bars
        self.beats, self.per_beat = beats_per_bar, parts_per_beat
        self.steps = beats_per_bar * parts_per_beat
        self.root, self.scale = rng.randrange(12), rng.choice(_SCALES)
        self.section_bars = rng.choice((4, 4, 8, 8, 2, 6))
        self.chords = self._progression()
        self.sections = -(-bars // self.section_bars)
        self.kick = self._row(style.kicks, (0,), 0.6)

    def _progression(self) -> list[list[int]]:
        """One list of chord degrees (one or two) a bar, repeated with the sections."""
        rng = self.rng
        length = rng.choice((2, 4, 4, 4, 8))
        cycle = []
        for bar in range(length):
            degree = 0 if bar == 0 else rng.choice((0, 1, 2, 3, 3, 4, 4, 5, 5))
            cycle.append([degree, rng.randrange(6)] if rng.random() < 0.15 else [degree])
        hold = 2 if rng.random() < 0.15 else 1
        return [cycle[(bar // hold) % length] for bar in range(self.bars)]

    def _row(self, rows: tuple[str, ...], strong: tuple[int, ...], loose: float) -> list[float]:
        """Chances of a hit at each step of a bar: a row of the style, or one made up for other metres."""
        rng = self.rng
        if rows and self.steps == 16:
            return [{"x": 1.0, "o": 0.55, "?": 0.3 * (rng.random() < 0.6)}.get(sign, 0.0) for sign in rng.choice(rows)]
        row = [0.0] * self.steps
        for beat in strong:
            row[beat * self.per_beat % self.steps] = 1.0
        for step in range(0, self.steps, 2):
            if not row[step] and rng.random() < 0.12 * loose:
                row[step] = 0.7
        return row

    def parts(self) -> list[Part]:
        rng, style = self.rng, self.style
        parts = []
        if rng.random() < style.drums * 0.97:
            parts.append(self._drums())
        if style.basses[0] != "none" and rng.random() < 0.92:
            parts.append(self._bass())
        parts.extend(self._comp() for _ in range(rng.choice((1, 1, 2, 2, 3))))
        parts.extend(self.melody() for _ in range(rng.choice((0, 1, 1, 1, 2))))
        return parts

    def _part(self, voices: tuple[int, ...], low: int, high: int) -> Part:
        rng = self.rng
        if self.style.name in ("orchestra", "epic") and rng.random() < 0.8 and voices is not _BASS_VOICES:
            voices = _ORCHESTRA
        if self.style.name == "chip" and rng.random() < 0.8:
            voices = (80, 81, 80, 81, 38, 82)
        if self.style.name == "piano" and rng.random() < 0.8:
            voices = (0, 0, 1, 4, 5, 11, 46)
        program = DRUMS if not voices else rng.choice(voices)
        return Part(program, rng.randint(low, high), rng.choice((0, 0, 0.003, 0.006, 0.011)))

    def _plays(self, silent: float, intro: float) -> list[bool]:
        """Whether a part plays in each section; it plays in one at least."""
        rng = self.rng
        plays = [rng.random() > (intro if section == 0 else silent) for section in range(self.sections)]
        plays[rng.randrange(min(2, self.sections) - 1, self.sections)] = True
        return plays

    # drums ------------------------------------------------------------------------------------------

    def _drums(self) -> Part:
        rng = self.rng
        part = self._part((), 80, 120)
        plays = self._plays(0.08, 0.35)
        backbeats = tuple(range(1, self.beats)) if self.beats == 3 else tuple(range(1, self.beats, 2)) or (0,)
        rows = [
            (rng.choice(_KEYS["kick"]), self.kick, rng.randint(85, 122)),
            (rng.choice(_KEYS["snare"]), self._row(self.style.snares, backbeats, 0.5), rng.randint(75, 120)),
            (rng.choice(self.style.hat_keys), self._hats(), rng.randint(45, 100)),
        ]
        if rng.random() < 0.25:
            rows.append((rng.choice((54, 70, 69, 56, 62, 64, 75, 76)), self._hats(), rng.randint(45, 90)))
        if rng.random() < 0.12:
            rows.pop(rng.randrange(len(rows)))
        fill_chance, crash_chance = rng.random(), rng.random()
        for bar in range(self.bars):
            section = bar // self.section_bars
            if not plays[section]:
                continue
            last = bar % self.section_bars == self.section_bars - 1
            if last and rng.random() < 0.1:
                continue
            fill_from = (
                self.steps - rng.choice((1, 1, 2)) * self.per_beat
                if last and rng.random() < fill_chance
                else self.steps
            )
            self._drum_bar(part, rows, bar, fill_from)
            if bar % self.section_bars == 0 and rng.random() < crash_chance:
                part.notes.append((bar * self.beats, 1.0, rng.choice(_KEYS["crash"]), rng.randint(80, 115)))
        return part

    def _hats(self) -> list[float]:
        rng = self.rng
        if self.style.hats and self.steps == 16:
            return [{"x": 1.0, "o": 0.6, "?": 0.3}.get(sign, 0.0) for sign in rng.choice(self.style.hats)]
        every = rng.choice((1, 2, 2, 4) if self.per_beat == 4 else (2, 2, 6, 1))
        return [
            (1.0 if step % self.per_beat == 0 else 0.65) if step % every == 0 else 0.0 for step in range(self.steps)
        ]

    def _drum_bar(self, part: Part, rows: list[tuple[int, list[float], int]], bar: int, fill_from: int) -> None:
        rng = self.rng
        for key, row, loud in rows:
            for step, weight in enumerate(row[:fill_from]):
                if weight and (weight > 0.31 or rng.random() < weight):
                    velocity = max(12, min(127, round(loud * (0.45 + 0.55 * weight) + rng.gauss(0, 5))))
                    part.notes.append((bar * self.beats + step / self.per_beat, 0.2, key, velocity))
        for step in range(fill_from, self.steps):
            if rng.random() < (0.8 if step % 2 == 0 else 0.5):
                key = rng.choice((38, *_KEYS["tom"]))
                part.notes.append((bar * self.beats + step / self.per_beat, 0.2, key, rng.randint(70, 120)))

    # pitched ----------------------------------------------------------------------------------------

    def _pitch(self, degree: int, octave: int) -> int:
        return self.root + 12 * octave + 12 * (degree // 7) + self.scale[degree % 7]

    def _chord(self, bar: int, step: int) -> int:
        chords = self.chords[bar]
        return chords[min(len(chords) - 1, step * len(chords) // self.steps)]

    def _figure(self, kind: str) -> list[tuple[int, int, int]]:
        """Steps of a bar with lengths in steps and a tone of the chord (0 root, 1 third, 2 fifth, 3 octave)."""
        rng, steps, beat = self.rng, self.steps, self.per_beat
        half = beat // 2
        if kind in ("whole", "pad"):
            return [(0, steps, 0)]
        if kind in ("roots", "first"):
            return [(0, beat * (1 if kind == "first" else self.beats), 0)] + (
                [(beat * (self.beats // 2), beat, 0)]
                if kind == "roots" and self.beats > 2 and rng.random() < 0.5
                else []
            )
        if kind == "fifths":
            return [
                (b * beat, beat, 0 if b % 4 == 0 else 2) for b in range(0, self.beats, 2 if self.beats % 2 == 0 else 1)
            ]
        if kind == "quarters":
            return [(b * beat, max(1, round(beat * 0.9)), 0) for b in range(self.beats)]
        if kind == "walking":
            return [(b * beat, beat, rng.choice((0, 1, 2, 3)) if b else 0) for b in range(self.beats)]
        if kind in ("offbeat", "skank"):
            return [(b * beat + half, half, 0) for b in range(self.beats)]
        if kind == "stabs":
            return [(b * beat, half, 0) for b in range(1, self.beats, 2)]
        if kind == "waltz":
            return [(b * beat, half, 0) for b in range(1, self.beats)]
        if kind == "kick":
            return [(s, half, 0) for s, weight in enumerate(self.kick) if weight > 0.5] or [(0, beat, 0)]
        return self._running_figure(kind, steps, half)

    def _running_figure(self, kind: str, steps: int, half: int) -> list[tuple[int, int, int]]:
        rng = self.rng
        every = 2 if self.per_beat == 6 else (1 if kind in ("sixteenths", "arp16") else half)
        if kind in ("arp8", "arp16", "arp"):
            shape = [rng.randrange(4) for _ in range(rng.choice((3, 4, 4, 8, 6)))]
            return [(s, every, shape[(s // every) % len(shape)]) for s in range(0, steps, every)]
        if kind == "alberti":
            return [(s, every, (0, 2, 1, 2)[(s // every) % 4]) for s in range(0, steps, every)]
        if kind == "octaves":
            return [(s, every, 3 if (s // every) % 2 else 0) for s in range(0, steps, every)]
        if kind == "ostinato":
            drops = [rng.random() < 0.3 for _ in range(steps)]
            return [(s, every, rng.choice((0, 0, 2))) for s in range(0, steps, every) if s == 0 or not drops[s]]
        if kind == "synco":
            grid = range(0, steps, 2 if self.per_beat == 6 or rng.random() < 0.6 else 1)
            chosen = sorted({0, *rng.sample(list(grid), min(len(grid), rng.randint(2, 6)))})
            if rng.random() < 0.2:
                chosen = chosen[1:] or [0]
            return [(s, 2, rng.choice((0, 0, 2, 3))) for s in chosen]
        return [(s, every, 0) for s in range(0, steps, every)]

    def _bass(self) -> Part:
        rng = self.rng
        part = self._part(_BASS_VOICES, 70, 120)
        plays, loud = self._plays(0.1, 0.35), rng.randint(75, 115)
        figures = [self._figure(rng.choice(self.style.basses)) for _ in range(2)]
        change = rng.random() < 0.3
        for bar in range(self.bars):
            if not plays[bar // self.section_bars]:
                continue
            figure = figures[(bar // self.section_bars) % 2 if change else 0]
            for step, length, tone in figure:
                degree = self._chord(bar, step) + (0, 2, 4, 7)[tone]
                velocity = max(20, min(127, round(loud + rng.gauss(0, 6))))
                part.notes.append(
                    (
                        bar * self.beats + step / self.per_beat,
                        length / self.per_beat * 0.9,
                        self._pitch(degree, 3) - 0,
                        velocity,
                    )
                )
        return part

    def _comp(self) -> Part:
        rng = self.rng
        kind = rng.choice(self.style.comps)
        voices = (
            _PAD_VOICES
            if kind == "pad"
            else rng.choice((_PLUCKED_VOICES, _PLUCKED_VOICES, _DRIVEN_VOICES, _PAD_VOICES))
        )
        part = self._part(voices, 45, 105)
        plays, loud, octave = self._plays(0.2, 0.3), rng.randint(60, 110), rng.choice((4, 5, 5, 6))
        figure = self._figure(kind)
        single = kind.startswith(("arp", "alberti", "ostinato"))
        accent = rng.choice((0, 0, 12))
        for bar in range(self.bars):
            if not plays[bar // self.section_bars]:
                continue
            for step, length, tone in figure:
                degree = self._chord(bar, step)
                tones = ((0, 2, 4, 7)[tone],) if single else (0, 2, 4)
                velocity = max(
                    15, min(127, round(loud + (accent if step % self.per_beat == 0 else 0) + rng.gauss(0, 6)))
                )
                for extra in tones:
                    part.notes.append(
                        (
                            bar * self.beats + step / self.per_beat,
                            length / self.per_beat * 0.92,
                            self._pitch(degree + extra, octave),
                            velocity,
                        )
                    )
        return part

    def melody(self) -> Part:
        """Motifs of a bar, repeated and shifted with the chords."""
        rng = self.rng
        part = self._part(_LEAD_VOICES, 70, 115)
        plays, loud, octave = self._plays(0.3, 0.5), rng.randint(75, 120), rng.choice((5, 5, 6))
        motifs = [self._motif() for _ in range(2)]
        form = rng.choice(("AAAA", "AAAB", "ABAB", "AABB"))
        for bar in range(self.bars):
            if not plays[bar // self.section_bars]:
                continue
            for step, length, degree in motifs["AB".index(form[bar % 4])]:
                if rng.random() < 0.06:
                    continue
                shift = self._chord(bar, step) if step % self.per_beat == 0 else 0
                velocity = max(20, min(127, round(loud + rng.gauss(0, 8))))
                part.notes.append(
                    (
                        bar * self.beats + step / self.per_beat,
                        length / self.per_beat * 0.95,
                        self._pitch(degree % 5 + shift, octave),
                        velocity,
                    )
                )
        return part

    def _motif(self) -> list[tuple[int, int, int]]:
        """Notes of one bar in steps, longer on stronger places."""
        rng, motif, step, degree = self.rng, [], 0, self.rng.randrange(7)
        lengths = rng.choice(((2, 2, 4, 4, 8), (4, 4, 2), (1, 1, 2, 2, 4), (4, 8, 8), (3, 3, 2), (2, 2, 2, 4)))
        if self.per_beat == 6:
            lengths = rng.choice(((2, 2, 4), (6, 4, 2), (2, 2, 2), (6, 6, 12)))
        while step < self.steps:
            length = min(rng.choice(lengths), self.steps - step)
            degree += rng.choice((-2, -1, -1, 0, 1, 1, 2))
            if rng.random() > 0.15:
                motif.append((step, length, degree))
            step += length
        return motif


def add_melody(rng: random.Random, beats_per_bar: int, parts_per_beat: int, bars: int) -> Part:
    """A melody over nothing in particular, for accompaniments from elsewhere."""
    return _Arranger(rng, rng.choice(STYLES), beats_per_bar, parts_per_beat, bars).melody()
