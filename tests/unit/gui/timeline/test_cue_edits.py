# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needledrop.core.cue import Cue, Ducking
from needledrop.core.picture import Soundtrack
from needledrop.gui.widgets.timeline.cue_parts import Handle, Part, beat_step_s, handle_s, handles, shifted
from needledrop.gui.widgets.timeline.cue_times import cue_grid, on_timeline, removals, source_at
from needledrop.gui.widgets.timeline.data import TimelineCue
from needledrop.suggest import cue_edits
from timeline_factory import TRACK_S, cue, rhythm, track

PLAIN = cue()
SPLICED = cue(2.0, (10.0, 20.0), (24.0, 34.0))
STRETCHED = cue(2.0, (10.0, 30.0), stretch=1.02)
EVERY = (PLAIN, SPLICED, STRETCHED)


@pytest.mark.parametrize("one", EVERY)
def test_moving_keeps_what_is_played(one: Cue) -> None:
    moved = cue_edits.moved(one, 1.5)
    assert moved.record_in_s == one.record_in_s + 1.5
    assert moved.pieces == one.pieces
    assert cue_edits.moved(one, -99.0).record_in_s == 0.0


@pytest.mark.parametrize("one", EVERY)
def test_slipping_keeps_the_place_and_moves_what_is_heard_to_the_right(one: Cue) -> None:
    slipped = cue_edits.slipped(one, 0.5, TRACK_S)
    assert (slipped.record_in_s, slipped.duration_s) == (one.record_in_s, pytest.approx(one.duration_s))
    assert source_at(slipped, 6.5) == pytest.approx(source_at(one, 6.0))


def test_slipping_stops_at_both_ends_of_the_track() -> None:
    assert cue_edits.slipped(PLAIN, 99.0, TRACK_S).pieces[0].source_in_s == 0.0
    assert cue_edits.slipped(PLAIN, -99.0, TRACK_S).pieces[0].source_out_s == pytest.approx(TRACK_S)


@pytest.mark.parametrize("one", EVERY)
@pytest.mark.parametrize("to_s", [0.5, 4.0, 11.9, 15.0])
def test_trimming_leaves_every_beat_where_it_is(one: Cue, to_s: float) -> None:
    for trimmed in (cue_edits.trimmed_start(one, to_s), cue_edits.trimmed_end(one, to_s + 2.0, TRACK_S)):
        at_s = (trimmed.record_in_s + trimmed.record_out_s) / 2
        if one.record_in_s < at_s < one.record_out_s:
            assert source_at(trimmed, at_s) == pytest.approx(source_at(one, at_s))
    assert cue_edits.trimmed_start(one, to_s).record_in_s == pytest.approx(to_s)
    assert cue_edits.trimmed_start(one, to_s).record_out_s == pytest.approx(one.record_out_s)
    assert cue_edits.trimmed_end(one, to_s + 2.0, TRACK_S).record_out_s == pytest.approx(to_s + 2.0)


def test_trimming_stops_with_the_track() -> None:
    late = cue(20.0, (1.0, 10.0))
    assert cue_edits.trimmed_start(late, 0.0).record_in_s == pytest.approx(19.0)
    assert cue_edits.trimmed_end(late, 999.0, 12.0).record_out_s == pytest.approx(31.0)


@given(st.floats(-50.0, 50.0), st.floats(-50.0, 50.0), st.sampled_from(EVERY))
def test_no_trim_makes_an_impossible_cue(start_by: float, end_by: float, one: Cue) -> None:
    trimmed = cue_edits.trimmed_start(one, one.record_in_s + start_by)
    trimmed = cue_edits.trimmed_end(trimmed, trimmed.record_out_s + end_by, TRACK_S)
    assert trimmed.record_in_s >= 0.0
    assert trimmed.duration_s >= cue_edits.LEAST_CUE_S - 1e-6
    assert trimmed.fade_in_s + trimmed.fade_out_s <= trimmed.duration_s + 1e-6
    assert all(0.0 <= p.source_in_s < p.source_out_s <= TRACK_S + 1e-6 for p in trimmed.pieces)


def test_fades_leave_room_for_each_other() -> None:
    assert cue_edits.with_fade_in(PLAIN, 99.0).fade_in_s == pytest.approx(18.0)
    assert cue_edits.with_fade_out(PLAIN, 99.0).fade_out_s == pytest.approx(19.0)
    assert cue_edits.with_fade_in(PLAIN, -1.0).fade_in_s == 0.0


