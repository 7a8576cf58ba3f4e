# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of correction on made-up rhythms, what is kept of it, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.core.music import Rhythm, RhythmEdit
from needledrop.features.rhythm_edits import edited, kept_beats, with_kept_beats

DURATION_S = 60.0


def rhythm(bpm: float = 120.0, *, first_s: float = 0.5, per_bar: int = 4, one: int = 0, count: int = 100) -> Rhythm:
    """Even beats, heard at half of full strength, with downbeats from beat `one` on."""
    beats = first_s + 60.0 / bpm * np.arange(count)
    onset = np.zeros(6000, np.uint8)
    onset[np.round(beats * 100).astype(int)] = 128
    return Rhythm(
        beats, np.full(count, 0.3, np.float32), beats[one::per_bar], bpm, (bpm / 2, bpm * 2), 0.4, per_bar, onset, 2.0,
        np.array([0.0, 16.5]), np.array([1.0, 0.5], np.float32), 59.0,
    )  # fmt: skip


def no_beats() -> Rhythm:
    empty = np.zeros(0)
    return replace(
        rhythm(), beats_s=empty, beat_strength=empty.astype(np.float32), downbeats_s=empty, tempo_bpm=0.0,
        tempo_alternatives_bpm=(), confidence=0.05, onset_curve=np.zeros(6000, np.uint8),
    )  # fmt: skip


def after(before: Rhythm, *edits: RhythmEdit) -> Rhythm:
    return edited(before, edits, DURATION_S)


def ones(found: Rhythm) -> list[int]:
    """Indices of the downbeats."""
    return np.flatnonzero(np.isin(found.beats_s, found.downbeats_s)).tolist()


def test_doubling_puts_a_beat_between_and_a_bar_line_in_every_bar() -> None:
    found = after(rhythm(90.0, count=60), RhythmEdit("double"))
    assert found.tempo_bpm == pytest.approx(180.0) and found.tempo_alternatives_bpm == pytest.approx((90.0, 360.0))
    assert len(found.beats_s) == 119 and np.allclose(np.diff(found.beats_s), 1 / 3)
    assert ones(found) == list(range(0, 119, 4))
    assert found.confidence == 1.0 and found.beats_per_bar == 4


def test_strengths_are_read_from_the_onsets_again() -> None:
    found = after(rhythm(60.0, count=50), RhythmEdit("double"))
    assert found.beat_strength.dtype == np.float32
    assert found.beat_strength[::2] == pytest.approx(128 / 255) and not found.beat_strength[1::2].any()


def test_an_analysis_is_otherwise_left_as_it_is() -> None:
    before = rhythm()
    found = after(before, RhythmEdit("double"))
    for name in ("onset_curve", "onset_density_hz", "sections_s", "section_novelty", "ending_s"):
        assert getattr(found, name) is getattr(before, name)
    assert after(before) is before


@pytest.mark.parametrize("one", range(8))
def test_halving_keeps_the_beats_that_are_downbeats(one: int) -> None:
    before = rhythm(160.0, one=one % 4)
    found = after(before, RhythmEdit("halve"))
    assert found.tempo_bpm == pytest.approx(80.0) and len(found.beats_s) == 50
    assert set(found.downbeats_s) <= set(before.downbeats_s)
    assert np.all(np.diff(ones(found)) == 4)


def test_halving_in_three_keeps_every_second_bar() -> None:
    before = rhythm(180.0, per_bar=3)
    found = after(before, RhythmEdit("halve"))
    assert found.beats_per_bar == 3 and np.allclose(found.downbeats_s, before.downbeats_s[::2])


def test_doubling_and_halving_come_back_to_the_same_beats() -> None:
    before = rhythm()
    found = after(before, RhythmEdit("double"), RhythmEdit("halve"))
    assert np.allclose(found.beats_s, before.beats_s) and ones(found) == ones(before)


