# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A name, asked for in a small window. It does not know what is named."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from needledrop.gui.widgets.buttons import Button
from needledrop.gui.widgets.popup import Popup

LONGEST_NAME = 80
WIDTH = 220


class NamePopup(Popup):
    """One line; nothing is taken while it is empty."""

    chosen = Signal(str)

    def __init__(self, title: str, button: str, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit(name)
        self.line.setPlaceholderText(title)
        self.line.setAccessibleName(title)
        self.line.setMaxLength(LONGEST_NAME)
        self.line.setMinimumWidth(WIDTH)
        take = Button(button, "primary")
        take.setEnabled(bool(name))
        take.clicked.connect(self.take)
        self.line.textChanged.connect(lambda text: take.setEnabled(bool(text.strip())))
        self.row.addWidget(self.line)
        self.row.addWidget(take)

    def open_at(self, place: QPoint) -> None:
        """Show it at a place of the screen."""
        self.open_with(self.line, place)
        self.line.selectAll()

    def take(self) -> None:
        """Take the name, if there is one."""
        name = self.line.text().strip()
        if name:
            self.chosen.emit(name)
            self.close()
