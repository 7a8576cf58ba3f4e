# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The condensed numbers go the way the literature says, and curves keep their grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from needledrop.core.music import Clips, Loudness
from needledrop.index.summary import arousal, energy_curve, exact_tempo_bpm, mean_descriptor, valence
from retrieval.synthetic_gallery import make_track


def test_the_exact_tempo_is_the_slope_of_the_beats() -> None:
    rhythm = make_track(1, tempo_bpm=123.4, drift=0.0).rhythm
    assert exact_tempo_bpm(replace(rhythm, tempo_bpm=123.0)) == pytest.approx(123.4, abs=1e-6)
    assert exact_tempo_bpm(make_track(1, has_pulse=False).rhythm) == 0.0


def test_arousal_rises_with_tempo_density_and_level() -> None:
    track = make_track(1)
    descriptor = mean_descriptor(track.clips)
    rhythm = replace(track.rhythm, tempo_bpm=100.0, onset_density_hz=3.0)
    middle = arousal(rhythm, track.loudness, descriptor)
    assert arousal(replace(rhythm, tempo_bpm=150.0), track.loudness, descriptor) > middle
    assert arousal(replace(rhythm, onset_density_hz=6.0), track.loudness, descriptor) > middle
    quiet = replace(track.loudness, integrated_lufs=track.loudness.integrated_lufs - 10.0)
    assert arousal(rhythm, quiet, descriptor) < middle
    assert 0.0 <= arousal(make_track(2, has_pulse=False).rhythm, quiet, descriptor) <= 1.0


def test_major_is_brighter_than_minor() -> None:
    track = make_track(1)
    descriptor = mean_descriptor(track.clips)
    major, minor = (replace(track.tonality, tonic=0, is_major=mode, confidence=0.8) for mode in (True, False))
    unknown = replace(track.tonality, tonic=-1)
    values = [valence(track.rhythm, tonality, descriptor) for tonality in (minor, unknown, major)]
    assert values == sorted(values)
    assert values[0] < values[2]


@pytest.mark.parametrize("duration_s", [0.2, 1.0, 7.3, 65.0])
def test_the_energy_curve_has_one_value_a_second_whatever_the_length(duration_s: float) -> None:
    track = make_track(1, duration_s=max(duration_s, 1.0))
    curve = energy_curve(duration_s, track.rhythm, track.loudness, 0.5)
    assert len(curve) == int(np.ceil(duration_s))
    assert np.isfinite(curve).all()


def test_a_louder_second_half_has_more_energy() -> None:
    track = make_track(1, duration_s=40.0)
    curve_lufs = np.where(np.arange(400) < 200, -26.0, -12.0).astype(np.float32)
    curve = energy_curve(40.0, track.rhythm, Loudness(-14.0, 8.0, -1.0, curve_lufs), 0.5)
    assert curve[25:38].mean() > curve[2:15].mean() + 0.2


def test_silence_and_missing_clips_are_finite() -> None:
    track = make_track(1, duration_s=5.0)
    silence = Loudness(-70.0, 0.0, -70.0, np.full(50, -70.0, np.float32))
    assert np.isfinite(energy_curve(5.0, track.rhythm, silence, 0.1)).all()
    assert not mean_descriptor(Clips(np.zeros((0, 32), np.float32))).any()
