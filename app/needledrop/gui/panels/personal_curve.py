# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of learning as it goes: the loss, and where held-out picks stand beside where the base has them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from needledrop.gui import theme
from needledrop.gui.widgets.labels import label

if TYPE_CHECKING:
    from needledrop.workflows.taste_process import Point

HEIGHT = 96
PADDING = 4


class PersonalCurve(QWidget):
    """The drawing and the line below it that says its figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.drawing = _Drawing()
        self._figures = label(role="small")
        self._figures.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.drawing)
        column.addWidget(self._figures)

    def show_points(self, points: Sequence[Point]) -> None:
        """Draw these; the last ones are said in words."""
        self.drawing.points = list(points)
        self.drawing.update()
        self._figures.setText(self._words(self.drawing.points))
        self.setAccessibleName(self._figures.text())

    @property
    def text(self) -> str:
        """What it says of the run."""
        return self._figures.text()

    def _words(self, points: Sequence[Point]) -> str:
        if not points:
            return self.tr("Preparing…")
        parts = [points[-1].form]
        rank, base = points[-1].rank, points[-1].base_rank
        if rank is not None and base is not None:
            text = self.tr("held-out rank %1, base %2")
            parts.append(text.replace("%1", f"{rank:.0f}").replace("%2", f"{base:.0f}"))
        loss = next((point.loss for point in reversed(points) if point.loss is not None), None)
        if loss is not None:
            parts.append(self.tr("loss %s").replace("%s", f"{loss:.3f}"))
        return " · ".join(parts)


class _Drawing(QWidget):
    """Held-out rank in the accent's colour, the better the higher up; the base's as a dashed line; the loss, faint."""

    def __init__(self) -> None:
        super().__init__()
        self.points: list[Point] = []
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.current().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(240, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.color("field"))
        painter.drawRoundedRect(body, 6, 6)
        room = body.adjusted(PADDING, 2 * PADDING, -PADDING, -2 * PADDING)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours.color("beat"), 1.0))
        _draw(painter, room, _strokes(self.points, "loss"), is_low_good=False)
        ranks, bases = _strokes(self.points, "rank"), _strokes(self.points, "base_rank")
        limits = [value for stroke in (*ranks, *bases) for _, value in stroke]
        painter.setPen(QPen(colours.color("secondary"), 1.0, Qt.PenStyle.DashLine))
        _draw(painter, room, bases, limits=limits)
        painter.setPen(QPen(colours.color("accent"), 1.5))
        _draw(painter, room, ranks, limits=limits)


Stroke = list[tuple[float, float]]  # Shares of the run and values.


def _strokes(points: Sequence[Point], name: Literal["loss", "rank", "base_rank"]) -> list[Stroke]:
    """The curve in pieces: the loss begins anew with every fold, the ranks with every form."""
    strokes: list[Stroke] = [[]]
    for before, point in pairwise((None, *points)):
        assert point is not None
        is_new = before is None or point.form != before.form or (name == "loss" and before.loss is None)
        if is_new and strokes[-1]:
            strokes.append([])
        value = getattr(point, name)
        if value is not None:
            strokes[-1].append((point.share, float(value)))
    return [stroke for stroke in strokes if stroke]


def _draw(
    painter: QPainter,
    room: QRectF,
    strokes: Sequence[Stroke],
    *,
    limits: Sequence[float] = (),
    is_low_good: bool = True,
) -> None:
    """Curves over the share of the run; what is good lies higher up, the loss falls."""
    values = list(limits) or [value for stroke in strokes for _, value in stroke]
    if not values:
        return
    low, high = min(values), max(values)
    span = max(high - low, 1e-6)
    for stroke in strokes:
        line = QPolygonF()
        for share, value in stroke:
            place = (value - low) / span if is_low_good else (high - value) / span
            line.append(QPointF(room.left() + share * room.width(), room.top() + place * room.height()))
        painter.drawPolyline(line)
