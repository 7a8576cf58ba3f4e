# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry of actions as rows, narrowed by words, for the palette."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from needledrop.gui import theme
from needledrop.gui.actions import Action, Actions, category_text

ROW_HEIGHT = 32
_NO_PARENT = QModelIndex()


class ActionList(QAbstractListModel):
    """Actions with every word in their text, category or key; those whose text begins with the words come first."""

    def __init__(self, actions: Actions) -> None:
        super().__init__(actions)
        self._actions = actions
        self._rows: list[Action] = []

    def narrow(self, text: str) -> None:
        """Show what fits `text`."""
        self.beginResetModel()
        words = text.casefold().split()
        found = [action for action in self._actions.all() if self._fits(action, words)]
        self._rows = sorted(found, key=lambda action: not action.text.casefold().startswith(text.casefold().strip()))
        self.endResetModel()

    def action(self, row: int) -> Action:
        """The action of a row."""
        return self._rows[row]

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        action = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return action.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{action.text}, {category_text(action.category)}, {self._actions.key_text(action.id)}"
        if role == Qt.ItemDataRole.UserRole:
            return (
                category_text(action.category),
                self._actions.key_text(action.id),
                self._actions.qt(action.id).isEnabled(),
            )
        return None

    def _fits(self, action: Action, words: list[str]) -> bool:
        shown = f"{action.text} {category_text(action.category)} {self._actions.key_text(action.id)}".casefold()
        return all(word in shown for word in words)


class ActionDelegate(QStyledItemDelegate):
    """Draws text, category and key in one row."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = theme.current()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        category, key, is_enabled = index.data(Qt.ItemDataRole.UserRole)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colours.color("selection"))
        inner = rect.adjusted(16, 0, -16, 0)
        left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        right = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        painter.setFont(colours.font(13))
        painter.setPen(colours.color("text" if is_enabled else "faint"))
        painter.drawText(inner, left, str(index.data()))
        painter.setFont(colours.font(12))
        painter.setPen(colours.color("secondary"))
        painter.drawText(inner, right, str(key))
        painter.drawText(inner.adjusted(0, 0, -150, 0), right, str(category))
