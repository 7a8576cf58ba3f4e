# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces as files of log-mel codes with their beats, and excerpts of them, altered by chance, as the network learns."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import ONSET_RATE_HZ, FloatArray
from needledrop.features import onsets
from needledrop.features.beat_network import (
    FLOOR_NEPERS,
    LEVEL_SCALE,
    RATE_HZ,
    TEMPO_BINS,
    TEMPO_BINS_PER_OCTAVE,
    TEMPO_LOW_BPM,
    TEMPO_POOL,
    mean_power,
)
from needledrop.features.harmonic_change import at_frames, harmonic_change
from needledrop.features.onsets import LOG_RANGE, MEL_BANDS
from needledrop.features.tonality import CHROMA_RATE_HZ
from needledrop.training.beats import render
from needledrop.training.beats.composer import Piece, compose
from needledrop.training.beats.disturbance import disturbed
from needledrop.training.beats.grooves import compose_groove
from needledrop.training.beats.silence import sound_without_beats
from needledrop.training.beats.synthesis import synthesised

EXCERPT_FRAMES = 1400
_LENGTH_S = 36.0
# Natural logarithm of the most that an excerpt is made faster or slower.
_STRETCH = 0.2
# Share of excerpts whose harmony is not told, so that the spectra alone must serve too.
_UNTUNED = 0.1


@dataclass(frozen=True)
class Heard:
    """Log-mel codes [frames, MEL_BANDS], harmonic changes [frames, SPANS] at CHROMA_RATE_HZ, beats in seconds, of which
    every beats_per_bar-th begins a bar."""

    codes: NDArray[np.uint8]
    changes: FloatArray
    beats_s: NDArray[np.float64]
    beats_per_bar: int


@dataclass(frozen=True)
class Excerpt:
    """What goes in, levels [2 * EXCERPT_FRAMES, MEL_BANDS] and changes [EXCERPT_FRAMES, SPANS], and what should come
    out, events [EXCERPT_FRAMES, 2] and tempo [seconds, TEMPO_BINS] with the seconds that have one."""

    levels: FloatArray
    changes: FloatArray
    events: FloatArray
    tempo: FloatArray
    has_tempo: FloatArray


def make_piece(folder: Path, seed: int, kind: str) -> Path | None:
    """Make and store one piece: "composed", made of MMA's "groove" (None where there is no such), "synthesised", or
    "beatless"."""
    path = folder / f"{kind}-{seed}.npz"
    if path.exists():
        return path
    if kind == "beatless":
        made = _stored(disturbed(sound_without_beats(seed), seed), np.zeros(0), 4, kind)
    else:
        piece = compose_groove(seed, _LENGTH_S) if kind == "groove" else compose(seed, _LENGTH_S)
        if piece is None:
            return None
        sound = synthesised(piece, seed) if kind == "synthesised" else _rendered(piece, seed)
        sound = disturbed(sound[: int((piece.beats_s[-1] + 1.5) * onsets.RATE)], seed)
        made = _stored(sound, np.array(piece.beats_s), piece.beats_per_bar, piece.style)
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.npz")
    np.savez(unfinished, **made)
    unfinished.replace(path)
    return path


def _rendered(piece: Piece, seed: int) -> FloatArray:
    rng = random.Random(seed * 7 + 1)
    soundfont = rng.choices(render.TRAINING_SOUNDFONTS, (3, 3, 1.5, 2))[0]
    return render.rendered(render.midi_bytes(piece, seed), soundfont, reverb=rng.random() < 0.35)


def _stored(sound: FloatArray, beats_s: NDArray[np.float64], beats_per_bar: int, style: str) -> dict[str, Any]:
    changes = harmonic_change(render.chroma_of(sound))
    codes = render.mel_codes(sound)
    return {"codes": codes, "changes": changes, "beats": beats_s, "bpb": beats_per_bar, "style": style}


def load_piece(path: Path) -> Heard:
    """A piece that make_piece stored."""
    with np.load(path) as stored:
        return Heard(stored["codes"], stored["changes"], stored["beats"].astype(np.float64), int(stored["bpb"]))


