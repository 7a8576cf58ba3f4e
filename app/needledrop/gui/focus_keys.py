# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets a key: the control that has the focus, or the window's actions.

Space plays, Enter uses, arrows step, letters shuttle, wherever the focus is, except where the focused control needs
that very key: text while typing, arrows in a list, Space and Enter on a button reached by Tab. Qt asks the focused
widget first (ShortcutOverride); this answers for it. Only the focused widget is watched, since a filter on the whole
application would run Python for every event.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

_MOVES = frozenset(
    {
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
    }
)
_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_PRESS = _ENTER | {Qt.Key.Key_Space}
_TYPING = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox)
_TUNED = (QComboBox, QAbstractSlider, QTabBar)
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class FocusKeys(QObject):
    """Watches whichever widget has the focus."""

    def __init__(self, application: QApplication, parent: QObject) -> None:
        super().__init__(parent)
        application.focusChanged.connect(self._on_focus_changed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) or not isinstance(event, QKeyEvent):
            return False
        if not isinstance(watched, QWidget) or not needs(watched, event):
            return False
        if kind == QEvent.Type.KeyPress:
            return self._press(watched, event)
        event.accept()
        return True

    def _press(self, watched: QWidget, event: QKeyEvent) -> bool:
        """Enter presses a button as Space does, which Qt leaves to default buttons of dialogs."""
        if isinstance(watched, QAbstractButton) and event.key() in _ENTER:
            if not event.isAutoRepeat():
                watched.click()
            return True
        return False

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if new is not None:
            new.installEventFilter(self)


def needs(widget: QWidget, event: QKeyEvent) -> bool:
    """Whether a focused control needs this key for itself."""
    key = Qt.Key(event.key())
    if isinstance(widget, QKeySequenceEdit):
        return True
    if isinstance(widget, _TYPING):
        is_command = bool(event.modifiers() & _COMMANDS)
        return key in _MOVES | _ENTER or (bool(event.text()) and event.text().isprintable() and not is_command)
    if event.modifiers() & _COMMANDS:
        return False
    if isinstance(widget, _TUNED):
        return key in _MOVES | _PRESS
    if isinstance(widget, QAbstractItemView):
        return key in _MOVES | _ENTER
    return isinstance(widget, QAbstractButton) and key in _PRESS
