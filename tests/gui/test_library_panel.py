# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library's table: pages that come as they scroll into view, orders, search, edits with undo, hearing a track."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from gui.conftest import MadeWorld
from needledrop.core.music import Licence, TrackTags
from needledrop.core.paths import Profile
from needledrop.gui import library_jobs
from needledrop.gui.application import Shell
from needledrop.gui.background import Background
from needledrop.gui.collection_menu import add_collection_menu, ask_new_name, collect, held_by_all
from needledrop.gui.document import Document
from needledrop.gui.models.library_table import PAGE_ROWS, LibraryTable
from needledrop.gui.models.track_columns import COLUMNS, number_of
from needledrop.gui.panels.library_panel import LibraryPanel
from needledrop.gui.widgets.name_popup import NamePopup
from needledrop.library.rows import FoundFile, ScanBatch
from needledrop.library.track_collections import LONGEST_NAME
from needledrop.workflows.browse import show_track
from needledrop.workflows.profiles import write_library
from needledrop.workflows.track_collections import list_collections

WAIT_MS = 60_000
MANY = 1000


@pytest.fixture
def panel(qtbot: QtBot, shell: Shell) -> LibraryPanel:
    """The library with four tracks, read."""
    shell.window.show_place("library")
    found = shell.window.findChild(LibraryPanel)
    assert found is not None
    qtbot.waitUntil(lambda: found.model.rowCount() >= 4, timeout=WAIT_MS)
    shell.window.activateWindow()
    return found


@pytest.fixture
def many(library_profile: Profile) -> Profile:
    """A thousand more tracks that were never analysed."""
    with write_library(library_profile, "test") as library:
        root = library.add_root(Path("/many"))
        found = tuple(
            FoundFile(os.fsencode(f"/many/{n}.mp3"), 1, 1, n, 1, f"many {n}", TrackTags(title=f"Song {n:04}"),
                      Licence(), 60.0 + n, "mp3", 44100, 2)
            for n in range(MANY)
        )  # fmt: skip
        library.apply_scan(ScanBatch(root.id, found))
    return library_profile


def titles(panel: LibraryPanel) -> list[str]:
    column = number_of("title")
    return [str(panel.model.index(row, column).data()) for row in range(panel.model.rowCount())]


def test_rows_come_in_pages_as_they_are_looked_at(qtbot: QtBot, many: Profile, document: Document) -> None:
    model = LibraryTable(many, document.background)
    model.ask(order="-title")
    qtbot.waitUntil(lambda: model.rowCount() == MANY + 4, timeout=WAIT_MS)
    far = MANY - 1
    column = number_of("title")
    assert model.index(0, column).data() == "tune 96" and model.index(4, column).data() == "Song 0999"
    assert model.row(far) is None and model.index(far, column).data() == ""
    with qtbot.waitSignal(model.dataChanged, timeout=WAIT_MS) as arrived:
        pass
    first, last = arrived.args[0], arrived.args[1]
    assert first.row() <= far <= last.row() and last.row() - first.row() < PAGE_ROWS
    assert str(model.index(far, column).data()).startswith("Song 000")
    qtbot.waitUntil(document.background.is_idle, timeout=WAIT_MS)


def test_fast_scrolling_fetches_what_is_in_view_last(qtbot: QtBot, many: Profile, document: Document) -> None:
    model = LibraryTable(many, document.background)
    model.ask()
    qtbot.waitUntil(lambda: model.rowCount() == MANY + 4, timeout=WAIT_MS)
    for row in range(200, 900, 10):  # Passed over, not stopped at.
        model.row(row)
    qtbot.waitUntil(lambda: model.row(890) is not None, timeout=WAIT_MS)
    assert model.row(300) is None
    qtbot.waitUntil(document.background.is_idle, timeout=WAIT_MS)


