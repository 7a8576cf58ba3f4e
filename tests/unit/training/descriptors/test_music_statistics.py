# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.training.descriptors import music_statistics as ms

LENGTH = int(ms.LENGTH_S * ms.RATE)


def rows_of(part: np.ndarray, name: str) -> np.ndarray:
    names = list(ms.ROWS)
    first = sum(ms.ROWS[earlier] for earlier in names[: names.index(name)])
    return part[first : first + ms.ROWS[name]]


def tone(hz: float, seconds: float = 4.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * ms.RATE)) / ms.RATE)).astype(np.float32)


def clicks(seconds: float = 4.0) -> np.ndarray:
    sound = np.zeros(round(seconds * ms.RATE), np.float32)
    sound[:: ms.RATE // 4] = 1
    return sound


def test_the_rows_are_those_of_the_paper() -> None:
    assert sum(ms.ROWS.values()) == 190
    assert ms.SIZE == 2 * 190 * 3
    assert ms.part_rows(tone(440)).shape == (190, 1 + 4 * ms.RATE // 256)


def test_a_tone_is_harmonic_and_clicks_are_percussive() -> None:
    harmonic, percussive = ms.separated(tone(440) + clicks())
    middle = slice(ms.RATE, 3 * ms.RATE)
    assert np.corrcoef(harmonic[middle], tone(440)[middle])[0, 1] > 0.99
    assert np.corrcoef(percussive[middle], clicks()[middle])[0, 1] > 0.9


def test_a_tone_has_its_pitch_class_and_its_frequency() -> None:
    rows = ms.part_rows(tone(1500))
    inside = slice(20, -20)
    assert (rows_of(rows, "chroma")[:, inside].argmax(axis=0) == 6).all()  # F#
    # Relative to the greatest centroid, which a steady tone has all the time: 0 dB.
    assert rows_of(rows, "rms")[0, inside] == pytest.approx(0, abs=0.05)
    crossings = rows_of(rows, "zero_crossings")[0, inside]
    assert crossings == pytest.approx(crossings.mean(), abs=0.2)


def test_the_vector_has_mean_variance_and_maximum_of_both_parts() -> None:
    sound = np.resize(tone(440), LENGTH) + np.resize(clicks(), LENGTH)
    vector = ms.music_statistics(sound)
    rows = np.concatenate([ms.part_rows(part) for part in ms.separated(sound)])
    assert vector.dtype == np.float32
    assert vector == pytest.approx(np.concatenate([rows.mean(1), rows.var(1), rows.max(1)]), rel=1e-5, abs=1e-4)


def test_only_the_middle_of_a_long_track_counts() -> None:
    middle = np.resize(tone(440), LENGTH)
    noise = np.random.default_rng(0).normal(0, 0.3, 3 * ms.RATE).astype(np.float32)
    assert np.array_equal(ms.music_statistics(np.concatenate([noise, middle, noise])), ms.music_statistics(middle))


@pytest.mark.parametrize("samples", [0, 1, 600])
def test_silence_and_next_to_nothing_give_finite_numbers(samples: int) -> None:
    vector = ms.music_statistics(np.zeros(samples, np.float32))
    assert vector.shape == (ms.SIZE,)
    assert np.isfinite(vector).all()
