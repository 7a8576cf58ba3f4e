# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The waveform of one track, with the place that is heard; a click asks to hear it from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from needledrop.gui import theme
from needledrop.gui.widgets.track_view import wave_lines

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HEIGHT = 48
STEP = 0.05


class TrackWave(QWidget):
    """Heights as `workflows.track_table.outlines` gives them."""

    asked = Signal(float)  # 0 to 1 of the track.

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heights: NDArray[np.uint8] | None = None
        self._place: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Hear the track from a place in its waveform"))
        theme.current().changed.connect(self.update)

    def show_heights(self, heights: NDArray[np.uint8] | None) -> None:
        """Draw another track; None draws a line."""
        self._heights = heights
        self.update()

    def show_place(self, place: float | None) -> None:
        """Mark what is heard, 0 to 1; None marks nothing."""
        if place != self._place:
            self._place = place
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        middle = self.height() / 2
        heard_x = None if self._place is None else self._place * self.width()
        if self._heights is None:
            painter.setPen(QPen(colours.color("hairline"), 0))
            painter.drawLine(0, int(middle), self.width(), int(middle))
        else:
            lines = wave_lines(self._heights, self.width(), HEIGHT - 8)
            split = 0 if heard_x is None else sum(line.x1() <= heard_x for line in lines)
            painter.translate(0, middle)
            for part, role in ((lines[:split], "accent"), (lines[split:], "downbeat")):
                painter.setPen(QPen(colours.color(role), 1))  # type: ignore[arg-type]
                painter.drawLines(part)
            painter.translate(0, -middle)
        if self.hasFocus():
            painter.setPen(QPen(colours.color("accent"), 1))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 3, 3)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.asked.emit(min(max(event.position().x() / max(1, self.width()), 0.0), 1.0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -STEP, Qt.Key.Key_Right: STEP, Qt.Key.Key_Return: 0.0}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        self.asked.emit(min(max((self._place or 0.0) + step, 0.0), 1.0))
