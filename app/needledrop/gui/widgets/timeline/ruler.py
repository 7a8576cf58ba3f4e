# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ruler, and the names of the lanes left of it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLineF, QRectF

from needledrop.gui.widgets.timeline.canvas import Canvas
from needledrop.gui.widgets.timeline.lane_layout import Band
from needledrop.gui.widgets.timeline.ruler_ticks import ruler_ticks

_TICK_PX = 6.0
_NAME_LEFT_PX = 12.0
_LABEL_PX = 40.0  # A mark without this much room behind it is not labelled.


def paint_ruler(canvas: Canvas) -> None:
    """Marks with their times along the top."""
    painter, band = canvas.painter, canvas.layout.ruler
    painter.fillRect(QRectF(-canvas.layout.left, 0, canvas.layout.width, band.height), canvas.color("background"))
    ticks = ruler_ticks(canvas.scale)
    painter.setPen(canvas.color("border"))
    xs = [round(canvas.scale.x(tick.time_s)) + 0.5 for tick in ticks]
    painter.drawLines([QLineF(x, band.bottom - _TICK_PX, x, band.bottom) for x in xs])
    painter.setPen(canvas.color("secondary"))
    for x, tick in zip(xs, ticks, strict=True):
        if x + _LABEL_PX <= canvas.scale.width_px:
            canvas.text(x + 3.5, band.top + band.height / 2.0, tick.label, is_tabular=True)


def paint_names(canvas: Canvas) -> None:
    """What each lane is, in the column left of it."""
    layout, painter = canvas.layout, canvas.painter
    named: list[tuple[str, Band]] = [
        (QCoreApplication.translate("Timeline", "Picture"), layout.picture),
        (QCoreApplication.translate("Timeline", "Motion"), layout.motion),
        (QCoreApplication.translate("Timeline", "Sound"), layout.sound),
        (QCoreApplication.translate("Timeline", "Music"), layout.music),
    ]
    painter.setPen(canvas.color("secondary"))
    for name, band in named:
        canvas.text(_NAME_LEFT_PX - layout.left, band.top + band.height / 2.0, name)
