# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole track as a thin row of bars with the chosen stretch lit, painted once and kept as a picture."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from PySide6.QtCore import QLineF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from needledrop.core.cue import Cue
from needledrop.core.music import FloatArray, Peaks, TimeArray
from needledrop.gui import theme
from needledrop.gui.widgets.timeline.waveform import columns, full_figure, loudest

PITCH = 2.0  # A bar and the gap beside it, in logical pixels.
KEPT = 120
_LEAST = 0.06  # Of the height: a silent bar is still a bar.


class MiniWaveforms:
    """Pictures of waveforms, the latest kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], QPixmap] = OrderedDict()

    def picture(
        self, track_id: int, peaks: Peaks | None, duration_s: float, cue: Cue, size: QSizeF, ratio: float, is_lit: bool
    ) -> QPixmap:
        """The picture of a track at a size in logical pixels; a level line until its peaks have arrived."""
        stretches = tuple((piece.source_in_s, piece.source_out_s) for piece in cue.pieces)
        key = (track_id, peaks is None, stretches, size.width(), size.height(), ratio, is_lit, theme.current().is_dark)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = _painted(peaks, duration_s, stretches, size, ratio, is_lit)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found

    def forget(self) -> None:
        """The library changed: paint everything anew."""
        self._kept.clear()


def _painted(
    peaks: Peaks | None,
    duration_s: float,
    stretches: tuple[tuple[float, float], ...],
    size: QSizeF,
    ratio: float,
    is_lit: bool,
) -> QPixmap:
    picture = QPixmap((size * ratio).toSize())
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    count = max(1, int(size.width() / PITCH))
    edges_s = np.linspace(0.0, duration_s, count + 1)
    heights = _heights(peaks, edges_s)
    middles_s = (edges_s[:-1] + edges_s[1:]) / 2
    chosen = np.zeros(count, np.bool_)
    for start_s, end_s in stretches:
        chosen |= (middles_s >= start_s) & (middles_s <= end_s)
    colours = theme.current()
    painter = QPainter(picture)
    for mask, role in ((~chosen, "beat"), (chosen, "accent" if is_lit else "secondary")):
        painter.setPen(QPen(colours.color(role), 1.0))  # type: ignore[arg-type]
        half = heights * size.height() / 2
        middle = size.height() / 2
        lines = [
            QLineF(PITCH * place + 0.5, middle - half[place], PITCH * place + 0.5, middle + half[place])
            for place in np.flatnonzero(mask).tolist()
        ]
        painter.drawLines(lines)
    painter.end()
    return picture


def _heights(peaks: Peaks | None, edges_s: TimeArray) -> FloatArray:
    if peaks is None:
        return np.full(len(edges_s) - 1, _LEAST, np.float32)
    extent = np.abs(full_figure(columns(peaks, edges_s) / np.float32(loudest(peaks)))).max(axis=1)
    return np.asarray(np.clip(extent, _LEAST, 1.0), np.float32)
