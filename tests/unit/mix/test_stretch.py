# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stretch: exact in length, beats where they belong, pitch and stereo kept, the same however it is read."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.core.cue import Cue, Piece
from needledrop.core.music import FloatArray
from needledrop.mix.mixer import Mixer
from needledrop.mix.stretch import StretchedSound, stretched

RATE = 48_000


class Sound:
    """A reader over an array; zeros where it has none, before its beginning too."""

    def __init__(self, samples: FloatArray) -> None:
        self.samples = samples
        self.jumps = 0
        self._next = 0

    def read(self, start_frame: int, frames: int) -> FloatArray:
        self.jumps += start_frame < self._next
        self._next = start_frame + frames
        out = np.zeros((frames, 2), np.float32)
        part = self.samples[max(0, start_frame) : max(0, start_frame + frames)]
        skip = max(0, -start_frame)
        out[skip : skip + len(part)] = part
        return out


def both(mono: np.ndarray) -> FloatArray:
    return np.stack([mono, mono], axis=1).astype(np.float32)


def hits(seconds: float, every_s: float = 0.5) -> FloatArray:
    """Bursts of noise with a sharp beginning, over a soft chord."""
    t = np.arange(round(seconds * RATE)) / RATE
    mono = 0.02 * (np.sin(2 * np.pi * 220 * t) + np.sin(2 * np.pi * 330 * t))
    burst = np.random.default_rng(0).standard_normal(RATE // 10) * np.exp(-np.arange(RATE // 10) / RATE * 60) * 0.3
    for start_s in np.arange(every_s, seconds - 0.2, every_s):
        at = round(start_s * RATE)
        mono[at : at + len(burst)] += burst
    return both(mono)


def beginnings_s(sound: FloatArray, near_s: np.ndarray) -> np.ndarray:
    """When the level first rises over the chord's by far, within 20 ms of given times."""
    found = []
    for time_s in near_s:
        first = round((time_s - 0.02) * RATE)
        around = np.square(sound[first : first + RATE // 25, 0].astype(np.float64))
        level = np.sqrt(np.convolve(around, np.ones(24) / 24, "full")[: len(around)])
        found.append((first + int(np.flatnonzero(level > 0.12)[0])) / RATE)
    return np.array(found)


@pytest.mark.parametrize("ratio", [0.94, 0.97, 1.01, 1.06])
def test_hits_sound_at_their_stretched_times(ratio: float) -> None:
    before = hits(6.0)
    after = stretched(before, ratio)
    assert len(after) == round(len(before) * ratio)
    times_s = np.arange(0.5, 5.5, 0.5)
    moved_s = beginnings_s(after, times_s * ratio) - beginnings_s(before, times_s) * ratio
    assert np.abs(moved_s).max() < 0.002


@pytest.mark.parametrize("ratio", [0.97, 1.03])
def test_pitch_and_level_are_kept(ratio: float) -> None:
    t = np.arange(4 * RATE) / RATE
    before = both(0.3 * np.sin(2 * np.pi * 440 * t))
    after = stretched(before, ratio)[RATE // 2 : -RATE // 2, 0].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(after * np.hanning(len(after)), 1 << 20))
    assert 1200 * abs(np.log2(spectrum.argmax() * RATE / (1 << 20) / 440)) < 1.0
    levels = np.sqrt(np.square(after[: len(after) // 2400 * 2400]).reshape(-1, 2400).mean(axis=1))
    assert 20 * np.log10(levels.max() / levels.min()) < 0.2
    assert levels.mean() == pytest.approx(0.3 / np.sqrt(2), rel=0.01)


def test_what_is_one_channels_alone_stays_there() -> None:
    """The opposite sign on the right stays opposite; silence on one side stays silent."""
    mono = hits(2.0)[:, :1]
    opposite = stretched(np.hstack([mono, -mono]), 1.03)
    assert np.abs(opposite.sum(axis=1)).max() < 1e-5
    assert np.abs(stretched(np.hstack([mono, 0 * mono]), 1.03)[:, 1]).max() < 1e-6


def test_the_ratio_one_changes_nothing() -> None:
    before = hits(2.0)
    assert np.abs(stretched(before, 1.0) - before).max() < 1e-5


def test_any_order_of_reading_gives_the_same_samples() -> None:
    sound = hits(16.0)
    whole = stretched(sound, 1.03)
    in_order = StretchedSound(Sound(sound), 1.03)
    parts = [in_order.read(start, 777) for start in range(0, 200_000, 777)]
    assert np.array_equal(np.concatenate(parts), whole[: len(parts) * 777])
    jumping = StretchedSound(Sound(sound), 1.03)
    for start in (700_000, 5, 400_000, 650_000, 100):
        assert np.array_equal(jumping.read(start, 3000), whole[start : start + 3000])


def test_reading_on_never_steps_back_in_the_source() -> None:
    """A step back in a file costs a seek."""
    source = Sound(hits(8.0))
    reader = StretchedSound(source, 0.97)
    for start in range(0, 300_000, 8192):
        reader.read(start, 8192)
    assert source.jumps <= 1


def test_silence_and_what_is_shorter_than_a_frame_are_no_trouble() -> None:
    assert not stretched(np.zeros((RATE, 2), np.float32), 1.03).any()
    assert np.isfinite(stretched(hits(1.0)[:100], 1.03)).all()
    assert stretched(np.zeros((0, 2), np.float32), 1.03).shape == (0, 2)


def test_a_ratio_that_is_no_small_stretch_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="stretch"):
        StretchedSound(Sound(hits(1.0)), 3.0)


def stretched_cue(stretch: float) -> Cue:
    """Two pieces that meet between hits, from 1 s of the timeline on."""
    return Cue(1, 1.0, (Piece(0.25, 2.25), Piece(4.25, 6.25)), 0.0, 0.0, 0.0, stretch=stretch)


def test_a_stretched_cue_is_exactly_as_long_as_it_says_and_its_beats_are_in_time() -> None:
    cue = stretched_cue(1.03)
    assert cue.duration_s == pytest.approx(4.12)
    assert cue.speed_percent == pytest.approx(97.087, abs=1e-3)
    before = hits(8.0)
    sound = Mixer([cue], {1: Sound(before)}).render(0, 7 * RATE)
    heard = np.flatnonzero(np.abs(sound).max(axis=1) > 1e-6)
    assert heard[0] >= RATE and heard[-1] < round(5.12 * RATE)
    assert heard[-1] > round(5.12 * RATE) - 100
    in_track_s = np.array([0.5, 1.0, 1.5, 2.0, 4.5, 5.0, 5.5, 6.0])
    in_cue_s = np.where(in_track_s < 4.0, in_track_s - 0.25, in_track_s - 4.25 + 2.0)
    late_s = beginnings_s(before, in_track_s) - in_track_s
    moved_s = beginnings_s(sound, 1.0 + in_cue_s * 1.03) - (1.0 + (in_cue_s + late_s) * 1.03)
    assert np.abs(moved_s).max() < 0.002


def test_a_stretched_cue_is_the_same_in_any_blocks() -> None:
    source = {1: Sound(hits(8.0))}
    whole = Mixer([stretched_cue(0.97)], source).render(0, 6 * RATE)
    pieces = Mixer([stretched_cue(0.97)], source).blocks(0, 6 * RATE, 5001)
    assert np.array_equal(np.concatenate(list(pieces)), whole)
    late = Mixer([stretched_cue(0.97)], source)
    assert np.array_equal(late.render(3 * RATE, 1000), whole[3 * RATE : 3 * RATE + 1000])
    assert np.array_equal(late.render(RATE, 1000), whole[RATE : RATE + 1000])
