# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What shows over the window while something that can be dropped hangs above it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from needledrop.gui import theme

MARGIN = 12


class DropVeil(QWidget):
    """A veil with a dashed frame and one line. It takes no events."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        """Show it over all of the window."""
        self.setGeometry(self.window().rect())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = colours.color("background")
        veil.setAlphaF(0.85)
        painter.fillRect(self.rect(), veil)
        pen = QPen(colours.color("accent"), 2.0)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN), 8, 8)
        painter.setPen(colours.color("text"))
        painter.setFont(colours.font(14, is_bold=True))
        text = self.tr("Drop to open a video, to add a folder of music, or to find something like a track")
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), text)
