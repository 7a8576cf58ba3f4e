# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to music on its way: it is limited, spoken over, and coded at low rates. Needs ffmpeg and espeak-ng."""

from __future__ import annotations

import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.features.onsets import RATE
from needledrop.training.beats.speech import VOICES, spoken

_LIMITED, _SPOKEN_OVER, _CODED = 0.3, 0.18, 0.35
_CODECS = (
    ("mp3", "libmp3lame", ("32k", "48k", "64k", "96k")),
    ("opus", "libopus", ("16k", "24k", "48k", "64k")),
    ("m4a", "aac", ("24k", "32k", "64k", "96k")),
)


def disturbed(stereo: FloatArray, seed: int) -> FloatArray:
    """The sound [n, 2] at RATE, altered by chance, its time unchanged."""
    rng = np.random.default_rng(seed)
    if rng.random() < _LIMITED:
        stereo = _limited(stereo, float(rng.uniform(2, 12)))
    if rng.random() < _SPOKEN_OVER:
        stereo = _spoken_over(stereo, rng)
    if rng.random() < _CODED:
        ending, encoder, rates = _CODECS[rng.integers(len(_CODECS))]
        stereo = coded(stereo, ending, encoder, rates[rng.integers(len(rates))])
    return stereo


def _limited(stereo: FloatArray, drive: float) -> FloatArray:
    """Through a soft limiter, `drive` times as loud as it can bear, then as loud as before."""
    level = max(float(np.abs(stereo).max()), 1e-6)
    return np.asarray(level * np.tanh(stereo * (drive / level)) / np.tanh(drive), np.float32)


def _spoken_over(stereo: FloatArray, rng: np.random.Generator) -> FloatArray:
    speech = _speech(int(rng.integers(len(VOICES) * 4)))
    start = int(rng.integers(0, max(1, len(stereo) // 2)))
    stop = min(len(stereo), start + len(speech))
    level = 10 ** (rng.uniform(-12, 4) / 20) * stereo.std() / max(float(speech.std()), 1e-6)
    mixed = stereo.copy()
    mixed[start:stop] += (speech[: stop - start, None] * level).astype(np.float32)
    return mixed


@lru_cache(maxsize=40)
def _speech(number: int) -> NDArray[np.float64]:
    return spoken(number)


def coded(stereo: FloatArray, ending: str, encoder: str, rate: str) -> FloatArray:
    """Encoded and decoded by ffmpeg; what the codec delays is taken back, as far as a correlation finds it."""
    raw = ("-f", "f32le", "-ar", str(RATE), "-ac", "2")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, f"sound.{ending}"))
        quiet = ("ffmpeg", "-v", "error", "-nostdin")
        subprocess.run(
            [*quiet, *raw, "-i", "pipe:0", "-c:a", encoder, "-b:a", rate, path],
            input=np.clip(stereo, -1, 1).astype("<f4").tobytes(), check=True,
        )  # fmt: skip
        decoded = subprocess.run([*quiet, "-i", path, *raw, "pipe:1"], capture_output=True, check=True).stdout
    found = np.frombuffer(decoded, "<f4").reshape(-1, 2)
    return _aligned(found, stereo)


def _aligned(found: FloatArray, original: FloatArray) -> FloatArray:
    size = 1 << (len(original) + RATE).bit_length()
    spectra = (np.fft.rfft(sound[: len(original) + RATE // 4].mean(axis=1), size) for sound in (found, original))
    of_found, of_original = spectra
    likeness = np.fft.irfft(of_found * np.conj(of_original), size)
    reach = RATE // 4
    lag = int(np.argmax(np.concatenate([likeness[-reach:], likeness[:reach]]))) - reach
    moved = found[lag:] if lag >= 0 else np.pad(found, ((-lag, 0), (0, 0)))
    moved = np.pad(moved, ((0, max(0, len(original) - len(moved))), (0, 0)))
    return np.asarray(moved[: len(original)], np.float32)