@pytest.mark.parametrize(("beats", "first"), [(1, 1), (2, 2), (-1, 3), (4, 0), (5, 1), (0, 0), (10**400, 0)])
def test_shifting_moves_the_one(beats: int, first: int) -> None:
    found = after(rhythm(), RhythmEdit("shift", beats=beats))
    assert ones(found) == list(range(first, 100, 4))
    assert np.array_equal(found.beats_s, rhythm().beats_s) and found.tempo_bpm == 120.0


def test_shifting_follows_a_bar_that_is_longer() -> None:
    before = rhythm()
    uneven = replace(before, downbeats_s=before.beats_s[[0, 4, 9, 13]])
    assert ones(after(uneven, RhythmEdit("shift", beats=-1)))[:4] == [3, 7, 8, 12]
    assert ones(after(uneven, RhythmEdit("shift", beats=1)))[:5] == [1, 5, 9, 10, 14]


@pytest.mark.parametrize("metre", [3, 4, 5, 6, 7])
def test_the_metre_counts_from_the_first_one(metre: int) -> None:
    found = after(rhythm(one=2), RhythmEdit("metre", beats=metre))
    assert found.beats_per_bar == metre and 2 in ones(found) and np.all(np.diff(ones(found)) == metre)


@pytest.mark.parametrize("offset_s", [0.03, -0.03])
def test_an_offset_moves_beats_and_downbeats(offset_s: float) -> None:
    found = after(rhythm(), RhythmEdit("offset", seconds=offset_s))
    assert np.allclose(found.beats_s, rhythm().beats_s + offset_s)
    assert np.allclose(found.downbeats_s, rhythm().downbeats_s + offset_s)


def test_an_offset_drops_what_falls_out_of_the_track() -> None:
    found = after(rhythm(), RhythmEdit("offset", seconds=-1.2))
    assert found.beats_s[0] == pytest.approx(0.3) and ones(found)[0] == 2 and len(found.beats_s) == 98


def test_a_grid_runs_from_its_first_beat_to_the_end_of_the_music() -> None:
    found = after(no_beats(), RhythmEdit("grid", bpm=117.0, seconds=3.25))
    assert found.tempo_bpm == 117.0 and found.confidence == 1.0
    assert found.beats_s[0] == found.downbeats_s[0] == 3.25
    assert np.allclose(np.diff(found.beats_s), 60 / 117) and 58.4 < found.beats_s[-1] < 59.0


def test_a_grid_replaces_what_was_before_but_the_metre() -> None:
    found = after(rhythm(per_bar=3), RhythmEdit("grid", bpm=100.0, seconds=0.0), RhythmEdit("shift", beats=1))
    assert found.beats_per_bar == 3 and ones(found)[:3] == [1, 4, 7]


def test_taps_make_a_grid_whose_bars_start_at_the_first_tap() -> None:
    found = after(no_beats(), RhythmEdit("taps", taps_s=(10.0, 10.5, 11.0, 11.5, 12.0)))
    assert found.tempo_bpm == pytest.approx(120.0) and found.confidence == 1.0
    assert np.isclose(found.downbeats_s, 10.0).any()
    assert found.beats_s[0] == pytest.approx(0.0, abs=1e-6) and found.beats_s[-1] == pytest.approx(58.5)


def test_what_is_kept_lies_over_any_later_analysis() -> None:
    edits = [RhythmEdit("double"), RhythmEdit("shift", beats=1)]
    wanted = edited(rhythm(61.7, count=50), edits, DURATION_S)
    kept = kept_beats(wanted, edits)
    learnt_better = replace(rhythm(123.4, first_s=0.52), sections_s=np.array([3.0]))
    found = with_kept_beats(learnt_better, kept)
    assert np.allclose(found.beats_s, wanted.beats_s, atol=1e-6)
    assert np.allclose(found.downbeats_s, wanted.downbeats_s, atol=1e-6)
    assert (found.tempo_bpm, found.confidence) == (pytest.approx(wanted.tempo_bpm, abs=1e-3), 1.0)
    assert found.sections_s.tolist() == [3.0]


