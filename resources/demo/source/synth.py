# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numpy voices for what General MIDI does poorly: club drums, sub bass, saw leads, pads, risers, noise.

Each voice turns one note into mono float32 samples; `render_part` places them in time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.signal import butter, fftconvolve, sosfilt

from .score import Note, Part, Song
from .smf import note_time_s

RATE = 44100
Samples = np.ndarray[Any, np.dtype[np.float32]]


def _time(length_s: float) -> Samples:
    return (np.arange(max(1, round(length_s * RATE))) / RATE).astype(np.float32)


def _hertz(pitch: float) -> float:
    return float(440.0 * 2 ** ((pitch - 69) / 12))


def _noise(count: int, seed: int) -> Samples:
    return np.random.default_rng(seed).standard_normal(count).astype(np.float32)


def _filter(samples: Samples, kind: Any, hertz: float | tuple[float, float], order: int = 2) -> Samples:
    return np.asarray(sosfilt(butter(order, hertz, kind, fs=RATE, output="sos"), samples), np.float32)


def _edges(samples: Samples, attack_s: float, release_s: float) -> Samples:
    up, down = max(1, round(attack_s * RATE)), max(1, round(release_s * RATE))
    up, down = min(up, samples.size), min(down, samples.size)
    samples = samples.copy()
    samples[:up] *= np.linspace(0, 1, up, dtype=np.float32)
    samples[-down:] *= np.linspace(1, 0, down, dtype=np.float32) ** 2
    return samples


def _saw(hertz: float, count: int, phase: float) -> Samples:
    """Band-limited sawtooth (polyBLEP: Valimaki and Huovilainen, 2007)."""
    step = hertz / RATE
    ramp = (np.arange(count) * step + phase) % 1.0
    wave = 2 * ramp - 1
    low, high = ramp < step, ramp > 1 - step
    near = ramp[low] / step
    wave[low] -= 2 * near - near**2 - 1
    far = (ramp[high] - 1) / step
    wave[high] -= far**2 + 2 * far + 1
    return wave.astype(np.float32)


def _stack(pitch: float, count: int, cents: tuple[float, ...], seed: int) -> Samples:
    phases = np.random.default_rng(seed).random(len(cents))
    total = np.zeros(count, np.float32)
    for cent, phase in zip(cents, phases, strict=True):
        total += _saw(_hertz(pitch + cent / 100), count, float(phase))
    return total / np.float32(np.sqrt(len(cents)))


def kick(note: Note, length_s: float) -> Samples:
    """Club kick: a sine falling from 190 to 47 Hz with a short click."""
    time = _time(0.34)
    sweep = 47 + 150 * np.exp(-time * 34)
    body = np.sin(2 * np.pi * np.cumsum(sweep) / RATE) * np.exp(-time * 8.5)
    click = _filter(_noise(time.size, 5), "highpass", 2500) * np.exp(-time * 420) * 0.22
    return _edges(np.tanh(1.7 * (body + click)).astype(np.float32), 0.0005, 0.03)


def clap(note: Note, length_s: float) -> Samples:
    """Hand clap: four short noise bursts and a tail."""
    time = _time(0.26)
    envelope = np.exp(-time * 20) * 0.55
    for delay in (0.0, 0.010, 0.019):
        envelope += np.where(time >= delay, np.exp(-(time - delay).clip(0) * 190), 0) * 0.7
    return _edges(_filter(_noise(time.size, 11), "bandpass", (850, 5200)) * envelope.astype(np.float32), 0.0004, 0.05)


def snare(note: Note, length_s: float) -> Samples:
    """Tight break-beat snare: 195 Hz body and bright noise."""
    time = _time(0.22)
    body = np.sin(2 * np.pi * (195 + 60 * np.exp(-time * 60)) * time) * np.exp(-time * 28)
    rattle = _filter(_noise(time.size, 17), "bandpass", (1400, 9500)) * np.exp(-time * 19)
    return _edges(np.tanh(1.3 * (0.9 * body + 0.85 * rattle)).astype(np.float32), 0.0004, 0.03)


