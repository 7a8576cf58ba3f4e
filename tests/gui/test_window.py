# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame: empty window, drops, places, palette, notices, what is remembered; by keyboard and by mouse."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from gui.conftest import MadeWorld
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.gui.application import Shell
from needledrop.gui.background import Job, JobState
from needledrop.gui.panels.jobs_panel import JobsPanel
from needledrop.gui.panels.settings_panel import SettingsPanel
from needledrop.workflows import workspace
from needledrop.workflows.browse import list_folders

WAIT_MS = 60_000


def drop(window: QWidget, *paths: Path) -> None:
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 200), Qt.DropAction.CopyAction, files, buttons, keys)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(50, 200), Qt.DropAction.CopyAction, files, buttons, keys))


def press(qtbot: QtBot, keys: str) -> None:
    """Press keys wherever the focus is, as a user does."""
    from PySide6.QtGui import QKeySequence
    from PySide6.QtTest import QTest

    combination = QKeySequence(keys)[0]
    target = QApplication.focusWidget() or QApplication.activeWindow()
    assert target is not None
    QTest.keyClick(target, combination.key(), combination.keyboardModifiers())


def test_a_dropped_video_opens_and_suggestions_are_asked_for(qtbot: QtBot, shell: Shell, film: Path) -> None:
    drop(shell.window, film)
    qtbot.waitUntil(lambda: shell.document.answer is not None, timeout=WAIT_MS)
    assert shell.window.windowTitle() == "film.mp4 – Needledrop"
    assert shell.window.title_bar._facts.text() == "9.0 s · 25 fps · 4 cuts"
    assert shell.document.answer is not None and len(shell.document.answer.suggestions) == 4


@pytest.mark.slow
def test_a_dropped_folder_is_scanned_and_becomes_a_music_folder(
    qtbot: QtBot, open_shell: Callable[[Profile], Shell], profile: Profile, made_world: MadeWorld
) -> None:
    shell = open_shell(profile)
    drop(shell.window, made_world.music_dir)
    with qtbot.waitSignal(shell.scans.library_changed, timeout=WAIT_MS):
        pass
    assert [root.path for root in list_folders(profile)] == [bytes(made_world.music_dir)]
    assert shell.background.jobs()[0].state is JobState.DONE


