# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an opened film to music under it: hear suggestions by key, use one, reject, steer and narrow the list."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.conftest import MadeWorld
from needledrop.core.paths import Profile
from needledrop.gui import preferences, suggestion_words
from needledrop.gui.application import Shell
from needledrop.gui.panels.suggestions_panel import SuggestionsPanel
from needledrop.gui.panels.viewer_panel import ViewerPanel
from needledrop.workflows import opinions

WAIT_MS = 60_000


def press(keys: str) -> None:
    """Press keys wherever the focus is, as a user does."""
    combination = QKeySequence(keys)[0]  # type: ignore[index]
    target = QApplication.focusWidget() or QApplication.activeWindow()
    assert target is not None
    QTest.keyClick(target, combination.key(), combination.keyboardModifiers())


def pane(shell: Shell, name: str) -> QWidget:
    assert shell.window._work is not None
    found = shell.window._work.pane(name)
    assert found is not None
    return found


def suggestions(shell: Shell) -> SuggestionsPanel:
    found = pane(shell, "suggestions")
    assert isinstance(found, SuggestionsPanel)
    return found


def wait_for_answer(qtbot: QtBot, shell: Shell, before: object = None) -> None:
    document = shell.document
    qtbot.waitUntil(lambda: document.answer is not before and not document.is_asking, timeout=WAIT_MS)


@pytest.fixture
def opened(qtbot: QtBot, open_shell: Callable[[Profile], Shell], watched_profile: Profile, film: Path) -> Shell:
    """The window with the film open and its suggestions there."""
    shell = open_shell(watched_profile)
    shell.window.activateWindow()
    shell.document.open(film)
    qtbot.waitUntil(lambda: shell.document.answer is not None, timeout=WAIT_MS)
    wait_for_answer(qtbot, shell)
    qtbot.waitUntil(lambda: shell.player is not None and shell.player.state.is_loaded)
    return shell


def test_numbers_audition_enter_uses_and_undo_takes_it_back(qtbot: QtBot, opened: Shell) -> None:
    panel, document, player = suggestions(opened), opened.document, opened.player
    assert player is not None and panel.model.rowCount() == 4
    press("2")
    assert document.candidate == 1 and panel.view.currentIndex().row() == 1
    qtbot.waitUntil(lambda: player.state.is_playing and player.state.candidate == 1)
    press("3")
    assert document.candidate == 2
    assert player.state.is_playing and player.state.candidate == 2
    assert document.answer is not None
    chosen = document.answer.suggestions[2].cue
    press("Return")
    assert document.cues == (chosen,) and document.candidate is None and document.selected == 0
    assert panel.model.card(2).is_in_cut
    press("Ctrl+Z")
    assert document.cues == () and not panel.model.card(2).is_in_cut


def test_the_same_number_again_and_zero_end_the_audition(opened: Shell) -> None:
    document = opened.document
    for last in ("1", "0"):
        press("1")
        assert document.candidate == 0
        press(last)
        assert document.candidate is None


def test_the_original_sound_is_heard_while_the_key_is_held(qtbot: QtBot, opened: Shell) -> None:
    player = opened.player
    assert player is not None
    press("1")
    target = QApplication.focusWidget() or opened.window
    QTest.keyPress(target, Qt.Key.Key_H)
    assert player.state.is_original
    QTest.keyRelease(target, Qt.Key.Key_H)
    assert not player.state.is_original and player.state.candidate == 0


def test_a_rejected_card_goes_its_number_stays_away_and_undo_brings_it_back(opened: Shell) -> None:
    panel = suggestions(opened)
    panel.view.set_current(1)
    rejected = panel.model.card(1).track.id
    press("X")
    assert [panel.model.card(row).number for row in range(panel.model.rowCount())] == [1, 3, 4]
    assert opened.document.rejected == {rejected}
    press("2")
    assert opened.document.candidate is None
    opened.document.undo_stack.undo()
    assert panel.model.rowCount() == 4


def test_all_rejected_offers_others_and_nothing_is_left(qtbot: QtBot, opened: Shell) -> None:
    panel, document = suggestions(opened), opened.document
    for _ in range(4):
        press("X")
    assert panel.states.page.isVisible() and "All of them rejected" in panel.states.page.text
    before = document.answer
    qtbot.mouseClick(panel.states.page.button, Qt.MouseButton.LeftButton)
    wait_for_answer(qtbot, opened, before)
    assert panel.model.rowCount() == 0