def hat(note: Note, length_s: float) -> Samples:
    """Closed hat (short) or open hat (pitch 46)."""
    time = _time(0.30 if note.pitch == 46 else 0.07)
    decay = 13.0 if note.pitch == 46 else 75.0
    bright = _filter(_noise(time.size, 23 + note.pitch), "highpass", 7600, 4)
    return np.asarray(bright * np.exp(-time * decay), np.float32)


def sub(note: Note, length_s: float) -> Samples:
    """Sub bass: a sine with a touch of second and third harmonic."""
    time = _time(length_s + 0.02)
    angle = 2 * np.pi * _hertz(note.pitch) * time
    wave = np.sin(angle) + 0.28 * np.sin(2 * angle) + 0.12 * np.sin(3 * angle)
    return _edges(np.tanh(1.2 * wave).astype(np.float32), 0.004, 0.03) * 0.8


def pluck_bass(note: Note, length_s: float) -> Samples:
    """Rolling club bass: two saws, the filter closing fast; louder notes are brighter."""
    count = round((length_s + 0.03) * RATE)
    source = _stack(note.pitch, count, (-6, 7), note.pitch)
    time = np.arange(count) / RATE
    bright = _filter(source, "lowpass", 500 + 16 * note.velocity, 2)
    dark = _filter(source, "lowpass", 240, 2)
    blend = np.exp(-time * 17).astype(np.float32)
    return _edges(np.tanh(0.9 * (dark + bright * blend)), 0.003, 0.025)


def reese(note: Note, length_s: float) -> Samples:
    """Beating detuned saw bass over its own sub."""
    count = round((length_s + 0.04) * RATE)
    growl = _filter(_stack(note.pitch + 12, count, (-17, 15, 2), note.pitch), "lowpass", 520 + 5 * note.velocity, 4)
    base = np.sin(2 * np.pi * _hertz(note.pitch) * np.arange(count) / RATE).astype(np.float32)
    return _edges(np.tanh(1.1 * (0.75 * base + 0.6 * growl)), 0.008, 0.04)


def pluck(note: Note, length_s: float) -> Samples:
    """Bright saw pluck with a fast filter decay."""
    count = round(max(length_s, 0.28) * RATE)
    source = _stack(note.pitch, count, (-9, 0, 9), note.pitch + 40)
    time = np.arange(count) / RATE
    bright = _filter(source, "lowpass", min(9000.0, 900 + 60 * note.velocity), 2)
    dark = _filter(source, "lowpass", 900, 2)
    tone = bright * np.exp(-time * 14) + 0.7 * dark * np.exp(-time * 6)
    return _edges(tone.astype(np.float32), 0.002, 0.05) * 0.6


def lead(note: Note, length_s: float) -> Samples:
    """Wide saw lead with slow vibrato-like beating."""
    count = round((length_s + 0.12) * RATE)
    source = _stack(note.pitch, count, (-13, -5, 4, 12), note.pitch + 80)
    return _edges(_filter(source, "lowpass", 3800 + 25 * note.velocity, 2), 0.006, 0.12) * 0.45


def pad(note: Note, length_s: float) -> Samples:
    """Slow detuned pad whose filter opens and closes over the note."""
    release_s = min(2.4, 0.5 * length_s + 0.3)
    count = round((length_s + release_s) * RATE)
    source = _stack(note.pitch, count, (-11, -4, 5, 12), note.pitch + 120)
    dark = _filter(source, "lowpass", 620, 2)
    bright = _filter(source, "lowpass", 1500 + 14 * note.velocity, 2)
    arch = np.sin(np.pi * np.linspace(0, 1, count)).astype(np.float32) ** 2
    return _edges(dark * (1 - 0.6 * arch) + bright * 0.8 * arch, min(1.6, 0.4 * length_s), release_s) * 0.4


def breath(note: Note, length_s: float) -> Samples:
    """Airy noise band around the note, swelling and fading."""
    count = round(length_s * RATE)
    hertz = _hertz(note.pitch)
    band = _filter(_noise(count, note.pitch * 7 + round(note.start)), "bandpass", (hertz * 0.92, hertz * 1.09))
    return band * np.sin(np.pi * np.linspace(0, 1, count)).astype(np.float32) ** 1.5 * 1.6


