# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small window under what asked for it: closes on Escape or a click beside it, Enter takes what is in it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

EDGE = 8  # Kept free at the edges of the screen.


class Popup(QFrame):
    """Subclasses fill `row` and say in `take` what Enter does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(12, 12, 12, 12)
        self.row.setSpacing(8)

    def open_with(self, focus: QWidget, place: QPoint) -> None:
        """Show it with its top left corner at a place of the screen, moved inside the screen; `focus` is typed into."""
        self.adjustSize()
        room = self.screen().availableGeometry()
        self.move(
            max(room.left(), min(place.x(), room.right() - self.width() - EDGE)),
            max(room.top(), min(place.y(), room.bottom() - self.height() - EDGE)),
        )
        self.show()
        focus.setFocus()

    def take(self) -> None:
        """Take what is in it."""
        raise NotImplementedError

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
            return
        super().keyPressEvent(event)
