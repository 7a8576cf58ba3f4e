# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mixer: levels at known times, joints without clicks, and samples that do not depend on how blocks are cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, resample_poly, sosfilt

from needledrop.core.cue import Cue, Ducking, Piece
from needledrop.core.music import FloatArray
from needledrop.mix.mixer import CHUNK, Mixer

RATE = 48_000


class Sound:
    """A reader over an array; counts what is asked of it."""

    def __init__(self, samples: FloatArray) -> None:
        self.samples = samples

    def read(self, start_frame: int, frames: int) -> FloatArray:
        assert start_frame >= 0
        return self.samples[start_frame : start_frame + frames]


def tone(seconds: float, level: float = 0.25, hz: float = 997.0) -> FloatArray:
    wave = level * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def noise(seconds: float, level: float = 0.1, seed: int = 0) -> FloatArray:
    """Noise below 18 kHz, as music is: right below half the sample rate true-peak meters disagree."""
    white = np.random.default_rng(seed).standard_normal((round(seconds * RATE), 2))
    band = sosfilt(butter(8, 18_000, fs=RATE, output="sos"), white, axis=0)
    return (band * (level / band.std())).astype(np.float32)


def cue(at_s: float, *pieces: tuple[float, float], track_id: int = 1, **more: object) -> Cue:
    values: dict[str, object] = {"gain_db": 0.0, "fade_in_s": 0.0, "fade_out_s": 0.0, **more}
    return Cue(track_id, at_s, tuple(Piece(*piece) for piece in pieces), **values)  # type: ignore[arg-type]


def level_db(samples: FloatArray) -> float:
    return 10.0 * np.log10(float(np.mean(samples.astype(np.float64) ** 2)) + 1e-20)


def true_peak_db(samples: FloatArray) -> float:
    up = resample_poly(samples.astype(np.float64), 4, 1, axis=0, window=("kaiser", 10.0))
    return 20.0 * np.log10(max(float(np.abs(up).max()), float(np.abs(samples).max())))


def loud_scene() -> Mixer:
    """Everything at once: splice, fades, ducking, overlap, own sound, and a sum that has to be limited."""
    ducking = Ducking(speech_s=((1.0, 1.4),))
    cues = [
        cue(0.3, (0.5, 1.6), (2.0, 2.9), gain_db=9.0, fade_in_s=0.2, fade_out_s=0.3, ducking=ducking),
        cue(2.1, (0.0, 1.0), track_id=2, gain_db=3.0, fade_in_s=0.2),
    ]
    return Mixer(cues, {1: Sound(noise(3.0, 0.2)), 2: Sound(tone(2.0, 0.9))}, Sound(noise(4.0, 0.3, seed=3)))


WHOLE = loud_scene().render(0, 4 * RATE)


@pytest.mark.parametrize("block", [480, 1024, 65536])
def test_blocks_of_any_size_give_the_same_samples(block: int) -> None:
    mixer = loud_scene()
    assert np.array_equal(np.concatenate(list(mixer.blocks(0, 4 * RATE, block))), WHOLE)


def test_blocks_of_one_frame_give_the_same_samples() -> None:
    mixer, start = loud_scene(), 5 * CHUNK - 60
    assert np.array_equal(np.concatenate(list(mixer.blocks(start, start + 120, 1))), WHOLE[start : start + 120])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4 * RATE - 1), st.integers(0, 5000)), min_size=1, max_size=6))
def test_any_position_in_any_order_gives_the_same_samples(asked: list[tuple[int, int]]) -> None:
    mixer = loud_scene()
    for start, frames in asked:
        frames = min(frames, 4 * RATE - start)
        assert np.array_equal(mixer.render(start, frames), WHOLE[start : start + frames])


def test_the_scene_is_limited_to_minus_one_true_peak() -> None:
    assert -1.3 < true_peak_db(WHOLE) <= -1.0


def test_what_never_exceeds_the_ceiling_passes_bit_for_bit() -> None:
    music, own = noise(2.0), noise(2.0, seed=1)
    mixed = Mixer([cue(0.0, (0.0, 2.0))], {1: Sound(music)}, Sound(own)).render(0, 2 * RATE)
    assert np.array_equal(mixed, own + music)


def test_a_cue_starts_on_its_exact_frame_with_the_exact_source_frame() -> None:
    music = noise(3.0)
    mixed = Mixer([cue(0.5, (1.25, 2.0))], {1: Sound(music)}).render(0, 2 * RATE)
    assert np.array_equal(mixed[24_000:60_000], music[60_000:96_000])
    assert not mixed[:24_000].any()
    assert not mixed[60_000:].any()


def test_levels_of_gap_fade_body_and_tail() -> None:
    mixed = Mixer([cue(1.0, (0.0, 4.0), gain_db=-6.0, fade_in_s=1.0, fade_out_s=1.0)], {1: Sound(tone(5.0))})
    sound = mixed.render(0, 6 * RATE)
    body = level_db(tone(1.0)) - 6.0
    assert not sound[:RATE].any()
    assert level_db(sound[round(1.49 * RATE) : round(1.51 * RATE)]) == pytest.approx(body - 3.01, abs=0.2)
    assert level_db(sound[round(2.5 * RATE) : round(3.5 * RATE)]) == pytest.approx(body, abs=0.01)
    assert level_db(sound[round(4.49 * RATE) : round(4.51 * RATE)]) == pytest.approx(body - 3.01, abs=0.2)
    assert not sound[5 * RATE :].any()