def test_a_click_on_a_head_sorts_and_another_one_turns_it_round(qtbot: QtBot, panel: LibraryPanel) -> None:
    header = panel.view.horizontalHeader()
    bpm = number_of("bpm")
    place = header.sectionViewportPosition(bpm) + 20
    for wanted in ([96.0, 108.0, 120.0, 132.0], [132.0, 120.0, 108.0, 96.0]):
        with qtbot.waitSignal(panel.model.counted, timeout=WAIT_MS):
            qtbot.mouseClick(
                header.viewport(), Qt.MouseButton.LeftButton, pos=header.rect().center().__class__(place, 10)
            )
        rows = [panel.model.row(row) for row in range(4)]
        found = [row.track.facts.tempo_bpm or 0.0 for row in rows if row is not None]
        assert found == pytest.approx(wanted, abs=1.5)


def test_words_narrow_the_table_and_the_keyboard_goes_on_to_it(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.focus_search()
    QTest.keyClicks(panel.bar.search, "tune 108")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1, timeout=WAIT_MS)
    assert panel.bar.count.text() == "1 of 4"
    QTest.keyClick(panel.bar.search, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is panel.view and panel.view.current_row() == 0
    assert panel.details._name.text() == "tune 108"
    panel.focus_search()
    QTest.keyClick(panel.bar.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 4, timeout=WAIT_MS)
    assert panel.view.selected_ids() == [
        panel.model.track_id(row) for row in range(4) if titles(panel)[row] == "tune 108"
    ]


def test_nothing_found_is_said_with_the_way_back(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.bar.search.setText("zzz")
    qtbot.waitUntil(panel.empty.isVisible, timeout=WAIT_MS)
    assert panel.empty._sentence.text() == "No track fits"
    qtbot.mouseClick(panel.empty._button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.view.isVisible() and panel.model.rowCount() == 4, timeout=WAIT_MS)


def test_an_edit_is_kept_and_can_be_undone(qtbot: QtBot, shell: Shell, panel: LibraryPanel) -> None:
    panel.view.selectRow(1)
    track_id = panel.model.track_id(1)
    line = panel.details._lines["licence"]
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "cc by 4.0")
    with qtbot.waitSignal(panel.edits.changed, timeout=WAIT_MS):
        QTest.keyClick(line, Qt.Key.Key_Return)
    assert show_track(shell.profile, track_id).track.licence.name == "CC-BY-4.0"
    stack = shell.document.undo_stack
    assert stack.undoText() == "Edit Licence"
    for step, wanted in ((stack.undo, ""), (stack.redo, "CC-BY-4.0")):
        with qtbot.waitSignal(panel.edits.changed, timeout=WAIT_MS):
            step()
        assert show_track(shell.profile, track_id).track.licence.name == wanted


def test_several_tracks_are_rated_together_and_beats_corrected(qtbot: QtBot, shell: Shell, panel: LibraryPanel) -> None:
    panel.view.selectAll()
    assert panel.details._name.text() == "4 tracks"
    assert not any(button.isEnabled() for button in panel.details._beat_buttons)
    with qtbot.waitSignal(panel.edits.changed, timeout=WAIT_MS):
        qtbot.mouseClick(panel.details._stars[2], Qt.MouseButton.LeftButton)
    ids = [panel.model.track_id(row) for row in range(4)]
    assert [show_track(shell.profile, one).track.rating for one in ids] == [3, 3, 3, 3]
    panel.view.selectRow(0)
    before = show_track(shell.profile, ids[0]).track.facts.tempo_bpm
    assert before is not None
    with qtbot.waitSignal(panel.edits.changed, timeout=WAIT_MS):
        qtbot.mouseClick(panel.details._beat_buttons[0], Qt.MouseButton.LeftButton)
    assert show_track(shell.profile, ids[0]).track.facts.tempo_bpm == pytest.approx(before / 2, rel=0.02)
    with qtbot.waitSignal(panel.edits.changed, timeout=WAIT_MS):
        shell.document.undo_stack.undo()
    assert show_track(shell.profile, ids[0]).track.facts.tempo_bpm == pytest.approx(before)


def test_tracks_are_collected_shown_renamed_and_let_go_with_undo(
    qtbot: QtBot, shell: Shell, panel: LibraryPanel
) -> None:
    ids = [panel.model.track_id(row) for row in (0, 2)]
    with qtbot.waitSignal(panel.model.collections_read, timeout=WAIT_MS):
        collect(panel.edits, "For rain", ids, is_in=True)
    assert panel.bar.shown.findText("For rain") > 0
    panel.bar.choose_collection("For rain")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2, timeout=WAIT_MS)
    row = panel.model.row(0)
    assert row is not None and row.collections == ("For rain",) and panel.bar.collection_menu.isVisible()
    panel.view.selectRow(0)
    assert panel.details._kept_in.text() == "Collections: For rain"
    ask_new_name(panel.edits, "For rain", QPoint(0, 0), panel)
    popup = panel.findChild(NamePopup)
    assert popup is not None
    assert popup.line.maxLength() == LONGEST_NAME
    popup.line.clear()
    QTest.keyClicks(popup.line, "For storms")
    with qtbot.waitSignal(panel.edits.changed, timeout=WAIT_MS):
        QTest.keyClick(popup, Qt.Key.Key_Return)
    assert list_collections(shell.profile) == [("For storms", 2)]
    stack = shell.document.undo_stack
    assert stack.undoText() == "Rename For rain"
    for wanted in ([("For rain", 2)], []):
        with qtbot.waitSignal(panel.edits.changed, timeout=WAIT_MS):
            stack.undo()
        assert list_collections(shell.profile) == wanted
    qtbot.waitUntil(lambda: panel.model.rowCount() == 4 and panel.bar.collection == "", timeout=WAIT_MS)


