# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles of sections on sound of known form: tones and noise in bars of 120 BPM."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from needledrop.core.music import BREAK, BUILD, DROP, INTRO, OUTRO, SECTION, Rhythm
from needledrop.features.music import MusicAnalyser

RATE = 24_000
BAR_S = 2.0
_RNG = np.random.default_rng(5)
_NOISE = _RNG.standard_normal(RATE)


def _tone(hz: float, seconds: float, level: float) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    return level * sum(np.sin(2 * np.pi * hz * n * t) / n for n in (1, 2, 3)) * np.minimum(1, 20 * (seconds - t))


def _bar(kind: str, number: int, share: float) -> np.ndarray:
    """One bar of a kind of section; share is how far the section has come."""
    sound = np.zeros(round(BAR_S * RATE))
    root = 110.0 * 2 ** ((0, 5, 9, 7)[number % 4] / 12)
    chords = (root * 2, root * 2.52, root * 3)
    if kind in (DROP, BREAK, BUILD):
        level = {DROP: 0.1, BREAK: 0.05, BUILD: 0.03 + 0.05 * share}[kind]
        sound += sum(_tone(hz, BAR_S, level) for hz in chords)
    else:
        sound += _tone(root * 2, BAR_S, 0.05)
    hits = {DROP: 8, BREAK: 0, BUILD: 4 if share < 0.5 else 16, INTRO: 0, OUTRO: 0}[kind]
    for hit in range(hits):
        burst = _NOISE[:2400] * np.exp(-np.arange(2400) / 500) * (0.25 if kind == DROP else 0.04 + 0.14 * share)
        start = round(hit * BAR_S / hits * RATE)
        sound[start : start + 2400] += burst[: len(sound) - start]
    if kind == DROP:
        for beat in range(4):
            kick = np.sin(2 * np.pi * 55 * np.arange(4800) / RATE) * np.exp(-np.arange(4800) / 1500) * 0.5
            sound[beat * RATE // 2 : beat * RATE // 2 + 4800] += kick
    return sound


def heard(form: Sequence[tuple[str, int]]) -> Rhythm:
    """What the analysis hears of sections (kind, bars)."""
    bars = [_bar(kind, bar, bar / count) for kind, count in form for bar in range(count)]
    mono = np.concatenate(bars) + np.resize(_NOISE, len(bars) * round(BAR_S * RATE)) * 1e-4
    analyser = MusicAnalyser(RATE)
    analyser.feed(np.stack([mono, mono], axis=1).astype(np.float32))
    return analyser.finish().rhythm


def role_at(rhythm: Rhythm, time_s: float) -> str:
    return rhythm.section_roles[int(np.searchsorted(rhythm.sections_s, time_s, side="right")) - 1]


@pytest.mark.parametrize(
    "form",
    [
        ((INTRO, 8), (BUILD, 8), (DROP, 12), (BREAK, 8), (BUILD, 8), (DROP, 12), (OUTRO, 6)),
        ((INTRO, 6), (BREAK, 10), (DROP, 10), (BREAK, 10), (DROP, 10), (OUTRO, 8)),
        ((DROP, 12), (BREAK, 8), (DROP, 16), (OUTRO, 6)),
    ],
)
def test_sections_of_a_plain_form_get_their_names(form: tuple[tuple[str, int], ...]) -> None:
    rhythm = heard(form)
    starts_s = np.cumsum([0] + [bars for _, bars in form]) * BAR_S
    # Late in each section: a build is heard as one when it has begun to rise.
    found = [role_at(rhythm, low + 0.7 * (high - low)) for low, high in pairwise(starts_s)]
    assert found == [kind for kind, _ in form]
    assert len(rhythm.section_roles) == len(rhythm.sections_s) == len(rhythm.section_role_confidence)
    assert rhythm.section_role_confidence.min() >= 0.5
    near_s = np.abs(rhythm.sections_s[:, None] - starts_s[None, 1:-1]).min(axis=0)
    assert np.sum(near_s <= 3.0) >= len(near_s) - 1


def test_where_nothing_stands_out_no_name_is_made_up() -> None:
    rhythm = heard([(DROP, 30)])
    assert set(rhythm.section_roles) == {SECTION}
    assert not rhythm.section_role_confidence.any()


@pytest.mark.parametrize("seconds", [0.0, 0.5, 7.0, 40.0])
def test_silence_and_scraps_have_one_section_without_a_role(seconds: float) -> None:
    analyser = MusicAnalyser(RATE)
    analyser.feed(np.zeros((round(seconds * RATE), 2), np.float32))
    rhythm = analyser.finish().rhythm
    assert rhythm.section_roles == (SECTION,)
    assert rhythm.section_role_confidence.tolist() == [0.0]


def test_a_drone_is_no_drop() -> None:
    t = np.arange(RATE * 60) / RATE
    drone = 0.1 * np.sin(2 * np.pi * 110 * t) * (1 + 0.2 * np.sin(0.3 * t))
    analyser = MusicAnalyser(RATE)
    analyser.feed(np.stack([drone, drone], axis=1).astype(np.float32))
    assert DROP not in analyser.finish().rhythm.section_roles


def test_a_fade_out_leads_out() -> None:
    bars = [_bar(DROP, bar, 0.0) for bar in range(24)]
    mono = np.concatenate(bars)
    mono[-8 * RATE * 2 :] *= np.linspace(1, 0, 8 * RATE * 2) ** 2
    analyser = MusicAnalyser(RATE)
    analyser.feed(np.stack([mono, mono], axis=1).astype(np.float32))
    rhythm = analyser.finish().rhythm
    assert set(rhythm.section_roles[:-1]) <= {SECTION, DROP}
    assert rhythm.section_roles[-1] in {OUTRO, SECTION}