def test_what_cannot_be_opened_is_named_with_its_remedy(qtbot: QtBot, shell: Shell, tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("not a video")
    drop(shell.window, text)
    qtbot.waitUntil(lambda: "notes.mp4" in shell.window.notice.text, timeout=WAIT_MS)
    drop(shell.window, tmp_path / "gone.mp4")
    qtbot.waitUntil(lambda: "gone.mp4 is not there" in shell.window.notice.text, timeout=WAIT_MS)
    assert shell.document.video is None


@pytest.mark.slow
def test_music_dropped_on_an_open_video_is_a_reference(
    qtbot: QtBot, shell: Shell, film: Path, made_world: MadeWorld
) -> None:
    tune = next(made_world.music_dir.iterdir())
    drop(shell.window, tune)
    qtbot.waitUntil(lambda: "piece of music" in shell.window.notice.text, timeout=WAIT_MS)
    drop(shell.window, film)
    qtbot.waitUntil(lambda: shell.document.answer is not None, timeout=WAIT_MS)
    drop(shell.window, tune)
    qtbot.waitUntil(lambda: str(tune) in shell.document.wish().likes, timeout=WAIT_MS)


def test_the_palette_finds_and_does_and_gives_the_focus_back(qtbot: QtBot, shell: Shell) -> None:
    shell.window.activateWindow()
    press(qtbot, "Ctrl+K")
    line = QApplication.focusWidget()
    assert isinstance(line, QLineEdit)
    qtbot.keyClicks(line, "jobs")
    press(qtbot, "Return")
    qtbot.waitUntil(lambda: shell.window.place == "jobs")
    press(qtbot, "Ctrl+K")
    press(qtbot, "Escape")
    assert not any(overlay.isVisible() for overlay in (shell.window._palette,) if overlay is not None)


def test_the_question_mark_opens_the_sheet_and_a_key_can_be_changed(
    qtbot: QtBot, shell: Shell, library_profile: Profile
) -> None:
    shell.window.activateWindow()
    press(qtbot, "?")
    sheet = shell.window._sheet
    assert sheet is not None and sheet.isVisible()
    robbed = shell.window.shortcuts.set_keys("view.jobs", ("Ctrl+K",))
    assert [action.id for action in robbed] == ["help.palette"]
    assert shell.window.actions_registry.keys("help.palette") == ()
    assert shell.window.actions_registry.keys("view.jobs") == ("Ctrl+K",)
    qtbot.waitUntil((library_profile.config_dir / "shortcuts.json").exists)
    shell.window.shortcuts.reset("help.palette")
    assert shell.window.actions_registry.keys("help.palette") == ("Ctrl+K",)
    assert shell.window.actions_registry.keys("view.jobs") == ()


def test_no_key_of_any_preset_does_two_things(shell: Shell) -> None:
    from needledrop.gui.shortcut_presets import PRESETS
    from needledrop.gui.shortcuts import normal

    for preset in PRESETS:
        owners: dict[str, list[str]] = {}
        for action in shell.window.actions_registry.all():
            for key in action.default_keys(preset):
                assert normal(key), f"{key} of {action.id} is no key"
                owners.setdefault(normal(key), []).append(action.id)
        assert {key: ids for key, ids in owners.items() if len(ids) > 1} == {}, preset


def test_settings_are_found_changed_at_once_and_saved(qtbot: QtBot, shell: Shell, library_profile: Profile) -> None:
    shell.window.show_place("settings")
    panel = shell.window._pages["settings"]
    assert isinstance(panel, SettingsPanel)
    panel._search.setText("loudness lufs")
    shown = [row.setting.name for row in panel._rows if row.isVisible()]
    assert shown == ["music-lufs"]
    shell.preferences.set("appearance", "light")
    assert not shell.theme.is_dark
    qtbot.waitUntil(lambda: '"light"' in _read(library_profile.config_dir / "settings.json"))
    shell.preferences.reset(["appearance"])
    assert shell.theme.is_dark


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_jobs_show_their_pace_and_stop(qtbot: QtBot, shell: Shell) -> None:
    from gui.test_background import wait_for_stop

    shell.window.show_place("jobs")
    panel = shell.window._pages["jobs"]
    assert isinstance(panel, JobsPanel)
    job: Job = shell.background.run("Counting sheep", wait_for_stop)
    row = panel._rows[job.id]
    qtbot.waitUntil(lambda: shell.window.status._running.text().startswith("Counting sheep"))
    qtbot.mouseClick(row._stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: job.state is JobState.STOPPED)
    assert "stopped" in row._pace.text()
    assert shell.window.status._running.text() == ""


def test_every_control_has_a_name_and_can_be_reached_by_tab(qtbot: QtBot, shell: Shell) -> None:
    for place in ("suggest", "jobs", "settings"):
        shell.window.show_place(place)
        page = shell.window._stack.currentWidget()
        for widget in (*page.findChildren(QWidget), *shell.window.title_bar.findChildren(QWidget)):
            if isinstance(widget, QAbstractButton | QLineEdit) and widget.objectName() != "qt_spinbox_lineedit":
                if isinstance(widget.parent(), QLineEdit):
                    continue  # The sign inside a line; the line itself is reached.
                assert widget.accessibleName() or widget.toolTip(), widget
                assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus, widget


def test_a_bug_is_reported_as_text_and_the_window_goes_on(
    qtbot: QtBot, shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = sys.excepthook
    try:
        raise LookupError("the needle is gone")
    except LookupError as error:
        shell._on_bug(type(error), error, error.__traceback__)
    report = shell.window._report
    assert report is not None and report.isVisible()
    qtbot.mouseClick(report._copy, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert "LookupError: the needle is gone" in copied and "Needledrop" in copied.splitlines()[0]
    report.close_sheet()
    assert sys.excepthook is hook


def test_an_error_stays_until_it_is_closed_and_news_offers_what_can_be_done(qtbot: QtBot, shell: Shell) -> None:
    shell.window.show_error(KnownError("The disk is full.", remedy="Free some space.", code="disk-full"))
    assert shell.window.notice.text == "The disk is full. Free some space."
    undone: list[int] = []
    shell.window.notice.show_news("Removed.", "Undo", lambda: undone.append(1))
    qtbot.mouseClick(shell.window.notice._button, Qt.MouseButton.LeftButton)
    assert (undone, shell.window.notice.text) == ([1], "")


def test_the_window_is_where_it_was_and_recent_videos_are_listed(
    qtbot: QtBot, open_shell: Callable[[Profile], Shell], library_profile: Profile, film: Path
) -> None:
    first = open_shell(library_profile)
    first.window.resize(960, 704)  # Small enough for the screen of the offscreen platform, which is 800 high.
    first.document.open(film)
    qtbot.waitUntil(lambda: first.document.video is not None, timeout=WAIT_MS)
    first.window.close()
    first.end()
    assert workspace.recent_videos(library_profile) == [film]
    assert workspace.interrupted_video(library_profile) is None
    second = open_shell(library_profile)
    assert (second.window.width(), second.window.height()) == (960, 704)
    qtbot.waitUntil(lambda: len(second.window.start_panel._recent_rows) == 2, timeout=WAIT_MS)
    assert second.document.video is None


def test_undo_is_named_after_what_it_takes_back(qtbot: QtBot, shell: Shell, film: Path) -> None:
    shell.document.open(film)
    qtbot.waitUntil(lambda: shell.document.video is not None, timeout=WAIT_MS)
    undo = shell.window.actions_registry.qt("edit.undo")
    assert not undo.isEnabled()
    shell.document.set_range((1.0, 2.0))
    assert undo.isEnabled() and undo.text() == "Undo Set range"
    shell.window.activateWindow()
    press(qtbot, "Ctrl+Z")
    assert shell.document.range_s is None