def test_gain_is_held_and_rounded() -> None:
    assert cue_edits.with_gain(PLAIN, -6.04).gain_db == -6.0
    assert cue_edits.with_gain(PLAIN, 99.0).gain_db == cue_edits.MOST_GAIN_DB
    assert cue_edits.with_gain(PLAIN, -99.0).gain_db == cue_edits.LEAST_GAIN_DB


@given(st.floats(-50.0, 50.0))
def test_a_moved_splice_leaves_out_as_much_as_before(by_s: float) -> None:
    moved = cue_edits.joint_moved(SPLICED, 0, SPLICED.joints_s[0] + by_s, TRACK_S)
    assert moved.duration_s == pytest.approx(SPLICED.duration_s)
    assert moved.pieces[1].source_in_s - moved.pieces[0].source_out_s == pytest.approx(4.0)
    assert min(piece.duration_s for piece in moved.pieces) >= 0.0999


def test_a_removed_splice_plays_on_and_the_cue_ends_where_it_did() -> None:
    whole = cue_edits.joint_removed(SPLICED, 0, TRACK_S)
    assert len(whole.pieces) == 1
    assert whole.pieces[0].source_in_s == 10.0
    assert whole.record_out_s == pytest.approx(SPLICED.record_out_s)
    repeated = cue(2.0, (10.0, 20.0), (14.0, 24.0))
    assert cue_edits.joint_removed(repeated, 0, TRACK_S).record_out_s == pytest.approx(repeated.record_out_s)


def test_a_moved_cue_steps_back_under_the_speech_it_now_lies_over() -> None:
    soundtrack = Soundtrack(True, np.array([[8.0, 10.0], [50.0, 55.0]]), -20.0, np.zeros(0, np.float32))
    ducked = replace(PLAIN, ducking=Ducking(((8.0, 10.0),), depth_db=-7.0))
    moved = cue_edits.ducked_again(cue_edits.moved(ducked, 40.0), soundtrack)
    assert moved.ducking.speech_s == ((50.0, 55.0),)
    assert moved.ducking.depth_db == -7.0


def test_beats_lie_on_the_timeline_through_pieces_and_stretch() -> None:
    assert on_timeline(PLAIN, np.array([9.9, 10.0, 12.0, 30.0, 30.1])).tolist() == pytest.approx([2.0, 4.0, 22.0])
    assert on_timeline(SPLICED, np.array([19.0, 22.0, 25.0])).tolist() == pytest.approx([11.0, 13.0])
    assert on_timeline(STRETCHED, np.array([20.0])).tolist() == pytest.approx([2.0 + 10.2])
    repeated = cue(0.0, (10.0, 20.0), (14.0, 24.0))
    assert on_timeline(repeated, np.array([15.0])).tolist() == pytest.approx([5.0, 11.0])


def test_sections_are_cut_at_the_joints() -> None:
    grid = cue_grid(SPLICED, rhythm())
    assert [(round(a, 3), round(b, 3), role) for a, b, role in grid.sections] == [
        (2.0, 8.0, "intro"),
        (8.0, 12.0, "drop"),
        (12.0, 22.0, "drop"),
    ]


def test_removed_bars_are_counted_and_repeats_are_negative() -> None:
    assert removals(SPLICED, rhythm()) == [(12.0, pytest.approx(2.0))]
    assert removals(cue(0.0, (10.0, 20.0), (18.0, 24.0)), rhythm())[0][1] == pytest.approx(-1.0)


def test_every_handle_follows_the_shift_it_is_given() -> None:
    placed = TimelineCue(SPLICED, track())
    for handle in handles(SPLICED):
        if handle.part not in (Part.SLIP, Part.GAIN):
            edited = shifted(placed, handle, 0.2)
            assert handle_s(edited, handle) == pytest.approx(handle_s(SPLICED, handle) + 0.2)
    assert Handle(Part.JOINT, 0) in handles(SPLICED)


def test_a_beat_step_takes_edges_to_the_next_beat_and_the_cue_by_one() -> None:
    placed = TimelineCue(cue(2.1, (10.1, 30.0)), track())
    assert beat_step_s(placed, Handle(Part.START), 1) == pytest.approx(0.4)
    assert beat_step_s(placed, Handle(Part.BODY), 1) == pytest.approx(0.5)
    assert beat_step_s(placed, Handle(Part.BODY), -1) == pytest.approx(-0.5)
    assert beat_step_s(placed, Handle(Part.START), -1) == pytest.approx(-0.5)
    without = TimelineCue(PLAIN, replace(track(), rhythm=None))
    assert beat_step_s(without, Handle(Part.BODY), 1) == 0.0
