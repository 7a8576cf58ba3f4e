# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By hand: fit every track with a pulse to several lengths, and measure the joints with measures the search never saw.

A joint is compared with the floor, the same track's own bar lines, and with chance, two bar lines of it picked at
random and joined. `step` is the change of the mean mel spectrum from 0.25 s before to 0.25 s after, in dB; `seam` the
same over 40 ms; `beat` the error of the beat interval across the joint against its neighbours, in ms.

    python tests/benchmarks/bench_fit.py FOLDER [--every 2] [--first 1]
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import Rhythm
from needledrop.features.bars import RATE, TrackSound, listen
from needledrop.features.music import MusicAnalyser
from needledrop.features.spectrum import PowerSpectra, mel_bank
from needledrop.media.audio import AudioSource
from needledrop.suggest.fit_length import FitResult, FitTask, fit

LENGTHS_S = (15.0, 30.0, 60.0, 90.0)
LONGER = 1.5
_HOP_S = 0.01
_PAIRS = 40
_MEASURES = {"step": "dB", "seam": "dB", "beat": "ms"}


@dataclass(frozen=True)
class Joints:
    """Measures of joints, one value each: change over 0.25 s and over 40 ms in dB, error of the beat interval in ms."""

    step: list[float]
    seam: list[float]
    beat: list[float]

    @staticmethod
    def none() -> Joints:
        """Nothing measured yet."""
        return Joints([], [], [])


class Track:
    """One track analysed, and what is measured of joints in it."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self.rhythm = _rhythm(path)
        with AudioSource(path) as source:
            self.sound: TrackSound = listen(np.concatenate(list(source.blocks(RATE, 1)))[:, 0])
        spectra = PowerSpectra(512, round(RATE * _HOP_S))
        power = np.concatenate([*spectra.feed(self.sound.mono), *spectra.finish()])
        self._power = np.cumsum(power @ mel_bank(RATE, 512, 30, 60.0, 11_000.0), axis=0, dtype=np.float64)

    @property
    def has_pulse(self) -> bool:
        """True where there are bars to cut by."""
        return len(self.rhythm.downbeats_s) > 4 and self.rhythm.confidence >= 0.15

    def measure(self, out_s: float, in_s: float, into: Joints) -> None:
        """Add the measures of leaving at one time for another."""
        into.step.append(self._change(out_s, in_s, 0.25))
        into.seam.append(self._change(out_s, in_s, 0.04))
        if (error := self._beat_error_ms(out_s, in_s)) is not None:
            into.beat.append(error)

    def _change(self, out_s: float, in_s: float, width_s: float) -> float:
        # Frames are 21 ms long: none of them may reach over the joint.
        before = self._level(out_s - width_s, out_s - 0.011)
        after = self._level(in_s + 0.011, in_s + width_s)
        return float(np.abs(before - after).mean())

    def _level(self, start_s: float, end_s: float) -> NDArray[np.float64]:
        count = len(self._power) - 1
        first = int(np.clip(round(start_s / _HOP_S), 0, count - 1))
        last = int(np.clip(round(end_s / _HOP_S), first + 1, count))
        return np.asarray(10 * np.log10((self._power[last] - self._power[first]) / (last - first) + 1e-7))

    def _beat_error_ms(self, out_s: float, in_s: float) -> float | None:
        beats = self.rhythm.beats_s
        last, first = int(np.searchsorted(beats, out_s - 0.06)) - 1, int(np.searchsorted(beats, in_s - 0.06))
        if last < 1 or first + 1 >= len(beats):
            return None
        across_s = out_s - beats[last] + beats[first] - in_s
        usual_s = 0.5 * (beats[last] - beats[last - 1] + beats[first + 1] - beats[first])
        if across_s > 1.5 * usual_s:  # No beats were heard there.
            return None
        return float(abs(across_s - usual_s) * 1e3)


def _rhythm(path: Path) -> Rhythm:
    with AudioSource(path) as source:
        analyser = MusicAnalyser(source.sample_rate)
        for block in source.blocks():
            analyser.feed(block)
    return analyser.finish().rhythm


class Row:
    """What became of one length over all tracks."""

    def __init__(self) -> None:
        self.asked = self.exact = self.end_only = 0
        self.splices: list[int] = []
        self.quality: list[float] = []
        self.stretch: list[float] = []
        self.seconds: list[float] = []
        self.joints = Joints.none()

    def add(self, track: Track, length_s: float) -> None:
        """Fit one track."""
        self.asked += 1
        began = time.perf_counter()
        try:
            found = fit(FitTask(track.name, track.sound, track.rhythm, length_s))
        except KnownError as error:
            print(f"  {error.sentence}", file=sys.stderr)
            return
        self.seconds.append(time.perf_counter() - began)
        self.exact += _is_exact(found, length_s)
        self.end_only += found.is_end_only
        self.splices.append(len(found.splices))
        self.stretch.append(abs(found.stretch - 1.0))
        for splice in found.splices:
            self.quality.append(splice.quality)
            track.measure(splice.out_s, splice.in_s, self.joints)

    def text(self) -> str:
        """The row's cells."""
        quality = np.percentile(self.quality, (10, 50)) if self.quality else (np.nan, np.nan)
        return (
            f"{self.exact:3d}/{self.asked:3d}  {self.end_only:4d}  {np.mean(self.splices):7.2f}  {quality[1]:6.2f}"
            f"  {quality[0]:6.2f}  {100 * np.mean(self.stretch):6.2f} %  {np.mean(self.seconds):5.2f} s"
        )


def _is_exact(found: FitResult, length_s: float) -> bool:
    played_s = sum(piece.duration_s for piece in found.pieces) * found.stretch
    return round(played_s * 48_000) == round(length_s * 48_000)


def _cells(values: list[float]) -> str:
    return "  ".join(f"{value:6.2f}" for value in np.percentile(values, (50, 75, 90, 97)))


def main() -> None:
    """Print one row a length, then the measures of all joints beside floor and chance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only every so-manieth file")
    parser.add_argument("--first", type=int, default=0, help="beginning with this one, from 0")
    options = parser.parse_args()
    rows = {f"{length_s:g} s": Row() for length_s in LENGTHS_S} | {f"{LONGER:g} x": Row()}
    floor, chance = Joints.none(), Joints.none()
    rng = np.random.default_rng(0)
    count = 0
    for path in sorted(options.folder.iterdir())[options.first :: options.every]:
        track = Track(path)
        if not track.has_pulse:
            continue
        count += 1
        for name, row in rows.items():
            row.add(track, float(name[:-2]) * (track.sound.duration_s if name.endswith("x") else 1.0))
        lines = track.rhythm.downbeats_s[1:-1] - 0.012
        for at in rng.permutation(lines)[:_PAIRS]:
            track.measure(at, at, floor)
        for leave, enter in itertools.islice(zip(rng.permutation(lines), rng.permutation(lines), strict=True), _PAIRS):
            track.measure(leave, enter, chance)
    print(f"{count} tracks with a pulse\nlength    exact   end  splices  median  10th %  stretch   search")
    for name, row in rows.items():
        print(f"{name:8s} {row.text()}")
    joints = Joints(*([x for row in rows.values() for x in getattr(row.joints, one)] for one in _MEASURES))
    print("\nmeasure      joints      50th    75th    90th    97th percentile")
    for one, unit in _MEASURES.items():
        for label, values in (("ours", joints), ("floor", floor), ("chance", chance)):
            each = getattr(values, one)
            print(f"{one:4s} {unit}  {label:6s}  {len(each):5d}  {_cells(each)}")


if __name__ == "__main__":
    main()
