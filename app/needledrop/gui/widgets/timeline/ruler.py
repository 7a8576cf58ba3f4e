# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ruler, and the names of the lanes left of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QLineF, QRectF

from needledrop.gui.widgets.timeline.canvas import Canvas
from needledrop.gui.widgets.timeline.lane_layout import Band
from needledrop.gui.widgets.timeline.ruler_ticks import ruler_ticks

_TICK_PX = 6.0
_NAME_LEFT_PX = 12.0
_LABEL_PX = 40.0  # A mark without this much room behind it is not labelled.


def paint_ruler(canvas: Canvas, taken: Sequence[tuple[float, float]] = ()) -> None:
    """Marks with their times along the top; none is written where something else covers the ruler (pixels)."""
    painter, band = canvas.painter, canvas.layout.ruler
    painter.fillRect(QRectF(-canvas.layout.left, 0, canvas.layout.width, band.height), canvas.color("background"))
    ticks = ruler_ticks(canvas.scale)
    painter.setPen(canvas.color("border"))
    xs = [round(canvas.scale.x(tick.time_s)) + 0.5 for tick in ticks]
    painter.drawLines([QLineF(x, band.bottom - _TICK_PX, x, band.bottom) for x in xs])
    painter.setPen(canvas.color("secondary"))
    middle = band.top + band.height / 2.0
    last = canvas.scale.width_px - _LABEL_PX
    labels = [(x + 3.5, middle, tick.label) for x, tick in zip(xs, ticks, strict=True) if x <= last]
    free = [one for one in labels if all(one[0] + _LABEL_PX < left or right < one[0] for left, right in taken)]
    canvas.texts(free, is_tabular=True)


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
    left = _NAME_LEFT_PX - layout.left
    canvas.texts([(left, band.top + band.height / 2.0, name) for name, band in named])
