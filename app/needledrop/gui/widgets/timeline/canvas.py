# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every lane paints with: the painter, the scale, the theme, and arrays of pixels put on the screen.

Rows of bars, ticks and curves have thousands of elements; made as arrays they cost a fraction of as many painter calls.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QStaticText

from needledrop.core.music import FloatArray
from needledrop.gui.theme import Role, Theme
from needledrop.gui.widgets.timeline.lane_layout import LaneLayout
from needledrop.gui.widgets.timeline.time_scale import TimeScale

Ink = NDArray[np.uint32]


@dataclass(frozen=True)
class Canvas:
    """A painter whose origin is the left end of the lanes, at `ratio` device pixels a logical one."""

    painter: QPainter
    scale: TimeScale
    layout: LaneLayout
    theme: Theme
    ratio: float

    def color(self, role: Role, opacity: float = 1.0) -> QColor:
        """A colour of the theme, more or less transparent."""
        color = self.theme.color(role)
        color.setAlphaF(opacity)
        return color

    def font(self, size: int, *, is_bold: bool = False, is_tabular: bool = False) -> QFont:
        """The window's type."""
        return self.theme.font(size, is_bold=is_bold, is_tabular=is_tabular)

    def device(self, length_px: float) -> int:
        """Logical pixels as whole device pixels, at least one."""
        return max(1, round(length_px * self.ratio))

    def put(self, pixels: Ink, x: float, y: float) -> None:
        """Lay premultiplied ARGB pixels [height, width] of the device at a logical position."""
        if pixels.size == 0:
            return
        pixels = np.ascontiguousarray(pixels)
        height, width = pixels.shape
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(self.ratio)
        self.painter.drawImage(QPointF(round(x * self.ratio) / self.ratio, round(y * self.ratio) / self.ratio), image)

    def text(self, x: float, y: float, text: str, size: int = 11, *, is_tabular: bool = False) -> None:
        """Write a line whose middle is at height y, in the pen's colour."""
        self.texts([(x, y, text)], size, is_tabular=is_tabular)

    def texts(self, lines: Iterable[tuple[float, float, str]], size: int = 11, *, is_tabular: bool = False) -> None:
        """Write lines (x, middle, text) in one type: to change a painter's font takes longer than to write a word."""
        painter = self.painter
        painter.setFont(_font(size, False, is_tabular, self.theme))
        for x, y, text in lines:
            layout, _, height = _laid_out(text, size, False, is_tabular, self.theme)
            painter.drawStaticText(QPointF(x, round(y - height / 2.0)), layout)

    def width_of(self, text: str, room: float, size: int) -> float:
        """How long a line becomes that ends in an ellipsis where the room ends."""
        shown = _elided(text, size, False, False, int(room), self.theme)
        return _laid_out(shown, size, False, False, self.theme)[1] if shown else 0.0

    def elided(
        self, x: float, y: float, text: str, room: float, size: int, *, is_bold: bool = False, is_tabular: bool = False
    ) -> float:
        """Write a line that ends in an ellipsis where the room ends; returns how long it became, 0 without room."""
        shown = _elided(text, size, is_bold, is_tabular, int(room), self.theme)
        if not shown:
            return 0.0
        layout, width, height = _laid_out(shown, size, is_bold, is_tabular, self.theme)
        self.painter.setFont(_font(size, is_bold, is_tabular, self.theme))
        self.painter.drawStaticText(QPointF(x, round(y - height / 2.0)), layout)
        return width

    def box(self, box: QRectF, corner_px: float, fill: QColor, edge: QColor, edge_px: float) -> None:
        """A filled box with round corners on whole device pixels; where it is wide far cheaper than Qt's own."""
        unit = 1.0 / self.ratio
        sides = (box.left(), box.top(), box.right(), box.bottom())
        left, top, right, bottom = (round(side * self.ratio) * unit for side in sides)
        border = self.device(edge_px) * unit
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        corner = max(unit, min(corner_px, (right - left) / 2, (bottom - top) / 2))
        pixels = _corner(round(corner * self.ratio), self.device(edge_px), fill.rgba(), edge.rgba())
        corner = pixels.shape[0] * unit
        self.put(pixels, left, top)
        self.put(pixels[:, ::-1], right - corner, top)
        self.put(pixels[::-1], left, bottom - corner)
        self.put(pixels[::-1, ::-1], right - corner, bottom - corner)
        fills = (
            (left + corner, top + border, right - corner, bottom - border),
            (left + border, top + corner, left + corner, bottom - corner),
            (right - corner, top + corner, right - border, bottom - corner),
        )
        edges = (
            (left + corner, top, right - corner, top + border),
            (left + corner, bottom - border, right - corner, bottom),
            (left, top + corner, left + border, bottom - corner),
            (right - border, top + corner, right, bottom - corner),
        )
        for parts, color in ((fills, fill), (edges, edge)):
            for x, y, end, below in parts:
                if end > x and below > y:
                    self.painter.fillRect(QRectF(x, y, end - x, below - y), color)


