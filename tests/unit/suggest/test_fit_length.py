# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fitting to length: songs of known form are cut where they repeat, to the sample, and the user has the last word."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from made_song import RATE, rhythm_of, song
from needledrop.core.errors import KnownError
from needledrop.core.music import Rhythm
from needledrop.features.bars import TrackSound, listen
from needledrop.suggest.fit_length import FitEdit, FitResult, FitTask, fit

Song = tuple[TrackSound, Rhythm]
BAR_S = 2.0


def heard(form: str, **more: float) -> Song:
    mono, rhythm = song(form, **more)  # type: ignore[arg-type]
    return listen(mono), rhythm


@pytest.fixture(scope="module")
def aaba() -> Song:
    """4 bars of intro, AABA of 8 bars each, 4 bars of outro and a last chord; 120 BPM."""
    return heard("IAABAE")


@pytest.fixture(scope="module")
def loose() -> Song:
    """The same with sections up to 15 ms early or late, as if spliced by hand."""
    return heard("IAABAE", looseness_s=0.015, seed=3)


def fitted(made: Song, length_s: float, edits: tuple[FitEdit, ...] = (), **more: float) -> FitResult:
    return fit(FitTask("song", *made, length_s, **more), edits)  # type: ignore[arg-type]


def played_s(result: FitResult) -> float:
    return sum(piece.duration_s for piece in result.pieces) * result.stretch


def test_one_of_two_like_sections_is_left_out(aaba: Song) -> None:
    """The song less eight bars: what goes must be an A, whole, from any bar to the same bar of the A before."""
    result = fitted(aaba, aaba[1].ending_s - 0.47 - 8 * BAR_S)
    (splice,) = result.splices
    assert splice.beats == 32
    assert splice.quality > 0.8
    first_a_s, b_s = 0.5 + 4 * BAR_S, 0.5 + 20 * BAR_S
    assert first_a_s - 0.1 <= splice.out_s < splice.in_s <= b_s + 0.1
    assert result.stretch == 1.0


def test_a_section_is_repeated_to_make_a_song_longer(aaba: Song) -> None:
    result = fitted(aaba, aaba[1].ending_s - 0.47 + 8 * BAR_S)
    (splice,) = result.splices
    assert splice.beats == -32
    assert splice.quality > 0.8
    assert result.stretch == 1.0


@pytest.mark.parametrize("length_s", [9.7, 15.0, 21.3, 30.0, 45.45, 60.0, 77.77, 90.0, 123.456, 200.0, 600.0])
def test_every_length_is_met_to_the_sample(aaba: Song, length_s: float) -> None:
    result = fitted(aaba, length_s)
    assert round(played_s(result) * 48_000) == round(length_s * 48_000)
    assert abs(result.stretch - 1.0) <= 0.03 + 1e-9
    assert all(piece.duration_s > 0.4 for piece in result.pieces)
    assert not result.is_end_only
    assert result.pieces[0].source_in_s == pytest.approx(0.47, abs=0.03)
    assert result.pieces[-1].source_out_s == pytest.approx(aaba[1].ending_s + result.ring_s, abs=1e-6)


@pytest.mark.parametrize("length_s", [30.0, 52.0, 90.0, 150.0])
def test_beats_go_on_in_time_across_joints(loose: Song, length_s: float) -> None:
    """Where sections lie some milliseconds off the grid, a joint still has one beat's length from beat to beat."""
    result = fitted(loose, length_s)
    assert result.splices
    for splice in result.splices:
        beats = loose[1].beats_s
        last = beats[beats < splice.out_s - 0.005][-1]
        first = beats[beats > splice.in_s - 0.005][0]
        assert (splice.out_s - last) + (first - splice.in_s) == pytest.approx(0.5, abs=0.004)


def test_a_joint_lies_ahead_of_the_attack(aaba: Song) -> None:
    """The crossfade of 20 ms is over when the beat sounds, so that it sounds once."""
    for splice in fitted(aaba, 60.0).splices:
        gap_s = np.abs(aaba[1].beats_s - splice.in_s)
        assert 0.004 < aaba[1].beats_s[gap_s.argmin()] - splice.in_s < 0.03


def test_a_refused_splice_does_not_come_back(aaba: Song) -> None:
    (first,) = fitted(aaba, 60.0).splices
    after = fitted(aaba, 60.0, (FitEdit(1),))
    assert all(abs(one.out_s - first.out_s) + abs(one.in_s - first.in_s) > BAR_S for one in after.splices)
    assert round(played_s(after) * 48_000) == 60 * 48_000
    twice = fitted(aaba, 60.0, (FitEdit(1), FitEdit(1)))
    assert twice.pieces != after.pieces


def test_refusing_everything_is_answered_with_a_sentence() -> None:
    """A song longer than itself needs a splice; in the end there is none left."""
    short = heard("IE")
    with pytest.raises(KnownError, match="without the splices you refused") as refused:
        fitted(short, 30.0, tuple(FitEdit(1) for _ in range(60)))
    assert refused.value.remedy


