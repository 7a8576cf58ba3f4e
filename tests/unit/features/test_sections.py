# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Boundaries on made curves, and the end of the music on sound that fades, rings, or is followed by other things."""

from __future__ import annotations

import numpy as np
import pytest

from media_factory import music
from needledrop.core.music import FloatArray
from needledrop.features.music import MusicAnalyser
from needledrop.features.sections import find_sections

RATE = 44_100
_RNG = np.random.default_rng(0)


def ending(stereo: FloatArray) -> float:
    analyser = MusicAnalyser(RATE)
    analyser.feed(np.ascontiguousarray(stereo, dtype=np.float32))
    return analyser.finish().rhythm.ending_s


def rest(seconds: float, level: float = 0.0) -> FloatArray:
    return np.asarray(_RNG.standard_normal((round(seconds * RATE), 2)) * level, np.float32)


def changes_at(seconds: float, *changes_s: float) -> tuple[FloatArray, FloatArray]:
    """Timbre and chroma of half seconds that change at those times."""
    at = np.arange(0, seconds, 0.5)
    which = np.searchsorted(changes_s, at, side="right")
    levels = np.random.default_rng(1).normal(0, 1, (len(changes_s) + 1, 14))
    chroma = np.random.default_rng(2).dirichlet(np.ones(12), len(changes_s) + 1)
    noise = np.random.default_rng(3).normal(0, 0.2, (len(at), 14))
    return (levels[which] + noise).astype(np.float32), chroma[which].astype(np.float32)


def test_boundaries_are_where_sound_changes() -> None:
    starts_s, strengths = find_sections(*changes_at(90, 30.0, 60.0), np.zeros(0), np.zeros(0), 90.0)
    assert starts_s == pytest.approx([0, 30, 60], abs=0.5)
    assert strengths[0] == 1.0 and strengths[1:].min() > 0.3


def test_they_move_to_a_downbeat_nearby_else_to_a_beat() -> None:
    curves, beats_s = changes_at(90, 30.0, 60.0), np.arange(0.2, 90, 0.5)
    downbeats_s = beats_s[beats_s < 45][::4]
    starts_s, _ = find_sections(*curves, downbeats_s, beats_s, 90.0)
    assert starts_s[1:] == pytest.approx([30.2, 60.2], abs=0.01)
    assert np.isclose(downbeats_s, 30.2).any()


def test_the_silence_after_the_music_starts_no_section() -> None:
    timbre, chroma = changes_at(90, 30.0, 60.0)
    timbre[140:], chroma[140:] = -20.0, 0.0
    assert find_sections(timbre, chroma, np.zeros(0), np.zeros(0), 70.0)[0] == pytest.approx([0, 30, 60], abs=0.5)


def test_a_last_section_of_a_few_seconds_counts() -> None:
    starts_s, _ = find_sections(*changes_at(65, 30.0, 59.0), np.zeros(0), np.zeros(0), 65.0)
    assert starts_s == pytest.approx([0, 30, 59], abs=0.5)


@pytest.mark.parametrize("after", ["nothing", "silence", "hiss", "click"])
def test_the_end_is_where_the_music_ends(after: str) -> None:
    tails = {"nothing": rest(0), "silence": rest(8), "hiss": rest(8, 0.001), "click": rest(10)}
    tail = tails[after]
    if after == "click":
        tail[5 * RATE : 5 * RATE + 2000] = _RNG.uniform(-0.5, 0.5, (2000, 2))
    assert ending(np.concatenate([music(20, bpm=120), tail])) == pytest.approx(20.0, abs=0.15)


def test_a_fade_ends_where_it_is_no_longer_heard() -> None:
    sound = music(30, bpm=120)
    sound[-10 * RATE :] *= np.power(10.0, -60 * np.linspace(0, 1, 10 * RATE) / 20)[:, None]
    # 60 dB in ten seconds: 25 LU down after 4.2 s.
    assert ending(sound) == pytest.approx(24.2, abs=1.0)


def test_a_last_chord_rings_out() -> None:
    t = np.arange(8 * RATE) / RATE
    chord = 0.3 * np.sin(2 * np.pi * 220 * t) * np.exp(-0.9 * t)
    assert 22.5 < ending(np.concatenate([music(20, bpm=120), np.stack([chord, chord], axis=1)])) < 25.5


def test_a_stinger_after_a_rest_is_the_end() -> None:
    stinger = music(1.0, bpm=120, first_beat_s=0.0)
    assert ending(np.concatenate([music(20, bpm=120), rest(4), stinger])) == pytest.approx(25.0, abs=0.6)


def test_whether_it_is_too_early_for_a_section_no_downbeat_decides() -> None:
    timbre, chroma = changes_at(90, 4.0, 30.0)
    # Half of the step before has changed already: the summit lies before four seconds.
    for curve in (timbre, chroma):
        curve[7] = (curve[7] + curve[8]) / 2
    for first_s in np.arange(0.0, 2.0, 0.1):
        downbeats_s = np.arange(first_s, 90, 2.0)
        starts_s, _ = find_sections(timbre, chroma, downbeats_s, downbeats_s, 90.0)
        assert starts_s[1:] == pytest.approx([30], abs=0.7)
