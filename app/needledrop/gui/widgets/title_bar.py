# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bar on top: menu and file on the left, the text line in the middle, the places and Export on the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QLineEdit, QMenu, QWidget

from needledrop.gui import icons, theme
from needledrop.gui.widgets.buttons import Button
from needledrop.gui.widgets.labels import ElidedLabel

HEIGHT = 44
TEXT_WIDTH = 400
LEAST_TEXT_WIDTH = 200
TEXT_SHARE = 0.28


class TitleBar(QWidget):
    """Says what the user does in it; the window decides what that means."""

    text_entered = Signal(str)
    text_left = Signal()  # Esc: nothing is asked.
    place_asked = Signal(str)
    export_asked = Signal()

    def __init__(self, menu: QMenu, places: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("titleBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self._tabs: dict[str, Button] = {}
        self.menu_button = Button("Needledrop", "menu")
        self.menu_button.setAccessibleName(self.tr("Menu"))
        self.menu_button.setMenu(menu)
        self._name = ElidedLabel("text")
        self._facts = ElidedLabel("secondary")
        self.text_line = self._text_line()
        self.export_button = Button(self.tr("Export…"), "primary")
        self.export_button.clicked.connect(self.export_asked)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 0, 12, 0)
        grid.setHorizontalSpacing(16)
        grid.addLayout(self._left(), 0, 0)
        grid.addWidget(self.text_line, 0, 1)
        grid.addLayout(self._right(places), 0, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)

    def show_file(self, name: str, facts: str) -> None:
        """Name the open video; "" where none is."""
        self._name.set_text(name, Qt.TextElideMode.ElideMiddle)
        self._facts.set_text(facts)

    def show_place(self, place: str) -> None:
        """Mark a tab as the one that is shown; none where the place has no tab."""
        for name, tab in self._tabs.items():
            tab.setChecked(name == place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The text line keeps the middle, and gives way where the window is narrow."""
        self.text_line.setFixedWidth(max(LEAST_TEXT_WIDTH, min(TEXT_WIDTH, round(self.width() * TEXT_SHARE))))

    def _left(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.menu_button)
        row.addWidget(self._name)
        row.addWidget(self._facts, 1)
        self._name.setMaximumWidth(260)
        return row

    def _right(self, places: Sequence[tuple[str, str]]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        group = QButtonGroup(self)
        group.setExclusive(False)
        for name, title in places:
            tab = Button(title, "tab")
            tab.setCheckable(True)
            bold = QFontMetrics(theme.current().font(is_bold=True))  # So that no tab moves when one is chosen.
            tab.setFixedSize(bold.horizontalAdvance(title) + 20, HEIGHT)
            tab.clicked.connect(lambda _=False, name=name: self._on_tab(name))
            group.addButton(tab)
            self._tabs[name] = tab
            row.addWidget(tab)
        row.addSpacing(12)
        row.addWidget(self.export_button)
        return row

    def _on_tab(self, name: str) -> None:
        self._tabs[name].setChecked(True)  # A second click on the place one is at must not take the mark away.
        self.place_asked.emit(name)

    def _text_line(self) -> QLineEdit:
        line = _TextLine()
        line.left.connect(self.text_left)
        line.setProperty("kind", "pill")
        line.setPlaceholderText(self.tr("Describe the music: calm at first, then a storm"))
        line.setAccessibleName(self.tr("Describe the music"))
        line.setFixedSize(TEXT_WIDTH, 28)
        self._enter = QAction(self.tr("Find"), line)
        self._enter.triggered.connect(lambda: self.text_entered.emit(line.text()))
        line.addAction(self._enter, QLineEdit.ActionPosition.TrailingPosition)
        line.returnPressed.connect(self._enter.trigger)
        self._colour()
        theme.current().changed.connect(self._colour)
        return line

    def _colour(self) -> None:
        self._enter.setIcon(icons.icon("enter", "secondary"))


class _TextLine(QLineEdit):
    """Esc leaves it."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