def test_a_splice_is_moved_by_whole_beats_and_the_length_stays(aaba: Song) -> None:
    (before,) = fitted(aaba, 60.0).splices
    wanted_s = before.alternatives_s[0]
    result = fitted(aaba, 60.0, (FitEdit(1, wanted_s),))
    (after,) = result.splices
    assert after.out_s == pytest.approx(wanted_s, abs=0.04)
    assert after.beats == before.beats
    assert after.in_s - before.in_s == pytest.approx(after.out_s - before.out_s, abs=0.03)
    assert round(played_s(result) * 48_000) == 60 * 48_000


def test_what_cannot_be_moved_or_is_not_there_is_said(aaba: Song) -> None:
    with pytest.raises(KnownError, match="no splice 7"):
        fitted(aaba, 60.0, (FitEdit(7),))
    with pytest.raises(KnownError, match="cannot be moved"):
        fitted(aaba, 60.0, (FitEdit(1, 1000.0),))


def test_stretch_is_bounded_and_can_be_forbidden(aaba: Song) -> None:
    with pytest.raises(KnownError, match="would be heard") as refused:
        fitted(aaba, 60.0, most_stretch=0.07)
    assert "6 %" in refused.value.remedy
    assert fitted(aaba, 60.3, most_stretch=0.0).stretch == 1.0
    assert 0.94 <= fitted(aaba, 60.9, most_stretch=0.06).stretch <= 1.06


def test_the_same_task_gives_the_same_answer(aaba: Song) -> None:
    assert fitted(aaba, 47.0) == fitted(aaba, 47.0)


def test_ten_times_as_long_is_made_of_repeats(aaba: Song) -> None:
    length_s = 10 * aaba[0].duration_s
    result = fitted(aaba, length_s)
    assert round(played_s(result) * 48_000) == round(length_s * 48_000)
    assert min(splice.quality for splice in result.splices) > 0.6


def test_three_seconds_get_the_end_of_the_track(aaba: Song) -> None:
    result = fitted(aaba, 3.0)
    assert result.is_end_only and not result.splices and result.stretch == 1.0
    assert round(played_s(result) * 48_000) == 3 * 48_000
    assert result.pieces[0].source_out_s == pytest.approx(aaba[1].ending_s, abs=0.6)


def test_a_long_beginning_without_beats_can_be_shortened(aaba: Song) -> None:
    """The tracker heard no beat for 24 s; a range of 20 s still gets beginning and end."""
    sound, rhythm = aaba
    late = replace(
        rhythm,
        beats_s=rhythm.beats_s[rhythm.beats_s > 24.4],
        beat_strength=rhythm.beat_strength[rhythm.beats_s > 24.4],
        downbeats_s=rhythm.downbeats_s[rhythm.downbeats_s > 24.4],
    )
    result = fitted((sound, late), 20.0)
    assert not result.is_end_only
    assert result.pieces[0].source_in_s < 1.0
    assert round(played_s(result) * 48_000) == 20 * 48_000


def test_a_track_of_ten_seconds_is_repeated() -> None:
    mono, rhythm = song("E", lead_s=0.1, tail_s=1.9)
    result = fit(FitTask("short", listen(mono), rhythm, 30.0))
    assert round(played_s(result) * 48_000) == 30 * 48_000


def test_one_bar_is_refused() -> None:
    mono, rhythm = song("E", lead_s=0.0, tail_s=1.0)
    beats = rhythm.beats_s[:5].tolist()
    bar = rhythm_of(beats, beats[::4], 120.0, [0.0], 2.4)
    with pytest.raises(KnownError, match="too few bars") as refused:
        fit(FitTask("bar", listen(mono[: round(2.5 * RATE)]), bar, 30.0))
    assert refused.value.code == "cannot-fit"


def test_silence_is_refused() -> None:
    with pytest.raises(KnownError, match="is silent"):
        fit(FitTask("nothing", listen(np.zeros(20 * RATE, np.float32)), rhythm_of([], [], 0.0, [], 0.0), 10.0))
    with pytest.raises(KnownError, match="too short for music"):
        fit(FitTask("song", listen(np.ones(RATE, np.float32)), rhythm_of([], [], 0.0, [], 1.0), 0.2))


def test_without_beats_a_steady_sound_is_cut_with_a_long_crossfade() -> None:
    """Rain: any moment is like any other."""
    rain = (0.1 * np.random.default_rng(0).standard_normal(60 * RATE)).astype(np.float32)
    result = fit(FitTask("rain", listen(rain), rhythm_of([], [], 0.0, [0.0], 60.0), 33.0))
    assert not result.has_pulse and result.splices
    assert result.splice_s >= 0.3
    assert round(played_s(result) * 48_000) == 33 * 48_000


def test_without_beats_what_never_repeats_is_refused() -> None:
    """A sweep: no moment is like another, so it cannot be made longer."""
    t = np.arange(40 * RATE) / RATE
    sweep = (0.3 * np.sin(2 * np.pi * 60 * 40 / np.log(100) * (100 ** (t / 40) - 1))).astype(np.float32)
    with pytest.raises(KnownError, match="no two places in it are alike"):
        fit(FitTask("sweep", listen(sweep), rhythm_of([], [], 0.0, [0.0], 40.0), 90.0))