def test_filters_are_chips_and_nothing_found_takes_them_away(qtbot: QtBot, opened: Shell) -> None:
    panel, document = suggestions(opened), opened.document
    before = document.answer
    document.ask(dataclasses.replace(document.wish(), bpm_range=(100.0, 125.0)))
    wait_for_answer(qtbot, opened, before)
    assert "100–125 BPM" in panel.filters.chip_texts()
    tempi = [panel.model.card(row).track.facts.tempo_bpm for row in range(panel.model.rowCount())]
    assert tempi and all(tempo is not None and 99 <= tempo <= 126 for tempo in tempi)
    before = document.answer
    document.ask(dataclasses.replace(document.wish(), bpm_range=(250.0, 260.0)))
    wait_for_answer(qtbot, opened, before)
    assert "No track passes the filters" in panel.states.page.text
    before = document.answer
    qtbot.mouseClick(panel.states.page.button, Qt.MouseButton.LeftButton)
    wait_for_answer(qtbot, opened, before)
    assert panel.model.rowCount() == 4 and document.wish().bpm_range is None


def test_more_like_this_and_a_dropped_file_are_references(qtbot: QtBot, opened: Shell, made_world: MadeWorld) -> None:
    panel, document = suggestions(opened), opened.document
    track, before = panel.model.card(0).track, document.answer
    press("Alt+L")
    wait_for_answer(qtbot, opened, before)
    assert document.wish().likes == (str(track.id),)
    assert f"like {suggestion_words.title_of(track)}" in panel.filters.chip_texts()
    assert document.answer is not None
    assert track.id not in {one.track_id for one in document.answer.suggestions}
    before = document.answer
    tune = next(path for path in sorted(made_world.music_dir.iterdir()) if path.name not in track.display_path)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tune))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 200), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(panel, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(panel, QDropEvent(QPointF(50, 200), Qt.DropAction.CopyAction, data, buttons, keys))
    wait_for_answer(qtbot, opened, before)
    assert document.wish().likes == (str(track.id), str(tune))


def test_stars_favourites_and_the_parts_of_a_match(qtbot: QtBot, opened: Shell) -> None:
    panel = suggestions(opened)
    panel.view.set_current(0)
    closed_height = panel.view.visualRect(panel.view.currentIndex()).height()
    place = panel.view.spot_centre(0, "details")
    assert place is not None
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: panel.view.visualRect(panel.view.currentIndex()).height() > closed_height + 80)
    press("Alt+4")
    qtbot.waitUntil(lambda: panel.model.card(0).track.rating == 4, timeout=WAIT_MS)
    press("Shift+F")
    qtbot.waitUntil(lambda: panel.model.card(0).track.is_favourite, timeout=WAIT_MS)
    press("Ctrl+Z")
    qtbot.waitUntil(lambda: not panel.model.card(0).track.is_favourite, timeout=WAIT_MS)
    assert panel.model.card(0).track.rating == 4


def test_a_time_in_the_reason_leads_there(qtbot: QtBot, opened: Shell) -> None:
    panel, player = suggestions(opened), opened.player
    assert player is not None
    panel.view.set_current(0)
    panel.toggle_details()
    qtbot.waitUntil(lambda: panel.view.spot_centre(0, "seek") is not None)
    card = panel.model.card(0)
    layout = panel._delegate.layout_of(card, 0, panel.view.visualRect(panel.view.currentIndex()).width())
    spot = [one for one in layout.spots if one.what == "seek"][-1]
    place = panel.view.visualRect(panel.view.currentIndex()).topLeft() + spot.rect.center().toPoint()
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: abs(player.position_s - spot.value) < 0.05)


