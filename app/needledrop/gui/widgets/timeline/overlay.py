# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What moves over the lanes: the playhead, the range, and the line that a snapped drag draws."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from needledrop.gui.widgets.timeline.canvas import Canvas

HEAD_PX = 6.0
_RANGE_PX = 3.0


def paint_playhead(canvas: Canvas, time_s: float) -> None:
    """A line through every lane with its head on the ruler."""
    x = round(canvas.scale.x(time_s)) + 0.5
    if not -HEAD_PX <= x <= canvas.scale.width_px + HEAD_PX:
        return
    painter, layout = canvas.painter, canvas.layout
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(canvas.color("text"), 1.5))
    painter.drawLine(QLineF(x, layout.ruler.top + 8.0, x, layout.bottom))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(canvas.color("text"))
    top = layout.ruler.top + 2.0
    outline = [(-HEAD_PX, 0.0), (HEAD_PX, 0.0), (HEAD_PX, 7.0), (0.0, 14.0), (-HEAD_PX, 7.0)]
    painter.drawPolygon(QPolygonF([QPointF(x + dx, top + dy) for dx, dy in outline]))


def paint_range(canvas: Canvas, range_s: tuple[float, float]) -> None:
    """A bar on the ruler; what lies outside the range steps back."""
    painter, layout, scale = canvas.painter, canvas.layout, canvas.scale
    first, last = (min(max(0.0, scale.x(time_s)), scale.width_px) for time_s in range_s)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    veil = canvas.color("panel", 0.6)
    height = layout.bottom - layout.ruler.bottom
    painter.fillRect(QRectF(0, layout.ruler.bottom, first, height), veil)
    painter.fillRect(QRectF(last, layout.ruler.bottom, scale.width_px - last, height), veil)
    painter.fillRect(QRectF(first, layout.ruler.bottom - _RANGE_PX, last - first, _RANGE_PX), canvas.color("accent"))
    for time_s in range_s:
        x = round(scale.x(time_s))
        if 0 <= x <= scale.width_px:
            painter.fillRect(QRectF(x - 1, layout.ruler.bottom - 10, 2, 10), canvas.color("accent"))


def paint_snap(canvas: Canvas, time_s: float) -> None:
    """A line where a drag has met something."""
    x = round(canvas.scale.x(time_s)) + 0.5
    canvas.painter.setPen(QPen(canvas.color("accent"), 1.0, Qt.PenStyle.DashLine))
    canvas.painter.drawLine(QLineF(x, canvas.layout.ruler.bottom, x, canvas.layout.bottom))


def paint_scroll(canvas: Canvas) -> None:
    """Which part of the video is in view, along the bottom; nothing where all of it is."""
    scale, band = canvas.scale, canvas.layout.scroll
    if scale.is_fitted:
        return
    whole = max(scale.duration_s, 1e-3)
    first = scale.start_s / whole * scale.width_px
    last = min(1.0, scale.end_s / whole) * scale.width_px
    canvas.painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    canvas.painter.setPen(Qt.PenStyle.NoPen)
    canvas.painter.setBrush(canvas.color("border"))
    canvas.painter.drawRoundedRect(QRectF(first, band.top + 4.0, max(16.0, last - first), 4.0), 2.0, 2.0)