def test_music_is_down_when_speech_begins_and_back_after_the_release() -> None:
    ducking = Ducking(speech_s=((2.0, 3.0),), depth_db=-9.0, attack_s=0.25, release_s=0.6)
    sound = Mixer([cue(0.0, (0.0, 6.0), ducking=ducking)], {1: Sound(tone(6.0))}).render(0, 6 * RATE)
    full = level_db(tone(1.0))
    at = [level_db(sound[round(s * RATE) : round((s + 0.05) * RATE)]) - full for s in (1.65, 2.0, 2.5, 2.94, 3.65)]
    assert at == pytest.approx([0.0, -9.0, -9.0, -9.0, 0.0], abs=0.5)


def test_the_gain_never_jumps_on_the_way_down_or_up() -> None:
    ducking = Ducking(speech_s=((1.0, 1.2), (1.5, 2.0), (1.9, 2.2)))
    steady = np.full((4 * RATE, 2), 0.25, np.float32)
    sound = Mixer([cue(0.0, (0.0, 4.0), ducking=ducking)], {1: Sound(steady)}).render(0, 4 * RATE)
    gain_db = 20 * np.log10(sound[:, 0] / 0.25)
    assert np.abs(np.diff(gain_db)).max() < 9.0 * np.pi / 2 / (0.25 * RATE) * 1.1
    assert gain_db[RATE : round(2.2 * RATE)].max() == pytest.approx(-9.0, abs=0.01)  # No pumping between words.


def test_a_splice_has_no_click() -> None:
    slow = tone(4.0, hz=50.0)
    spliced = Mixer([cue(0.0, (0.0, 1.005), (2.0, 3.0))], {1: Sound(slow)}).render(0, 2 * RATE)
    step = float(np.abs(np.diff(spliced[:, 0], n=2)).max())
    cut = Mixer([cue(0.0, (0.0, 1.005), (2.0, 3.0), splice_s=0.0)], {1: Sound(slow)}).render(0, 2 * RATE)
    assert float(np.abs(np.diff(cut[:, 0], n=2)).max()) > 20 * step


def test_a_splice_keeps_the_power_and_is_centred_on_the_joint() -> None:
    sound = Mixer([cue(0.0, (0.0, 1.0), (2.0, 3.0), splice_s=0.1)], {1: Sound(noise(4.0, 0.1))}).render(0, 2 * RATE)
    joint = sound[round(0.95 * RATE) : round(1.05 * RATE)]
    assert level_db(joint) == pytest.approx(-20.0, abs=0.4)
    music = noise(4.0, 0.1)
    assert np.array_equal(sound[: round(0.95 * RATE)], music[: round(0.95 * RATE)])
    assert np.array_equal(sound[round(1.05 * RATE) :], music[round(2.05 * RATE) : 3 * RATE])


def test_neighbouring_cues_crossfade_by_their_own_fades() -> None:
    cues = [cue(0.0, (0.0, 2.0), fade_out_s=0.5), cue(1.5, (0.0, 2.0), track_id=2, fade_in_s=0.5)]
    sources = {1: Sound(noise(2.0, 0.1)), 2: Sound(noise(2.0, 0.1, seed=5))}
    sound = Mixer(cues, sources).render(0, 3 * RATE)
    levels = [level_db(part) for part in np.split(sound[RATE : round(2.5 * RATE)], 15)]
    assert levels == pytest.approx([-20.0] * 15, abs=0.5)


def test_missing_samples_are_silence_and_broken_ones_too() -> None:
    short = noise(0.5)
    short[100] = np.nan
    short[101] = np.inf
    sound = Mixer([cue(0.0, (0.0, 2.0))], {1: Sound(short)}).render(0, 2 * RATE)
    assert np.isfinite(sound).all()
    assert not sound[100:102].any()
    assert np.array_equal(sound[102:24_000], short[102:])
    assert not sound[24_000:].any()


def test_a_splice_may_reach_before_the_first_sample_of_the_track() -> None:
    sound = Mixer([cue(0.0, (1.0, 2.0), (0.0, 1.0))], {1: Sound(tone(2.0))}).render(0, 2 * RATE)
    assert np.isfinite(sound).all()
    assert level_db(sound[round(1.1 * RATE) : round(1.9 * RATE)]) == pytest.approx(level_db(tone(1.0)), abs=0.01)


def test_before_time_zero_there_is_silence() -> None:
    assert not Mixer([cue(0.0, (0.0, 1.0))], {1: Sound(tone(1.0))}).render(-100, 100).any()


def test_without_cues_the_own_sound_passes() -> None:
    own = noise(1.0)
    assert np.array_equal(Mixer([], {}, Sound(own)).render(0, RATE), own)
