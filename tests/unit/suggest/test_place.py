# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cue: planted offsets, endings, loops, early ends, ranges of any length, gain and ducking."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from needledrop.core.cue import MixTargets
from needledrop.core.picture import MOTION_RATE_HZ, VideoFeatures
from needledrop.core.times import TimeRange
from needledrop.suggest.align import HIT_S, beat_offsets
from needledrop.suggest.details import TrackDetails
from needledrop.suggest.levels import stretch_lufs
from needledrop.suggest.picture_shape import picture_shape
from needledrop.suggest.place import Placement, place_track
from retrieval.synthetic_gallery import make_track, make_video, with_loudness


def place(track: TrackDetails, video: VideoFeatures, mix: MixTargets | None = None) -> Placement:
    time_range = TimeRange(Fraction(0), Fraction(video.duration_s).limit_denominator(1000))
    return place_track(track, picture_shape(video, time_range), video.soundtrack, mix)


def cut_to(track: TrackDetails, offset_s: float, duration_s: float = 60.0, count: int = 15) -> VideoFeatures:
    rng = np.random.default_rng(7)
    beats = track.rhythm.beats_s - offset_s
    inside = beats[(beats > 1.0) & (beats < duration_s - 1.0)]
    return make_video(duration_s, np.round(np.sort(rng.choice(inside, count, replace=False)) * 25) / 25)


def test_every_cut_of_a_planted_edit_is_hit_without_bias() -> None:
    track = make_track(3, tempo_bpm=112.0)
    video = cut_to(track, 47.3)
    placement = place(track, video)
    assert placement.hits.all()
    assert abs(placement.mean_offset_s) < 0.001
    played = beat_offsets(track.rhythm.beats_s, video.shots.cuts_s + placement.cue.pieces[0].source_in_s)
    np.testing.assert_allclose(played, placement.cut_offsets_s, atol=1e-9)


@pytest.mark.parametrize("duration_s", [1.0, 1.5, 10.0, 60.0, 150.0])
def test_the_cue_is_as_long_as_the_range(duration_s: float) -> None:
    placement = place(make_track(4), make_video(duration_s, [duration_s / 2]))
    assert placement.cue.duration_s == pytest.approx(duration_s, abs=1e-9)
    assert placement.cue.fade_in_s + placement.cue.fade_out_s <= 0.5 * duration_s + 1e-9
    assert placement.cue.pieces[0].source_in_s >= 0.0
    assert placement.cue.pieces[-1].source_out_s <= 200.0


def test_a_short_track_is_repeated_on_bar_lines_and_fills_the_range() -> None:
    track = make_track(5, duration_s=40.0, tempo_bpm=100.0)
    placement = place(track, make_video(150.0, np.arange(4.0, 148.0, 6.0)))
    cue = placement.cue
    assert cue.duration_s == pytest.approx(150.0, abs=1e-6)
    assert len(cue.pieces) > 2
    assert placement.early_s == 0.0
    downbeats = track.rhythm.downbeats_s
    for before, after in zip(cue.pieces[:-1], cue.pieces[1:], strict=True):
        assert np.abs(downbeats - before.source_out_s).min() < 1e-6
        assert np.abs(downbeats - after.source_in_s).min() < 1e-6
    assert all(0.0 <= piece.source_in_s < piece.source_out_s <= 40.0 for piece in cue.pieces)


def test_hits_counted_over_loops_are_hits_in_the_sound() -> None:
    track = make_track(5, duration_s=40.0, tempo_bpm=100.0)
    video = make_video(100.0, np.arange(4.0, 98.0, 2.4))
    placement = place(track, video)
    heard, record_s = [], 0.0
    for piece in placement.cue.pieces:
        beats = track.rhythm.beats_s
        inside = beats[(beats >= piece.source_in_s - 1e-9) & (beats < piece.source_out_s - 1e-4)]
        heard.append(inside - piece.source_in_s + record_s)
        record_s += piece.duration_s
    offsets = beat_offsets(np.concatenate(heard), video.shots.cuts_s)
    assert int((np.abs(offsets) <= HIT_S).sum()) == int(placement.hits.sum()) > 0.8 * len(video.shots.cuts_s)


def test_a_loop_prefers_bars_that_sound_alike() -> None:
    track = make_track(6, duration_s=60.0, tempo_bpm=120.0, drift=0.0)
    rng = np.random.default_rng(0)
    pattern = rng.integers(0, 255, 200 * 8).astype(np.uint8)
    onset = rng.integers(0, 255, 6000).astype(np.uint8)
    onset[1240:2840] = pattern
    onset[2840:4440] = pattern
    quiet = np.full(600, -14.0, np.float32)
    track = with_loudness(replace(track, rhythm=replace(track.rhythm, onset_curve=onset)), quiet)
    loop = place(track, make_video(100.0)).line.loop
    assert loop is not None
    assert loop.length_s == pytest.approx(16.0, abs=0.01)
    assert 12.0 < loop.in_s < 29.0


def test_a_short_track_without_beats_ends_early_and_is_marked_down() -> None:
    short = make_track(7, duration_s=30.0, has_pulse=False)
    placement = place(short, make_video(60.0, [20.0, 40.0]))
    assert not placement.line.has_pulse
    assert placement.early_s == pytest.approx(31.0, abs=0.1)
    assert placement.cue.duration_s <= 30.0
    assert placement.score < place(replace(short, duration_s=30.0), make_video(20.0, [5.0])).score + 0.5


