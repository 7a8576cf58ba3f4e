# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What two places of a track sound like beside each other, and how they line up."""

from __future__ import annotations

import numpy as np
import pytest

from made_song import RATE, song
from needledrop.features.bars import MEL_BANDS, TrackSound, alignment_s, attack_near, listen, slices_around


@pytest.fixture(scope="module")
def sound() -> TrackSound:
    """AAB: 8 bars of 2 s each from 0.5 s on."""
    return listen(song("AAB")[0])


def test_like_bars_have_like_slices_and_others_not(sound: TrackSound) -> None:
    at_s = np.array([4.5, 20.5, 36.5])  # The third bar of each section.
    edges_s = at_s[:, None] + 0.25 * np.arange(-8, 9)[None, :]
    slices = slices_around(sound, edges_s)
    assert slices.shape == (3, 16, MEL_BANDS + 12)
    alike, unlike = np.abs(slices[0] - slices[1]).mean(), np.abs(slices[0] - slices[2]).mean()
    assert alike < 0.1 * unlike


def test_what_lies_outside_the_track_is_silence(sound: TrackSound) -> None:
    slices = slices_around(sound, np.array([[-3.0, -2.0], [1000.0, 1001.0]]))
    assert not slices.any()


@pytest.mark.parametrize("late_s", [-0.015, -0.0042, 0.0, 0.0031, 0.017])
def test_copies_line_up_to_the_sample(sound: TrackSound, late_s: float) -> None:
    """The second section is a copy 16 s after the first; entered late or early by some milliseconds."""
    shift_s = alignment_s(sound, 8.5, 24.5 - late_s)
    assert shift_s == pytest.approx(late_s, abs=1.5 / RATE)


def test_played_music_lines_up_by_its_attacks() -> None:
    """Other chords, the same drums: the waves differ, the beats must meet within 2 ms."""
    mixed, rhythm = song("AB", looseness_s=0.012, seed=5)
    a_s, b_s = float(rhythm.downbeats_s[4]), float(rhythm.downbeats_s[12])
    shift_s = alignment_s(listen(mixed), a_s, b_s + 0.009)
    assert shift_s == pytest.approx(-0.009, abs=0.002)


def test_places_at_the_ends_are_not_shifted(sound: TrackSound) -> None:
    assert alignment_s(sound, 0.01, 20.5) == 0.0
    assert alignment_s(sound, 20.5, sound.duration_s) == 0.0


def test_an_attack_is_found_where_it_begins(sound: TrackSound) -> None:
    assert attack_near(sound, 8.5 + 0.01) == pytest.approx(8.5, abs=0.008)
    assert attack_near(listen(np.zeros(RATE, np.float32)), 0.5) == 0.5


def test_nothing_and_silence_are_described() -> None:
    assert listen(np.zeros(0, np.float32)).duration_s == 0.0
    silent = listen(np.zeros(RATE, np.float32))
    assert not silent.mel_db.any() and not silent.envelope.any()
