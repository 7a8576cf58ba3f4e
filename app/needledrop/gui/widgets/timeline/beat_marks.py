# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beats and downbeats along the lower edge of a block, the sections below it, and the cuts that meet a beat."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from needledrop.core.music import TimeArray
from needledrop.gui.widgets.timeline.canvas import Canvas, premultiplied
from needledrop.gui.widgets.timeline.cue_times import CueGrid
from needledrop.gui.widgets.timeline.view_state import BeatsShown

BEAT_PX = 4.0
DOWNBEAT_PX = 8.0
ON_BEAT_S = 0.04
_FADED_PX, _CLEAR_PX = 3.0, 9.0  # Marks nearer than the first are not drawn, farther than the second are clear.
_DOT_PX = 2.5
_LEAST_LABEL_PX = 28.0


def paint_beats(canvas: Canvas, grid: CueGrid, shown: BeatsShown) -> None:
    """Ticks in view; both kinds fade where they are dense."""
    height = canvas.device(DOWNBEAT_PX)
    width = round(canvas.scale.width_px * canvas.ratio)
    pixels = np.zeros((height, width), np.uint32)
    if shown is BeatsShown.BEATS:
        _tick(canvas, pixels, grid.beats_s, canvas.device(BEAT_PX), "beat")
    if shown in (BeatsShown.BEATS, BeatsShown.DOWNBEATS):
        _tick(canvas, pixels, grid.downbeats_s, height, "downbeat")
        canvas.put(pixels, 0.0, canvas.layout.music.bottom - DOWNBEAT_PX - 1.0)


def paint_sections(canvas: Canvas, grid: CueGrid) -> None:
    """What each section of the music does, as labels below the block."""
    band, scale, painter = canvas.layout.strip, canvas.scale, canvas.painter
    painter.setFont(canvas.font(11))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for start_s, end_s, role in grid.sections:
        if end_s <= scale.start_s or start_s >= scale.end_s:
            continue
        first, last = max(-8.0, scale.x(start_s)), min(scale.width_px + 8.0, scale.x(end_s))
        box = QRectF(first, band.top, max(1.0, last - first - 2.0), band.height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(canvas.color("raised"))
        painter.drawRoundedRect(box, 3.0, 3.0)
        if box.width() >= _LEAST_LABEL_PX:
            painter.setPen(canvas.color("secondary"))
            text = box.adjusted(8.0 + max(0.0, -first), 0, -4, 0)
            label = painter.fontMetrics().elidedText(section_name(role), Qt.TextElideMode.ElideRight, int(text.width()))
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, label)


def paint_met_cuts(canvas: Canvas, cuts_s: TimeArray, grid: CueGrid) -> None:
    """A dot on the lower edge of the block where a cut falls on one of its beats: the music locks to it there."""
    painter = canvas.painter
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(canvas.color("cuts"))
    for cut_s in met_cuts(cuts_s, grid.beats_s).tolist():
        if canvas.scale.start_s <= cut_s <= canvas.scale.end_s:
            center = QPointF(round(canvas.scale.x(cut_s)) + 0.5, canvas.layout.music.bottom - 1.0)
            painter.drawEllipse(center, _DOT_PX, _DOT_PX)


def met_cuts(cuts_s: TimeArray, beats_s: TimeArray) -> TimeArray:
    """The cuts that fall within ON_BEAT_S of a beat."""
    if len(beats_s) == 0 or len(cuts_s) == 0:
        return cuts_s[:0]
    ordered = np.sort(beats_s)
    after = np.searchsorted(ordered, cuts_s)
    before_s = np.abs(cuts_s - ordered[np.maximum(after - 1, 0)])
    after_s = np.abs(cuts_s - ordered[np.minimum(after, len(ordered) - 1)])
    return cuts_s[np.minimum(before_s, after_s) <= ON_BEAT_S]


def section_name(role: str) -> str:
    """A section role (core.music.SECTION_ROLES) in the user's language."""
    names = {
        "section": QCoreApplication.translate("Timeline", "section"),
        "intro": QCoreApplication.translate("Timeline", "intro"),
        "build": QCoreApplication.translate("Timeline", "build"),
        "drop": QCoreApplication.translate("Timeline", "drop"),
        "break": QCoreApplication.translate("Timeline", "break"),
        "outro": QCoreApplication.translate("Timeline", "outro"),
    }
    return names.get(role, role)


def _tick(canvas: Canvas, pixels: np.ndarray, times_s: TimeArray, height: int, role: str) -> None:
    if len(times_s) < 2:
        return
    spacing = float(times_s[-1] - times_s[0]) / (len(times_s) - 1) * canvas.scale.px_per_s
    opacity = min(1.0, max(0.0, (spacing - _FADED_PX) / (_CLEAR_PX - _FADED_PX)))
    if opacity == 0.0:
        return
    width = pixels.shape[1]
    columns = np.rint(canvas.scale.xs(times_s) * canvas.ratio).astype(np.int64)
    columns = columns[(columns >= 0) & (columns < width)]
    ink = premultiplied(canvas.color("downbeat" if role == "downbeat" else "beat", opacity))
    for offset in range(canvas.device(1.0)):
        pixels[len(pixels) - height :, np.minimum(columns + offset, width - 1)] = ink
