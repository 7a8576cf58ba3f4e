# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.features.spectrum import PowerSpectra, Resampler, mel_bank


def test_frames_are_centred_on_whole_hops() -> None:
    spectra = PowerSpectra(512, 240, first_frame=-2)
    mono = np.zeros(24_000, np.float32)
    mono[240 * 30] = 1.0
    parts = [*spectra.feed(mono[:5000]), *spectra.feed(mono[5000:]), *spectra.finish()]
    level = np.concatenate(parts).sum(axis=1)
    assert int(level.argmax()) == 30 + 2
    assert level[31] == pytest.approx(level[33], rel=1e-3)


def test_sine_of_amplitude_one_has_power_one() -> None:
    spectra = PowerSpectra(512, 240)
    sine = np.sin(2 * np.pi * 40 / 512 * np.arange(4800)).astype(np.float32)
    power = np.concatenate(list(spectra.feed(sine)))
    assert power[5, 40] == pytest.approx(1.0, rel=1e-3)


def test_resampler_has_no_delay() -> None:
    resampler = Resampler(44100, 24000)
    mono = np.zeros(44100, np.float32)
    mono[22050] = 1.0
    out = np.concatenate([resampler.feed(mono[:30_000]), resampler.feed(mono[30_000:], last=True)])
    assert len(out) == pytest.approx(24000, abs=1)
    assert int(np.abs(out).argmax()) == 12_000


def test_every_mel_filter_hears_something() -> None:
    bank = mel_bank(24000, 512, 40, 30.0, 11_000.0)
    assert bank.shape == (257, 40)
    assert bank.sum(axis=0) == pytest.approx(np.ones(40), rel=1e-5)
