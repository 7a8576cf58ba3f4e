# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns a song into finished stereo samples: fluidsynth stems, numpy voices, mix, loudness, peak limit."""

from __future__ import annotations

import subprocess
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import wavfile
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import butter, lfilter, resample_poly, sosfilt

from .score import Part, Song
from .smf import LEAD_IN_S, smf_bytes
from .synth import RATE, Samples, ducking, hall, render_part

SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
TARGET_LUFS = -16.0
CEILING_DBTP = -2.8


def render_song(song: Song, scratch: Path) -> Samples:
    """Mastered stereo samples (n, 2) at 44.1 kHz of a song, -16 LUFS, true peak at most -2.8 dBTP."""
    count = round((LEAD_IN_S + song.bars * song.beats_per_bar * song.beat_s + song.tail_s) * RATE)
    kicks = next((p for p in song.parts if p.voice == "synth:kick"), None)
    pump = ducking(song, kicks, count)[:, None] if kicks else np.ones((1, 1), np.float32)
    mix = np.zeros((count, 2), np.float32)
    for ducked in (False, True):
        band = [p for p in song.parts if not str(p.voice).startswith("synth") and p.ducked == ducked]
        if band:
            mix += _fluidsynth(song, band, scratch, count) * (pump if ducked else np.float32(1))
    wet = np.zeros((count, 2), np.float32)
    for part in (p for p in song.parts if str(p.voice).startswith("synth")):
        sound = render_part(song, part, count) * (pump if part.ducked else np.float32(1)) * np.float32(0.16)
        mix += sound
        wet += sound * np.float32(part.reverb / 127)
    if wet.any():
        mix += hall(wet, 1.2 + 3.2 * song.room) * pump
    return _master(song, mix)


def _fluidsynth(song: Song, parts: list[Part], scratch: Path, count: int) -> Samples:
    midi, wav = scratch / f"{song.slug}.mid", scratch / f"{song.slug}.wav"
    midi.write_bytes(smf_bytes(song, parts))
    options = {
        "synth.reverb.room-size": song.room, "synth.reverb.level": song.reverb_level, "synth.reverb.damp": 0.35,
        "synth.reverb.width": 0.9, "synth.chorus.level": 1.2, "synth.chorus.depth": 6.0, "synth.polyphony": 512,
    }  # fmt: skip
    flags = [flag for name, value in options.items() for flag in ("-o", f"{name}={value}")]
    command = ["fluidsynth", "-ni", "-q", "-g", "0.35", "-r", str(RATE), "-O", "float", "-T", "wav", *flags]
    subprocess.run([*command, "-F", str(wav), str(SOUNDFONT), str(midi)], check=True, stdout=subprocess.DEVNULL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", wavfile.WavFileWarning)  # fluidsynth adds a chunk that scipy does not know
        _, samples = wavfile.read(wav)
    fitted = np.zeros((count, 2), np.float32)
    fitted[: len(samples)] = samples[:count]
    return fitted


def _master(song: Song, mix: Samples) -> Samples:
    mix = np.asarray(sosfilt(butter(2, 24, "highpass", fs=RATE, output="sos"), mix, axis=0), np.float32)
    if song.lowpass_hz:
        mix = np.asarray(sosfilt(butter(2, song.lowpass_hz, "lowpass", fs=RATE, output="sos"), mix, axis=0), np.float32)
    if song.crackle:
        mix += _vinyl(len(mix), float(np.sqrt(np.mean(mix**2))))
    mix = _fade_out(_fade_edges(mix), song.tail_s)
    for _ in range(3):
        mix = _limit(mix * np.float32(10 ** ((TARGET_LUFS - loudness_lufs(mix)) / 20)))
    return mix


def _vinyl(count: int, level: float) -> Samples:
    rng = np.random.default_rng(33)
    hiss = sosfilt(butter(1, (400, 6000), "bandpass", fs=RATE, output="sos"), rng.standard_normal(count)) * 0.016
    pops = np.where(rng.random(count) < 5.0 / RATE, rng.standard_normal(count), 0.0)
    pops = lfilter([1.0], [1.0, -0.86], pops) * 0.55
    return (np.stack((hiss + pops, hiss + 0.7 * pops), axis=1) * level).astype(np.float32)


def _fade_edges(mix: Samples) -> Samples:
    ramp = np.linspace(0, 1, round(0.01 * RATE), dtype=np.float32)[:, None]
    mix[: len(ramp)] *= ramp
    return mix


def _fade_out(mix: Samples, tail_s: float) -> Samples:
    count = min(len(mix), round(0.6 * tail_s * RATE))
    mix[-count:] *= np.cos(np.linspace(0, np.pi / 2, count, dtype=np.float32))[:, None] ** 2
    return mix


def loudness_lufs(stereo: Samples) -> float:
    """Integrated loudness (ITU-R BS.1770-4, both gates)."""
    # K weighting at 44.1 kHz, coefficients re-derived from the analogue prototypes of BS.1770.
    weighted = _k_weight(np.asarray(stereo, np.float64))
    hop, block = round(0.1 * RATE), round(0.4 * RATE)
    energy = np.concatenate(([0.0], np.cumsum(np.sum(weighted**2, axis=1))))
    starts = np.arange(0, len(stereo) - block, hop)
    power = (energy[starts + block] - energy[starts]) / block + 1e-12
    level = -0.691 + 10 * np.log10(power)
    power = power[level > -70]
    relative = -0.691 + 10 * np.log10(power.mean()) - 10
    power = power[-0.691 + 10 * np.log10(power) > relative]
    return float(-0.691 + 10 * np.log10(power.mean()))


def _k_weight(stereo: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    k = np.tan(np.pi * 1681.974450955533 / RATE)
    high, band, quality = 10 ** (3.999843853973347 / 20), 0.0, 0.7071752369554196
    band = high**0.4996667741545416
    a0 = 1 + k / quality + k * k
    shelf_b = [
        (high + band * k / quality + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - band * k / quality + k * k) / a0,
    ]
    shelf_a = [1.0, 2 * (k * k - 1) / a0, (1 - k / quality + k * k) / a0]
    k, quality = np.tan(np.pi * 38.13547087602444 / RATE), 0.5003270373238773
    a0 = 1 + k / quality + k * k
    pass_a = [1.0, 2 * (k * k - 1) / a0, (1 - k / quality + k * k) / a0]
    return np.asarray(lfilter([1.0, -2.0, 1.0], pass_a, lfilter(shelf_b, shelf_a, stereo, axis=0), axis=0))


def _limit(mix: Samples) -> Samples:
    """Look-ahead limiter on the 4x oversampled peak, 5 ms attack and release windows."""
    ceiling = 10 ** (CEILING_DBTP / 20)
    peak = np.abs(mix).max(axis=1)
    for channel in range(2):
        oversampled = np.abs(resample_poly(mix[:, channel], 4, 1))
        peak = np.maximum(peak, oversampled.reshape(-1, 4).max(axis=1)[: len(peak)])
    gain = np.minimum(1.0, ceiling / np.maximum(peak, 1e-9))
    window = round(0.006 * RATE) | 1
    gain = uniform_filter1d(minimum_filter1d(gain, 2 * window + 1), window)
    return (mix * np.minimum(gain, 1.0)[:, None]).astype(np.float32)
