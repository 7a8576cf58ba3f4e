# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from media_factory import music
from needledrop.core.music import FloatArray, Rhythm
from needledrop.features.music import MusicAnalyser
from needledrop.features.rhythm import _steady_tempo

RATE = 44100


def hear(stereo: FloatArray) -> Rhythm:
    analyser = MusicAnalyser(RATE)
    analyser.feed(stereo.astype(np.float32))
    return analyser.finish().rhythm


def in_both_ears(mono: np.ndarray) -> FloatArray:
    return np.stack([mono, mono], axis=1).astype(np.float32)


def hit_rate(expected_s: np.ndarray, found_s: np.ndarray, tolerance_s: float = 0.03) -> float:
    distance = np.abs(expected_s[:, None] - found_s[None, :]).min(axis=1)
    return float((distance <= tolerance_s).mean())


def waltz(seconds: float, bpm: float) -> FloatArray:
    """Bass on one, chords on two and three."""
    sound = np.zeros(round(seconds * RATE))
    t = np.arange(round(0.4 * RATE)) / RATE
    for beat in range(int(seconds * bpm / 60) - 1):
        start = round((0.2 + beat * 60 / bpm) * RATE)
        root = 110 * 2 ** ([0, 5, 9, 7, 2][beat // 3 % 5] / 12)
        pitches = [root / 2, root] if beat % 3 == 0 else [root * 2, root * 2.52, root * 3]
        note = sum(np.sin(2 * np.pi * f * t) for f in pitches) * np.exp(-t * 8) * 0.15
        sound[start : start + len(note)] += note[: len(sound) - start]
    return in_both_ears(sound)


@pytest.mark.parametrize("bpm", [90, 104, 120, 128, 140])
def test_tempo_and_beats(bpm: float) -> None:
    rhythm = hear(music(24, bpm=bpm, seed=int(bpm)))
    assert rhythm.tempo_bpm == pytest.approx(bpm, rel=0.01)
    expected_s = np.arange(0.25, 22, 60 / bpm)
    assert hit_rate(expected_s, rhythm.beats_s) > 0.9
    assert rhythm.confidence > 0.5
    assert rhythm.tempo_alternatives_bpm == (rhythm.tempo_bpm / 2, rhythm.tempo_bpm * 2)


def test_downbeats_where_the_harmony_changes() -> None:
    rhythm = hear(music(30, bpm=120, seed=2))
    assert rhythm.beats_per_bar == 4
    assert hit_rate(np.arange(0.25, 28, 2.0), rhythm.downbeats_s) > 0.8
    assert len(rhythm.downbeats_s) <= 17


def test_three_four() -> None:
    rhythm = hear(waltz(30, 132))
    assert rhythm.beats_per_bar == 3
    assert hit_rate(np.arange(0.2, 27, 180 / 132), rhythm.downbeats_s) > 0.8


def test_tempo_may_drift() -> None:
    times_s = np.cumsum(60 / np.linspace(100, 112, 60))
    sound = np.zeros(RATE * 36)
    click = np.random.default_rng(0).standard_normal(2000) * np.exp(-np.arange(2000) / 300)
    for at in times_s[times_s < 35]:
        sound[round(at * RATE) : round(at * RATE) + 2000] += click * 0.2
    rhythm = hear(in_both_ears(sound))
    assert hit_rate(times_s[times_s < 34], rhythm.beats_s) > 0.9


def test_a_click_is_heard_when_it_sounds() -> None:
    rng = np.random.default_rng(3)
    times_s = np.arange(1, 20) * 0.5 + rng.uniform(0, 0.01, 19)
    sound = rng.standard_normal(RATE * 11) * 1e-4
    sound[np.round(times_s * RATE).astype(int)] += 0.8
    curve = np.pad(hear(in_both_ears(sound)).onset_curve.astype(float), 1)
    for at in times_s:
        near = slice(round(at * 100) - 4, round(at * 100) + 6)
        top = near.start + int(curve[1:-1][near].argmax()) + 1
        before, centre, after = curve[top - 1 : top + 2]
        summit = top - 1 + 0.5 * (before - after) / (before - 2 * centre + after)
        assert summit / 100 == pytest.approx(at, abs=0.005)


@pytest.mark.parametrize("kind", ["noise", "drone", "breath"])
def test_no_beats_where_there_is_no_pulse(kind: str) -> None:
    rng = np.random.default_rng(1)
    t = np.arange(RATE * 25) / RATE
    sounds = {
        "noise": rng.standard_normal(len(t)) * 0.1,
        "drone": sum(np.sin(2 * np.pi * f * t) * (1 + 0.3 * np.sin(0.8 * i * t)) for i, f in enumerate((55, 110, 277)))
        * 0.1,
        "breath": rng.standard_normal(len(t))
        * np.interp(t, np.cumsum(rng.uniform(0.3, 2.0, 40)), rng.random(40))
        * 0.1,
    }
    rhythm = hear(in_both_ears(sounds[kind]))
    assert rhythm.tempo_bpm == 0
    assert len(rhythm.beats_s) == len(rhythm.downbeats_s) == len(rhythm.beat_strength) == 0
    assert rhythm.confidence < 0.3


def test_sections_begin_where_the_music_changes() -> None:
    soft = music(24, bpm=120, seed=1) * 0.1
    loud = music(24, bpm=120, seed=9) + np.random.default_rng(0).standard_normal((24 * RATE, 2)) * 0.1
    rhythm = hear(np.concatenate([soft, loud, soft]))
    assert rhythm.sections_s[0] == 0
    assert hit_rate(np.array([24.0, 48.0]), rhythm.sections_s, 1.1) == 1
    assert len(rhythm.sections_s) <= 5
    assert rhythm.section_novelty.min() >= 0
    assert rhythm.section_novelty.max() <= 1


def test_ending_is_where_the_music_ends() -> None:
    sound = np.concatenate([music(12, bpm=120), np.zeros((5 * RATE, 2), np.float32)])
    assert hear(sound).ending_s == pytest.approx(12, abs=0.8)


def test_the_tempo_of_beats_in_two_steps_is_one_of_them() -> None:
    # Four steps of each: their median would be a tempo that nothing has.
    beats_s = np.concatenate([[0.0], np.cumsum([0.4] * 4 + [0.8] * 4)])
    assert _steady_tempo(beats_s) == pytest.approx(150.0)
