# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Galleries of real sound: pieces of the training's composers with seeds never trained on, played by a soundfont never
trained on, with the beats of the score beside what the analysis heard. Needs fluidsynth and mma; kept in a folder."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import count as numbers
from pathlib import Path

import numpy as np

from needledrop.core.music import Clips, Licence, Loudness, Rhythm, TimeArray, Tonality
from needledrop.core.packing import pack, unpack
from needledrop.features.music import FEATURE_VERSIONS, MusicAnalyser
from needledrop.features.onsets import RATE
from needledrop.suggest.details import TrackDetails
from needledrop.training.beats import render
from needledrop.training.beats.composer import Piece, compose
from needledrop.training.beats.grooves import compose_groove

FIRST_SEED = 910_000
_KINDS = {"rhythm": Rhythm, "tonality": Tonality, "loudness": Loudness, "clips": Clips}
_NEIGHBOURS = 4
# Four neighbours within 1 % of each other.
_HALF_SPREAD = 0.005


@dataclass(frozen=True)
class ScoredTrack:
    """A track as the analysis heard it, and the beats of its score; beat k * beats_per_bar begins bar k."""

    heard: TrackDetails
    beats_s: TimeArray
    beats_per_bar: int


def rendered_gallery(folder: Path, seed: int, count: int, workers: int = 2) -> list[ScoredTrack]:
    """The gallery of that seed, rendered and analysed at the first call for these versions of the features."""
    folder.mkdir(parents=True, exist_ok=True)
    versions = "-".join(f"{name}{FEATURE_VERSIONS[name]}" for name in _KINDS)
    files = [folder / f"{seed}-{count}-{index:03d}-{versions}.npz" for index in range(count)]
    if not all(file.exists() for file in files):
        pieces = _at_neighbouring_tempi(list(_pieces(seed, count)), seed)
        with ProcessPoolExecutor(workers) as pool:
            list(pool.map(_write, files, pieces, range(count)))
    return [_read(file, index + 1) for index, file in enumerate(files)]


def _pieces(seed: int, count: int) -> Iterator[Piece]:
    """Pieces of 120 to 180 s, those of our composer and of MMA's grooves by turns."""
    rng = random.Random(seed)
    first = FIRST_SEED + 10_000 * seed
    made = 0
    for number in numbers(first):
        piece = (compose, compose_groove)[made % 2](number, rng.uniform(120.0, 180.0))
        if piece is None:
            continue
        yield piece
        made += 1
        if made == count:
            return


def _at_neighbouring_tempi(pieces: list[Piece], seed: int) -> list[Piece]:
    """Every piece retimed so that groups of four, neighbours by tempo, lie within 1 %; the order stays."""
    rng = random.Random(seed)
    periods = [float(np.median(np.diff(piece.beats_s))) for piece in pieces]
    order = sorted(range(len(pieces)), key=lambda index: periods[index])
    retimed = list(pieces)
    for first in range(0, len(order), _NEIGHBOURS):
        group = order[first : first + _NEIGHBOURS]
        period = float(np.median([periods[index] for index in group]))
        for index in group:
            factor = period / periods[index] * (1.0 + rng.uniform(-_HALF_SPREAD, _HALF_SPREAD))
            times = np.array(pieces[index].beats_s)
            retimed[index] = replace(pieces[index], beats_s=list(times[0] + factor * (times - times[0])))
    return retimed


def _write(file: Path, piece: Piece, seed: int) -> None:
    sound = render.rendered(render.midi_bytes(piece, seed), render.HELD_OUT_SOUNDFONT, reverb=seed % 3 == 0)
    analyser = MusicAnalyser(RATE)
    analyser.feed(sound)
    features = analyser.finish()
    packed = {name: np.frombuffer(pack(getattr(features, name)), np.uint8) for name in _KINDS}
    truth = {"beats_s": np.array(piece.beats_s), "beats_per_bar": np.array(piece.beats_per_bar)}
    unfinished = file.with_suffix(".unfinished.npz")
    np.savez(unfinished, duration_s=np.array(features.duration_s), **truth, **packed)
    unfinished.replace(file)


def _read(file: Path, track_id: int) -> ScoredTrack:
    with np.load(file) as stored:
        features = {name: unpack(kind, stored[name].tobytes()) for name, kind in _KINDS.items()}
        heard = TrackDetails(
            track_id, f"Track {track_id}", f"Artist {track_id}", f"Album {track_id}", "", Licence("CC0-1.0"),
            float(stored["duration_s"]), **features,  # type: ignore[arg-type]
        )  # fmt: skip
        return ScoredTrack(heard, stored["beats_s"], int(stored["beats_per_bar"]))
