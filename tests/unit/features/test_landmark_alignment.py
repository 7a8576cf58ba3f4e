# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peak by peak: where a track is heard, that held notes and dense sound prove nothing, and what is left of a sound."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from needledrop.features.landmark_alignment import Line, SoundMap, align, met_places, stretch
from needledrop.features.landmarks import SoundPeaks

Peaks = tuple[NDArray[np.int64], NDArray[np.int64]]


def track_peaks(seed: int, count: int = 700, last: int = 5000) -> Peaks:
    rng = np.random.default_rng(seed)
    return np.sort(rng.integers(0, last, count)), rng.integers(30, 440, count)


def sound_of(frames: NDArray[np.float64], bins: NDArray[np.float64], noise: int = 3000, count: int = 3000) -> SoundMap:
    """A sound with peaks at these places and at places by chance."""
    rng = np.random.default_rng(99)
    inside = (frames >= 0) & (frames < count) & (bins < 448)
    all_frames = np.concatenate([np.rint(frames[inside]), rng.integers(0, count, noise)])
    all_bins = np.concatenate([bins[inside], rng.integers(24, 448, noise)])
    order = np.argsort(all_frames, kind="stable")
    peaks = SoundPeaks(
        all_frames[order].astype(np.uint32),
        np.rint(all_bins[order] * 64).astype(np.uint16),
        np.ones(len(order), np.bool_),
        count,
    )
    return SoundMap(peaks)


@pytest.mark.parametrize(("speed", "pitch"), [(1.0, 1.0), (0.972, 1.0), (1.029, 1.029)])
def test_a_track_is_found_exactly_from_a_rough_line(speed: float, pitch: float) -> None:
    frames, bins = track_peaks(1)
    heard = 400.0 + (frames - 1000) / speed
    is_there = (np.random.default_rng(2).random(len(frames)) < 0.5) & (heard >= 400) & (heard < 2200)
    sound = sound_of(heard[is_there], bins[is_there] * pitch)
    rough = Line(900.0, 1000.0 + 500 * speed + 4, speed + 0.003, pitch if pitch == 1.0 else pitch + 0.003)
    found = align(sound, frames, bins, rough)
    assert found is not None and found.evidence > 60
    assert found.line.speed == pytest.approx(speed, abs=0.0007)
    assert found.line.heard_at(np.array([1000]))[0] == pytest.approx(400.0, abs=1.5)
    assert found.start_frame == pytest.approx(400, abs=60) and found.end_frame == pytest.approx(2200, abs=60)
    assert found.met > 0.4 > found.chance


def test_another_track_has_no_evidence_to_speak_of() -> None:
    frames, bins = track_peaks(3)
    other_frames, other_bins = track_peaks(4)
    sound = sound_of(frames.astype(float), bins.astype(float))
    found = align(sound, other_frames, other_bins, Line(1000.0, 1000.0, 1.0, 1.0))
    assert found is None or found.evidence < 20


def test_held_notes_prove_nothing() -> None:
    frames = np.arange(0, 3000, 10)
    bins = np.full(len(frames), 100)
    sound = sound_of(np.arange(0, 3000, 2.0), np.full(1500, 100.0), noise=0)
    found = stretch(sound, frames, bins, Line(0.0, 0.0, 1.0, 1.0))
    assert found is None or found.evidence < 25


def test_no_peaks_and_no_overlap_are_none() -> None:
    sound = sound_of(np.zeros(0), np.zeros(0), noise=0)
    none = np.zeros(0, np.int64)
    assert align(sound, none, none, Line(0.0, 0.0, 1.0, 1.0)) is None
    assert align(sound, *track_peaks(5), Line(0.0, 90_000.0, 1.0, 1.0)) is None


def test_what_one_track_explains_is_gone_for_another() -> None:
    frames, bins = track_peaks(6)
    sound = sound_of(frames.astype(float), bins.astype(float), noise=0)
    line = Line(0.0, 0.0, 1.0, 1.0)
    found = stretch(sound, frames, bins, line)
    assert found is not None
    rest = sound.without(*met_places(sound, frames, bins, found))
    assert stretch(rest, frames, bins, line) is None
    assert stretch(sound, frames, bins, line) == found


def test_lateness_is_that_of_the_nearest_peak_and_unknown_between_two() -> None:
    sound = sound_of(np.array([100.0, 201.0, 298.0, 302.0]), np.full(4, 50.0), noise=0)
    late = sound.lateness(np.array([100, 200, 300, 400]), np.full(4, 50))
    assert late[:2].tolist() == [0.0, 1.0] and np.isnan(late[2:]).all()
