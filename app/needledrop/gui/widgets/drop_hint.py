# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What shows over a pane while music hangs above it that would become a reference. It takes no events."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from needledrop.gui import icons, theme

MARGIN, SIGN = 12, 32


class DropHint(QWidget):
    """ "Like this", framed."""

    def __init__(self, pane: QWidget) -> None:
        super().__init__(pane)
        self._pane = pane
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        """Show it over all of the pane."""
        self.setGeometry(self._pane.rect())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = colours.color("panel")
        veil.setAlphaF(0.92)
        painter.fillRect(self.rect(), veil)
        pen = QPen(colours.color("accent"), 2.0)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN), 8, 8)
        middle = self.rect().center()
        sign = icons.pixmap("similar", "accent", SIGN, self.devicePixelRatioF())
        painter.drawPixmap(middle.x() - SIGN // 2, middle.y() - SIGN - 8, sign)
        painter.setPen(colours.color("text"))
        painter.setFont(colours.font(14, is_bold=True))
        text = self.rect().adjusted(24, middle.y(), -24, 0)
        top = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
        painter.drawText(text, top, self.tr("Drop to find music like this"))
