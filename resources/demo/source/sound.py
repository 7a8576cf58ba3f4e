# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound of the demo video: quiet ambience that follows the shots, one narrated line, no music."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
from scipy.io import wavfile
from scipy.signal import butter, resample_poly, sosfilt

from .picture import FRAME_RATE
from .storyboard import END_FRAME, NARRATION, NARRATION_START_S, SHOTS
from .synth import Samples, hall

SOUND_RATE = 44100


def _band(count: int, seed: int, low: float, high: float) -> Samples:
    noise = np.random.default_rng(seed).standard_normal((count, 2))
    return np.asarray(
        sosfilt(butter(2, (low, high), "bandpass", fs=SOUND_RATE, output="sos"), noise, axis=0), np.float32
    )


def _swell(count: int, seed: int, period_s: float, depth: float) -> Samples:
    """Slow random modulation around 1, shape (count, 1)."""
    rng = np.random.default_rng(seed)
    knots = rng.uniform(1 - depth, 1 + depth, int(count / SOUND_RATE / period_s) + 3)
    at = np.arange(count) / SOUND_RATE / period_s
    low = at.astype(int)
    part = at - low
    part = part * part * (3 - 2 * part)
    return np.asarray(knots[low] * (1 - part) + knots[low + 1] * part, np.float32)[:, None]


def _beds(count: int) -> dict[str, Samples]:
    time = (np.arange(count) / SOUND_RATE)[:, None]
    crickets = (
        np.sin(2 * np.pi * 4150 * time) * (np.sin(2 * np.pi * 21 * time) > 0.2) * (np.sin(2 * np.pi * 1.3 * time) > 0)
    )
    wave = np.maximum(0, np.sin(2 * np.pi * time / 5.3)) ** 2 + 0.35
    return {
        "wind": _band(count, 1, 120, 620) * _swell(count, 2, 1.7, 0.75) * 0.5 + _band(count, 3, 500, 1400) * 0.07,
        "sea": _band(count, 4, 90, 900) * wave.astype(np.float32) * 0.42
        + _band(count, 5, 900, 5200) * wave.astype(np.float32) ** 2 * 0.16,
        "forest": _band(count, 6, 200, 1800) * _swell(count, 7, 1.1, 0.6) * 0.22 + crickets.astype(np.float32) * 0.006,
        "city": _band(count, 8, 45, 260) * _swell(count, 9, 2.3, 0.4) * 0.8 + _band(count, 10, 400, 2200) * 0.06,
        "night": _band(count, 11, 150, 700) * 0.16 + crickets.astype(np.float32) * 0.012,
        "rush": _band(count, 12, 150, 1900) * _swell(count, 13, 0.35, 0.5) * 0.5,
        "fireworks": _band(count, 14, 60, 300) * 0.4,
    }


def _follow_shots(count: int) -> Samples:
    bed = np.zeros((count, 2), np.float32)
    beds = _beds(count)
    ends = [*(shot.first for shot in SHOTS[1:]), END_FRAME]
    edge = round(0.09 * SOUND_RATE)
    for shot, end in zip(SHOTS, ends, strict=True):
        first = max(0, round(shot.first / FRAME_RATE * SOUND_RATE) - edge)
        last = min(count, round(end / FRAME_RATE * SOUND_RATE) + edge)
        gain = np.ones(last - first, np.float32)
        gain[: 2 * edge] = np.sin(np.linspace(0, np.pi / 2, 2 * edge))
        gain[-2 * edge :] *= np.cos(np.linspace(0, np.pi / 2, 2 * edge))
        bed[first:last] += beds[shot.ambience][first:last] * gain[:, None]
    return bed


def _bangs(count: int) -> Samples:
    rng = np.random.default_rng(15)
    sound = np.zeros((count, 2), np.float32)
    for start_s in (37.3, 37.9, 38.6, 39.2, 39.9, 40.4, 41.0, 41.7, 42.3, 43.0, 43.6):
        first = round((start_s + rng.uniform(-0.1, 0.1)) * SOUND_RATE)
        burst = _band(round(0.9 * SOUND_RATE), int(start_s * 10), 50, 700)
        burst *= np.exp(-np.arange(len(burst)) / SOUND_RATE * 9)[:, None].astype(np.float32)
        sound[first : first + len(burst)] += burst * np.float32(rng.uniform(0.5, 1.0))
    return sound


def narration(scratch: Path) -> Samples:
    """The narrator's line by espeak-ng: mono samples at 44.1 kHz without the silence around it."""
    path = scratch / "narration.wav"
    subprocess.run(
        ["espeak-ng", "-v", "en-gb", "-s", "132", "-p", "34", "-a", "120", "-w", str(path), NARRATION], check=True
    )
    rate, spoken = wavfile.read(path)
    voice = resample_poly(spoken.astype(np.float64) / 32768, SOUND_RATE, rate)
    voice = sosfilt(butter(2, (90, 7000), "bandpass", fs=SOUND_RATE, output="sos"), voice)
    loud = np.flatnonzero(np.abs(voice) > 0.01)
    return np.asarray(voice[loud[0] : loud[-1] + 1] / np.abs(voice).max(), np.float32)


def soundtrack(scratch: Path) -> tuple[Samples, tuple[float, float]]:
    """(stereo samples of the whole video, (speech start, speech end) in seconds)."""
    count = round(END_FRAME / FRAME_RATE * SOUND_RATE)
    bed = 0.14 * _follow_shots(count) + 0.30 * _bangs(count)
    voice = narration(scratch)
    first = round(NARRATION_START_S * SOUND_RATE)
    spoken = np.zeros((count, 2), np.float32)
    spoken[first : first + len(voice)] = 0.50 * voice[:, None]
    spoken += 0.10 * hall(spoken, 0.8)
    duck = np.ones(count, np.float32)
    duck[first : first + len(voice)] = 0.6
    duck = _smooth(duck)
    total = bed * duck[:, None] + spoken
    fade_in, fade_out = round(1.2 * SOUND_RATE), round(2.0 * SOUND_RATE)
    total[:fade_in] *= np.linspace(0, 1, fade_in, dtype=np.float32)[:, None]
    total[-fade_out:] *= np.linspace(1, 0, fade_out, dtype=np.float32)[:, None]
    return total.astype(np.float32), (NARRATION_START_S, NARRATION_START_S + len(voice) / SOUND_RATE)


def _smooth(curve: Samples) -> Samples:
    width = round(0.2 * SOUND_RATE)
    padded = np.pad(curve, (width, width), mode="edge")
    summed = np.cumsum(np.concatenate(([0.0], padded)))
    moving = (summed[2 * width :] - summed[: -2 * width]) / (2 * width)
    return np.asarray(moving[: len(curve)], np.float32)