def riser(note: Note, length_s: float) -> Samples:
    """Noise rising in level and brightness until the note ends."""
    count = round(length_s * RATE)
    noise = _noise(count, 41)
    ramp = np.linspace(0, 1, count, dtype=np.float32)
    low = _filter(noise, "bandpass", (300, 1500))
    high = _filter(noise, "highpass", 3500)
    return _edges((low * (1 - ramp) + high * ramp) * ramp**2.2, 0.05, 0.012) * 0.5


def boom(note: Note, length_s: float) -> Samples:
    """Deep impact with a long tail."""
    time = _time(2.4)
    body = np.sin(2 * np.pi * np.cumsum(38 + 40 * np.exp(-time * 9)) / RATE) * np.exp(-time * 1.9)
    dust = _filter(_noise(time.size, 59), "lowpass", 700) * np.exp(-time * 4.5) * 0.4
    return _edges((body + dust).astype(np.float32), 0.001, 0.4)


VOICES: dict[str, Callable[[Note, float], Samples]] = {
    voice.__name__: voice
    for voice in (kick, clap, snare, hat, sub, pluck_bass, reese, pluck, lead, pad, breath, riser, boom)
}


def render_part(song: Song, part: Part, count: int) -> Samples:
    """Stereo (count, 2) samples of a part whose voice is "synth:NAME", panned with equal power."""
    voice = VOICES[str(part.voice).removeprefix("synth:")]
    mono = np.zeros(count, np.float32)
    memory: dict[tuple[int, int, int], Samples] = {}
    for note in part.notes:
        start_s = note_time_s(song, note.start)
        length_s = note.length * song.beat_s
        key = (note.pitch, round(length_s * 1000), round(note.velocity))
        if key not in memory:
            memory[key] = voice(note, length_s)
        first = round(start_s * RATE)
        sound = memory[key][: max(0, count - first)]
        mono[first : first + sound.size] += sound * np.float32((note.velocity / 100) ** 1.4)
    mono *= _expression(song, part, count) * np.float32(part.volume / 100)
    angle = part.pan / 127 * np.pi / 2
    return _widen(np.stack((mono * np.cos(angle), mono * np.sin(angle)), axis=1).astype(np.float32), part.chorus)


def _expression(song: Song, part: Part, count: int) -> Samples:
    if not part.expression:
        return np.ones(1, np.float32)
    points = sorted((note_time_s(song, beat) * RATE, (value / 110) ** 1.6) for beat, value in part.expression)
    return np.interp(np.arange(count), [p[0] for p in points], [p[1] for p in points]).astype(np.float32)


def _widen(stereo: Samples, amount: int) -> Samples:
    if amount:
        delay = round(0.011 * RATE)
        share = np.float32(amount / 127)
        stereo[delay:, 1] = (1 - 0.5 * share) * stereo[delay:, 1] + share * stereo[:-delay, 0]
    return stereo


def hall(stereo: Samples, decay_s: float, seed: int = 71) -> Samples:
    """Wet signal of a synthetic hall: decaying noise, darker with time, decorrelated left and right."""
    count = round(decay_s * 1.3 * RATE)
    rng = np.random.default_rng(seed)
    time = np.arange(count) / RATE
    tail = rng.standard_normal((count, 2)) * np.exp(-6.9 * time / decay_s)[:, None]
    tail = sosfilt(butter(1, 4200, "lowpass", fs=RATE, output="sos"), tail, axis=0)
    tail = sosfilt(butter(1, 180, "highpass", fs=RATE, output="sos"), tail, axis=0)
    tail = np.concatenate((np.zeros((round(0.018 * RATE), 2)), tail)) / np.sqrt(np.sum(tail**2, axis=0))
    return np.asarray(fftconvolve(stereo, tail, axes=0)[: len(stereo)], np.float32)


def ducking(song: Song, part: Part, count: int, depth: float = 0.72) -> Samples:
    """Gain curve that dips at each kick and recovers within 0.3 s (the pumping of club music)."""
    gain = np.ones(count, np.float32)
    time = _time(0.32)
    dip = (1 - depth * np.exp(-((time / 0.14) ** 2))).astype(np.float32)
    for note in part.notes:
        first = round(note_time_s(song, note.start) * RATE)
        span = gain[first : first + dip.size]
        np.minimum(span, dip[: span.size], out=span)
    return gain