@functools.lru_cache(maxsize=32)
def _font(size: int, is_bold: bool, is_tabular: bool, theme: Theme) -> QFont:
    return theme.font(size, is_bold=is_bold, is_tabular=is_tabular)


@functools.lru_cache(maxsize=2048)
def _laid_out(text: str, size: int, is_bold: bool, is_tabular: bool, theme: Theme) -> tuple[QStaticText, float, float]:
    """A line laid out once, with its width and height: the ruler writes the same few dozen at each repaint."""
    layout = QStaticText(text)
    layout.setTextFormat(Qt.TextFormat.PlainText)
    layout.prepare(font=_font(size, is_bold, is_tabular, theme))
    return layout, layout.size().width(), layout.size().height()


@functools.lru_cache(maxsize=256)
def _elided(text: str, size: int, is_bold: bool, is_tabular: bool, room: int, theme: Theme) -> str:
    metrics = QFontMetrics(_font(size, is_bold, is_tabular, theme))
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)


@functools.lru_cache(maxsize=64)
def _corner(radius: int, border: int, fill: int, edge: int) -> Ink:
    """The upper left corner of a rounded box, [radius, radius] pixels."""
    away = radius - np.arange(radius) - 0.5
    distance = np.hypot(away[:, np.newaxis], away)
    outer = np.clip(radius - distance + 0.5, 0.0, 1.0)
    inner = np.clip(radius - border - distance + 0.5, 0.0, 1.0)
    pixels = np.zeros((radius, radius), np.uint32)
    for shift in (24, 16, 8, 0):
        parts = [_premultiplied_part(argb, shift) for argb in (fill, edge)]
        mixed = np.rint(inner * parts[0] + (outer - inner) * parts[1]).astype(np.uint32)
        pixels |= mixed << np.uint32(shift)
    return pixels


def _premultiplied_part(argb: int, shift: int) -> float:
    alpha = (argb >> 24) / 255.0
    return 255.0 * alpha if shift == 24 else (argb >> shift & 255) * alpha


def mixed(ground: QColor, color: QColor, share: float) -> QColor:
    """What a colour looks like that covers a ground to this share."""
    parts = zip((ground.red(), ground.green(), ground.blue()), (color.red(), color.green(), color.blue()), strict=True)
    return QColor(*(round(below + share * (above - below)) for below, above in parts))


def premultiplied(color: QColor) -> int:
    """A colour as one pixel."""
    alpha = color.alphaF()
    red, green, blue = (round(part * alpha * 255) for part in (color.redF(), color.greenF(), color.blueF()))
    return round(alpha * 255) << 24 | red << 16 | green << 8 | blue


def shades(color: QColor) -> Ink:
    """The colour at 256 opacities, for coverage in 0..255."""
    return _shades(color.rgba())


