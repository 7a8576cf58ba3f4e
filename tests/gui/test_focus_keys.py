# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys go to the window's actions, unless the focused control needs that very key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget, QSlider, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from needledrop.gui import theme
from needledrop.gui.focus_keys import FocusKeys
from needledrop.gui.widgets.buttons import Button

KEYS = ("Space", "Return", "Right", "J", "1", "Ctrl+Z")


class Desk(QWidget):
    """A window with actions on keys of an editor, and one control of each kind."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.line, self.button, self.list, self.slider = QLineEdit(), Button("Go"), QListWidget(), QSlider()
        self.list.addItems(["one", "two"])
        self.list.setCurrentRow(0)
        column = QVBoxLayout(self)
        for widget in (self.line, self.button, self.list, self.slider):
            column.addWidget(widget)
        for key in KEYS:
            QShortcut(QKeySequence(key), self).activated.connect(lambda key=key: self.done.append(key))
        self.button.clicked.connect(lambda: self.done.append("clicked"))


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication) -> Iterator[Desk]:
    theme.install(qapp).use("dark")
    keys = FocusKeys(qapp, qapp)
    made = Desk()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    keys.deleteLater()


def press_all(widget: QWidget) -> None:
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    for key in KEYS:
        combination = QKeySequence(key)[0]
        QTest.keyClick(widget, combination.key(), combination.keyboardModifiers())


def test_a_text_line_keeps_what_is_typed_and_gives_commands_away(desk: Desk) -> None:
    press_all(desk.line)
    assert desk.done == []  # Ctrl+Z undoes what was typed in the line.
    assert desk.line.text() != " j1"


def test_a_button_is_pressed_by_space_and_enter_and_gives_the_rest_away(desk: Desk) -> None:
    press_all(desk.button)
    assert desk.done == ["clicked", "clicked", "Right", "J", "1", "Ctrl+Z"]


def test_a_list_keeps_its_arrows_and_enter(desk: Desk) -> None:
    press_all(desk.list)
    assert desk.done == ["Space", "J", "1", "Ctrl+Z"]


def test_a_slider_keeps_its_arrows(desk: Desk) -> None:
    press_all(desk.slider)
    assert desk.done == ["J", "1", "Ctrl+Z"]


def test_a_button_takes_no_focus_from_the_mouse(qtbot: QtBot, desk: Desk) -> None:
    desk.list.setFocus()
    qtbot.mouseClick(desk.button, Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is desk.list
