# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture lane: each shot a strip of its own pictures; cuts as amber triangles with their hairlines."""

from __future__ import annotations

import itertools
import math

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPen, QPolygonF

from needledrop.core.music import TimeArray
from needledrop.gui.widgets.timeline.canvas import Canvas
from needledrop.gui.widgets.timeline.lane_layout import Band
from needledrop.gui.widgets.timeline.thumbnail_images import ThumbnailImages

_TRIANGLE_PX = 4.0
_CORNER_PX = 3.0
_LEAST_SHOT_PX = 3.0  # Narrower shots are drawn as one strip.
_LEAST_CUT_PX = 6.0  # Where cuts are nearer to each other than this, their lines fade.


def paint_picture(canvas: Canvas, cuts_s: TimeArray, images: ThumbnailImages) -> None:
    """The shots in view, each under its own pictures."""
    band, scale = canvas.layout.picture, canvas.scale
    images.begin(round(band.height), canvas.ratio)
    canvas.painter.setRenderHint(canvas.painter.RenderHint.Antialiasing, False)
    for start_s, end_s in _shots_in_view(cuts_s, scale.start_s, scale.end_s, scale.duration_s, scale.px_per_s):
        first, last = round(scale.x(start_s)), round(scale.x(end_s))
        box = QRectF(first, band.top, max(1, last - first - 1), band.height)
        canvas.painter.fillRect(box, canvas.color("raised"))
        _paint_strip(canvas, images, box, (start_s, end_s))
        if box.width() > 4 * _CORNER_PX:
            _round_corners(canvas, box)


def paint_cut_marks(canvas: Canvas, cuts_s: TimeArray) -> None:
    """A triangle over each cut, at the upper edge of the picture lane."""
    xs = cut_pixels(canvas, cuts_s)
    painter, top = canvas.painter, canvas.layout.ruler.bottom - 1.0
    if _density(canvas, xs) < 1.0:
        return
    painter.setRenderHint(painter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(canvas.color("cuts"))
    for x in xs:
        tip = QPointF(x, top + _TRIANGLE_PX + 1.0)
        painter.drawPolygon(QPolygonF([QPointF(x - _TRIANGLE_PX, top), QPointF(x + _TRIANGLE_PX, top), tip]))


def paint_cut_lines(canvas: Canvas, cuts_s: TimeArray, band: Band, opacity: float) -> None:
    """A hairline through a band at each cut; they fade where they are dense."""
    xs = cut_pixels(canvas, cuts_s)
    opacity *= _density(canvas, xs)
    if opacity <= 0.04:
        return
    pen = QPen(canvas.color("cuts", opacity), 1.0)
    canvas.painter.setRenderHint(canvas.painter.RenderHint.Antialiasing, False)
    canvas.painter.setPen(pen)
    canvas.painter.drawLines([QLineF(x, band.top, x, band.bottom) for x in xs])


def cut_pixels(canvas: Canvas, cuts_s: TimeArray) -> list[float]:
    """The pixels of the cuts in view, on the middle of a pixel, each once."""
    scale = canvas.scale
    seen = cuts_s[(cuts_s >= scale.start_s) & (cuts_s <= scale.end_s)]
    return [float(x) + 0.5 for x in np.unique(np.rint(scale.xs(seen)))]


def _density(canvas: Canvas, xs: list[float]) -> float:
    """1 where there is room between cuts, falling to 0 where they would fill the lane."""
    spacing = canvas.scale.width_px / max(1, len(xs))
    return min(1.0, max(0.0, (spacing - 2.0) / (_LEAST_CUT_PX - 2.0)))


def _shots_in_view(
    cuts_s: TimeArray, start_s: float, end_s: float, duration_s: float, px_per_s: float
) -> list[tuple[float, float]]:
    first = int(np.searchsorted(cuts_s, start_s, "right"))
    last = int(np.searchsorted(cuts_s, end_s, "left"))
    edges = [float(cuts_s[first - 1]) if first else 0.0, *cuts_s[first:last].tolist()]
    edges.append(float(cuts_s[last]) if last < len(cuts_s) else duration_s)
    kept = [edges[0]]
    for edge_s in edges[1:-1]:
        if (edge_s - kept[-1]) * px_per_s >= _LEAST_SHOT_PX:
            kept.append(edge_s)
    kept.append(edges[-1])
    return list(itertools.pairwise(kept))


def _paint_strip(canvas: Canvas, images: ThumbnailImages, box: QRectF, shot_s: tuple[float, float]) -> None:
    """Pictures side by side from the shot's beginning, the last one cut off by its end."""
    scale, painter = canvas.scale, canvas.painter
    width = max(8.0, round(box.height() * images.aspect))
    first = max(0, math.floor(-box.left() / width))
    count = math.ceil((min(box.right(), scale.width_px) - box.left()) / width)
    for number in range(first, count):
        left = box.left() + number * width
        shown = min(width, box.right() - left)
        pixmap = images.nearest(scale.time_s(left + shown / 2), *shot_s)
        if pixmap is not None:
            source = QRectF(0, 0, shown * canvas.ratio, pixmap.height())
            painter.drawPixmap(QRectF(left, box.top(), shown, box.height()), pixmap, source)


def _round_corners(canvas: Canvas, box: QRectF) -> None:
    path = QPainterPath()
    path.addRect(box)
    path.addRoundedRect(box, _CORNER_PX, _CORNER_PX)
    for x in (box.left(), box.right() - _CORNER_PX):
        for y in (box.top(), box.bottom() - _CORNER_PX):
            canvas.painter.save()
            canvas.painter.setClipRect(QRectF(x, y, _CORNER_PX, _CORNER_PX), Qt.ClipOperation.IntersectClip)
            canvas.painter.setRenderHint(canvas.painter.RenderHint.Antialiasing, True)
            canvas.painter.fillPath(path, canvas.color("panel"))
            canvas.painter.restore()
