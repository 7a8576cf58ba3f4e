# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From and to, in a small window under what asked for it: closes on Escape or a click beside it, Enter takes it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from needledrop.gui.widgets.buttons import Button
from needledrop.gui.widgets.inputs import WholeNumber
from needledrop.gui.widgets.labels import label


class RangePopup(QFrame):
    """Two whole numbers with a unit."""

    chosen = Signal(int, int)

    def __init__(
        self, unit: str, bounds: tuple[int, int], values: tuple[int, int], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._low, self._high = WholeNumber(), WholeNumber()
        for box, value, name in ((self._low, values[0], self.tr("From")), (self._high, values[1], self.tr("To"))):
            box.setRange(*bounds)
            box.setValue(value)
            box.setSuffix(f" {unit}")
            box.setAccessibleName(name)
            box.setFixedWidth(88)
        take = Button(self.tr("Set"), "primary")
        take.clicked.connect(self._take)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 12, 12, 12)
        row.setSpacing(8)
        row.addWidget(self._low)
        row.addWidget(label(self.tr("to"), "secondary"))
        row.addWidget(self._high)
        row.addWidget(take)

    def open_at(self, place: QPoint) -> None:
        """Show it with its top left corner at a place of the screen, moved inside the screen."""
        self.adjustSize()
        room = self.screen().availableGeometry()
        self.move(
            max(room.left(), min(place.x(), room.right() - self.width() - 8)),
            max(room.top(), min(place.y(), room.bottom() - self.height() - 8)),
        )
        self.show()
        self._low.setFocus()
        self._low.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
            return
        super().keyPressEvent(event)

    def _take(self) -> None:
        for box in (self._low, self._high):
            box.interpretText()
        low, high = sorted((self._low.value(), self._high.value()))
        self.chosen.emit(low, high)
        self.close()
