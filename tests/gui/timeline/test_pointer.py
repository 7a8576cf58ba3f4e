# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real mouse events on the real widget: what each drag makes of a cue."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from needledrop.core.work import TimelineMarker
from needledrop.gui.widgets.timeline.cue_parts import Part
from needledrop.gui.widgets.timeline.cue_times import source_at
from needledrop.gui.widgets.timeline.hit_test import fade_handle_x, gain_y, hit, wave_band
from needledrop.gui.widgets.timeline.marker_name import MarkerName
from timeline_factory import cue, data, ducked
from timeline_stage import Stage

FREE = Qt.KeyboardModifier.ControlModifier
SLIP = Qt.KeyboardModifier.AltModifier


def body_y(stage: Stage) -> float:
    return stage.timeline.view.layout.music.top + 12


def wave_y(stage: Stage) -> float:
    return stage.timeline.view.layout.music.top + 90


def test_a_drag_moves_a_cue_and_says_so_once(stage: Stage) -> None:
    stage.show(data(cue(2.0)))
    stage.drag((stage.x(10.0), body_y(stage)), (stage.x(13.0), body_y(stage)), FREE)
    assert stage.cue().record_in_s == pytest.approx(5.0, abs=0.03)
    assert stage.cue().pieces == cue().pieces
    assert stage.said == [("selected", 0), ("edited", 0, "Move cue")]
    assert len(stage.previews) == 4


def test_a_drag_snaps_edges_and_beats_to_cuts_and_a_key_turns_that_off(stage: Stage) -> None:
    stage.show(data(cue(2.0)))
    stage.drag((stage.x(10.0), body_y(stage)), (stage.x(13.1), body_y(stage)))
    assert stage.cue().record_in_s == pytest.approx(5.0)  # The cut at 5.0 draws the start.
    stage.show(data(cue(2.0)))
    stage.timeline.toggle_snapping()
    stage.drag((stage.x(10.0), body_y(stage)), (stage.x(13.1), body_y(stage)))
    assert stage.cue().record_in_s == pytest.approx(5.1, abs=0.03)


def test_zoomed_in_a_beat_meets_a_cut(stage: Stage) -> None:
    stage.show(data(cue(2.0)))
    stage.timeline.zoom(6.0, stage.timeline.view.scale.x(12.3))
    stage.drag((stage.x(12.0), body_y(stage)), (stage.x(12.27), body_y(stage)))
    beats_s = 2.0 + stage.cue().record_in_s - 2.0
    assert (12.3 - beats_s) / 0.5 == pytest.approx(round((12.3 - beats_s) / 0.5), abs=1e-6)


def test_alt_slips_the_music_under_the_picture(stage: Stage) -> None:
    stage.show(data(cue(2.0)))
    stage.drag((stage.x(10.0), body_y(stage)), (stage.x(12.0), body_y(stage)), SLIP | FREE)
    assert stage.cue().record_in_s == 2.0
    assert stage.cue().pieces[0].source_in_s == pytest.approx(8.0, abs=0.05)
    assert stage.said[-1] == ("edited", 0, "Slip music")


def test_edges_trim_and_leave_the_beats(stage: Stage) -> None:
    stage.show(data(cue(2.0)))
    before = source_at(stage.cue(), 10.0)
    stage.drag((stage.x(2.0) + 1, wave_y(stage)), (stage.x(5.05), wave_y(stage)))
    assert stage.cue().record_in_s == pytest.approx(5.0)
    stage.drag((stage.x(22.0) - 1, wave_y(stage)), (stage.x(18.3), wave_y(stage)), FREE)
    assert stage.cue().record_out_s == pytest.approx(18.3, abs=0.07)
    assert source_at(stage.cue(), 10.0) == pytest.approx(before)
    assert [said[2] for said in stage.said if said[0] == "edited"] == ["Trim start", "Trim end"]


def test_fade_handles_gain_and_splice(stage: Stage) -> None:
    stage.show(data(cue(2.0, (10.0, 20.0), (24.0, 34.0))))
    stage.timeline.set_selected(0)
    view, left = stage.timeline.view, stage.timeline.view.layout.left
    top = wave_band(view.layout).top
    at = left + fade_handle_x(stage.cue(), view.scale, Part.FADE_IN)
    stage.drag((at, top), (at + 2.0 * view.scale.px_per_s, top), FREE)
    assert stage.cue().fade_in_s == pytest.approx(3.0, abs=0.05)
    at = left + fade_handle_x(stage.cue(), view.scale, Part.FADE_OUT)
    stage.drag((at, top), (at - 1.0 * view.scale.px_per_s, top), FREE)
    assert stage.cue().fade_out_s == pytest.approx(3.0, abs=0.05)
    level = gain_y(view.layout, stage.cue().gain_db)
    stage.drag((stage.x(9.0), level), (stage.x(9.0), level - 12))
    assert stage.cue().gain_db > -3.0
    low = view.layout.music.bottom - 4
    stage.drag((stage.x(12.0), low), (stage.x(13.05), low))
    assert stage.cue().pieces[0].source_out_s == pytest.approx(21.0)  # On a beat.
    assert stage.cue().pieces[1].source_in_s == pytest.approx(25.0)


