# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces played by plain oscillators and noise, as electronic music is: no two have the same drums."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.features.onsets import RATE
from needledrop.training.beats.arranger import DRUMS, Part
from needledrop.training.beats.composer import Piece

_KICKS, _SNARES, _TOMS = (35, 36), (37, 38, 39, 40), (41, 43, 45, 47, 48, 50)


def synthesised(piece: Piece, seed: int) -> FloatArray:
    """Stereo samples [n, 2] at RATE, both channels alike."""
    rng = np.random.default_rng(seed)
    sound = np.zeros(round((piece.beats_s[-1] + 1.5) * RATE))
    for part in piece.parts:
        voice = _drum_voices(rng) if part.program == DRUMS else _pitched_voice(rng)
        loudness = (1.0 if part.program == DRUMS else rng.uniform(0.1, 0.4)) * part.volume / 127
        _play(sound, piece, part, voice, loudness)
    sound *= 0.5 / max(float(np.abs(sound).max()), 1e-6)
    return np.stack([sound, sound], axis=1).astype(np.float32)


def _play(sound: NDArray[np.float64], piece: Piece, part: Part, voice: dict[str, float], loudness: float) -> None:
    noise = np.random.default_rng(part.volume).standard_normal(RATE)
    made: dict[tuple[int, int], NDArray[np.float64]] = {}
    for start, length, pitch, velocity in part.notes:
        first = round(piece.time_s(start) * RATE)
        lasts = max(0.05, piece.time_s(start + length) - piece.time_s(start))
        key = (pitch, round(lasts * 20))
        if key not in made:
            drum = part.program == DRUMS
            made[key] = _drum(pitch, voice, noise) if drum else _tone(pitch, lasts, voice)
        note = made[key][: max(0, len(sound) - first)]
        sound[first : first + len(note)] += note * loudness * velocity / 127


def _drum_voices(rng: np.random.Generator) -> dict[str, float]:
    return {
        "kick_hz": rng.uniform(40, 70), "sweep": rng.uniform(0, 6), "kick_decay": rng.uniform(8, 30),
        "kick": rng.uniform(0.5, 1.2), "snare_decay": rng.uniform(10, 35), "snare": rng.uniform(0.2, 0.8),
        "snare_tone": rng.uniform(0, 0.6), "hat_decay": rng.uniform(40, 140), "hat": rng.uniform(0.05, 0.35),
    }  # fmt: skip


def _drum(key: int, voice: dict[str, float], noise: NDArray[np.float64]) -> NDArray[np.float64]:
    t = np.arange(round(0.3 * RATE)) / RATE
    if key in _KICKS or key in _TOMS:
        pitch_hz = voice["kick_hz"] * (1.0 if key in _KICKS else 2.5)
        phase = pitch_hz * t + voice["sweep"] * (1 - np.exp(-30 * t))
        return np.asarray(voice["kick"] * np.sin(2 * np.pi * phase) * np.exp(-voice["kick_decay"] * t))
    if key in _SNARES:
        body = voice["snare_tone"] * np.sin(2 * np.pi * 190 * t)
        return np.asarray(voice["snare"] * (noise[: len(t)] * 0.5 + body) * np.exp(-voice["snare_decay"] * t))
    return np.asarray(voice["hat"] * noise[: len(t)] * np.exp(-voice["hat_decay"] * t))


def _pitched_voice(rng: np.random.Generator) -> dict[str, float]:
    return {
        "overtones": float(rng.integers(1, 8)), "fall": rng.uniform(0.8, 2.5),
        "attack_s": float(rng.choice([0.002, 0.01, 0.08])), "decay": float(rng.choice([0.3, 1.0, 4.0, 10.0])),
    }  # fmt: skip


def _tone(pitch: int, lasts_s: float, voice: dict[str, float]) -> NDArray[np.float64]:
    t = np.arange(round((lasts_s + 0.03) * RATE)) / RATE
    pitch_hz = 440 * 2 ** ((pitch - 69) / 12)
    count = min(int(voice["overtones"]), int(10_000 / pitch_hz))
    tone = sum(np.sin(2 * np.pi * pitch_hz * n * t) / n ** voice["fall"] for n in range(1, max(count, 1) + 1))
    shape = np.minimum(1, t / voice["attack_s"]) * np.exp(-voice["decay"] * t) * np.minimum(1, (t[-1] - t) / 0.03)
    return np.asarray(tone * shape)
