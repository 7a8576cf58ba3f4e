# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import soundfile

import media_factory
from needledrop.core.music import Fingerprint, FloatArray
from needledrop.features.music import MusicAnalyser
from needledrop.features.recordings import build_lookup, is_same_recording, match_fingerprints
from needledrop.media.audio import read_audio

RATE = 44100


def tune(seed: int, seconds: float = 24) -> FloatArray:
    """Music with a melody of its own: the factory's drums under random notes of many partials."""
    rng = np.random.default_rng(seed)
    sound = media_factory.music(seconds, bpm=100 + 7 * (seed % 5), seed=seed).astype(np.float64)
    t = np.arange(round(0.35 * RATE)) / RATE
    for start in range(0, len(sound) - len(t), round(0.3 * RATE)):
        pitch = 220 * 2 ** (rng.integers(0, 30) / 12)
        note = sum(np.sin(2 * np.pi * pitch * h * t) / h for h in (1, 2, 3, 4)) * np.exp(-6 * t) * 0.2
        sound[start : start + len(t)] += note[:, None]
    return (sound / np.abs(sound).max() * 0.8).astype(np.float32)


def landmarks(stereo: FloatArray, rate: int = RATE) -> Fingerprint:
    analyser = MusicAnalyser(rate)
    analyser.feed(np.ascontiguousarray(stereo, np.float32))
    return analyser.finish().fingerprint


def through_codec(stereo: FloatArray, path: Path) -> tuple[FloatArray, int]:
    media_factory.write_audio(path, stereo, RATE, 64_000)
    samples, rate = soundfile.read(path, dtype="float32")
    return samples, rate


@pytest.fixture(scope="module")
def original() -> FloatArray:
    return tune(1)


@pytest.fixture(scope="module")
def fingerprint(original: FloatArray) -> Fingerprint:
    return landmarks(original)


def test_density_and_order(fingerprint: Fingerprint) -> None:
    assert 5 * 24 < len(fingerprint.hashes) < 25 * 24
    assert (np.diff(fingerprint.frames.astype(np.int64)) >= 0).all()
    assert int(fingerprint.frames.max()) * fingerprint.frame_s < 24


@pytest.mark.parametrize("suffix", [".mp3", ".opus", ".flac"])
def test_other_encodings_are_the_same_recording(
    original: FloatArray, fingerprint: Fingerprint, tmp_path: Path, suffix: str
) -> None:
    again = landmarks(*through_codec(original, tmp_path / f"track{suffix}"))
    assert is_same_recording(fingerprint, again)
    assert abs(match_fingerprints(fingerprint, again).offset_s) <= 0.06


def test_gain_and_trim_are_the_same_recording(original: FloatArray, fingerprint: Fingerprint) -> None:
    trimmed = landmarks(original[round(1.007 * RATE) :] * np.float32(0.2))
    assert is_same_recording(fingerprint, trimmed)
    assert match_fingerprints(fingerprint, trimmed).offset_s == pytest.approx(-1.007, abs=0.03)


def test_another_sound_on_top(original: FloatArray, fingerprint: Fingerprint) -> None:
    hiss = np.random.default_rng(0).standard_normal(original.shape).astype(np.float32) * 0.02
    assert is_same_recording(fingerprint, landmarks(original * np.float32(0.5) + hiss))


def test_different_music_is_not_the_same(fingerprint: Fingerprint) -> None:
    others = [landmarks(tune(seed)) for seed in (2, 3, 6)]
    for one, other in combinations([fingerprint, *others], 2):
        assert not is_same_recording(one, other)
        assert match_fingerprints(one, other).share < 0.05


def test_lookup_finds_an_excerpt_among_others(original: FloatArray) -> None:
    lookup = build_lookup([landmarks(tune(2)), landmarks(original), landmarks(tune(3))])
    hits = lookup.query(landmarks(original[8 * RATE : 18 * RATE]))
    assert [row for row, _, _ in hits] == [1]
    assert hits[0][2] == pytest.approx(8.0, abs=0.03)


def test_nothing_matches_nothing(fingerprint: Fingerprint) -> None:
    silent = landmarks(np.zeros((RATE, 2), np.float32))
    assert match_fingerprints(silent, fingerprint).votes == 0
    assert match_fingerprints(fingerprint, silent).votes == 0
    assert not is_same_recording(silent, silent)
    assert build_lookup([]).query(fingerprint) == []


@pytest.mark.shared_media
@pytest.mark.slow
def test_real_tracks_match_only_their_twins(shared_media: Path) -> None:
    """The first half minute of every real track: those that match are byte-for-byte copies under a second name."""
    paths = sorted((shared_media / "music").glob("*.opus"))[::3]
    prints = []
    for path in paths:
        prints.append(landmarks(read_audio(path, 0.0, 30.0), 48_000))
    contents = [path.read_bytes() for path in paths]
    lookup = build_lookup(prints)
    for index, one in enumerate(prints):
        for row, votes, _ in lookup.query(one, least_votes=10):
            assert contents[row] == contents[index], (paths[row].name, paths[index].name, votes)
