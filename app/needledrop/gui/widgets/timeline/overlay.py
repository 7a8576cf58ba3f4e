# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What moves over the lanes: the playhead, the range, and the line that a snapped drag draws."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from needledrop.core.work import TimelineMarker
from needledrop.gui.widgets.timeline.canvas import Canvas

HEAD_PX = 6.0
FLAG_PX = 4.0
_RANGE_PX = 3.0
_LEAST_NAME_PX = 24.0
_MOST_NAME_PX = 160.0
_NAME_GAP_PX = 4.0


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


def paint_markers(canvas: Canvas, markers: Sequence[TimelineMarker], held: int | None) -> None:
    """A flag on the ruler with its name beside it, and a faint line through the lanes; the held one in the accent."""
    painter, layout, scale = canvas.painter, canvas.layout, canvas.scale
    for number, marker in enumerate(markers):
        x = round(scale.x(marker.time_s)) + 0.5
        if not -FLAG_PX <= x <= scale.width_px + FLAG_PX:
            continue
        color = canvas.color("accent" if number == held else "voice")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        faint = canvas.color("accent" if number == held else "voice", 0.5)
        painter.fillRect(QRectF(x - 0.5, layout.ruler.bottom, 1.0, layout.bottom - layout.ruler.bottom), faint)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        foot = layout.ruler.bottom
        corners = [(-FLAG_PX, -11.0), (FLAG_PX, -11.0), (FLAG_PX, -5.0), (0.0, 0.0), (-FLAG_PX, -5.0)]
        painter.drawPolygon(QPolygonF([QPointF(x + dx, foot + dy) for dx, dy in corners]))
        room = _room_px(canvas, markers, number, x)
        if room:
            painter.setPen(canvas.color("text"))
            canvas.elided(
                x + FLAG_PX + _NAME_GAP_PX, layout.ruler.top + layout.ruler.height / 2.0, marker.name, room, 11
            )


def marker_spans(canvas: Canvas, markers: Sequence[TimelineMarker]) -> list[tuple[float, float]]:
    """What flags and their names cover of the ruler, in pixels: no time is written there."""
    spans = []
    for number, marker in enumerate(markers):
        x = canvas.scale.x(marker.time_s)
        room = _room_px(canvas, markers, number, x)
        name = canvas.width_of(marker.name, room, 11) + 2.0 * _NAME_GAP_PX if room else 0.0
        spans.append((x - FLAG_PX, x + FLAG_PX + name))
    return spans


def _room_px(canvas: Canvas, markers: Sequence[TimelineMarker], number: int, x: float) -> float:
    """How far a name can go before it meets the next flag; 0 where there is none, or too little."""
    if not markers[number].name:
        return 0.0
    following = markers[number + 1].time_s if number + 1 < len(markers) else canvas.scale.end_s
    room = min(_MOST_NAME_PX, canvas.scale.x(following) - x - 3.0 * FLAG_PX)
    return room if room >= _LEAST_NAME_PX else 0.0


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
