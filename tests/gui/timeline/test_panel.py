# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pane with a real document, real media and the registry of actions: everything by keys, and what arrives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from needledrop.core.cue import Cue, Piece
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.core.work import TimelineMarker
from needledrop.gui.actions import Actions
from needledrop.gui.background import Background
from needledrop.gui.document import Document
from needledrop.gui.player import Player
from needledrop.gui.widgets.timeline.cue_parts import Part
from needledrop.gui.widgets.timeline.marker_name import MarkerName
from needledrop.gui.widgets.timeline.panel import TimelinePanel
from needledrop.gui.widgets.timeline.view_state import BeatsShown
from needledrop.library.rows import SearchFilters
from needledrop.workflows.browse import list_tracks
from needledrop.workflows.videos import analysed_video
from profile_copies import copied_profile

WAIT_MS = 60_000
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier


class MadeWorld(Protocol):
    """What the fixture of that name gives."""

    film: Path
    profile: Profile


class Desk:
    """The pane in a window, beside another control that can have the focus."""

    def __init__(self, document: Document, background: Background) -> None:
        self.document = document
        self.player = Player()
        self.window = QMainWindow()
        self.actions = Actions(self.window)
        self.panel = TimelinePanel(document, self.player, background, self.actions)
        self.timeline = self.panel.timeline
        self.other = QLineEdit()
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.addWidget(self.other)
        column.addWidget(self.panel)
        self.window.setCentralWidget(centre)
        self.window.resize(1100, 420)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(self.window.focusWidget(), key, held)

    @property
    def cue(self) -> Cue:
        return self.document.cues[0]


