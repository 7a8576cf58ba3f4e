# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Icons: our own SVG drawings, coloured by a token of the theme when they are shown.

Each drawing is 16 x 16 with strokes in `currentColor`. Pixmaps are made at 1, 2 and 3 device pixels a unit and kept.
"""

from __future__ import annotations

import functools

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from needledrop.core.paths import shipped_dir
from needledrop.gui import theme

_SCALES = (1, 2, 3)


def icon(name: str, role: theme.Role = "text", size: int = 16) -> QIcon:
    """The icon of resources/icons/<name>.svg in the colour of a role; disabled in the faint colour.

    Ask again when `theme.current().changed` says that colours are others now.
    """
    colours = theme.current()
    return _icon(name, colours.color(role).name(), colours.color("faint").name(), size)


def pixmap(name: str, role: theme.Role = "text", size: int = 16, ratio: float = 1.0) -> QPixmap:
    """The drawing at `size` logical pixels for a screen with `ratio` device pixels each."""
    return _pixmap(name, theme.current().color(role).name(), size, ratio)


@functools.lru_cache(maxsize=512)
def _icon(name: str, colour: str, disabled: str, size: int) -> QIcon:
    made = QIcon()
    for ratio in _SCALES:
        made.addPixmap(_pixmap(name, colour, size, ratio), QIcon.Mode.Normal)
        made.addPixmap(_pixmap(name, disabled, size, ratio), QIcon.Mode.Disabled)
    return made


@functools.lru_cache(maxsize=1024)
def _pixmap(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer  # Its library need not be loaded before the window shows.

    drawing = _source(name).replace("currentColor", QColor(colour).name())
    renderer = QSvgRenderer(QByteArray(drawing.encode()))
    image = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, image.width(), image.height()))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image


@functools.cache
def _source(name: str) -> str:
    return (shipped_dir("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