def excerpt(piece: Heard, rng: np.random.Generator) -> Excerpt:
    """A stretch of the piece at another tempo, through another equaliser, and in noise."""
    speed = float(np.exp(rng.uniform(-_STRETCH, _STRETCH))) if rng.random() < 0.7 else 1.0
    frames = 2 * EXCERPT_FRAMES
    start = int(rng.integers(-100, max(int(len(piece.codes) / speed) - frames + 200, 1)))
    places = np.floor((start + np.arange(frames)) * speed + rng.random()).astype(np.intp)
    inside = (places >= 0) & (places < len(piece.codes))
    nepers = (piece.codes[np.clip(places, 0, len(piece.codes) - 1)].astype(np.float32) / 255 - 1) * LOG_RANGE
    nepers[~inside] = -LOG_RANGE
    beats = (piece.beats_s * ONSET_RATE_HZ / speed - start) * (RATE_HZ / ONSET_RATE_HZ)
    changes = at_frames(piece.changes, CHROMA_RATE_HZ, places[::2], ONSET_RATE_HZ)
    if rng.random() < _UNTUNED:
        changes[:] = 0
    tempo, has_tempo = _tempo_targets(beats)
    levels = _altered(nepers.astype(np.float32), float(np.log(mean_power(piece.codes))), rng)
    return Excerpt(levels, changes, _event_targets(beats, piece.beats_per_bar), tempo, has_tempo)


def _altered(nepers: FloatArray, mean_nepers: float, rng: np.random.Generator) -> FloatArray:
    band = np.linspace(-1, 1, MEL_BANDS)
    if rng.random() < 0.4:
        nepers = np.roll(nepers, int(rng.integers(-2, 3)), axis=1)
    curve = rng.normal(0, 0.9) * band + rng.normal(0, 0.5) * np.sin(3 * band * rng.uniform(0.5, 2) + rng.uniform(0, 6))
    if rng.random() < 0.12:
        curve -= np.maximum(0, band - rng.uniform(-0.2, 0.8)) * 14
    if rng.random() < 0.08:
        curve -= np.maximum(0, rng.uniform(-0.9, -0.5) - band) * 20
    floor = mean_nepers - FLOOR_NEPERS + rng.normal(0, 1.2)
    power = np.exp(nepers + (curve - floor).astype(np.float32))
    if rng.random() < 0.3:
        noise = np.exp(rng.uniform(0, 6.5) + rng.normal(-1, 1.2) * band)
        power += (noise * rng.exponential(1, power.shape)).astype(np.float32)
    levels = np.log1p(power) * LEVEL_SCALE
    return np.asarray(levels * rng.uniform(0.8, 1.2) if rng.random() < 0.3 else levels, np.float32)


def _event_targets(beats: NDArray[np.float64], beats_per_bar: int) -> FloatArray:
    targets = np.zeros((EXCERPT_FRAMES, 2), np.float32)
    for column, events in enumerate((beats, beats[::beats_per_bar])):
        for offset, value in ((-1, 0.5), (1, 0.5), (0, 1.0)):
            at = np.round(events).astype(np.intp) + offset
            at = at[(at >= 0) & (at < EXCERPT_FRAMES)]
            targets[at, column] = np.maximum(targets[at, column], value)
    return targets


def _tempo_targets(beats: NDArray[np.float64]) -> tuple[FloatArray, FloatArray]:
    seconds = EXCERPT_FRAMES // TEMPO_POOL
    if len(beats) < 3:
        return np.zeros((seconds, TEMPO_BINS), np.float32), np.zeros(seconds, np.float32)
    centre = (np.arange(seconds) + 0.5) * TEMPO_POOL
    after = np.clip(np.searchsorted(beats, centre), 1, len(beats) - 1)
    place = np.log2(60 * RATE_HZ / (beats[after] - beats[after - 1]) / TEMPO_LOW_BPM) * TEMPO_BINS_PER_OCTAVE
    near = np.exp(-0.5 * (np.arange(TEMPO_BINS) - place[:, None]) ** 2)
    known = (centre > beats[0]) & (centre < beats[-1]) & (place > -1) & (place < TEMPO_BINS)
    near /= np.maximum(near.sum(axis=1, keepdims=True), 1e-6)
    return near.astype(np.float32), known.astype(np.float32)