def test_three_hours_are_filled() -> None:
    rng = np.random.default_rng(0)
    placement = place(make_track(8), make_video(10_800.0, np.sort(rng.uniform(0, 10_800, 1500))))
    assert placement.cue.duration_s == pytest.approx(10_800.0, abs=1e-5)


def test_the_rise_of_the_music_meets_the_turning_point() -> None:
    track = make_track(9, has_pulse=False)
    track = with_loudness(track, np.where(np.arange(2000) < 1230, -28.0, -12.0))
    steps = np.where(np.arange(int(60 * MOTION_RATE_HZ)) < 35 * MOTION_RATE_HZ, 0.1, 3.0)
    placement = place(track, make_video(60.0, motion=steps))
    assert placement.rise_s == pytest.approx(35.0, abs=1.5)
    assert placement.cue.pieces[0].source_in_s + 35.0 == pytest.approx(123.0, abs=2.0)
    assert placement.correlation is not None
    assert placement.correlation > 0.9


def test_the_natural_ending_is_used_where_it_costs_nothing() -> None:
    placement = place(make_track(10, has_pulse=False), make_video(60.0))
    assert placement.ends_naturally
    assert placement.cue.fade_out_s <= 0.05
    assert placement.cue.pieces[-1].source_out_s == pytest.approx(199.0, abs=0.36)


def test_a_fade_out_begins_on_a_bar_line() -> None:
    track = make_track(11)
    placement = place(track, cut_to(track, 40.0))
    assert not placement.ends_naturally
    fade_start_s = placement.cue.pieces[-1].source_out_s - placement.cue.fade_out_s
    assert np.abs(track.rhythm.downbeats_s - fade_start_s).min() < 1e-6


def test_silence_inside_the_track_is_avoided() -> None:
    curve = np.full(2000, -14.0)
    curve[:300] = -70.0
    curve[800:1100] = -70.0
    placement = place(with_loudness(make_track(12), curve), make_video(60.0, [10.0, 30.0]))
    piece = placement.cue.pieces[0]
    assert piece.source_in_s >= 29.0
    assert piece.source_out_s <= 81.0 or piece.source_in_s >= 109.0


def test_the_users_mix_targets_decide_gain_and_ducking() -> None:
    track = with_loudness(make_track(13), np.full(2000, -10.0))
    cue = place(track, make_video(30.0), MixTargets(music_lufs=-23.0, ducking_db=-14.0)).cue
    assert cue.gain_db == pytest.approx(-13.0, abs=0.01)
    assert cue.ducking.depth_db == -14.0


def test_gain_reaches_the_target_unless_the_peak_forbids() -> None:
    loud = make_track(13)
    loud = with_loudness(loud, np.full(2000, -10.0))
    placement = place(loud, make_video(30.0))
    assert placement.cue.gain_db == pytest.approx(-8.0, abs=0.01)
    quiet = with_loudness(loud, np.full(2000, -30.0))
    peaky = replace(quiet, loudness=replace(quiet.loudness, true_peak_dbtp=-6.0))
    assert place(peaky, make_video(30.0)).cue.gain_db == pytest.approx(5.0, abs=0.01)
    assert stretch_lufs(quiet.loudness, placement.cue.pieces) == pytest.approx(-30.0, abs=0.01)
    silent = with_loudness(loud, np.full(2000, -70.0))
    assert place(silent, make_video(30.0)).cue.gain_db == 0.0


def test_ducking_holds_the_speech_inside_the_range() -> None:
    video = make_video(60.0, speech_s=[(2.0, 5.0), (5.5, 8.0), (30.0, 70.0)])
    ducking = place(make_track(14), video).cue.ducking
    assert ducking.speech_s == ((2.0, 8.0), (30.0, 60.0))


@pytest.mark.parametrize("duration_s", [0.2, 2.0, 5.0])
def test_tiny_tracks_and_empty_curves_still_give_a_cue(duration_s: float) -> None:
    track = make_track(15, duration_s=max(duration_s, 1.5), has_pulse=False)
    bare = replace(
        track,
        duration_s=duration_s,
        rhythm=replace(track.rhythm, onset_curve=np.zeros(0, np.uint8), ending_s=0.0),
        loudness=replace(track.loudness, curve_lufs=np.zeros(0, np.float32), integrated_lufs=-70.0),
        clips=replace(track.clips, values=np.zeros((0, 32), np.float32)),
    )
    cue = place(bare, make_video(10.0, [3.0])).cue
    assert cue.duration_s == pytest.approx(duration_s)


def test_the_same_input_gives_the_same_cue() -> None:
    track = make_track(16)
    video = cut_to(track, 20.0)
    assert place(track, video).cue == place(track, video).cue


def test_an_ending_counts_the_more_the_more_came_before_it() -> None:
    track = make_track(14, duration_s=60.0)
    whole = place(track, make_video(60.0))
    assert whole.ends_naturally and whole.parts["ending"] == 1.0
    last_second = place(replace(track, duration_s=1.0), make_video(1.0))
    assert last_second.ends_naturally and last_second.parts["ending"] == pytest.approx(0.05)
