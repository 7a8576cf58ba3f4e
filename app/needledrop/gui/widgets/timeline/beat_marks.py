# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beats and downbeats along the lower edge of a block, the sections below it, and the cuts that meet a beat."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, QRect, Qt
from PySide6.QtGui import QPainter

from needledrop.core.music import SECTION, TimeArray
from needledrop.gui.widgets.timeline.canvas import Canvas, premultiplied, shades, stamps
from needledrop.gui.widgets.timeline.cue_times import CueGrid
from needledrop.gui.widgets.timeline.view_state import BeatsShown

BEAT_PX = 4.0
DOWNBEAT_PX = 8.0
ON_BEAT_S = 0.04
_FADED_PX, _CLEAR_PX = 3.0, 9.0  # Marks nearer than the first are not drawn, farther than the second are clear.
_DOT_PX = 2.5
_LEAST_LABEL_PX = 48.0  # Every name of a section has room in it.


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
    """The sections of the music below the block, with what each does where that is known."""
    band, scale, painter = canvas.layout.strip, canvas.scale, canvas.painter
    middle = band.top + band.height / 2.0
    boxes: list[QRect] = []
    names: list[tuple[float, float, str]] = []
    for start_s, end_s, role in grid.sections:
        if end_s <= scale.start_s or start_s >= scale.end_s:
            continue
        first, last = max(0, round(scale.x(start_s))), min(round(scale.width_px), round(scale.x(end_s)))
        boxes.append(QRect(first, round(band.top), max(1, last - first - 2), round(band.height)))
        if role != SECTION and last - first >= _LEAST_LABEL_PX:
            names.append((first + 8.0, middle, section_name(role)))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(canvas.color("raised"))
    painter.drawRects(boxes)
    painter.setPen(canvas.color("secondary"))
    canvas.texts(names)


def paint_met_cuts(canvas: Canvas, cuts_s: TimeArray, beats_s: TimeArray) -> None:
    """A dot on the lower edge of the block where a cut falls on a beat: the music locks to it there."""
    met_s = met_cuts(cuts_s, beats_s)
    met_s = met_s[(met_s >= canvas.scale.start_s) & (met_s <= canvas.scale.end_s)]
    if len(met_s) == 0:
        return
    radius = canvas.device(_DOT_PX)
    away = np.hypot(*np.mgrid[-radius : radius + 1, -radius : radius + 1])
    stamp = (np.clip(_DOT_PX * canvas.ratio + 0.5 - away, 0.0, 1.0) * 255).astype(np.uint8)
    columns = np.rint(np.rint(canvas.scale.xs(met_s)) * canvas.ratio).astype(np.int64)
    width = round(canvas.scale.width_px * canvas.ratio) + 1
    pixels = stamps(columns[columns < width], stamp, width, shades(canvas.color("cuts")))
    canvas.put(pixels, 0.0, canvas.layout.music.bottom - _DOT_PX - 1.0)


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
