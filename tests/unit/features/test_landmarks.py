# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peaks of a video's sound: the same in blocks of any size, exact in pitch, and pairs that meet a fingerprint's."""

from __future__ import annotations

import numpy as np
import pytest

from made_melody import RATE, Sound, fingerprint_of, melody
from needledrop.features.landmarks import SoundListener, SoundPeaks, fingerprint_peaks, peak_pairs


def listened(sound: Sound, block: int = 5000, rate: int = RATE) -> SoundPeaks:
    listener = SoundListener(rate)
    for start in range(0, len(sound), block):
        listener.feed(sound[start : start + block])
    return listener.finish()


@pytest.mark.parametrize("block", [100, 12_000])
def test_peaks_do_not_depend_on_blocks(block: int) -> None:
    sound = melody(6.0, 1)
    one, other = listened(sound), listened(sound, block)
    assert len(one.frames) > 100
    for name in ("frames", "fine_bins", "is_salient"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    assert one.frame_count == other.frame_count == 301


def test_a_tone_between_two_bins_is_placed_between_them() -> None:
    hz = 1003.0
    t = np.arange(RATE * 2) / RATE
    burst = (np.sin(2 * np.pi * hz * t) * np.exp(-np.square((t - 1) * 8))).astype(np.float32)
    peaks = listened(burst)
    loudest = int(np.argmin(np.abs(peaks.frames.astype(int) - 50)))
    assert peaks.frames[loudest] == 50 and peaks.is_salient[loudest]
    assert peaks.bins[loudest] == pytest.approx(hz * 1536 / RATE, abs=0.1)


@pytest.mark.parametrize("sound", [np.zeros(0, np.float32), np.zeros(RATE, np.float32)])
def test_silence_has_no_peaks(sound: Sound) -> None:
    peaks = listened(sound)
    assert len(peaks.frames) == 0 and len(peak_pairs(peaks).frames) == 0


def test_a_fingerprint_gives_back_the_peaks_it_was_made_of() -> None:
    fingerprint = fingerprint_of(melody(10.0, 2))
    frames, bins = fingerprint_peaks(fingerprint)
    assert np.all(np.diff(frames) >= 0) and bins.min() >= 24 and bins.max() < 448
    starts = set(zip(fingerprint.frames.tolist(), (fingerprint.hashes >> 14).tolist(), strict=True))
    assert starts <= set(zip(frames.tolist(), (bins - 24).tolist(), strict=True))


def share_met(sound: Sound, track: Sound, speed: float, pitch: float) -> float:
    """Share of the track's landmarks whose hash is among those that a sound asks for."""
    keys, _ = peak_pairs(listened(sound)).keys_at(speed, pitch)
    return float(np.isin(fingerprint_of(track).hashes, keys).mean())


def test_pairs_meet_the_fingerprint_of_the_same_sound() -> None:
    track = melody(20.0, 3)
    assert share_met(track, track, 1.0, 1.0) > 0.85
    assert share_met(melody(20.0, 4), track, 1.0, 1.0) < 0.3


def test_pairs_meet_it_at_the_speed_and_pitch_it_is_played_at() -> None:
    track, faster = melody(20.0, 5), melody(20.0 / 1.03, 5, speed=1.03, pitch=1.03)
    assert share_met(faster, track, 1.03, 1.03) > 2 * share_met(faster, track, 1.0, 1.0)
