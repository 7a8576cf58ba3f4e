# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels by what they are for, lines between panes, and keys drawn as keys."""

from __future__ import annotations

import functools
from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from needledrop.gui import theme

LabelRole = Literal["text", "secondary", "small", "heading", "error"]
_ARROWS = {Qt.Key.Key_Left: "←", Qt.Key.Key_Right: "→", Qt.Key.Key_Up: "↑", Qt.Key.Key_Down: "↓"}
CAP_HEIGHT = 20
CAP_GAP = 4


def label(text: str = "", role: LabelRole = "text", parent: QWidget | None = None) -> QLabel:
    """A line of text that is read, never a link or markup of somebody else's."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    return made


def hairline(parent: QWidget | None = None, *, is_vertical: bool = False) -> QFrame:
    """The one line between two panes."""
    line = QFrame(parent)
    line.setObjectName("hairline")
    if is_vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


class KeyHint(QWidget):
    """Keys as caps side by side: "Ctrl", "O". Nothing while the action has no key."""

    def __init__(self, keys: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: list[str] = []
        self._font = theme.current().font(12)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.current().changed.connect(self.update)
        self.set_keys(keys)

    def set_keys(self, keys: str) -> None:
        """Show one combination in the system's spelling."""
        self._parts = parts(keys)
        self.setAccessibleName(keys)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = sum(self._width(part) for part in self._parts) + CAP_GAP * max(0, len(self._parts) - 1)
        return QSize(width, CAP_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        left = self.width() - self.sizeHint().width()
        for part in self._parts:
            cap = QRectF(left, (self.height() - CAP_HEIGHT) / 2, self._width(part), CAP_HEIGHT)
            painter.setPen(QPen(colours.color("border"), 1))
            painter.setBrush(colours.color("raised"))
            painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            painter.setPen(colours.color("text"))
            painter.drawText(cap, int(Qt.AlignmentFlag.AlignCenter), part)
            left += round(cap.width()) + CAP_GAP

    def _width(self, part: str) -> int:
        return max(CAP_HEIGHT, QFontMetrics(self._font).horizontalAdvance(part) + 12)


def parts(keys: str) -> list[str]:
    """The caps of one combination: "Ctrl++" is Ctrl and +."""
    if not keys:
        return []
    head = keys[:-1].rstrip("+") if keys.endswith("+") else keys.rpartition("+")[0]
    last = "+" if keys.endswith("+") else keys.rpartition("+")[2]
    return [*(head.split("+") if head else []), _signs().get(last, last)]


@functools.cache
def _signs() -> dict[str, str]:
    """What is drawn instead of a key's name, which is in the system's language; both keys named Enter are one."""
    native = QKeySequence.SequenceFormat.NativeText
    signs = {QKeySequence(key).toString(native): arrow for key, arrow in _ARROWS.items()}
    return {**signs, QKeySequence(Qt.Key.Key_Return).toString(native): QKeySequence(Qt.Key.Key_Enter).toString(native)}


class ElidedLabel(QWidget):
    """One line that ends in an ellipsis where the room ends; the whole text is its tooltip."""

    def __init__(
        self, role: theme.Role = "text", *, is_bold: bool = False, size: int = 13, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._text = ""
        self._role: theme.Role = role
        self._font = theme.current().font(size, is_bold=is_bold, is_tabular=True)
        self._elide = Qt.TextElideMode.ElideRight
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.current().changed.connect(self.update)

    def set_text(self, text: str, elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        """Show another text."""
        if text != self._text:
            self._text, self._elide = text, elide
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.updateGeometry()
            self.update()

    def text(self) -> str:
        """The whole text."""
        return self._text

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._font)
        return QSize(metrics.horizontalAdvance(self._text) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, QFontMetrics(self._font).height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._font)
        painter.setPen(theme.current().color(self._role if self.isEnabled() else "faint"))
        shown = QFontMetrics(self._font).elidedText(self._text, self._elide, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
