# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A name, in a small window under what asked for it: closes on Escape or a click beside it, Enter takes it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QWidget

from needledrop.gui.widgets.buttons import Button

LONGEST_NAME = 80
WIDTH = 220


class NamePopup(QFrame):
    """One line; nothing is taken while it is empty."""

    chosen = Signal(str)

    def __init__(self, title: str, button: str, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.line = QLineEdit(name)
        self.line.setPlaceholderText(title)
        self.line.setAccessibleName(title)
        self.line.setMaxLength(LONGEST_NAME)
        self.line.setMinimumWidth(WIDTH)
        self._take_button = Button(button, "primary")
        self._take_button.setEnabled(bool(name))
        self._take_button.clicked.connect(self._take)
        self.line.textChanged.connect(lambda text: self._take_button.setEnabled(bool(text.strip())))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 12, 12, 12)
        row.setSpacing(8)
        row.addWidget(self.line)
        row.addWidget(self._take_button)

    def open_at(self, place: QPoint) -> None:
        """Show it with its top left corner at a place of the screen, moved inside the screen."""
        self.adjustSize()
        room = self.screen().availableGeometry()
        self.move(
            max(room.left(), min(place.x(), room.right() - self.width() - 8)),
            max(room.top(), min(place.y(), room.bottom() - self.height() - 8)),
        )
        self.show()
        self.line.setFocus()
        self.line.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
            return
        super().keyPressEvent(event)

    def _take(self) -> None:
        name = self.line.text().strip()
        if name:
            self.chosen.emit(name)
            self.close()