def test_the_menu_of_collections_says_which_hold_all_tracks(qtbot: QtBot, panel: LibraryPanel) -> None:
    assert held_by_all([("Rain", "Storm"), ("Rain",)]) == {"Rain"}
    menu = QMenu(panel)
    submenu = add_collection_menu(menu, panel.edits, panel.model._ids[:1], ["Rain", "Storm"], {"Rain"})
    assert [(action.text(), action.isChecked()) for action in submenu.actions() if action.isCheckable()] == [
        ("Rain", True),
        ("Storm", False),
    ]
    with qtbot.waitSignal(panel.edits.changed, timeout=WAIT_MS):
        submenu.actions()[1].trigger()
    assert panel.edits._undo_stack.undoText() == "Put in Storm"


def test_an_edit_waits_while_another_writes(qtbot: QtBot, shell: Shell, panel: LibraryPanel) -> None:
    panel.view.selectRow(0)
    track_id = panel.model.track_id(0)
    with write_library(shell.profile, "scan"):
        with qtbot.waitSignal(panel.edits.waiting_changed, timeout=WAIT_MS):
            qtbot.mouseClick(panel.details._heart, Qt.MouseButton.LeftButton)
        assert "written after it" in panel.bar.scan.text
        assert not show_track(shell.profile, track_id).track.is_favourite
    with qtbot.waitSignal(panel.edits.changed, timeout=WAIT_MS):
        pass
    assert show_track(shell.profile, track_id).track.is_favourite


def test_a_removed_track_comes_back_with_undo(qtbot: QtBot, shell: Shell, panel: LibraryPanel) -> None:
    panel.view.selectRow(2)
    panel.view.setFocus()
    QTest.keyClick(panel.view, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 3, timeout=WAIT_MS)
    shell.document.undo_stack.undo()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 4, timeout=WAIT_MS)


