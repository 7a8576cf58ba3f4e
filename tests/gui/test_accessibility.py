# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever cannot see or does not use a mouse: every control says its name, is reached by Tab, and shows the focus."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from gui.conftest import WAIT_MS
from needledrop.core.paths import Profile
from needledrop.gui import preferences, theme
from needledrop.gui.application import Shell
from needledrop.gui.places import PLACES
from needledrop.gui.widgets.inputs import Switch

EVERYWHERE = ("suggest", *(place.id for place in PLACES))


@pytest.fixture
def opened(qtbot: QtBot, open_shell: Callable[[Profile], Shell], watched_profile: Profile, film: Path) -> Shell:
    """The window with a film, its suggestions, and one of them used."""
    shell = open_shell(watched_profile)
    shell.window.activateWindow()
    shell.document.open(film)
    qtbot.waitUntil(lambda: shell.document.answer is not None and not shell.document.is_asking, timeout=WAIT_MS)
    shell.document.use(0)
    return shell


def controls(shell: Shell) -> list[QWidget]:
    """What takes the keyboard by Tab now."""
    return [
        widget
        for widget in shell.window.findChildren(QWidget)
        if widget.isVisibleTo(shell.window) and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if widget.objectName() != "qt_spinbox_lineedit"  # The inside of a control that is looked at itself.
    ]


def spoken(widget: QWidget) -> str:
    """What a screen reader calls a control."""
    found = QAccessible.queryAccessibleInterface(widget)
    assert found is not None
    return found.text(QAccessible.Text.Name)


def test_everything_that_takes_the_focus_says_its_name_and_shows_it(qtbot: QtBot, opened: Shell) -> None:
    nameless: list[str] = []
    unseen: list[str] = []
    for place in EVERYWHERE:
        opened.window.show_place(place)
        qtbot.waitUntil(opened.background.is_idle, timeout=WAIT_MS)
        for widget in controls(opened):
            if not spoken(widget):
                nameless.append(f"{place}: {type(widget).__name__} {widget.objectName()}")
            elif not shows_focus(opened, widget):
                unseen.append(f"{place}: {type(widget).__name__} '{spoken(widget)}'")
    assert nameless == []
    assert unseen == []


def shows_focus(shell: Shell, widget: QWidget) -> bool:
    """Whether the focus changes how a control looks."""
    shell.window.setFocus(Qt.FocusReason.OtherFocusReason)
    before = widget.grab().toImage()
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    if QApplication.focusWidget() is not widget:
        return True  # It hands the focus on, to one that is looked at itself.
    return bool(widget.grab().toImage() != before)


def test_every_button_and_line_can_be_reached_by_tab(opened: Shell) -> None:
    unreached: list[str] = []
    for place in EVERYWHERE:
        opened.window.show_place(place)
        for widget in opened.window.findChildren(QWidget):
            is_part = isinstance(widget.parent(), QLineEdit) or widget.objectName() == "qt_spinbox_lineedit"
            if isinstance(widget, QAbstractButton | QLineEdit) and widget.isVisibleTo(opened.window) and not is_part:
                reached = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
                if not reached:
                    unreached.append(f"{place}: {type(widget).__name__} '{spoken(widget)}'")
    assert unreached == []


def test_under_reduced_motion_nothing_slides(qtbot: QtBot, opened: Shell) -> None:
    switch = Switch()
    qtbot.addWidget(switch)
    switch.show()
    preferences.current().set("reduced-motion", True)
    assert theme.current().motion_ms() == 0
    switch.setChecked(True)
    assert switch.knob == 1.0, "it is there at once"
    preferences.current().set("reduced-motion", False)
    switch.setChecked(False)
    assert switch.knob != 0.0, "without the setting it takes its time"