def test_the_viewer_shows_timecode_streams_and_level(qtbot: QtBot, opened: Shell) -> None:
    viewer, player = pane(opened, "viewer"), opened.player
    assert isinstance(viewer, ViewerPanel) and player is not None
    qtbot.waitUntil(lambda: viewer.view.frame is not None, timeout=WAIT_MS)
    player.seek(4.0)
    qtbot.waitUntil(lambda: viewer.timecode.text() == "00:00:04:00")
    press("Right")
    qtbot.waitUntil(lambda: viewer.timecode.text() == "00:00:04:01")
    viewer.show_sound()
    assert viewer._sound is not None and len(viewer._sound.mutes) == 1
    viewer._sound.mutes[0].click()
    viewer._sound.hide()
    press("L")
    press("L")
    assert player.state.speed == 2.0 and viewer.speed.text() == "2×"
    press("K")
    assert not player.state.is_playing


def test_an_artist_is_left_out_and_let_in_again(
    qtbot: QtBot, open_shell: Callable[[Profile], Shell], watched_profile: Profile, film: Path
) -> None:
    from needledrop.workflows.browse import edit_track
    from needledrop.workflows.profiles import read_library

    with read_library(watched_profile) as library:
        first, *_ = library.track_ids()
    edit_track(watched_profile, first, ["artist=The Loud"])
    shell = open_shell(watched_profile)
    shell.window.activateWindow()
    shell.document.open(film)
    qtbot.waitUntil(lambda: shell.document.answer is not None, timeout=WAIT_MS)
    panel, before = suggestions(shell), shell.document.answer
    assert before is not None
    row = next(row for row in range(4) if panel.model.card(row).track.id == first)
    panel.view.set_current(row)
    press("Shift+X")
    wait_for_answer(qtbot, shell, before)
    assert panel.model.rowCount() == 3
    assert opinions.choices(watched_profile).blocked_artists == ["The Loud"]
    for let_in in (lambda: panel.filters.artist_unblocked.emit("The Loud"), shell.document.undo_stack.undo):
        before, rows = shell.document.answer, panel.model.rowCount()
        let_in()
        wait_for_answer(qtbot, shell, before)
        assert panel.model.rowCount() == 7 - rows, "4 with the artist, 3 without"


def test_stopping_is_possible_and_asking_again_goes_on(qtbot: QtBot, shell: Shell, film: Path) -> None:
    shell.document.open(film)
    qtbot.waitUntil(lambda: shell.document.video is not None, timeout=WAIT_MS)
    panel = suggestions(shell)
    assert shell.document.is_asking and f"Watching {film.name}" in panel.states.page.text
    qtbot.mouseClick(panel.states.page.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not shell.document.is_asking, timeout=WAIT_MS)
    assert panel.states.page.text.startswith("No suggestions yet")
    qtbot.mouseClick(panel.states.page.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shell.document.answer is not None, timeout=WAIT_MS)
    assert panel.model.rowCount() == 4


def test_an_empty_library_leads_to_adding_music(
    qtbot: QtBot, open_shell: Callable[[Profile], Shell], profile: Profile, film: Path
) -> None:
    shell = open_shell(profile)
    shell.document.open(film)
    qtbot.waitUntil(lambda: shell.document.answer is not None, timeout=WAIT_MS)
    page = suggestions(shell).states.page
    assert page.text.startswith("No music to choose from yet") and page.button.text() == "Add music folder…"


def test_a_reference_that_is_no_music_is_said_and_can_be_left_out(qtbot: QtBot, opened: Shell, tmp_path: Path) -> None:
    panel, document, before = suggestions(opened), opened.document, opened.document.answer
    notes = tmp_path / "notes.wav"
    notes.write_text("no sound at all")
    document.ask(dataclasses.replace(document.wish(), likes=(str(notes),)))
    qtbot.waitUntil(lambda: "notes.wav" in panel.states.page.text and not document.is_asking, timeout=WAIT_MS)
    assert panel.states.page.button.text() == "Ask without the reference"
    assert opened.window.notice.text == "", "the pane says it; the notice need not say it again"
    qtbot.mouseClick(panel.states.page.button, Qt.MouseButton.LeftButton)
    wait_for_answer(qtbot, opened, before)
    assert document.wish().likes == () and panel.model.rowCount() == 4