@pytest.fixture(scope="module")
def watched_profile(made_world: MadeWorld, tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """A profile that knows the film, so that it is watched once for all of these tests."""
    folder = tmp_path_factory.mktemp("watched") / "profile"
    profile = copied_profile(made_world.profile.data_dir.parent, folder)
    analysed_video(profile, made_world.film, ignore_progress, CancelToken())
    return profile


@pytest.fixture
def library_profile(watched_profile: Profile, tmp_path: Path) -> Profile:
    """The profile of the test's own that `document` uses."""
    return copied_profile(watched_profile.data_dir.parent, tmp_path / "library-profile")


@pytest.fixture
def desk(qtbot: QtBot, document: Document, background: Background, made_world: MadeWorld) -> Iterator[Desk]:
    """The film is open and watched, and one track of 120 BPM lies on it from 1 s."""
    film = made_world.film
    made = Desk(document, background)
    qtbot.addWidget(made.window)
    made.window.show()
    made.window.activateWindow()
    qtbot.waitExposed(made.window)
    document.open(film)
    qtbot.waitUntil(lambda: len(made.timeline.view.data.cuts_s) == 4, timeout=WAIT_MS)
    tracks = list_tracks(document.profile, "", SearchFilters(), sort="title", limit=9, offset=0).tracks
    track = next(one for one in tracks if "120" in one.name)
    document.add_cue(Cue(track.id, 1.0, (Piece(2.0, 6.0), Piece(8.0, 10.0)), -6.0, 0.5, 0.5))
    qtbot.waitUntil(lambda: _has_beats(made), timeout=WAIT_MS)
    made.timeline.setFocus(Qt.FocusReason.TabFocusReason)
    yield made
    made.player.close()


def _has_beats(desk: Desk) -> bool:
    cues = desk.timeline.view.data.cues
    return len(cues) == 1 and cues[0].track.rhythm is not None and cues[0].track.peaks is not None


def test_pictures_and_waveforms_arrive_while_the_window_lives(qtbot: QtBot, desk: Desk) -> None:
    qtbot.waitUntil(lambda: len(desk.timeline.view.data.thumbnails) >= 5, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: desk.timeline.view.data.sound_peaks is not None, timeout=WAIT_MS)
    data = desk.timeline.view.data
    assert data.cuts_s.tolist() == pytest.approx([1.6, 3.6, 5.2, 7.2], abs=0.05)
    assert 0.99 <= float(data.motion.max()) <= 1.0
    assert data.cues[0].track.title.startswith("tune 120")
    assert data.cues[0].track.rhythm is not None
    assert data.cues[0].track.rhythm.tempo_bpm == pytest.approx(120, abs=0.5)


def test_the_cue_that_was_added_is_selected_and_described(desk: Desk) -> None:
    assert desk.timeline.view.selected == 0
    assert desk.timeline.accessibleName() == "Timeline"
    assert "from 0:01.0 to 0:07.0" in desk.timeline.accessibleDescription()


def test_keys_nudge_by_frame_and_beat_and_undo_gives_it_back(desk: Desk) -> None:
    desk.key(Qt.Key.Key_Period)
    assert desk.cue.record_in_s == pytest.approx(1.04)
    desk.key(Qt.Key.Key_Comma)
    desk.key(Qt.Key.Key_Period, SHIFT)
    assert desk.cue.record_in_s == pytest.approx(1.5, abs=0.02)
    desk.document.undo_stack.undo()
    assert desk.cue.record_in_s == pytest.approx(1.0)


def test_every_part_of_a_cue_can_be_changed_by_keys(desk: Desk) -> None:
    before = desk.cue
    seen = set()
    for _ in range(8):
        part = desk.timeline.view.handle.part
        seen.add(part)
        desk.key(Qt.Key.Key_Comma if part is Part.END else Qt.Key.Key_Period)
        assert desk.cue != before, part
        before = desk.cue
        desk.key(Qt.Key.Key_E)
    assert seen == set(Part) - {Part.DUCKING}  # Nobody speaks in this film.
    assert desk.timeline.view.handle.part is Part.BODY
    assert desk.cue.gain_db == -5.5
    assert desk.cue.fade_in_s == pytest.approx(0.54)
    assert "Position" in desk.timeline.accessibleDescription()


def test_slip_trim_fade_and_splice_by_keys(desk: Desk) -> None:
    desk.key(Qt.Key.Key_Period, ALT)
    assert desk.cue.record_in_s == 1.0
    assert desk.cue.pieces[0].source_in_s == pytest.approx(1.96)
    desk.timeline.seek(2.0)
    desk.key(Qt.Key.Key_BracketLeft)
    assert desk.cue.record_in_s == pytest.approx(2.0)
    desk.timeline.seek(3.0)
    desk.key(Qt.Key.Key_BracketLeft, CTRL)
    assert desk.cue.fade_in_s == pytest.approx(1.0)
    desk.key(Qt.Key.Key_Backspace, CTRL)
    assert len(desk.cue.pieces) == 1
    desk.timeline.seek(6.0)
    desk.key(Qt.Key.Key_BracketRight)
    assert desk.cue.record_out_s == pytest.approx(6.0)
    desk.key(Qt.Key.Key_Delete)
    assert desk.document.cues == ()


def test_keys_about_cues_leave_other_controls_alone(desk: Desk) -> None:
    before = desk.cue
    desk.other.setFocus()
    desk.key(Qt.Key.Key_Comma)
    desk.key(Qt.Key.Key_Delete)
    desk.key(Qt.Key.Key_BracketLeft)
    assert desk.other.text() == ",["
    assert desk.document.cues == (before,)


def test_without_a_selected_cue_its_keys_do_nothing(desk: Desk) -> None:
    desk.document.select(None)
    before = desk.cue
    for key in (Qt.Key.Key_Comma, Qt.Key.Key_Delete, Qt.Key.Key_BracketLeft):
        desk.key(key)
    assert desk.document.cues == (before,)
    desk.key(Qt.Key.Key_Right, ALT)
    assert desk.document.selected == 0


def test_changed_keys_count_at_once(desk: Desk) -> None:
    desk.actions.qt("timeline.frame-right").setShortcuts([QKeySequence("N")])
    desk.key(Qt.Key.Key_Period)
    assert desk.cue.record_in_s == 1.0
    desk.key(Qt.Key.Key_N)
    assert desk.cue.record_in_s == pytest.approx(1.04)


def test_arrows_move_the_playhead_by_frame_and_cut(desk: Desk) -> None:
    desk.key(Qt.Key.Key_Right)
    assert desk.timeline.view.playhead_s == pytest.approx(0.04)
    desk.key(Qt.Key.Key_Down)
    assert desk.timeline.view.playhead_s == pytest.approx(1.6, abs=0.05)
    desk.key(Qt.Key.Key_Up)
    assert desk.timeline.view.playhead_s == 0.0
    desk.key(Qt.Key.Key_End)
    assert desk.timeline.view.playhead_s == pytest.approx(9.0, abs=0.1)
    desk.key(Qt.Key.Key_Home)
    assert desk.timeline.view.playhead_s == 0.0


def test_range_zoom_and_filter_are_actions_of_the_window(desk: Desk) -> None:
    desk.timeline.seek(2.0)
    desk.actions.trigger("marks.in")
    desk.timeline.seek(5.0)
    desk.actions.trigger("marks.out")
    assert desk.document.range_s == (2.0, 5.0)
    desk.actions.trigger("marks.clear")
    assert desk.document.range_s is None
    desk.actions.trigger("timeline.zoom-in")
    assert not desk.timeline.view.scale.is_fitted
    desk.actions.trigger("timeline.fit")
    assert desk.timeline.view.scale.is_fitted
    shown = []
    for _ in BeatsShown:
        desk.actions.trigger("timeline.beats")
        shown.append(desk.timeline.view.beats_shown)
    assert shown == [BeatsShown.OFF, BeatsShown.SECTIONS, BeatsShown.DOWNBEATS, BeatsShown.BEATS]


def test_markers_are_set_named_moved_and_taken_away_by_keys(desk: Desk) -> None:
    document = desk.document
    desk.timeline.seek(2.0)
    desk.actions.trigger("marks.add")
    assert document.markers == (TimelineMarker(2.0),)
    desk.actions.trigger("marks.add")  # On a marker it asks for the name.
    desk.timeline.setFocus()
    writing = desk.timeline.findChild(MarkerName)
    assert writing is not None
    desk.actions.trigger("marks.name")
    QTest.keyClicks(writing, "m turn")
    QTest.keyClick(writing, Qt.Key.Key_Return)
    assert document.markers == (TimelineMarker(2.0, "m turn"),)
    assert desk.timeline.hasFocus()
    desk.timeline.hold_marker(0)
    desk.key(Qt.Key.Key_Period)
    desk.key(Qt.Key.Key_Period)
    assert document.markers[0].time_s == pytest.approx(2.08)
    desk.timeline.seek(5.0)
    desk.actions.trigger("marks.add")
    desk.actions.trigger("marks.previous")
    assert desk.timeline.view.playhead_s == pytest.approx(2.08)
    desk.actions.trigger("marks.remove")
    assert [marker.time_s for marker in document.markers] == [5.0]
    while document.undo_stack.text(document.undo_stack.index() - 1) != "Add cue":
        document.undo_stack.undo()
    assert document.markers == ()


def test_other_music_is_asked_for_where_the_cue_lies(qtbot: QtBot, desk: Desk) -> None:
    desk.actions.trigger("marks.suggest")
    assert desk.document.range_s == (1.0, 7.0)
    qtbot.waitUntil(lambda: desk.document.answer is not None, timeout=WAIT_MS)
    assert desk.document.answer is not None
    assert float(desk.document.answer.time_range.end_s) == 7.0


def test_no_key_of_the_timeline_does_two_things(desk: Desk) -> None:
    keys = [key for action in desk.actions.all() for key in desk.actions.keys(action.id)]
    assert len(keys) == len(set(keys)) > 25


def test_two_drags_are_two_steps_of_undo(desk: Desk) -> None:
    timeline = desk.timeline
    y = round(timeline.view.layout.music.top) + 12
    for _ in range(2):
        x = round(timeline.view.layout.left + timeline.view.scale.x(desk.cue.record_in_s + 2.0))
        QTest.mousePress(timeline, Qt.MouseButton.LeftButton, CTRL, QPoint(x, y))
        QTest.mouseRelease(timeline, Qt.MouseButton.LeftButton, CTRL, QPoint(x + 40, y))
    moved_s = desk.cue.record_in_s
    desk.document.undo_stack.undo()
    assert 1.0 < desk.cue.record_in_s < moved_s
    desk.document.undo_stack.undo()
    assert desk.cue.record_in_s == 1.0


def test_closing_the_video_empties_the_timeline(qtbot: QtBot, desk: Desk) -> None:
    desk.document.close()
    qtbot.waitUntil(lambda: desk.timeline.view.data.duration_s == 0.0, timeout=WAIT_MS)
    assert desk.timeline.view.data.cues == ()
    assert desk.timeline.view.selected is None
    desk.timeline.grab()


def test_the_menu_offers_what_fits_the_selection(qtbot: QtBot, desk: Desk) -> None:
    offered: list[list[str]] = []

    def read_and_close() -> None:
        menu = QApplication.activePopupWidget()
        assert menu is not None
        offered.append([action.objectName() for action in menu.actions()])
        menu.close()

    for selected in (0, None):
        desk.document.select(selected)
        QTimer.singleShot(100, read_and_close)
        place = desk.timeline.rect().center()
        event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, desk.timeline.mapToGlobal(place))
        QApplication.sendEvent(desk.timeline, event)
    assert {"timeline.trim-start", "timeline.remove-cue", "timeline.fit"} <= set(offered[0])
    assert "timeline.trim-start" not in offered[1]
    assert {"timeline.next-cue", "marks.in", "timeline.fit"} <= set(offered[1])