def test_space_hears_the_track_and_the_sound_moves_on(qtbot: QtBot, shell: Shell, panel: LibraryPanel) -> None:
    panel.view.selectRow(0)
    panel.view.setFocus()
    QTest.keyClick(panel.view, Qt.Key.Key_Space)
    assert panel.listening.track_id == panel.model.track_id(0)
    qtbot.waitUntil(lambda: panel.listening.position_s > 0.3, timeout=WAIT_MS)
    panel.details.play_asked.emit(0.5)
    qtbot.waitUntil(lambda: panel.listening.position_s > 12.0, timeout=WAIT_MS)
    assert panel.details._wave._place is not None and panel.details._wave._place >= 0.5
    QTest.keyClick(panel.view, Qt.Key.Key_Space)
    assert panel.listening.track_id is None
    shell.window.show_place("jobs")


def test_chosen_columns_are_remembered(qtbot: QtBot, shell: Shell, panel: LibraryPanel, background: Background) -> None:
    genre, album = number_of("genre"), number_of("album")
    panel.view.show_column(genre, True)
    panel.view.show_column(album, False)
    panel.columns.save()
    qtbot.waitUntil(shell.background.is_idle, timeout=WAIT_MS)
    assert shell.window._parts is not None
    again = LibraryPanel(shell.document, shell.window._parts.player, shell.background, shell.window.actions_registry)
    qtbot.addWidget(again)
    qtbot.waitUntil(lambda: not again.view.isColumnHidden(genre), timeout=WAIT_MS)
    assert again.view.isColumnHidden(album)
    qtbot.waitUntil(shell.background.is_idle, timeout=WAIT_MS)


def test_a_folder_is_taken_out_from_its_menu(
    qtbot: QtBot, shell: Shell, panel: LibraryPanel, made_world: MadeWorld
) -> None:
    panel.bar.folders_asked.emit(panel.bar)
    qtbot.waitUntil(lambda: panel.folders.menu is not None, timeout=WAIT_MS)
    menu = panel.folders.menu
    assert menu is not None
    (folder,) = [action for action in menu.actions() if action.menu() is not None]
    assert folder.text() == str(made_world.music_dir)
    (forget,) = [action for child in menu.findChildren(QMenu) for action in child.actions()]
    forget.trigger()
    menu.hide()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 0, timeout=WAIT_MS)
    assert panel.empty._sentence.text() == "No music yet"
    assert (made_world.music_dir / "tune 96.flac").exists()


def test_a_thousand_selected_tracks_are_edited_at_once(
    qtbot: QtBot, many: Profile, shell: Shell, panel: LibraryPanel
) -> None:
    panel.bar.search.setText("Song")
    qtbot.waitUntil(lambda: panel.model.rowCount() == MANY, timeout=WAIT_MS)
    panel.view.selectAll()
    assert panel.view.selected_spans() == [(0, MANY - 1)]
    assert panel.details._name.text() == "1,000 tracks"
    with qtbot.waitSignal(panel.edits.changed, timeout=WAIT_MS):
        qtbot.mouseClick(panel.details._stars[4], Qt.MouseButton.LeftButton)
    last = panel.model.track_id(MANY - 1)
    assert show_track(shell.profile, last).track.rating == 5


def test_rows_are_dragged_out_as_files(panel: LibraryPanel) -> None:
    data = panel.model.mimeData([panel.model.index(0, 1), panel.model.index(0, 2), panel.model.index(2, 1)])
    assert [Path(url.toLocalFile()).suffix for url in data.urls()] == [".flac", ".flac"]


def test_a_scan_is_followed_and_its_outcome_said(qtbot: QtBot, panel: LibraryPanel) -> None:
    scans = library_jobs.current()
    with qtbot.waitSignal(scans.scanned, timeout=WAIT_MS):
        scans.scan()
        assert "Scanning" in panel.bar.scan.text
    assert panel.bar.scan.text == "Scanned: nothing has changed"


def test_every_column_has_a_text_for_a_row_and_every_order_is_one_of_the_library(panel: LibraryPanel) -> None:
    from needledrop.library.listing import ORDERS

    row = panel.model.row(0)
    assert row is not None
    assert all(isinstance(column.text(row), str) for column in COLUMNS)
    assert {column.order for column in COLUMNS} - {""} <= set(ORDERS)
