# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Buttons that get along with an editor's keys.

A button takes focus by Tab only: a click with the mouse must not turn the next Space into a second click. What a
focused button does with Space and Enter is in `focus_keys`.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from needledrop.gui import icons, theme

Kind = Literal["normal", "primary", "quiet", "tab", "menu"]


class Button(QPushButton):
    """A button with a text."""

    def __init__(self, text: str, kind: Kind = "normal", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("kind", kind)
        self.setAccessibleName(text)
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)


class IconButton(QToolButton):
    """A button with an icon; `text` is its accessible name and tooltip. Its colour follows the theme."""

    def __init__(self, icon: str, text: str, role: theme.Role = "secondary", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._role: theme.Role = role
        self._action: QAction | None = None
        self.setIconSize(QSize(16, 16))
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._paint()
        theme.current().changed.connect(self._paint)

    def set_icon(self, icon: str, role: theme.Role = "secondary") -> None:
        """Show another drawing, or the same in another colour."""
        self._icon, self._role = icon, role
        self._paint()

    def follow(self, action: QAction) -> None:
        """Press for an action of the registry: do it, say its text and key, be enabled when it is."""
        self.clicked.connect(action.trigger)
        self.setAccessibleName(action.text())
        self._action = action
        action.changed.connect(self._on_action_changed)
        self._on_action_changed()

    def _on_action_changed(self) -> None:
        assert self._action is not None
        self.setToolTip(self._action.toolTip())
        self.setEnabled(self._action.isEnabled())

    def _paint(self) -> None:
        self.setIcon(icons.icon(self._icon, self._role))
