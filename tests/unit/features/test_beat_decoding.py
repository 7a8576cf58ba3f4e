# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.features import beat_decoding
from needledrop.features.beat_decoding import Bars, decode_bars, decode_beats, in_eighths
from needledrop.features.beat_network import RATE_HZ, TEMPO_BINS, TEMPO_BPM, Activations

FLAT = np.full((60, TEMPO_BINS), 1 / TEMPO_BINS, np.float32)


def activations(beats_s: np.ndarray, every: int = 4, height: float = 0.9, tempo: np.ndarray = FLAT) -> Activations:
    beat, downbeat = np.full(3000, 0.01, np.float32), np.full(3000, 0.01, np.float32)
    at = np.round(beats_s * RATE_HZ).astype(int)
    beat[at] = height
    downbeat[at[::every]] = height
    return Activations(beat, downbeat, tempo)


@pytest.mark.parametrize("bpm", [60, 93, 120, 177])
def test_finds_a_steady_chain(bpm: float) -> None:
    beats_s = np.arange(1.0, 58, 60 / bpm)
    found_s = decode_beats(activations(beats_s)) / 100
    assert len(found_s) == len(beats_s)
    assert np.abs(found_s - beats_s).max() <= 0.03


def test_fills_gaps_and_follows_a_change_of_tempo() -> None:
    beats_s = np.concatenate([np.arange(0.5, 30, 0.5), np.arange(30, 58, 0.625)])
    heard = np.delete(beats_s, [20, 33, 80])
    found_s = decode_beats(activations(heard)) / 100
    assert (np.abs(beats_s[:, None] - found_s).min(axis=1) <= 0.05).mean() > 0.95


def test_a_short_rest_is_bridged_and_a_long_silence_is_not() -> None:
    beats_s = np.arange(0.5, 58, 0.5)
    short = decode_beats(activations(beats_s[(beats_s < 20) | (beats_s > 23)])) / 100
    assert len(short) == len(beats_s)
    found_s = decode_beats(activations(beats_s[(beats_s < 20) | (beats_s > 29)])) / 100
    assert not np.any((found_s > 19.6) & (found_s < 29.4))
    assert np.count_nonzero(found_s < 20) == 39
    assert np.count_nonzero(found_s > 29) == 57


def test_the_tempo_decides_the_octave() -> None:
    beats_s = np.arange(0.5, 58, 0.4)
    beat = activations(beats_s, height=0.8)
    beat.beat[np.round(beats_s[1::2] * RATE_HZ).astype(int)] = 0.5
    likely = {bpm: np.eye(TEMPO_BINS, dtype=np.float32)[[np.abs(TEMPO_BPM - bpm).argmin()] * 60] for bpm in (75, 150)}
    for bpm, tempo in likely.items():
        found = decode_beats(Activations(beat.beat, beat.downbeat, tempo))
        assert 6000 / np.median(np.diff(found)) == pytest.approx(bpm, rel=0.03)


def test_finds_nothing_in_nothing() -> None:
    nothing = activations(np.zeros(0))
    assert len(decode_beats(nothing)) == 0
    empty = np.zeros(0, np.float32)
    assert len(decode_beats(Activations(empty, empty, FLAT[:0]))) == 0


def test_windows_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beat_decoding, "_WINDOW_S", 25)
    beats_s = np.arange(0.5, 58, 0.48)
    found_s = decode_beats(activations(beats_s)) / 100
    assert len(found_s) == len(beats_s)
    assert np.abs(found_s - beats_s).max() <= 0.03


@pytest.mark.parametrize("beats_per_bar", [3, 4])
def test_bars(beats_per_bar: int) -> None:
    found = activations(np.arange(0.5, 58, 0.5), every=beats_per_bar)
    beats = decode_beats(found)
    bars = decode_bars(beats, found)
    assert bars.beats_per_bar == beats_per_bar
    assert bars.downbeats.tolist() == list(range(0, len(beats), beats_per_bar))


def test_a_short_chain_has_bars_of_four() -> None:
    found = activations(np.array([0.5, 1.0, 1.5]))
    assert decode_bars(np.array([50, 100, 150]), found).beats_per_bar == 4


SEVEN_EIGHT_S = np.arange(0.5, 58, 0.28)


def heard_as_quarters(quarters_s: np.ndarray, downbeats_s: np.ndarray) -> tuple[np.ndarray, Bars, Activations]:
    """Beats decoded from quarters of which each seventh begins a bar, and activations with downbeats of their own."""
    beats = np.round(quarters_s * 100).astype(np.intp)
    found = activations(SEVEN_EIGHT_S, every=len(SEVEN_EIGHT_S))
    found.downbeat[:] = 0.01
    found.downbeat[np.round(downbeats_s * RATE_HZ).astype(int)] = 0.9
    return beats, Bars(np.arange(0, len(beats), 7), 7), found


def test_seven_quarters_with_a_bar_in_their_middle_are_bars_of_seven_eighths() -> None:
    given = heard_as_quarters(SEVEN_EIGHT_S[::2], SEVEN_EIGHT_S[::7])
    beats, bars = in_eighths(*given)
    assert beats / 100 == pytest.approx(SEVEN_EIGHT_S[: len(beats)], abs=0.011)
    assert len(beats) == 2 * len(given[0]) - 1
    assert bars.downbeats.tolist() == list(range(0, len(beats), 7))
    assert bars.beats_per_bar == 7


@pytest.mark.parametrize("second", [3, 4])
def test_seven_quarters_with_a_second_strong_one_stay_what_they_are(second: int) -> None:
    quarters_s = SEVEN_EIGHT_S[::2]
    given = heard_as_quarters(quarters_s, np.concatenate([quarters_s[::7], quarters_s[second::7]]))
    beats, bars = in_eighths(*given)
    assert beats is given[0] and bars is given[1]


def test_quarters_too_fast_for_eighths_stay() -> None:
    beats, bars, found = heard_as_quarters(SEVEN_EIGHT_S[::2] * 0.8, SEVEN_EIGHT_S[::7] * 0.8)
    assert in_eighths(beats, bars, found)[0] is beats