@pytest.mark.parametrize(
    ("before", "edit"),
    [
        (no_beats(), RhythmEdit("double")),
        (no_beats(), RhythmEdit("halve")),
        (no_beats(), RhythmEdit("shift", beats=1)),
        (no_beats(), RhythmEdit("metre", beats=3)),
        (no_beats(), RhythmEdit("offset", seconds=0.1)),
        (rhythm(220.0), RhythmEdit("grid", bpm=0.0)),
        (rhythm(), RhythmEdit("grid", bpm=1000.0)),
        (rhythm(), RhythmEdit("grid", bpm=float("nan"))),
        (rhythm(), RhythmEdit("grid", bpm=120.0, seconds=59.5)),
        (rhythm(), RhythmEdit("grid", bpm=120.0, seconds=58.9)),
        (rhythm(), RhythmEdit("grid", bpm=120.0, seconds=-1.0)),
        (rhythm(), RhythmEdit("metre", beats=2)),
        (rhythm(), RhythmEdit("metre", beats=10**30)),
        (rhythm(), RhythmEdit("offset", seconds=float("nan"))),
        (rhythm(), RhythmEdit("offset", seconds=-55.0)),
        (rhythm(30.0, count=20), RhythmEdit("halve")),
        (rhythm(210.0), RhythmEdit("double")),
        (rhythm(count=3), RhythmEdit("halve")),
    ],
)
def test_what_makes_no_music_is_refused_in_a_sentence(before: Rhythm, edit: RhythmEdit) -> None:
    edits = [edit, *[edit] * 3] if edit.kind in ("double", "halve") else [edit]
    with pytest.raises(KnownError) as caught:
        edited(before, edits, DURATION_S)
    assert caught.value.code == "bad-value" and caught.value.sentence.endswith(".") and caught.value.remedy


def test_a_moved_beat_takes_its_neighbours_along_and_keeps_its_place_in_the_bar() -> None:
    found = after(rhythm(), RhythmEdit("move", seconds=10.5, to_s=10.6))
    assert found.beats_s[20] == 10.6 and ones(found) == ones(rhythm())
    assert found.confidence == 1.0 and len(found.tempo_map) >= 1


def test_beats_moved_earlier_hold_those_moved_later() -> None:
    first = [RhythmEdit("move", seconds=10.5, to_s=10.6)]
    kept = after(rhythm(), *first)
    second = RhythmEdit("move", seconds=float(kept.beats_s[30]), to_s=float(kept.beats_s[30]) + 0.1)
    found = edited(kept, [second], DURATION_S, first)
    assert np.array_equal(found.beats_s[:21], kept.beats_s[:21]) and found.beats_s[31] > kept.beats_s[31]
    assert np.allclose(found.beats_s, after(rhythm(), *first, second).beats_s)


def test_an_inserted_beat_shifts_the_bars_after_it() -> None:
    found = after(rhythm(), RhythmEdit("insert", seconds=10.75))
    assert len(found.beats_s) == 101 and found.beats_s[21] == 10.75
    assert np.array_equal(found.downbeats_s, rhythm().downbeats_s)


@pytest.mark.parametrize(("at", "bars"), [(21, [16, 20, 23, 27]), (20, [16, 20, 23, 27]), (99, [16, 20, 24, 28])])
def test_where_a_deleted_beat_began_a_bar_the_next_does(at: int, bars: list[int]) -> None:
    before = rhythm()
    found = after(before, RhythmEdit("delete", seconds=float(before.beats_s[at])))
    assert np.array_equal(found.beats_s, np.delete(before.beats_s, at))
    assert ones(found)[4:8] == bars


def test_without_beats_none_can_be_moved() -> None:
    for edit in (RhythmEdit("move", seconds=1.0, to_s=1.1), RhythmEdit("insert", seconds=1.0), RhythmEdit("delete")):
        with pytest.raises(KnownError, match="no beats"):
            after(no_beats(), edit)
