# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.features.tempo_map import tempo_map


def beats_at(bpms: np.ndarray | list[float], jitter_s: float = 0.0, seed: int = 0) -> np.ndarray:
    """One beat more than tempi; the first lies at 0.3 s."""
    times_s = 0.3 + np.concatenate([[0.0], np.cumsum(60 / np.asarray(bpms, np.float64))])
    return np.sort(times_s + np.random.default_rng(seed).normal(0, jitter_s, len(times_s)))


@pytest.mark.parametrize("jitter_s", [0.0, 0.005, 0.015])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_steady_track_has_one_tempo(jitter_s: float, seed: int) -> None:
    beats_s = beats_at([120.0] * 300, jitter_s, seed)
    ((start_s, bpm),) = tempo_map(beats_s)
    assert start_s == beats_s[0]
    assert bpm == pytest.approx(120, rel=0.001)


@pytest.mark.parametrize("jitter_s", [0.0, 0.01])
@pytest.mark.parametrize("tempi", [(120.0, 126.0), (100.0, 112.0, 100.0), (70.0, 140.0), (96.0, 94.0)])
def test_each_change_starts_a_stretch(tempi: tuple[float, ...], jitter_s: float) -> None:
    true_s = beats_at([bpm for bpm in tempi for _ in range(64)])
    found = tempo_map(beats_at([bpm for bpm in tempi for _ in range(64)], jitter_s))
    assert found[:, 1] == pytest.approx(tempi, rel=0.004)
    assert found[:, 0] == pytest.approx(true_s[:-1:64], abs=1.3)


def test_a_drift_under_a_hundredth_is_steady() -> None:
    swaying = 110 * (1 + 0.004 * np.sin(np.arange(300) / 20))
    assert len(tempo_map(beats_at(swaying, 0.004))) == 1


def test_a_long_accelerando_is_followed() -> None:
    bpms = np.linspace(100, 112, 200)
    found = tempo_map(beats_at(bpms, 0.004))
    assert 4 <= len(found) <= 10
    assert np.all(np.diff(found[:, 1]) > 0)
    there = np.searchsorted(found[:, 0], beats_at(bpms)[:-1] + 1e-6, side="right").clip(1) - 1
    assert np.abs(found[there, 1] / bpms - 1).max() < 0.012


@pytest.mark.parametrize("spoilt", ["missed", "pause", "stray", "late"])
def test_one_wrong_beat_or_a_pause_is_no_change_of_tempo(spoilt: str) -> None:
    beats_s = beats_at([120.0] * 200, 0.004)
    if spoilt == "missed":
        beats_s = np.delete(beats_s, 77)
    elif spoilt == "pause":
        beats_s = np.delete(beats_s, np.arange(50, 61))
    elif spoilt == "stray":
        beats_s[90] += 0.12
    else:
        beats_s[80:] += 0.25
    ((_, bpm),) = tempo_map(beats_s)
    assert bpm == pytest.approx(120, rel=0.002)


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_beats_have_no_tempo(count: int) -> None:
    assert tempo_map(np.zeros(count)).shape == (0, 2)


def test_a_few_beats_have_one() -> None:
    assert tempo_map(np.array([1.0, 1.5])).tolist() == [[1.0, 120.0]]
