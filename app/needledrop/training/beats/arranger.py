# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the parts of a piece in one style: sections of two materials, chords, drums, bass, chords and melodies."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from needledrop.training.beats import voices
from needledrop.training.beats.figures import Bar, Notes, figure, motif, pickup
from needledrop.training.beats.styles import Style

DRUMS = -1
_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10), (0, 2, 4, 5, 7, 9, 10))
_FORMS = ("A", "A", "AB", "AB", "AABA", "AABB", "BA", "ABB")
_Made = TypeVar("_Made")


@dataclass
class Part:
    """Notes (start in beats, length in beats, pitch, velocity) of one GM voice, or DRUMS."""

    program: int
    volume: int
    jitter_s: float
    notes: list[tuple[float, float, int, int]] = field(default_factory=list)


class Arranger:
    """One piece of `bars` bars; every part is asked for by its own method, in any order."""

    def __init__(self, rng: random.Random, style: Style, bar: Bar, bars: int) -> None:
        self.rng, self.style, self.bar, self.bars = rng, style, bar, bars
        self.root, self.scale = rng.randrange(12), rng.choice(_SCALES)
        self.section_bars = rng.choice((4, 4, 8, 8, 2, 6))
        self.sections = -(-bars // self.section_bars)
        self.form = rng.choice(_FORMS)
        self.chords = self._each(self._cycle)
        self.kicks = self._each(lambda: self._row(style.kicks, (0,), 0.6))
        # Chords of much pop come an eighth early.
        self.early = bar.per_beat == 4 and rng.random() < 0.12
        # Now and then everyone rests for a bar, or the last beats of one.
        self.rests = {s for s in range(1, self.sections) if rng.random() < 0.05}

    def parts(self) -> list[Part]:
        rng, style = self.rng, self.style
        made = [self.drums()] if rng.random() < style.drums * 0.97 else []
        if style.basses[0] != "none" and rng.random() < 0.92:
            made.append(self.bass())
        made.extend(self.accompaniment() for _ in range(rng.choice((1, 1, 2, 2, 3))))
        made.extend(self.melody() for _ in range(rng.choice((0, 1, 1, 1, 2))))
        for part in made:
            part.notes = [note for note in part.notes if not self._rests_at(note[0])]
        return made

    def _rests_at(self, beat: float) -> bool:
        bar = int(beat // self.bar.beats)
        return (bar + 1) % self.section_bars == 0 and bar // self.section_bars in self.rests

    # structure --------------------------------------------------------------------------------------

    def _each(self, make: Callable[[], _Made]) -> dict[str, _Made]:
        """One of what `make` makes for each letter of the form; the second is often the first again."""
        first = make()
        return {"A": first, "B": first if self.rng.random() < 0.35 else make()}

    def _letter(self, bar: int) -> str:
        return self.form[(bar // self.section_bars) % len(self.form)]

    def _cycle(self) -> list[list[int]]:
        """Chord degrees (one or two a bar) of the bars of a cycle."""
        rng, cycle = self.rng, []
        for bar in range(rng.choice((2, 4, 4, 4, 8))):
            degree = 0 if bar == 0 and rng.random() < 0.8 else rng.choice((0, 1, 2, 3, 3, 4, 4, 5, 5))
            cycle.append([degree, rng.randrange(6)] if rng.random() < 0.15 else [degree])
        return [chords for chords in cycle for _ in range(2 if rng.random() < 0.15 else 1)]

    def _chord(self, bar: int, step: int) -> int:
        steps = self.bar.steps
        if self.early and step >= steps - 2 and bar + 1 < self.bars:
            bar, step = bar + 1, 0
        cycle = self.chords[self._letter(bar)]
        chords = cycle[bar % self.section_bars % len(cycle)] if self.section_bars > 2 else cycle[bar % len(cycle)]
        return chords[min(len(chords) - 1, step * len(chords) // steps)]

    def _playing(self, silent: float, intro: float) -> list[bool]:
        """Whether a part plays in each section; it plays in one of the first two at least."""
        rng = self.rng
        plays = [rng.random() > (intro if section == 0 else silent) for section in range(self.sections)]
        plays[rng.randrange(min(2, self.sections))] = True
        return plays

    def _part(self, programs: tuple[int, ...], low: int, high: int) -> Part:
        rng = self.rng
        if self.style.name in voices.OF_STYLE and programs and programs is not voices.BASSES and rng.random() < 0.8:
            programs = voices.OF_STYLE[self.style.name]
        program = rng.choice(programs) if programs else DRUMS
        return Part(program, rng.randint(low, high), rng.choice((0, 0, 0.003, 0.006, 0.011)))

    def _add(self, part: Part, bar: int, step: float, length: float, pitch: int, loud: float) -> None:
        velocity = max(12, min(127, round(loud + self.rng.gauss(0, 6))))
        part.notes.append(
            (bar * self.bar.beats + step / self.bar.per_beat, length / self.bar.per_beat, pitch, velocity)
        )

    # drums ------------------------------------------------------------------------------------------

    def _row(self, rows: tuple[str, ...], strong: tuple[int, ...], loose: float) -> list[float]:
        """Chances of a hit at each step of a bar: a row of the style, or one made up for other metres."""
        rng, bar = self.rng, self.bar
        if rows and bar.steps == 16:
            return [{"x": 1.0, "o": 0.55, "?": 0.3 * (rng.random() < 0.6)}.get(sign, 0.0) for sign in rng.choice(rows)]
        if rows and bar.steps == 8 and bar.per_beat == 4:
            return self._halved(rng.choice(rows))
        row = [0.0] * bar.steps
        for beat in strong:
            row[beat * bar.per_beat % bar.steps] = 1.0
        for step in range(0, bar.steps, 2):
            if not row[step] and rng.random() < 0.12 * loose:
                row[step] = 0.7
        return row

    @staticmethod
    def _halved(row: str) -> list[float]:
        """A row of 4/4 in half the time, as two beats of 2/4 hold it."""
        signs = [a if a != "." else b for a, b in zip(row[::2], row[1::2], strict=True)]
        return [{"x": 1.0, "o": 0.55}.get(sign, 0.0) for sign in signs]

    def _hats(self) -> list[float]:
        rng, bar = self.rng, self.bar
        if self.style.hats and bar.steps == 16:
            return [{"x": 1.0, "o": 0.6, "?": 0.3}.get(sign, 0.0) for sign in rng.choice(self.style.hats)]
        every = rng.choice((1, 2, 2, 4) if bar.per_beat == 4 else (2, 2, 6, 1))
        return [(1.0 if step % bar.per_beat == 0 else 0.65) if step % every == 0 else 0.0 for step in range(bar.steps)]

    def _kit(self) -> list[tuple[int, dict[str, list[float]], int]]:
        """Drum keys, their rows in each material, and how loud they are."""
        rng, beats = self.rng, self.bar.beats
        backbeats = tuple(range(1, beats)) if beats == 3 else tuple(range(1, beats, 2)) or (0,)
        kit = [
            (rng.choice(voices.KICKS), self.kicks, rng.randint(85, 122)),
            (rng.choice(voices.SNARES), self._each(lambda: self._row(self.style.snares, backbeats, 0.5)),
             rng.randint(75, 120)),
            (rng.choice(self.style.hat_keys), self._each(self._hats), rng.randint(45, 100)),
        ]  # fmt: skip
        if rng.random() < 0.25:
            kit.append((rng.choice(voices.PERCUSSION), self._each(self._hats), rng.randint(45, 90)))
        if rng.random() < 0.12:
            kit.pop(rng.randrange(len(kit)))
        return kit

    def drums(self) -> Part:
        rng, steps, part, kit = self.rng, self.bar.steps, self._part((), 80, 120), self._kit()
        plays, fill_chance, crash_chance = self._playing(0.08, 0.35), rng.random(), rng.random()
        for bar in range(self.bars):
            section, last = bar // self.section_bars, (bar + 1) % self.section_bars == 0
            if not plays[section] or (last and rng.random() < 0.1):
                continue
            fills = last and rng.random() < fill_chance
            fill_from = steps - rng.choice((1, 1, 2)) * self.bar.per_beat if fills else steps
            self._drum_bar(part, kit, bar, max(0, fill_from))
            if bar % self.section_bars == 0 and rng.random() < crash_chance:
                self._add(part, bar, 0, self.bar.per_beat, rng.choice(voices.CRASHES), 100)
        return part

    def _drum_bar(self, part: Part, kit: list[tuple[int, dict[str, list[float]], int]], bar: int, end: int) -> None:
        rng = self.rng
        for key, rows, loud in kit:
            for step, weight in enumerate(rows[self._letter(bar)][:end]):
                if weight and (weight > 0.31 or rng.random() < weight):
                    self._add(part, bar, step, 1, key, loud * (0.45 + 0.55 * weight))
        for step in range(end, self.bar.steps):
            if rng.random() < (0.8 if step % 2 == 0 else 0.5):
                self._add(part, bar, step, 1, rng.choice((38, *voices.TOMS)), rng.randint(70, 120))

    # pitched ----------------------------------------------------------------------------------------

    def _pitch(self, degree: int, octave: int) -> int:
        return self.root + 12 * octave + 12 * (degree // 7) + self.scale[degree % 7]

    def _figures(self, kinds: tuple[str, ...]) -> dict[str, Notes]:
        made: dict[str, Notes] = {}
        for letter, kick in self.kicks.items():
            kind = self.rng.choice(kinds)
            again = letter == "B" and self.rng.random() < 0.5
            made[letter] = made["A"] if again else figure(self.rng, kind, self.bar, kick)
        return made

    def bass(self) -> Part:
        rng, part = self.rng, self._part(voices.BASSES, 70, 120)
        plays, loud, figures = self._playing(0.1, 0.35), rng.randint(75, 115), self._figures(self.style.basses)
        for bar in range(self.bars):
            if not plays[bar // self.section_bars]:
                continue
            for step, length, tone in figures[self._letter(bar)]:
                degree = self._chord(bar, step) + (0, 2, 4, 7)[tone]
                self._add(part, bar, step, 0.9 * length, self._pitch(degree, 3), loud)
        return part

    def accompaniment(self) -> Part:
        rng, kind = self.rng, self.rng.choice(self.style.comps)
        plucked = rng.choice((voices.PLUCKED, voices.PLUCKED, voices.DRIVEN, voices.PADS))
        part = self._part(voices.PADS if kind == "pad" else plucked, 45, 105)
        plays, loud, octave = self._playing(0.2, 0.3), rng.randint(60, 110), rng.choice((4, 5, 5, 6))
        figures, accent = self._figures((kind,)), rng.choice((0, 0, 12))
        tones = (0,) if kind.startswith(("arp", "alberti", "ostinato")) else (0, 2, 4)
        for bar in range(self.bars):
            if not plays[bar // self.section_bars]:
                continue
            for step, length, tone in figures[self._letter(bar)]:
                degree = self._chord(bar, step) + ((0, 2, 4, 7)[tone] if len(tones) == 1 else 0)
                stressed = loud + (accent if step % self.bar.per_beat == 0 else 0)
                for extra in tones:
                    self._add(part, bar, step, 0.92 * length, self._pitch(degree + extra, octave), stressed)
        return part

    def melody(self) -> Part:
        """Motifs of a bar, repeated and moved with the chords, at times led into by a pick-up."""
        rng, part = self.rng, self._part(voices.LEADS, 70, 115)
        plays, loud, octave = self._playing(0.3, 0.5), rng.randint(75, 120), rng.choice((5, 5, 6))
        motifs = [self._each(lambda: motif(rng, self.bar)) for _ in range(2)]
        order, upbeat = rng.choice(((0, 0, 0, 0), (0, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1))), rng.random() < 0.3
        for bar in range(self.bars):
            if not plays[bar // self.section_bars]:
                continue
            notes = motifs[order[bar % 4]][self._letter(bar)]
            leads = pickup(rng, self.bar) if upbeat and bar % 4 == 3 else []
            for step, length, degree in [*(n for n in notes if not leads or n[0] < leads[0][0]), *leads]:
                if rng.random() < 0.06:
                    continue
                shift = self._chord(bar, step) if step % self.bar.per_beat == 0 else 0
                self._add(part, bar, step, 0.95 * length, self._pitch(degree % 5 + shift, octave), loud)
        return part
