# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beats by mir_eval, ours beside librosa's, aubio's and Essentia's, on music with a known score: pieces of the
training's composers with other seeds, tunes of free games (game_tunes.py) and the demo's tracks.

Pieces and tunes sound through a soundfont that was never trained on. By hand, with the extras `bench` and `learn`, and
Debian's aubio-tools, fluidsynth, mma, musescore-general-soundfont and the packages that game_tunes.py names:

    OMP_NUM_THREADS=1 taskset -c 0 python tests/benchmarks/bench_beats.py FOLDER

FOLDER keeps what was rendered; `--help` names the choices. Below the table stands how many pieces our tracker has wrong
and of what kind. The first five seconds of each piece do not count, as mir_eval has it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import mir_eval
import numpy as np
import soundfile
import soxr
from beat_trackers import RATE, Found, Samples, Tracker, trackers
from game_tunes import game_tunes
from numpy.typing import NDArray

from needledrop.features.onsets import RATE as RENDERED_RATE
from needledrop.media.audio import AudioSource
from needledrop.training.beats import render
from needledrop.training.beats.composer import Piece, compose
from needledrop.training.beats.grooves import compose_groove

_MUSIC = Path(__file__).resolve().parents[2] / "resources" / "demo" / "music"
_FIRST_SEED = 900_000
_PIECE_S = 60.0
_TEMPO_TOLERANCE = 0.04
_OCTAVES = (1.0, 2.0, 0.5, 3.0, 1 / 3)
_RESAMPLES = 2000
# A piece is wrong below this CMLt; the kinds of wrong are told by the tempo of the beats beside the true one.
_RIGHT_CMLT = 0.8
_KINDS = {
    "an octave off": (2.0, 0.5),
    "at 2:3, 3:2 or 1:3, 3:1": (2 / 3, 3 / 2, 1 / 3, 3.0),
    "at the right tempo for a part, or beside the beat": (1.0,),
}
_OTHER_KIND = "other"


@dataclass(frozen=True)
class Heard:
    """A piece: stereo [n, 2] at RATE, its true beats, and its downbeats or None where nobody named them."""

    set_name: str
    name: str
    stereo: Samples
    beats_s: NDArray[np.float64]
    downbeats_s: NDArray[np.float64] | None


@dataclass(frozen=True)
class Score:
    """One tracker on one piece; downbeat_f is NaN where truth or tracker has no downbeats, or the metre is unknown."""

    f: float
    cmlt: float
    amlt: float
    downbeat_f: float
    tempo_1: float
    tempo_2: float


def composed(folder: Path, count: int, soundfont: Path) -> Iterator[Heard]:
    """Pieces of the training's two composers, with seeds that training does not use."""
    makers: tuple[tuple[str, Callable[[int, float], Piece | None]], ...] = (
        ("our composer", compose),
        ("MMA's grooves", compose_groove),
    )
    for set_name, make in makers:
        for seed in range(_FIRST_SEED, _FIRST_SEED + count):
            piece = make(seed, _PIECE_S)
            if piece is not None:
                beats_s = np.array(piece.beats_s)
                sound = _rendered(folder, render.midi_bytes(piece, seed), soundfont, seed)
                yield Heard(set_name, str(seed), sound, beats_s, beats_s[:: piece.beats_per_bar])


def _rendered(folder: Path, midi: bytes, soundfont: Path, seed: int) -> Samples:
    """Stereo at RATE, kept by what it was made of."""
    reverb = random.Random(seed).random() < 0.35
    digest = hashlib.sha256(midi + soundfont.name.encode() + bytes([reverb])).hexdigest()[:24]
    path = folder / "composed" / f"{digest}.flac"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, render.rendered(midi, soundfont, reverb=reverb), RENDERED_RATE)
    return _read(path)


def _read(path: Path) -> Samples:
    sound, _ = soundfile.read(path, dtype="float32")
    return np.asarray(soxr.resample(sound, RENDERED_RATE, RATE), np.float32)


def games(folder: Path, soundfont: Path) -> Iterator[Heard]:
    """The tunes of games, those to choose constants by ("A") and those to report ("B")."""
    for half in "AB":
        for tune in game_tunes(folder, soundfont, half):
            downbeats_s = tune.truth.downbeats_s if tune.truth.names_metre else None
            yield Heard(f"games' tunes {half}", tune.name, _read(tune.sound_path), tune.truth.beats_s, downbeats_s)


def demo_tracks() -> Iterator[Heard]:
    """The demo's tracks that have beats; their truth names the metre but no downbeats."""
    for track in json.loads((_MUSIC / "truth.json").read_text(encoding="utf-8"))["tracks"]:
        if track["beats_s"]:
            with AudioSource(_MUSIC / track["file"]) as source:
                sound = np.concatenate(list(source.blocks(rate=RATE)))
            yield Heard("demo tracks", track["file"], sound, np.array(track["beats_s"]), None)


def score(piece: Heard, found: Found) -> Score:
    """F at 70 ms, CMLt, AMLt, F of downbeats; tempo within 4 % of the true one, and of that times 2, 3, 1/2, 1/3."""
    trim = mir_eval.beat.trim_beats
    true_s, found_s = trim(piece.beats_s), trim(found.beats_s)
    true_bpm = 60 / float(np.median(np.diff(piece.beats_s)))
    near = [abs(found.tempo_bpm / (true_bpm * octave) - 1) <= _TEMPO_TOLERANCE for octave in _OCTAVES]
    downbeat_f = float("nan")
    if piece.downbeats_s is not None and found.downbeats_s is not None:
        found_downbeats = trim(found.downbeats_s)
        downbeat_f = mir_eval.beat.f_measure(trim(piece.downbeats_s), found_downbeats) if len(found_downbeats) else 0.0
    if len(found_s) < 2:
        return Score(0.0, 0.0, 0.0, downbeat_f, float(near[0]), float(any(near)))
    _, cmlt, _, amlt = mir_eval.beat.continuity(true_s, found_s)
    return Score(mir_eval.beat.f_measure(true_s, found_s), cmlt, amlt, downbeat_f, float(near[0]), float(any(near)))


