# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest

import media_factory
from needledrop.core.music import CLIP_DESCRIPTORS, SECTION_ROLES, FloatArray, MusicFeatures
from needledrop.features.music import FEATURE_VERSIONS, MusicAnalyser


def analyse(stereo: FloatArray, rate: int, block: int = 65_536) -> MusicFeatures:
    analyser = MusicAnalyser(rate)
    for start in range(0, len(stereo), block):
        analyser.feed(stereo[start : start + block])
    return analyser.finish()


def numbers(value: object) -> Iterator[np.ndarray]:
    """Every number of a nest of dataclasses, in order."""
    assert dataclasses.is_dataclass(value)
    for field in dataclasses.fields(value):
        part = getattr(value, field.name)
        if dataclasses.is_dataclass(part):
            yield from numbers(part)
        elif field.name == "section_roles":
            yield np.array([SECTION_ROLES.index(role) for role in part])
        else:
            yield np.asarray(part)


@pytest.fixture(scope="module")
def song() -> FloatArray:
    return media_factory.music(21.3, bpm=120, seed=4)


@pytest.fixture(scope="module")
def features(song: FloatArray) -> MusicFeatures:
    return analyse(song, 44100)


def test_every_set_has_a_version() -> None:
    names = {field.name for field in dataclasses.fields(MusicFeatures)} - {"duration_s"}
    assert set(FEATURE_VERSIONS) == names


@pytest.mark.parametrize("block", [777, 44_100 * 30])
def test_block_size_changes_nothing(song: FloatArray, features: MusicFeatures, block: int) -> None:
    for one, other in zip(numbers(features), numbers(analyse(song, 44100, block)), strict=True):
        assert np.array_equal(one, other)


def test_shapes(features: MusicFeatures) -> None:
    assert features.duration_s == pytest.approx(21.3, abs=1e-4)
    assert features.clips.values.shape == (6, len(CLIP_DESCRIPTORS))
    assert len(features.rhythm.onset_curve) == 2131
    assert len(features.loudness.curve_lufs) == 213
    assert set(features.rhythm.downbeats_s) <= set(features.rhythm.beats_s)
    assert len(features.rhythm.beat_strength) == len(features.rhythm.beats_s)
    assert features.rhythm.sections_s[0] == 0.0


def test_gain_moves_levels_and_nothing_else(song: FloatArray, features: MusicFeatures) -> None:
    quiet = analyse(song * np.float32(0.1), 44100)
    assert quiet.loudness.integrated_lufs == pytest.approx(features.loudness.integrated_lufs - 20, abs=0.05)
    assert quiet.loudness.true_peak_dbtp == pytest.approx(features.loudness.true_peak_dbtp - 20, abs=0.01)
    assert quiet.rhythm.tempo_bpm == pytest.approx(features.rhythm.tempo_bpm, abs=0.5)
    assert quiet.tonality.key_name == features.tonality.key_name


@pytest.mark.parametrize("samples", [0, 1, 2, 100, 9600, 4 * 48000, 4 * 48000 + 1])
def test_short_tracks_are_finite(samples: int) -> None:
    tone = np.sin(np.arange(samples) * 0.05)[:, None].repeat(2, axis=1).astype(np.float32) * 0.3
    features = analyse(tone, 48000)
    assert all(np.isfinite(part).all() for part in numbers(features))
    assert features.rhythm.tempo_bpm == 0
    assert len(features.clips.values) == -(-samples // (4 * 48000))


@pytest.mark.parametrize("rate", [8000, 11025, 96000, 192000])
def test_odd_rates(rate: int) -> None:
    features = analyse(media_factory.music(9, rate=rate), rate)
    assert all(np.isfinite(part).all() for part in numbers(features))
    assert features.rhythm.tempo_bpm == pytest.approx(120, rel=0.02)


def test_silence_and_direct_current() -> None:
    silent = analyse(np.zeros((10 * 44100, 2), np.float32), 44100)
    constant = analyse(np.full((10 * 44100, 2), 0.5, np.float32), 44100)
    for features in (silent, constant):
        assert all(np.isfinite(part).all() for part in numbers(features))
        assert features.rhythm.tempo_bpm == 0
        assert features.tonality.tonic == -1
    assert silent.loudness.integrated_lufs == -70
    assert silent.rhythm.ending_s == 0
    assert len(silent.fingerprint.hashes) == 0


def test_only_curves_are_kept() -> None:
    """What an analyser holds grows by less than 20 kB a second of music: three hours stay under 220 MB."""
    analyser = MusicAnalyser(48000)
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, (48000 * 4, 2)).astype(np.float32)
    for _ in range(3):
        analyser.feed(noise)
    before = _held_bytes(analyser, set())
    for _ in range(10):
        analyser.feed(noise)
    assert (_held_bytes(analyser, set()) - before) / 40 < 20_000


def _held_bytes(value: object, seen: set[int]) -> int:
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        return value.nbytes if value.base is None else _held_bytes(value.base, seen)
    if isinstance(value, (list, tuple)):
        return 8 * len(value) + sum(_held_bytes(part, seen) for part in value)
    if isinstance(value, dict):
        return 100 * len(value) + sum(_held_bytes(part, seen) for part in value.values())
    return sum(_held_bytes(part, seen) for part in vars(value).values()) if hasattr(value, "__dict__") else 32
