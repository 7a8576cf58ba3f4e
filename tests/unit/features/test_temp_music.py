# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stretches without speech are found where they are, and music is told from what is none."""

from __future__ import annotations

import numpy as np
import pytest

import media_factory
from contract import troubled_rhythms
from needledrop.core.music import FloatArray, MusicFeatures
from needledrop.core.picture import Soundtrack
from needledrop.features.music import MusicAnalyser
from needledrop.features.soundtrack import no_soundtrack
from needledrop.features.temp_music import is_music, without_speech

RATE = 48000


def soundtrack(levels: list[tuple[float, float]], speech_s: list[tuple[float, float]] = ()) -> Soundtrack:  # type: ignore[assignment]
    """Sound made of (seconds, LUFS)."""
    curve = np.concatenate([np.full(round(seconds * 10), level, np.float32) for seconds, level in levels])
    return Soundtrack(True, np.array(speech_s, np.float64).reshape(-1, 2), -20.0, curve)


def features(sound: FloatArray) -> MusicFeatures:
    analyser = MusicAnalyser(RATE)
    analyser.feed(sound if sound.ndim == 2 else np.stack([sound, sound], 1))
    return analyser.finish()


def test_speech_cuts_music_in_two_and_the_longest_part_comes_first() -> None:
    sound = soundtrack([(60.0, -20.0)], [(10.0, 25.0)])
    np.testing.assert_allclose(without_speech(sound, 0.0, 60.0), [[25.4, 60.0], [0.0, 9.7]], atol=0.11)


def test_the_range_bounds_what_is_found() -> None:
    np.testing.assert_allclose(without_speech(soundtrack([(60.0, -20.0)]), 12.0, 20.0), [[12.0, 20.0]], atol=0.11)
    assert len(without_speech(soundtrack([(60.0, -20.0)]), 12.0, 15.0)) == 0


def test_silence_and_what_is_far_below_the_rest_do_not_count_but_a_rest_does() -> None:
    found = without_speech(soundtrack([(10.0, -70.0), (8.0, -18.0), (0.6, -70.0), (8.0, -18.0), (9.0, -45.0)]), 0, 99)
    np.testing.assert_allclose(found, [[10.0, 26.6]], atol=0.11)


def test_a_video_without_sound_has_none() -> None:
    assert without_speech(no_soundtrack(), 0.0, 60.0).shape == (0, 2)
    assert without_speech(soundtrack([(20.0, -20.0)], [(0.0, 20.0)]), 0.0, 20.0).shape == (0, 2)


@pytest.mark.parametrize("seed", [1, 2])
def test_music_is_told_from_noise(seed: int) -> None:
    assert is_music(features(media_factory.music(8.0, seed=seed, rate=RATE)))
    noise = 0.1 * np.random.default_rng(seed).standard_normal(8 * RATE)
    assert not is_music(features(noise.astype(np.float32)))
    for made in (troubled_rhythms.rain, troubled_rhythms.random_clicks, troubled_rhythms.speech_like):
        assert not is_music(features(np.asarray(made(seed), np.float32)[: 8 * RATE])), made.__name__


def test_nothing_is_no_music() -> None:
    assert not is_music(features(np.zeros((0, 2), np.float32)))
    assert not is_music(features(np.zeros((3 * RATE, 2), np.float32)))