@functools.lru_cache(maxsize=64)
def _shades(argb: int) -> Ink:
    color = QColor.fromRgba(argb)
    share = np.arange(256) / 255.0 * color.alphaF()
    parts = (1.0, color.redF(), color.greenF(), color.blueF())
    alpha, red, green, blue = (np.rint(share * part * 255).astype(np.uint32) for part in parts)
    return np.asarray(alpha << 24 | red << 16 | green << 8 | blue, np.uint32)


def stamps(columns: NDArray[np.int64], stamp: NDArray[np.uint8], width: int, inks: Ink) -> Ink:
    """One small shape (coverage [height, odd width]) centred on each of many columns; [height, width] pixels."""
    half = stamp.shape[1] // 2
    pixels = np.zeros((stamp.shape[0], width + 2 * half), np.uint32)
    drawn = inks[stamp]
    for offset in range(stamp.shape[1]):
        # Neighbours may overlap, so the greater coverage counts.
        pixels[:, columns + offset] = np.maximum(pixels[:, columns + offset], drawn[:, offset : offset + 1])
    return np.asarray(pixels[:, half : half + width], np.uint32)


def bars(columns: FloatArray, height: int, pitch: int, gap: int, inks: Ink) -> Ink:
    """Vertical bars around the middle: columns [n, 2] in -1..1, one ink a column [n]; [height, n * pitch] pixels.

    The pixels are overwritten by the next call: put them on the screen first.
    """
    middle, count = height / 2.0, len(columns)
    top = np.rint(middle - np.maximum(columns[:, 1], 0.0) * middle).astype(np.int16)
    bottom = np.rint(middle - np.minimum(columns[:, 0], 0.0) * middle).astype(np.int16)
    length = np.maximum(bottom - top, 1).astype(np.uint16)
    rows = _scratch("rows", np.int16, (height, count))
    np.subtract(np.arange(height, dtype=np.int16)[:, np.newaxis], top, out=rows)
    # Above its top a bar's row is negative, and as an unsigned number beyond any length: one comparison does for two.
    is_drawn = _scratch("is_drawn", np.bool_, (height, count))
    np.less(rows.view(np.uint16), length, out=is_drawn)
    pixels = _scratch("pixels", np.uint32, (height, count, pitch))
    pixels.fill(0)
    for offset in range(max(1, pitch - gap)):
        np.copyto(pixels[:, :, offset], inks, where=is_drawn)
    return pixels.reshape(height, -1)


def curve(levels: FloatArray, height: int, thickness: float, inks: Ink) -> Ink:
    """A line through levels [width] in 0..1, soft at its edges; `inks` are 256 shades; [height, width] pixels.

    The pixels are overwritten by the next call: put them on the screen first.
    """
    y = (height - 1.0 - thickness) * (1.0 - levels) + thickness / 2.0
    half_way = (y[:-1] + y[1:]) / 2.0
    ends = np.stack([y, np.append(half_way, y[-1]), np.insert(half_way, 0, y[0])])
    low, high = ends.min(axis=0), ends.max(axis=0)
    reach = thickness / 2.0 + 0.5
    # Only the few pixels of each column that the line touches.
    first = np.floor(low - reach).astype(np.int64)
    counts = np.ceil(high + reach).astype(np.int64) - first + 1
    columns = np.repeat(np.arange(len(y)), counts)
    rows = np.arange(len(columns)) - np.repeat(np.cumsum(counts) - counts - first, counts)
    away = np.maximum(low[columns] - rows, rows - high[columns])
    cover = np.clip((reach - away) * 255.0, 0.0, 255.0).astype(np.uint8)
    is_inside = (rows >= 0) & (rows < height)
    pixels = _scratch("pixels", np.uint32, (height, len(y)))
    pixels.fill(0)
    pixels[rows[is_inside], columns[is_inside]] = inks[cover[is_inside]]
    return pixels


_memory: dict[str, NDArray[Any]] = {}


def _scratch(name: str, kind: type[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Memory that is used again at each repaint: fresh pages for every lane took longer than filling them."""
    size = math.prod(shape)
    if name not in _memory or len(_memory[name]) < size:
        _memory[name] = np.empty(size + size // 2, kind)
    return _memory[name][:size].reshape(shape)
