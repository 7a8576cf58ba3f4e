# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From and to, asked for in a small window."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QWidget

from needledrop.gui.widgets.buttons import Button
from needledrop.gui.widgets.inputs import WholeNumber
from needledrop.gui.widgets.labels import label
from needledrop.gui.widgets.popup import Popup


class RangePopup(Popup):
    """Two whole numbers with a unit."""

    chosen = Signal(int, int)

    def __init__(
        self, unit: str, bounds: tuple[int, int], values: tuple[int, int], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._low, self._high = WholeNumber(), WholeNumber()
        for box, value, name in ((self._low, values[0], self.tr("From")), (self._high, values[1], self.tr("To"))):
            box.setRange(*bounds)
            box.setValue(value)
            box.setSuffix(f" {unit}")
            box.setAccessibleName(name)
            box.setFixedWidth(88)
        take = Button(self.tr("Set"), "primary")
        take.clicked.connect(self.take)
        self.row.addWidget(self._low)
        self.row.addWidget(label(self.tr("to"), "secondary"))
        self.row.addWidget(self._high)
        self.row.addWidget(take)

    def open_at(self, place: QPoint) -> None:
        """Show it at a place of the screen."""
        self.open_with(self._low, place)
        self._low.selectAll()

    def take(self) -> None:
        """Take both, the lower one first."""
        for box in (self._low, self._high):
            box.interpretText()
        low, high = sorted((self._low.value(), self._high.value()))
        self.chosen.emit(low, high)
        self.close()
