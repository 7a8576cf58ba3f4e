# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every choice that a taste is learned from: to be read, and deleted one by one or as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QTableView, QVBoxLayout, QWidget

from needledrop.gui.models.taste_labels import RANGE, TRACK, VIDEO, WHAT, WHEN, TasteLabels
from needledrop.gui.widgets.buttons import Button
from needledrop.gui.widgets.labels import hairline, label

ROW_HEIGHT = 32
WIDTHS = {WHEN: 152, WHAT: 120, RANGE: 104}


class PersonalLabels(QWidget):
    """`delete_asked` carries the ids of entries, or None for all of them."""

    delete_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = TasteLabels(self)
        self.view = _LabelView()
        self.view.setModel(self.model)
        header = self.view.horizontalHeader()
        for column, width in WIDTHS.items():
            self.view.setColumnWidth(column, width)
        for column in (TRACK, VIDEO):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.delete = Button(self.tr("Delete"))
        self.delete_all = Button(self.tr("Delete all…"), "quiet")
        self._question = label(self.tr("Delete every choice for good? Learned versions stay."), "error")
        self.surely = Button(self.tr("Delete all"))
        self.keep = Button(self.tr("Keep them"))
        self._note = label(self.tr("Deleting is for good. What was learned stays until you learn again."), "small")
        self._build()
        self.view.delete_asked.connect(self._delete)
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._show_state())
        self.delete.clicked.connect(self._delete)
        self.delete_all.clicked.connect(lambda: self._ask(True))
        self.keep.clicked.connect(lambda: self._ask(False))
        self.surely.clicked.connect(self._delete_all)
        self._ask(False)

    def _build(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 8, 16, 8)
        foot.setSpacing(8)
        foot.addWidget(self._note)
        foot.addWidget(self._question)
        foot.addStretch(1)
        for button in (self.delete, self.delete_all, self.keep, self.surely):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        column.addWidget(hairline())
        column.addLayout(foot)
        self.setFocusProxy(self.view)

    def show_labels(self, labels: Sequence[Mapping[str, Any]]) -> None:
        """List these, newest first."""
        self.model.set_labels(labels)
        self._show_state()

    def selected_ids(self) -> list[int]:
        """The entries of the selected rows."""
        return [self.model.entry_id(index.row()) for index in self.view.selectionModel().selectedRows()]

    def _delete(self) -> None:
        chosen = self.selected_ids()
        if chosen:
            self.delete_asked.emit(chosen)

    def _delete_all(self) -> None:
        self._ask(False)
        self.delete_asked.emit(None)

    def _ask(self, is_asking: bool) -> None:
        """Deleting all of it is the one thing here that is asked about: nothing brings it back."""
        for widget in (self._question, self.keep, self.surely):
            widget.setVisible(is_asking)
        for widget in (self._note, self.delete, self.delete_all):
            widget.setVisible(not is_asking)
        if is_asking:
            self.keep.setFocus()
        self._show_state()

    def _show_state(self) -> None:
        self.delete.setEnabled(bool(self.view.selectionModel().selectedRows()))
        self.delete_all.setEnabled(self.model.rowCount() > 0)


class _LabelView(QTableView):
    """Rows are chosen as in any list; Delete deletes them."""

    delete_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setAccessibleName(self.tr("Your choices"))
        self.setCornerWidget(QWidget())
        self.setStyleSheet("QTableView::item { padding: 0 4px; }")  # In line with the words of the header.
        self.horizontalHeader().setHighlightSections(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_asked.emit()
            return
        super().keyPressEvent(event)
