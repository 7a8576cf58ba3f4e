# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The line in which a marker's name is written, on the ruler where the marker is. Keeps nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

WIDTH, HEIGHT = 200, 28


class MarkerName(QLineEdit):
    """Enter or leaving keeps what was written, Escape does not."""

    entered = Signal(int, str)

    def __init__(self, timeline: QWidget) -> None:
        super().__init__(timeline)
        self._timeline = timeline
        self._marker: int | None = None
        self.setPlaceholderText(self.tr("Name of the marker"))
        self.setAccessibleName(self.tr("Name of the marker"))
        self.setFixedSize(WIDTH, HEIGHT)
        self.hide()

    def open_at(self, x: int, y: int, name: str, marker: int) -> None:
        """Ask for the name of a marker, below a point of the ruler."""
        self._marker = marker
        self.setText(name)
        self.selectAll()
        self.move(max(0, min(x, self._timeline.width() - WIDTH)), y)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def event(self, event: QEvent) -> bool:
        """Every key is text while a name is being written."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Escape end it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._end(is_kept=True)
        elif event.key() == Qt.Key.Key_Escape:
            self._end(is_kept=False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving keeps what was written."""
        super().focusOutEvent(event)
        self._end(is_kept=True)

    def _end(self, *, is_kept: bool) -> None:
        marker, self._marker = self._marker, None
        if marker is None:
            return
        self.hide()
        self._timeline.setFocus()
        if is_kept:
            self.entered.emit(marker, self.text().strip())