def test_the_loop_follows_the_range_and_the_volume_stays(qtbot: QtBot, opened: Shell) -> None:
    viewer, player, document = pane(opened, "viewer"), opened.player, opened.document
    assert isinstance(viewer, ViewerPanel) and player is not None
    document.set_range((1.0, 3.0))
    press("Ctrl+L")
    assert player.state.loop_s == (1.0, 3.0) and viewer.loop.isChecked()
    document.set_range((2.0, 5.0))
    assert player.state.loop_s == (2.0, 5.0)
    press("Ctrl+L")
    assert player.state.loop_s is None and not viewer.loop.isChecked()
    viewer.show_sound()
    assert viewer._sound is not None
    viewer._sound.volume.setValue(-12)
    viewer._sound.hide()
    document.opened.emit()
    assert viewer._sound.volume.value() == -12 and len(viewer._sound.solos) == 1


def test_found_words_go_into_the_text_line_and_the_list_gets_the_focus_back(qtbot: QtBot, opened: Shell) -> None:
    line, document = opened.window.title_bar.text_line, opened.document
    suggestions(opened).filters.words_edited.emit("storm sea")
    assert line.text() == "storm sea" and line.hasFocus()
    before = document.answer
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert document.wish().text == "storm sea" and not line.hasFocus()
    wait_for_answer(qtbot, opened, before)
    press("1")
    assert document.candidate == 0 and line.text() == "storm sea"


def test_a_failure_is_said_by_the_notice_where_the_pane_is_not_seen(
    qtbot: QtBot, opened: Shell, tmp_path: Path
) -> None:
    document, notes = opened.document, tmp_path / "notes.wav"
    notes.write_text("no sound at all")
    opened.window.show_place("library")
    document.ask(dataclasses.replace(document.wish(), likes=(str(notes),)))
    qtbot.waitUntil(lambda: "notes.wav" in opened.window.notice.text, timeout=WAIT_MS)


def test_esc_leaves_the_text_line_as_it_was_asked(qtbot: QtBot, opened: Shell) -> None:
    line = opened.window.title_bar.text_line
    opened.window.focus_text()
    QTest.keyClicks(line, "storm")
    press("Esc")
    assert line.text() == "" and not line.hasFocus()
    assert opened.document.last_wish is not None and opened.document.last_wish.text == ""
    press("1")
    assert opened.document.candidate is not None


def test_a_card_is_dragged_out_as_the_file_of_its_track(opened: Shell) -> None:
    model = suggestions(opened).model
    data = model.mimeData([model.index(0)])
    assert [Path(url.toLocalFile()) for url in data.urls()] == [model.card(0).track.file_path]
    assert model.flags(model.index(0)) & Qt.ItemFlag.ItemIsDragEnabled


def test_elsewhere_enter_and_numbers_are_not_about_suggestions(opened: Shell) -> None:
    opened.window.show_place("jobs")
    opened.window.setFocus()
    press("1")
    press("Return")
    assert opened.document.candidate is None and opened.document.cues == ()


def test_no_key_does_two_things_once_every_pane_is_there(opened: Shell) -> None:
    from needledrop.gui.places import PLACES
    from needledrop.gui.shortcut_presets import PRESETS
    from needledrop.gui.shortcuts import normal

    for place in PLACES:
        opened.window.show_place(place.id)
    for preset in PRESETS:
        owners: dict[str, list[str]] = {}
        for action in opened.window.actions_registry.all():
            for key in action.default_keys(preset):
                owners.setdefault(normal(key), []).append(action.id)
        assert {key: ids for key, ids in owners.items() if len(ids) > 1} == {}, preset
        known = {action.id for action in opened.window.actions_registry.all()}
        assert PRESETS[preset].keys() <= known, "a preset names actions that are there"
        assert all(normal(key) for keys in PRESETS[preset].values() for key in keys)


def test_the_keys_of_another_editor_work_and_the_users_own_stay(opened: Shell) -> None:
    registry = opened.window.actions_registry
    opened.window.shortcuts.set_keys("playback.start", ["Ctrl+Home"])
    preferences.current().set("shortcuts", "premiere")
    assert registry.keys("timeline.trim-start") == ("Q", "Ctrl+Alt+Q")
    assert registry.keys("playback.start") == ("Ctrl+Home",) and registry.keys("suggestions.details") == ("Shift+W",)
    opened.document.set_range((1.0, 2.0))
    press("Ctrl+Shift+X")
    assert opened.document.range_s is None
    preferences.current().set("shortcuts", "needledrop")
    assert registry.keys("timeline.trim-start") == ("[",) and registry.keys("playback.start") == ("Ctrl+Home",)
