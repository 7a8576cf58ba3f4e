# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces to sound with fluidsynth, and sound to what the beat network hears. Needs the `fluidsynth` program."""

from __future__ import annotations

import random
import struct
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.features import onsets
from needledrop.features.music import TONAL_FRAME_SAMPLES, TONAL_RATE
from needledrop.features.spectrum import PowerSpectra, Resampler, mel_bank
from needledrop.features.tonality import CHROMA_RATE_HZ, ChromaCollector
from needledrop.training.beats.arranger import DRUMS
from needledrop.training.beats.composer import Piece

_FOLDER = Path("/usr/share/sounds")
# Debian: fluid-soundfont-gm, timgm6mb-soundfont, opl3-soundfont, csound-soundfont.
TRAINING_SOUNDFONTS = tuple(
    _FOLDER / "sf2" / name for name in ("FluidR3_GM.sf2", "TimGM6mb.sf2", "OPL-3_FM_128M.sf2", "sf_GMbank.sf2")
)
# Debian: musescore-general-soundfont. Never heard in training.
HELD_OUT_SOUNDFONT = _FOLDER / "sf3" / "MuseScore_General_Full.sf3"
_MELODIC_CHANNELS = [channel for channel in range(16) if channel != 9]


def midi_bytes(piece: Piece, seed: int) -> bytes:
    """A Standard MIDI File whose ticks are milliseconds, so that any tempo map is exact."""
    rng = random.Random(seed)
    events: list[tuple[int, int, bytes]] = []
    channels = iter(_MELODIC_CHANNELS)
    for part in piece.parts:
        channel = 9 if part.program == DRUMS else next(channels)
        events.append((0, 0, bytes((0xC0 | channel, 0 if channel == 9 else part.program))))
        for control, value in ((7, part.volume), (10, rng.randint(30, 98)), (91, rng.randint(0, 70))):
            events.append((0, 1, bytes((0xB0 | channel, control, value))))
        for start, length, pitch, velocity in part.notes:
            pitch = min(max(pitch, 20), 108)
            on = max(0, round(1000 * (piece.time_s(start) + rng.gauss(0, 1) * part.jitter_s)))
            off = max(on + 20, round(1000 * piece.time_s(start + length)))
            events.append((on, 3, bytes((0x90 | channel, pitch, velocity))))
            events.append((off, 2, bytes((0x80 | channel, pitch, 64))))
    body, now = bytearray(b"\x00\xff\x51\x03" + (500_000).to_bytes(3, "big")), 0
    for tick, _, message in sorted(events):
        body += _variable_length(tick - now) + message
        now = tick
    body += b"\x00\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 500) + b"MTrk" + struct.pack(">I", len(body)) + bytes(body)


def _variable_length(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(0x80 | (value & 0x7F))
    return bytes(reversed(groups))


def rendered(midi: bytes, soundfont: Path, *, reverb: bool, gain: float = 0.35) -> FloatArray:
    """Stereo samples [n, 2] at onsets.RATE."""
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder, "score.mid"), Path(folder, "sound.raw")
        score.write_bytes(midi)
        subprocess.run(
            ["fluidsynth", "-niq", "-R", str(int(reverb)), "-C", "0", "-g", str(gain), "-r", str(onsets.RATE),
             "-o", "synth.dynamic-sample-loading=1", "-O", "s16", "-T", "raw", "-F", str(sound),
             str(soundfont), str(score)],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        samples = np.fromfile(sound, np.int16).reshape(-1, 2)
    return np.asarray(samples / np.float32(32768), np.float32)


def mel_codes(stereo: FloatArray) -> NDArray[np.uint8]:
    """Log-mel power as the analysis keeps it, [frames, bands] at ONSET_RATE_HZ from time zero."""
    mono = stereo @ np.array([0.5, 0.5], np.float32)
    spectra = PowerSpectra(onsets.FRAME_SAMPLES, onsets.HOP)
    bank = mel_bank(onsets.RATE, onsets.FRAME_SAMPLES, onsets.MEL_BANDS, onsets.MEL_LOW_HZ, onsets.MEL_HIGH_HZ)
    power = np.concatenate([*spectra.feed(mono), *spectra.finish()])
    floor = np.float32(np.exp(-onsets.LOG_RANGE))
    return onsets.as_codes(np.log(power @ bank + floor))


def chroma_of(stereo: FloatArray) -> FloatArray:
    """Chroma [frames, 12] at CHROMA_RATE_HZ as the analysis makes it, from time zero."""
    mono = Resampler(onsets.RATE, TONAL_RATE).feed(stereo @ np.array([0.5, 0.5], np.float32), last=True)
    spectra = PowerSpectra(TONAL_FRAME_SAMPLES, round(TONAL_RATE / CHROMA_RATE_HZ))
    collector = ChromaCollector(TONAL_RATE, TONAL_FRAME_SAMPLES)
    for power in (*spectra.feed(mono), *spectra.finish()):
        collector.feed(power)
    return collector.finish()
