# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's choices as a table model, newest first. It holds plain values that were fetched before."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from needledrop.core.times import format_time
from needledrop.gui import taste_words

_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
WHEN, WHAT, TRACK, VIDEO, RANGE = range(5)


class TasteLabels(QAbstractTableModel):
    """One row a choice: when, what was done, the track, the video, the range."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._labels: Sequence[Mapping[str, Any]] = ()
        self._headings = (self.tr("When"), self.tr("What"), self.tr("Track"), self.tr("Video"), self.tr("Range"))

    def set_labels(self, labels: Sequence[Mapping[str, Any]]) -> None:
        """Show these, as workflows.taste_view.TasteOverview has them."""
        if [one["id"] for one in labels] == [one["id"] for one in self._labels]:
            return
        self.beginResetModel()
        self._labels = labels
        self.endResetModel()

    def entry_id(self, row: int) -> int:
        """The id of a row's entry."""
        return int(self._labels[row]["id"])

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._labels)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._text(self._labels[index.row()], index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(self._text(self._labels[index.row()], column) for column in range(len(self._headings)))
        return None

    def _text(self, label: Mapping[str, Any], column: int) -> str:
        if column == WHEN:
            return time.strftime("%d %b %Y %H:%M", time.localtime(float(label["given_at"])))
        if column == WHAT:
            return taste_words.verdict(str(label["verdict"]))
        if column == TRACK:
            return str(label["track"])
        if column == VIDEO:
            return taste_words.video_name(str(label["video"]))
        return f"{format_time(float(label['start_s']))}-{format_time(float(label['end_s']))}"
