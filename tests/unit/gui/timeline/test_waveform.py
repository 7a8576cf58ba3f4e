# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.core.cue import Ducking
from needledrop.features.peaks import PeaksBuilder
from needledrop.gui.widgets.timeline.waveform import (
    columns,
    cue_columns,
    ducking_at,
    fade_gain,
    full_figure,
    level_pairs,
    loudest,
)
from needledrop.mix import curves
from timeline_factory import SPEECH_S, cue, ducked, track

RATE = 8000


def ramp(seconds: float) -> PeaksBuilder:
    """A wave whose loudness grows evenly from 0 to 1."""
    builder = PeaksBuilder(RATE)
    count = int(seconds * RATE)
    builder.feed((np.arange(count) / count * np.where(np.arange(count) % 2, 1, -1)).astype(np.float32))
    return builder


def test_columns_show_the_sound_between_their_edges_at_every_zoom() -> None:
    peaks = ramp(60.0).finish()
    for count in (20, 300, 5000):
        edges_s = np.linspace(0.0, 60.0, count + 1)
        found = columns(peaks, edges_s)
        assert found.shape == (count, 2)
        expected = edges_s[1:] / 60.0
        assert np.abs(found[:, 1] - expected).max() < 0.03
        assert np.abs(found[:, 0] + expected).max() < 0.03


def test_columns_outside_the_sound_are_silent() -> None:
    peaks = ramp(10.0).finish()
    found = columns(peaks, np.linspace(-5.0, 15.0, 21))
    assert not found[:5].any()
    assert not found[16:].any()
    assert found[5:15].any(axis=1).all()
    assert columns(peaks, np.array([3.0])).shape == (0, 2)


def test_the_level_has_a_pair_for_each_column_but_not_many() -> None:
    peaks = ramp(600.0).finish()
    for step_s in (0.001, 0.02, 0.5, 4.0):
        pairs, rate_hz = level_pairs(peaks, step_s)
        assert rate_hz * step_s >= 4.0 or rate_hz == peaks.rate_hz
        assert rate_hz * step_s < 32.0 or len(pairs) < 512


def test_a_cue_shows_its_pieces_where_they_are_heard() -> None:
    peaks = ramp(100.0).finish()
    one = cue(2.0, (10.0, 20.0), (70.0, 80.0))
    found = cue_columns(one, peaks, np.arange(0.0, 25.0, 0.5))
    assert not found[:4].any()
    assert found[10, 1] == pytest.approx(0.135, abs=0.03)
    assert found[30, 1] == pytest.approx(0.735, abs=0.03)
    assert not found[44:].any()


def test_drawn_ducking_is_the_mixers() -> None:
    one = ducked(cue(2.0, (10.0, 45.0)))
    times_s = np.arange(0, 40 * 100) / 100
    drawn = ducking_at(one, times_s)
    mixed = curves.ducking_db(one.ducking, curves.speech_spans(one.ducking), (0, 4000), 100)
    assert drawn is not None and mixed is not None
    assert np.abs(drawn - mixed).max() < 1e-4
    assert drawn.min() == pytest.approx(-9.0)
    step = Ducking(SPEECH_S, attack_s=0.0, release_s=0.0)
    mixed = curves.ducking_db(step, curves.speech_spans(step), (0, 4000), 100)
    assert mixed is not None
    assert np.array_equal(curves.speech_spans(step), SPEECH_S)


def test_without_speech_nothing_is_ducked() -> None:
    assert ducking_at(cue(), np.arange(0.0, 40.0)) is None


def test_drawn_fades_are_the_mixers() -> None:
    one = cue(2.0)
    times_s = np.linspace(0.0, 25.0, 2501)
    gain = fade_gain(one, times_s)
    assert gain[times_s < 2.0].max() == 0.0
    assert gain[250] == pytest.approx(np.sin(np.pi / 4), abs=0.02)
    assert gain[times_s.searchsorted(21.0)] == pytest.approx(np.sin(np.pi / 4), abs=0.02)
    assert gain[1000] == pytest.approx(1.0)


def test_quiet_sound_is_drawn_larger_but_in_order() -> None:
    sizes = np.array([[-0.01, 0.01], [-0.25, 0.25], [-1.0, 1.0]], np.float32)
    drawn = full_figure(sizes)
    assert (np.diff(drawn[:, 1]) > 0).all()
    assert (drawn[:, 1] >= sizes[:, 1]).all()
    assert drawn[2].tolist() == [-1.0, 1.0]
    assert loudest(ramp(10.0).finish()) == pytest.approx(1.0)
    peaks = track(3).peaks
    assert peaks is not None and 0.9 <= loudest(peaks) <= 1.0
