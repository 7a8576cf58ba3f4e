# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture lane: each shot a strip of its own pictures; cuts as amber triangles with their hairlines."""

from __future__ import annotations

import itertools
import math

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPen

from needledrop.core.music import TimeArray
from needledrop.gui.theme import Role
from needledrop.gui.widgets.timeline.canvas import Canvas, mixed, shades, stamps
from needledrop.gui.widgets.timeline.lane_layout import Band
from needledrop.gui.widgets.timeline.thumbnail_images import ThumbnailImages

_TRIANGLE_PX = 4.0
_CORNER_PX = 3.0
_ROUNDED_SHOT_PX = 40.0
_LEAST_SHOT_PX = 24.0  # Narrower shots share a picture: nothing could be seen on one of their own.
_LEAST_OPACITY = 0.04
_LEAST_CUT_PX = 6.0  # Where cuts are nearer to each other than this, their lines fade.

Box = tuple[int, int, int, int]  # left, top, width, height


def paint_picture(canvas: Canvas, cuts_s: TimeArray, images: ThumbnailImages) -> None:
    """The shots in view, each under its own pictures."""
    band, scale = canvas.layout.picture, canvas.scale
    images.begin(round(band.height), canvas.ratio)
    canvas.painter.setRenderHint(canvas.painter.RenderHint.Antialiasing, False)
    end = min(scale.width_px, scale.x(scale.duration_s))
    canvas.painter.fillRect(QRectF(0, band.top, end, band.height), canvas.color("raised"))
    boxes = []
    for start_s, end_s in _shots_in_view(cuts_s, scale.start_s, scale.end_s, scale.duration_s, scale.px_per_s):
        first, last = round(scale.x(start_s)), round(scale.x(end_s))
        box = (first, round(band.top), max(1, last - first), round(band.height))
        _paint_strip(canvas, images, box, (start_s, end_s))
        boxes.append(box)
    if scale.width_px / max(1, len(boxes)) >= _ROUNDED_SHOT_PX:
        _round_corners(canvas, boxes)


def paint_cut_marks(canvas: Canvas, cuts_s: TimeArray) -> None:
    """A triangle over each cut, at the upper edge of the picture lane."""
    xs = cut_pixels(canvas, cuts_s)
    if len(xs) == 0 or _density(canvas, xs) < 1.0:
        return
    half = canvas.device(_TRIANGLE_PX)
    across = np.abs(np.arange(-half, half + 1))
    down = np.arange(half + 1)[:, np.newaxis]
    stamp = (np.clip(half - down - across + 0.5, 0.0, 1.0) * 255).astype(np.uint8)
    columns = np.rint(xs * canvas.ratio).astype(np.int64)
    width = round(canvas.scale.width_px * canvas.ratio) + 1
    pixels = stamps(columns[columns < width], stamp, width, shades(canvas.color("cuts")))
    canvas.put(pixels, 0.0, canvas.layout.ruler.bottom - 1.0)


class CutLines:
    """A hairline at each cut in view, made once for a repaint; they fade where they are dense."""

    def __init__(self, canvas: Canvas, cuts_s: TimeArray) -> None:
        xs = cut_pixels(canvas, cuts_s)
        self._density = _density(canvas, xs)
        self._lines = [QLineF(x, 0.0, x, 1.0) for x in (xs + 0.5).tolist()] if self._density > 0.0 else []

    def paint(self, canvas: Canvas, band: Band, opacity: float, ground: Role) -> None:
        """Draw them through a band whose ground has this colour.

        Their colour is mixed with the ground's, not laid over it: hundreds of see-through lines take ten times as long.
        """
        painter = canvas.painter
        if not self._lines or opacity * self._density < _LEAST_OPACITY:
            return
        painter.save()
        painter.setRenderHint(painter.RenderHint.Antialiasing, False)
        painter.translate(0.0, band.top)
        painter.scale(1.0, band.height)
        pen = QPen(mixed(canvas.color(ground), canvas.color("cuts"), opacity * self._density), canvas.device(1.0))
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLines(self._lines)
        painter.restore()


def cut_pixels(canvas: Canvas, cuts_s: TimeArray) -> TimeArray:
    """The whole pixels of the cuts in view, each once."""
    scale = canvas.scale
    seen = cuts_s[np.searchsorted(cuts_s, scale.start_s) : np.searchsorted(cuts_s, scale.end_s, "right")]
    return np.unique(np.rint(scale.xs(seen)))


def _density(canvas: Canvas, xs: TimeArray) -> float:
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


def _paint_strip(canvas: Canvas, images: ThumbnailImages, box: Box, shot_s: tuple[float, float]) -> None:
    """Pictures side by side that fill the shot evenly, each cut at its sides to fit."""
    painter, ratio = canvas.painter, canvas.ratio
    left, top, width, height = box
    count = max(1, math.ceil(width / max(8.0, height * images.aspect)))
    each = width / count
    first = max(0, math.floor(-left / each))
    last = min(count, math.ceil((canvas.scale.width_px - left) / each))
    for number in range(first, last):
        begin, end = round(left + number * each), round(left + (number + 1) * each)
        pixmap = images.nearest(canvas.scale.time_s((begin + end) / 2), *shot_s)
        if pixmap is not None:
            across = pixmap.width()
            shown = min(round((end - begin) * ratio), across)
            painter.drawPixmap(
                begin, top, end - begin, height, pixmap, (across - shown) // 2, 0, shown, pixmap.height()
            )


def _round_corners(canvas: Canvas, boxes: list[Box]) -> None:
    """Lay the ground of the lane over the corners of each shot."""
    side = canvas.device(_CORNER_PX)
    away = side - np.arange(side) - 0.5
    outside = np.clip(np.hypot(away[:, np.newaxis], away) - side + 0.5, 0.0, 1.0)
    inks = shades(canvas.color("panel"))
    corner = inks[(outside * 255).astype(np.uint8)]
    for left, top, width, height in boxes:
        bottom, right = top + height - _CORNER_PX, left + width - _CORNER_PX
        canvas.put(corner, left, top)
        canvas.put(corner[:, ::-1], right, top)
        canvas.put(corner[::-1], left, bottom)
        canvas.put(corner[::-1, ::-1], right, bottom)
