# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What shows over a window or a pane while something that can be dropped hangs above it. It takes no events."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from needledrop.gui import icons, theme

MARGIN, SIGN, GAP = 12, 32, 12
VEIL_OPACITY = 0.9


class DropVeil(QWidget):
    """A veil over `below` with a dashed frame, a sign where there is one, and what dropping does."""

    def __init__(self, below: QWidget, text: str, icon: str = "") -> None:
        super().__init__(below)
        self._below = below
        self._text = text
        self._icon = icon
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        """Show it over everything it is for."""
        self.setGeometry(self._below.rect())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = colours.color("panel")
        veil.setAlphaF(VEIL_OPACITY)
        painter.fillRect(self.rect(), veil)
        pen = QPen(colours.color("accent"), 2.0)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN), 8, 8)
        self._paint_words(painter)

    def _paint_words(self, painter: QPainter) -> None:
        """Sign and text as one group in the middle."""
        colours = theme.current()
        font = colours.font(14, is_bold=True)
        flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
        room = self.rect().adjusted(2 * MARGIN, 0, -2 * MARGIN, 0)
        height = QFontMetrics(font).boundingRect(room, flags, self._text).height()
        sign = SIGN + GAP if self._icon else 0
        top = (self.height() - height - sign) // 2
        if self._icon:
            drawing = icons.pixmap(self._icon, "accent", SIGN, self.devicePixelRatioF())
            painter.drawPixmap((self.width() - SIGN) // 2, top, drawing)
        painter.setPen(colours.color("text"))
        painter.setFont(font)
        painter.drawText(QRect(room.left(), top + sign, room.width(), height + 1), flags, self._text)