def test_the_dip_under_speech_is_dragged_to_another_depth(stage: Stage) -> None:
    stage.show(data(ducked(cue(2.0))))
    stage.timeline.set_selected(0)
    layout, shown = stage.timeline.view.layout, stage.cue()
    level = gain_y(layout, shown.gain_db + shown.ducking.depth_db)
    stage.drag((stage.x(9.0), level), (stage.x(9.0), level + 8))
    assert stage.said[-1] == ("edited", 0, "Change ducking")
    assert stage.cue().ducking.depth_db < -9.5
    assert stage.cue().gain_db == shown.gain_db
    # Outside the speech there is no dip to hold: the cue itself is.
    level = gain_y(layout, stage.cue().gain_db + stage.cue().ducking.depth_db)
    held = [hit(stage.timeline.view, stage.x(time_s), level).handle for time_s in (9.0, 15.0)]
    assert [handle.part for handle in held if handle is not None] == [Part.DUCKING, Part.BODY]


def test_a_marker_is_dragged_to_a_cut_named_and_taken_away(stage: Stage) -> None:
    stage.show(replace(data(cue(2.0)), markers=(TimelineMarker(8.0, "turn"), TimelineMarker(30.0))))
    timeline, y = stage.timeline, stage.timeline.view.layout.ruler.bottom - 4
    moved: list[tuple[int, float]] = []
    timeline.marker_moved.connect(lambda marker, time_s: moved.append((marker, time_s)))
    stage.drag((stage.x(8.0), y), (stage.x(12.2), y))
    assert (moved[-1], timeline.view.marker) == ((0, 12.3), 0)
    stage.drag((stage.x(8.0), y), (stage.x(16.4), y), FREE)
    assert moved[-1] == (0, pytest.approx(16.4, abs=0.03))
    named: list[tuple[int, str]] = []
    timeline.marker_named.connect(lambda marker, name: named.append((marker, name)))
    QTest.mouseDClick(
        timeline, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(stage.x(30.0), round(y))
    )
    writing = timeline.focusWidget()
    assert isinstance(writing, MarkerName)
    QTest.keyClicks(writing, "the storm")
    QTest.keyClick(writing, Qt.Key.Key_Return)
    assert named == [(1, "the storm")]
    removed: list[int] = []
    timeline.marker_removed.connect(removed.append)
    timeline.hold_marker(1)
    timeline.remove_selected()
    assert removed == [1]


def test_a_cue_snaps_to_a_marker(stage: Stage) -> None:
    stage.show(replace(data(cue(2.0, (10.0, 12.0))), markers=(TimelineMarker(28.5),)))
    stage.drag((stage.x(3.0), body_y(stage)), (stage.x(29.4), body_y(stage)))
    assert stage.cue().record_in_s == pytest.approx(28.5)


def test_escape_gives_the_cue_back(stage: Stage) -> None:
    stage.show(data(cue(2.0)))
    stage.press(stage.x(10.0), body_y(stage))
    stage.move(stage.x(15.0), body_y(stage))
    assert stage.timeline.view.pending is not None
    stage.key(Qt.Key.Key_Escape)
    stage.release(stage.x(15.0), body_y(stage))
    assert stage.timeline.view.pending is None
    assert stage.said == [("selected", 0)]
    assert stage.previews[-1] == cue(2.0)


def test_a_click_selects_and_edits_nothing(stage: Stage) -> None:
    stage.show(data(cue(2.0), cue(24.0, (40.0, 50.0))))
    stage.press(stage.x(30.0), body_y(stage))
    stage.release(stage.x(30.0) + 1, body_y(stage))
    assert stage.said == [("selected", 1)]
    stage.press(stage.x(38.0), body_y(stage))
    stage.release(stage.x(38.0), body_y(stage))
    assert ("selected", None) in stage.said


def test_ruler_and_lanes_scrub_and_snap_to_cuts(stage: Stage) -> None:
    stage.show(data(cue(2.0)))
    stage.drag((stage.x(11.0), 8), (stage.x(12.35), 8))
    assert stage.said[0] == ("seek", pytest.approx(11.0, abs=0.04))
    assert stage.said[-1] == ("seek", 12.3)
    assert stage.timeline.view.playhead_s == pytest.approx(12.3)


def test_the_ends_of_the_range_can_be_dragged(stage: Stage) -> None:
    stage.show(data())
    stage.timeline.set_range((10.0, 30.0))
    stage.drag((stage.x(30.0), 8), (stage.x(20.05), 8))
    assert stage.said[-1] == ("range", (10.0, 20.0))
    stage.drag((stage.x(10.0), 8), (stage.x(39.0), 8), FREE)
    assert stage.timeline.view.range_s == (pytest.approx(19.96), 20.0)


def test_a_moved_cue_steps_back_under_the_speech_it_reaches(stage: Stage) -> None:
    stage.show(data(ducked(cue(11.0, (10.0, 20.0)))))
    stage.drag((stage.x(15.0), body_y(stage)), (stage.x(22.0), body_y(stage)), FREE)
    assert stage.cue().ducking.speech_s == ((24.0, 27.0),)


def test_the_wheel_pans_and_with_a_key_zooms_to_the_pointer(stage: Stage) -> None:
    stage.show(data(cue(2.0)))
    timeline, at = stage.timeline, stage.x(20.0)

    def turn(amount: int, held: Qt.KeyboardModifier) -> None:
        place = QPointF(at, 100)
        event = QWheelEvent(
            place, timeline.mapToGlobal(place), QPoint(), QPoint(0, amount), Qt.MouseButton.NoButton, held,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(timeline, event)

    before = timeline.view.scale
    for _ in range(8):
        turn(120, FREE)
    zoomed = timeline.view.scale
    assert zoomed.px_per_s > 4 * before.px_per_s
    assert zoomed.time_s(at - timeline.view.layout.left) == pytest.approx(20.0, abs=0.05)
    turn(-120, Qt.KeyboardModifier.NoModifier)
    assert timeline.view.scale.start_s > zoomed.start_s
    for _ in range(20):
        turn(-120, FREE)
    assert timeline.view.scale.is_fitted
