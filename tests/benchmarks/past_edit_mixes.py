# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finished videos of which it is known what plays when: real music under made speech, real sounds and made effects.

Every track and every voice is either of the set that thresholds were set on or of the set that is only reported, by a
hash of its name.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media_factory import write_video
from needledrop.media.audio import AudioReader

RATE = 24_000
BELOW_SPEECH_DB = 6.0
FADE_S = 2.0
Sound = NDArray[np.float32]
# Real sound that holds no music, one file a set.
NOISES = {"set": "videos/dmlc_flipping-a-pancake.mkv", "reported": "videos/meta-pytorch_nasa-13013.mp4"}
VOICES = (
    "en-us+m1", "en-gb+f2", "de+m3", "fr-fr+f4", "es+m5", "it+f3", "en-us+m7", "pt-br+f1", "nl+m4", "sv+f5", "pl+m6",
    "en-gb-scotland+m2",
)  # fmt: skip
TEXT = (
    "The harbour was quiet that morning and nobody had expected the boats to come back before noon. We walked along "
    "the pier and talked about the weather, the price of fish and what the children would say. It is easy to forget "
    "how far you can see from up there. When you edit a film like this one, the hardest part is to leave things out. "
    "So here are my five tips for better pictures on a small budget, and the last one may surprise you. First of all, "
    "get up early. Second, carry less than you think you need. Third, talk to people before you take their picture."
)


@dataclass(frozen=True)
class Piece:
    """A track (by the stem of its file) from start_s to end_s of a video, from track_s of it on, at `speed`; its pitch
    follows where is_varied."""

    track: str
    start_s: float
    end_s: float
    track_s: float
    speed: float
    is_varied: bool


def half_of(name: str) -> str:
    """ "set" or "reported", of a track or a voice."""
    return "set" if hashlib.md5(name.encode(), usedforsecurity=False).digest()[0] % 2 == 0 else "reported"


def read_sound(path: Path, rate: int = RATE) -> Sound:
    """All of a file, mono."""
    with AudioReader(path, rate, 1) as reader:
        return reader.read(0, round(reader.duration_s * rate))[:, 0].copy()


def speech(folder: Path, half: str) -> list[Sound]:
    """The voices of a half, each saying the text."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise SystemExit("espeak-ng is needed to make speech")
    voices = [voice for number, voice in enumerate(VOICES) if (number % 2 == 0) == (half == "set")]
    found = []
    for voice in voices:
        path = folder / f"{voice}.wav"
        subprocess.run([program, "-v", voice, "-s", "165", "-w", str(path), TEXT], check=True)
        found.append(read_sound(path))
    return found


def played(sound: Sound, speed: float, *, is_varied: bool) -> Sound:
    """A sound `speed` times as fast; its pitch follows where is_varied, else python-stretch (Signalsmith) keeps it."""
    if is_varied:
        import soxr

        return np.asarray(soxr.resample(sound, RATE * speed, RATE), np.float32)
    from python_stretch.Signalsmith import Stretch

    processor = Stretch(1)
    processor.preset(1, RATE)
    processor.setTimeFactor(speed)
    return np.ascontiguousarray(processor.process(np.ascontiguousarray(sound[None]))[0])


def effects(seconds: float, rng: np.random.Generator) -> Sound:
    """Whooshes and impacts, one every six seconds or so."""
    out = np.zeros(round(seconds * RATE), np.float32)
    at_s = rng.uniform(0, 6)
    while at_s < seconds - 2:
        count = round(rng.uniform(0.4, 1.2) * RATE)
        t = np.arange(count) / count
        shape = np.sin(np.pi * t) ** 2 if rng.random() < 0.5 else np.exp(-6 * t)
        noise = np.convolve(rng.standard_normal(count), np.ones(rng.integers(2, 30)) / 5, "same")
        start = round(at_s * RATE)
        out[start : start + count] += (shape * noise * 0.2).astype(np.float32)
        at_s += rng.uniform(3, 9)
    return out


def active_rms(sound: Sound) -> float:
    """Root mean square over the 20 ms frames that are within 30 dB of the loudest: pauses do not count."""
    frames = sound[: len(sound) // 480 * 480].reshape(-1, 480)
    power = np.square(frames).mean(axis=1)
    return float(np.sqrt(power[power > power.max(initial=0.0) * 1e-3].mean())) if len(power) else 0.0


def make_video(
    path: Path,
    seconds: float,
    pieces: list[Piece],
    music: dict[str, Sound],
    voices: list[Sound],
    noise: Sound,
    seed: int,
) -> None:
    """Mix and encode (AAC in MP4): speech all through, the music BELOW_SPEECH_DB under it, with fades."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE)
    voice = voices[seed % len(voices)]
    spoken = np.tile(voice, count // len(voice) + 1)[:count]
    out = spoken + np.resize(noise, count) * 0.1 * active_rms(spoken) / max(active_rms(noise), 1e-6)
    out += effects(seconds, rng) * 5 * active_rms(spoken)
    for piece in pieces:
        first = round(piece.track_s * RATE)
        length = round((piece.end_s - piece.start_s) * piece.speed * RATE)
        sound = played(music[piece.track][first : first + length], piece.speed, is_varied=piece.is_varied)
        wanted = active_rms(spoken) * 10 ** (-BELOW_SPEECH_DB / 20)
        sound = sound * wanted / max(float(np.sqrt(np.square(sound).mean())), 1e-5)
        fade = np.minimum(1.0, np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / (FADE_S * RATE))
        start = round(piece.start_s * RATE)
        sound = (sound * fade)[: count - start]
        out[start : start + len(sound)] += sound
    out *= 0.5 / max(float(np.abs(out).max()), 1e-6)
    frames = (np.full((36, 64, 3), shade % 200, np.uint8) for shade in range(max(1, round(seconds))))
    write_video(path, frames, frame_rate=Fraction(1), sound=np.stack([out, out], 1).astype(np.float32), sound_rate=RATE)


def drawn_pieces(
    rng: np.random.Generator, music: dict[str, Sound], names: list[str], seconds: float, lengths_s: tuple[float, float]
) -> list[Piece]:
    """Music one after another with pauses, at speeds of 0.97 to 1.03, half of it with the pitch that follows."""
    pieces, at_s = [], float(rng.uniform(1, 5))
    while True:
        name = str(rng.choice(names))
        speed, length_s = float(rng.uniform(0.97, 1.03)), float(rng.uniform(*lengths_s))
        length_s = min(length_s, (len(music[name]) / RATE - 0.5) / speed)
        if at_s + length_s > seconds - 1:
            return pieces
        track_s = float(rng.uniform(0, len(music[name]) / RATE - length_s * speed - 0.2))
        pieces.append(Piece(name, at_s, at_s + length_s, max(0.0, track_s), speed, bool(rng.random() < 0.5)))
        at_s += length_s + float(rng.uniform(2, 10))
