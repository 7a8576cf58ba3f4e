# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The palette: type a few letters of what is to be done, press Enter."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListView, QWidget

from needledrop.gui.actions import Actions
from needledrop.gui.models.action_list import ROW_HEIGHT, ActionDelegate, ActionList
from needledrop.gui.widgets.labels import hairline, label
from needledrop.gui.widgets.overlay import Overlay

SHOWN_ROWS = 12
LIST_PADDING = 12
_LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class CommandPalette(Overlay):
    """Every action of the registry, searched."""

    def __init__(self, window: QWidget, actions: Actions) -> None:
        super().__init__(window, width=600, height=440, top=56)
        self._actions = actions
        self._model = ActionList(actions)
        self._list = QListView()
        self._list.setObjectName("palette")
        self._list.setModel(self._model)
        self._list.setItemDelegate(ActionDelegate(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setUniformItemSizes(True)
        self._list.setAccessibleName(self.tr("Actions"))
        self._list.clicked.connect(self._run)
        self._nothing = label(self.tr("No action has these words."), "secondary")
        self._nothing.setContentsMargins(16, 12, 16, 12)
        self._line = _PaletteLine(self._list)
        self._line.setPlaceholderText(self.tr("What do you want to do?"))
        self._line.setAccessibleName(self.tr("Search actions"))
        self._line.textChanged.connect(self._narrow)
        self._line.returnPressed.connect(lambda: self._run(self._list.currentIndex()))
        self.content.addWidget(self._line)
        self.content.addWidget(hairline())
        self.content.addWidget(self._nothing)
        self.content.addWidget(self._list, 1)

    def open_palette(self) -> None:
        """Show it empty, with everything in it."""
        self._line.clear()
        self._narrow("")
        self.open_sheet(self._line)

    def _narrow(self, text: str) -> None:
        self._model.narrow(text)
        self._list.setCurrentIndex(self._model.index(0))
        self._nothing.setVisible(not self._model.rowCount())
        rows = max(1, min(SHOWN_ROWS, self._model.rowCount()))
        self.set_height(self._line.sizeHint().height() + rows * ROW_HEIGHT + LIST_PADDING)

    def _run(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        action = self._model.action(index.row())
        self.close_sheet()
        QTimer.singleShot(0, lambda: self._actions.trigger(action.id))  # After the focus is back where it was.


class _PaletteLine(QLineEdit):
    """Hands the keys that walk through the list to the list."""

    def __init__(self, listed: QListView) -> None:
        super().__init__()
        self.setObjectName("paletteLine")
        self._list = listed

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _LIST_KEYS:
            self._list.keyPressEvent(event)
        else:
            super().keyPressEvent(event)
