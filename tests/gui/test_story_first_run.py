# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new user: the first steps open by themselves, and lead by keyboard alone or mouse alone to a real suggestion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from gui.conftest import MadeWorld
from needledrop.core.paths import Profile
from needledrop.gui.application import Shell
from needledrop.gui.dialogs.first_run import FirstRun
from needledrop.workflows.browse import list_folders
from needledrop.workflows.first_steps import is_first_run

WAIT_MS = 120_000
OpenShell = Callable[[Profile], Shell]


@pytest.fixture
def chosen(made_world: MadeWorld, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's own dialog answers with the folder of made music."""
    folder = made_world.music_dir
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *_: str(folder)))
    return folder


def opened(qtbot: QtBot, shell: Shell) -> FirstRun:
    qtbot.waitUntil(lambda: shell.window.findChild(FirstRun) is not None, timeout=WAIT_MS)
    first_run = shell.window.findChild(FirstRun)
    assert first_run is not None and first_run.isVisible()
    shell.window.activateWindow()
    return first_run


def tab_to(wanted: QWidget) -> None:
    """Press Tab until a control has the focus."""
    for _ in range(20):
        focus = QApplication.focusWidget()
        if focus is wanted:
            return
        assert focus is not None
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not reach {wanted.accessibleName()}")


def enter() -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_Return)


@pytest.mark.slow
def test_by_keyboard_alone_to_a_suggestion_and_the_film(
    qtbot: QtBot, open_shell: OpenShell, tmp_path: Path, chosen: Path
) -> None:
    shell = open_shell(Profile.at(tmp_path / "new"))
    first_run = opened(qtbot, shell)
    assert not first_run.next.isEnabled()
    assert QApplication.focusWidget() is first_run.folders.add
    enter()
    assert first_run.folders.chosen() == [chosen]
    tab_to(first_run.next)
    enter()
    qtbot.waitUntil(lambda: "tracks a minute" in first_run.speed.speed_text(), timeout=WAIT_MS)
    assert first_run.speed.workers() >= 1
    enter()
    qtbot.waitUntil(lambda: first_run.is_finished, timeout=WAIT_MS)
    shown = first_run.suggestion.shown()
    assert "out of 4 tracks" in shown and any(f"tune {bpm}" in shown for bpm in (96, 108, 120, 132))
    qtbot.waitUntil(lambda: QApplication.focusWidget() is first_run.next, timeout=WAIT_MS)
    enter()
    qtbot.waitUntil(lambda: shell.document.video is not None, timeout=WAIT_MS)
    assert shell.document.video is not None and shell.document.video.name == "demo.mp4"
    assert not first_run.isVisible()
    assert [folder.display for folder in list_folders(shell.profile)] == [str(chosen)]
    qtbot.waitUntil(lambda: not is_first_run(shell.profile), timeout=WAIT_MS)


@pytest.mark.slow
def test_by_mouse_alone_and_back_again(qtbot: QtBot, open_shell: OpenShell, tmp_path: Path, chosen: Path) -> None:
    shell = open_shell(Profile.at(tmp_path / "new"))
    first_run = opened(qtbot, shell)
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(first_run.folders.add, left)
    qtbot.mouseClick(first_run.next, left)
    qtbot.mouseClick(first_run.back, left)
    assert first_run.folders.isVisible() and first_run.folders.chosen() == [chosen]
    qtbot.mouseClick(first_run.next, left)
    qtbot.mouseClick(first_run.next, left)
    qtbot.waitUntil(lambda: first_run.is_finished, timeout=WAIT_MS)
    qtbot.mouseClick(first_run.skip, left)
    assert not first_run.isVisible()


def test_it_can_be_put_away_and_opened_again_from_help(qtbot: QtBot, open_shell: OpenShell, tmp_path: Path) -> None:
    shell = open_shell(Profile.at(tmp_path / "new"))
    first_run = opened(qtbot, shell)
    QTest.keyClick(first_run.folders.add, Qt.Key.Key_Escape)
    assert not first_run.isVisible()
    qtbot.waitUntil(lambda: not is_first_run(shell.profile), timeout=WAIT_MS)
    shell.window.actions_registry.trigger("help.first_run")
    assert first_run.isVisible() and first_run.folders.isVisible()


def test_a_folder_without_music_is_said_and_another_can_be_chosen(
    qtbot: QtBot, open_shell: OpenShell, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    shell = open_shell(Profile.at(tmp_path / "new"))
    first_run = opened(qtbot, shell)
    first_run.folders.add_folder(tmp_path / "empty")
    qtbot.mouseClick(first_run.next, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(first_run.next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: first_run.suggestion.other.isVisible(), timeout=WAIT_MS)
    assert "Choose another folder" in first_run.suggestion.shown()
    assert not first_run.next.isEnabled()
    qtbot.mouseClick(first_run.suggestion.other, Qt.MouseButton.LeftButton)
    assert first_run.folders.isVisible()


def test_a_user_with_a_library_is_left_alone(qtbot: QtBot, shell: Shell) -> None:
    qtbot.waitUntil(shell.background.is_idle, timeout=WAIT_MS)
    assert shell.window.findChild(FirstRun) is None