def fault(piece: Heard, found: Found, measured: Score) -> str | None:
    """The kind of error, None for a piece that is right."""
    if measured.cmlt >= _RIGHT_CMLT:
        return None
    if len(found.beats_s) < 2:
        return _OTHER_KIND
    ratio = float(np.median(np.diff(piece.beats_s)) / np.median(np.diff(found.beats_s)))
    for kind, ratios in _KINDS.items():
        if any(abs(ratio / one - 1) <= _TEMPO_TOLERANCE for one in ratios):
            return kind
    return _OTHER_KIND


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """95 % of the means of pieces drawn again with replacement."""
    drawn = np.random.default_rng(0).integers(0, len(values), (_RESAMPLES, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), (2.5, 97.5))
    return float(low), float(high)


@dataclass
class Row:
    """One tracker on one set."""

    scores: list[Score] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    heard_s: float = 0.0
    cpu_s: float = 0.0
    whole_cpu_s: float = 0.0

    def add(self, piece: Heard, found: Found) -> None:
        """Take one piece."""
        self.scores.append(score(piece, found))
        if (kind := fault(piece, found, self.scores[-1])) is not None:
            self.faults[kind] += 1
        self.heard_s += len(piece.stereo) / RATE
        self.cpu_s += found.cpu_s
        self.whole_cpu_s += found.whole_cpu_s or 0.0

    def cells(self) -> list[str]:
        """What the table says of it."""
        cells = [str(len(self.scores))]
        for name in ("f", "cmlt", "amlt", "downbeat_f", "tempo_1", "tempo_2"):
            values = np.array([getattr(one, name) for one in self.scores])
            values = values[~np.isnan(values)]
            cell = f"{values.mean():.3f}" if len(values) else ""
            if len(values) and not name.startswith("tempo"):
                low, high = interval(values)
                cell += f" ({low:.2f} to {high:.2f})"
            if name == "downbeat_f" and 0 < len(values) < len(self.scores):
                cell += f" of {len(values)}"
            cells.append(cell)
        whole = f" ({self.heard_s / self.whole_cpu_s:.0f}x)" if self.whole_cpu_s else ""
        return [*cells, f"{self.heard_s / self.cpu_s:.0f}x{whole}"]


def warm_up(tracker: Tracker) -> None:
    """Load what loads and compile what compiles, so that no piece pays for it."""
    clicks = np.zeros((RATE * 12, 2), np.float32)
    clicks[:: RATE // 2] = 0.5
    tracker(clicks)


def filled_table(pieces: Iterator[Heard], chosen: Mapping[str, Tracker], *, each: bool) -> dict[tuple[str, str], Row]:
    """Set and tracker -> what came out; each piece is printed as well if asked for."""
    table: dict[tuple[str, str], Row] = {}
    for piece in pieces:
        for name, tracker in chosen.items():
            row = table.setdefault((piece.set_name, name), Row())
            row.add(piece, tracker(piece.stereo))
            if each:
                last = row.scores[-1]
                print(
                    f"{piece.set_name}\t{piece.name}\t{name}\t{last.f:.3f}\t{last.cmlt:.3f}\t{last.amlt:.3f}",
                    flush=True,
                )
    return table


def main() -> None:
    """Run every tracker over every set and print one table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pieces", type=int, default=30, help="of each composer")
    parser.add_argument("--soundfont", type=Path, default=render.HELD_OUT_SOUNDFONT)
    parser.add_argument("--only", nargs="*", default=[], metavar="TRACKER", help="such as: ours librosa")
    parser.add_argument("--each", action="store_true", help="print F, CMLt and AMLt of each piece as well")
    wanted = parser.parse_args()
    found = {name: one for name, one in trackers().items() if not wanted.only or name in wanted.only}
    installed = {name: tracker for name, tracker in found.items() if tracker is not None}
    for tracker in installed.values():
        warm_up(tracker)
    folder, soundfont = wanted.folder, wanted.soundfont
    pieces = chain(composed(folder, wanted.pieces, soundfont), games(folder, soundfont), demo_tracks())
    table = filled_table(pieces, installed, each=wanted.each)
    print(
        "| set | tracker | pieces | F (95 %) | CMLt (95 %) | AMLt (95 %) | downbeat F (95 %) | tempo 1 | tempo 2 "
        "| real time, tracker (whole analysis) |"
    )
    print("|---" * 10 + "|")
    for (set_name, name), row in table.items():
        print(f"| {set_name} | {name} | " + " | ".join(row.cells()) + " |")
    for name in found.keys() - installed.keys():
        print(f"| all | {name} | not installed |" + " |" * 7)
    for (set_name, name), row in table.items():
        if name == "ours":
            kinds = "; ".join(f"{count} {kind}" for kind, count in row.faults.most_common())
            print(f"{set_name}: {row.faults.total()} of {len(row.scores)} with CMLt below {_RIGHT_CMLT}: {kinds}")


if __name__ == "__main__":
    main()
