# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.training.descriptors import spectra as sp

RATE = 12_000


def sine(hz: float, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE).astype(np.float32)


def test_a_sine_peaks_in_its_bin_and_the_frames_reach_from_end_to_end() -> None:
    values = np.abs(sp.spectra(sine(1500), 512, 256))
    assert values.shape == (1 + RATE // 256, 257)
    assert values[20].argmax() == 1500 * 512 / RATE


def test_spectra_turn_back_into_the_signal() -> None:
    noise = np.random.default_rng(0).normal(0, 1, 5000).astype(np.float32)
    again = sp.signal_of(sp.spectra(noise, 2048, 512), 2048, 512, len(noise))
    # Close to its ends no window reaches the signal in full strength.
    assert np.abs(again - noise)[:4500].max() < 1e-4


def test_decibels_are_relative_to_the_peak_and_reach_eighty_down() -> None:
    level = sp.decibels(np.array([[10.0, 1.0, -1.0, 1e-30]]))
    assert level.tolist() == [[0.0, -10.0, -10.0, -80.0]]
    assert not sp.decibels(np.zeros((2, 2))).any()


def test_every_mel_filter_has_the_same_area() -> None:
    bank = sp.slaney_mel_bank(48_000, 8192, 40)
    area = bank.sum(axis=0) * 48_000 / 8192
    assert area == pytest.approx(1, rel=0.03)


def test_a_note_falls_on_its_pitch_class_in_any_octave() -> None:
    bank = sp.chroma_bank(RATE, 4096)
    for octave in (220.0, 440.0, 880.0):
        chroma = (np.abs(sp.spectra(sine(octave), 4096, 2048)) @ bank).sum(axis=0)
        assert chroma.argmax() == 9  # A


def test_rows_of_silence_stay_zero() -> None:
    scaled = sp.scaled(np.array([[0.0, 0.0], [3.0, 4.0]]), 2)
    assert scaled.tolist() == [[0.0, 0.0], [0.6, 0.8]]
