# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The video's own sound: loudness, and speech told from music and noise."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from media_factory import music
from needledrop.core.packing import pack
from needledrop.core.picture import Soundtrack
from needledrop.features.soundtrack import SoundtrackAnalyser

RATE = 48000


def voice(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """Stereo speech-like sound: a gliding glottal pulse train and hiss through moving formants, in syllables."""
    rng = np.random.default_rng(seed)
    parts: list[NDArray[np.float64]] = []
    total = 0
    while total < seconds * RATE:
        length = int(rng.uniform(0.12, 0.26) * RATE)
        parts.append(_syllable(rng, length))
        pause = int((rng.uniform(0.02, 0.06) if rng.random() < 0.75 else rng.uniform(0.15, 0.3)) * RATE)
        parts.append(np.zeros(pause))
        total += length + pause
    sound = np.concatenate(parts)[: round(seconds * RATE)]
    sound *= 0.3 / np.abs(sound).max()
    return np.stack([sound, sound], axis=1).astype(np.float32)


def _syllable(rng: np.random.Generator, length: int) -> NDArray[np.float64]:
    pitch_hz = np.linspace(rng.uniform(95, 150), rng.uniform(85, 140), length)
    phase = np.cumsum(pitch_hz / RATE)
    source = np.diff(np.floor(phase), prepend=0) + rng.normal(0, 0.004, length)
    consonant = int(length * 0.2)
    source[:consonant] = rng.normal(0, 0.08, consonant)
    sound = source
    for low_hz, high_hz, width_hz in ((280, 800, 90), (900, 2200, 120), (2300, 2900, 160)):
        radius = np.exp(-np.pi * width_hz / RATE)
        centre_hz = rng.uniform(low_hz, high_hz)
        sound = lfilter([1 - radius], [1, -2 * radius * np.cos(2 * np.pi * centre_hz / RATE), radius**2], sound)
    return np.asarray(sound / (np.abs(sound).max() + 1e-9) * np.sin(np.pi * np.linspace(0, 1, length)) ** 0.6)


def soundtrack_of(sound: NDArray[np.float32], rate: int = RATE, block: int = 4096) -> Soundtrack:
    analyser = SoundtrackAnalyser(rate)
    for start in range(0, len(sound), block):
        analyser.feed(sound[start : start + block])
    return analyser.finish()


def test_speech_between_quiet_ambience_is_found() -> None:
    rng = np.random.default_rng(0)
    sound = rng.normal(0, 0.003, (12 * RATE, 2)).astype(np.float32)
    sound[3 * RATE : 8 * RATE] += voice(5.0)
    speech_s = soundtrack_of(sound).speech_s
    inside = sum(min(end, 8.0) - max(start, 3.0) for start, end in speech_s if end > 3 and start < 8)
    assert inside > 4.0
    assert sum(end - start for start, end in speech_s) - inside < 0.5


@pytest.mark.parametrize("bpm", [60, 100, 120, 174])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_music_is_not_speech_even_where_it_begins_after_silence(seed: int, bpm: float) -> None:
    assert not len(soundtrack_of(music(12.0, seed=seed, bpm=bpm, rate=RATE)).speech_s)


def test_noise_and_tones_are_not_speech() -> None:
    rng = np.random.default_rng(1)
    assert not len(soundtrack_of(rng.normal(0, 0.1, (6 * RATE, 2)).astype(np.float32)).speech_s)
    tone = np.sin(2 * np.pi * 220 * np.arange(4 * RATE) / RATE).astype(np.float32) * 0.2
    assert not len(soundtrack_of(np.stack([tone, tone], axis=1)).speech_s)


def test_the_loudness_of_a_known_tone() -> None:
    tone = np.sin(2 * np.pi * 997 * np.arange(5 * RATE) / RATE).astype(np.float32) * 10 ** (-23 / 20)
    soundtrack = soundtrack_of(np.stack([tone, tone], axis=1))
    assert soundtrack.has_sound
    assert soundtrack.integrated_lufs == pytest.approx(-23.0, abs=0.1)
    assert soundtrack.curve_lufs.shape == (50,)


@pytest.mark.parametrize("rate", [11025, 44100])
def test_blocks_of_any_size_give_the_same_bytes(rate: int) -> None:
    sound = voice(3.0)[: 3 * rate]
    whole = pack(soundtrack_of(sound, rate, len(sound)))
    assert pack(soundtrack_of(sound, rate, 777)) == whole
    assert pack(soundtrack_of(sound, rate, rate)) == whole


def test_no_sound_a_sample_and_silence() -> None:
    nothing = SoundtrackAnalyser(RATE).finish()
    assert not nothing.has_sound and nothing.curve_lufs.shape == (0,) and nothing.speech_s.shape == (0, 2)
    for count in (1, 5000, 2 * RATE):
        quiet = soundtrack_of(np.zeros((count, 2), np.float32))
        assert quiet.has_sound and quiet.speech_s.shape == (0, 2)
        assert quiet.integrated_lufs == -70.0
