# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every lane paints with: the painter, the scale, the theme, and arrays of pixels put on the screen.

Rows of bars, ticks and curves have thousands of elements; made as arrays they cost a fraction of as many painter calls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QImage, QPainter

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


def premultiplied(color: QColor) -> int:
    """A colour as one pixel."""
    alpha = color.alphaF()
    red, green, blue = (round(part * alpha * 255) for part in (color.redF(), color.greenF(), color.blueF()))
    return round(alpha * 255) << 24 | red << 16 | green << 8 | blue


def shades(color: QColor) -> Ink:
    """The colour at 256 opacities, for coverage in 0..255."""
    share = np.arange(256) / 255.0 * color.alphaF()
    parts = (1.0, color.redF(), color.greenF(), color.blueF())
    alpha, red, green, blue = (np.rint(share * part * 255).astype(np.uint32) for part in parts)
    return np.asarray(alpha << 24 | red << 16 | green << 8 | blue, np.uint32)


def bars(columns: FloatArray, height: int, pitch: int, gap: int, inks: Ink) -> Ink:
    """Vertical bars around the middle: columns [n, 2] in -1..1, one ink a column [n]; [height, n * pitch] pixels."""
    middle = height / 2.0
    top = np.rint(middle - np.maximum(columns[:, 1], 0.0) * middle)
    bottom = np.rint(middle - np.minimum(columns[:, 0], 0.0) * middle)
    bottom = np.maximum(bottom, top + 1)
    rows = np.arange(height, dtype=np.float32)[:, np.newaxis]
    drawn = np.where((rows >= top.astype(np.float32)) & (rows < bottom.astype(np.float32)), inks, np.uint32(0))
    if pitch == 1:
        return drawn
    pixels = np.zeros((height, len(columns), pitch), np.uint32)
    pixels[:, :, : pitch - gap] = drawn[:, :, np.newaxis]
    return pixels.reshape(height, -1)


def curve(levels: FloatArray, height: int, thickness: float, inks: Ink) -> Ink:
    """A line through levels [width] in 0..1, soft at its edges; `inks` are 256 shades; [height, width] pixels."""
    y = (height - 1.0 - thickness) * (1.0 - levels) + thickness / 2.0
    half_way = (y[:-1] + y[1:]) / 2.0
    ends = np.stack([y, np.append(half_way, y[-1]), np.insert(half_way, 0, y[0])])
    low, high = ends.min(axis=0).astype(np.float32), ends.max(axis=0).astype(np.float32)
    rows = np.arange(height, dtype=np.float32)[:, np.newaxis]
    away = np.maximum(low - rows, rows - high)
    cover = np.clip((thickness / 2.0 + 0.5 - away) * 255.0, 0.0, 255.0).astype(np.uint8)
    return np.asarray(inks[cover], np.uint32)
