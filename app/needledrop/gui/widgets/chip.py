# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small rounded label that is a button: a filter in force, a found word, or the sign for one more."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from needledrop.gui import icons, theme

HEIGHT = 24
CROSS = 18
LONGEST = 200


class Chip(QAbstractButton):
    """`clicked` opens what it stands for; `removed` is its cross, or Delete while it has the focus."""

    removed = Signal()

    def __init__(self, text: str, *, has_cross: bool, is_outlined: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._has_cross = has_cross
        self._is_outlined = is_outlined
        self.setText(text)
        self.setAccessibleName(text)
        if has_cross:
            self.setAccessibleDescription(self.tr("Delete takes it away"))
        self.setToolTip(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.current().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        width = QFontMetrics(theme.current().font(12)).horizontalAdvance(self.text()) + 20
        return QSize(min(LONGEST, width) + (CROSS - 6 if self._has_cross else 0), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(colours.color("accent" if self.hasFocus() else "border"), 1.0))
        is_filled = not self._is_outlined or self.underMouse()
        painter.setBrush(colours.color("raised") if is_filled else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(body, body.height() / 2, body.height() / 2)
        painter.setFont(colours.font(12))
        painter.setPen(colours.color("text" if self.underMouse() or not self._is_outlined else "secondary"))
        room = body.adjusted(10, 0, -CROSS - 2 if self._has_cross else -8, 0)
        text = QFontMetrics(colours.font(12)).elidedText(self.text(), Qt.TextElideMode.ElideRight, round(room.width()))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        if self._has_cross:
            sign = icons.pixmap("close", "secondary", 12, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(self.width() - CROSS, (self.height() - 12) / 2), sign)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._has_cross and self.isDown() and event.position().x() >= self.width() - CROSS - 2:
            self.setDown(False)
            self.removed.emit()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._has_cross and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
            return
        super().keyPressEvent(event)
