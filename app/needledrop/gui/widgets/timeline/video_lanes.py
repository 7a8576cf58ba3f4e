# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The motion lane and the lane of the video's own sound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt

from needledrop.core.music import FloatArray, Peaks, TimeArray
from needledrop.core.picture import MOTION_RATE_HZ, Soundtrack
from needledrop.gui.widgets.timeline.canvas import Canvas, bars, curve, premultiplied, shades
from needledrop.gui.widgets.timeline.waveform import columns, full_figure

BAR_PITCH_PX = 2.0
BAR_GAP_PX = 1.0
_LINE_PX = 1.4
_QUIET_OPACITY = 0.5


def paint_motion(canvas: Canvas, motion: FloatArray) -> None:
    """How much moves (calm_motion, 0..1), as a line."""
    if len(motion) < 2:
        return
    band, scale, ratio = canvas.layout.motion, canvas.scale, canvas.ratio
    last_s = min(scale.end_s, scale.duration_s)
    width = max(1, round((last_s - scale.start_s) * scale.px_per_s * ratio))
    times_s: TimeArray = scale.start_s + (np.arange(width, dtype=np.float64) + 0.5) / (scale.px_per_s * ratio)
    level = np.interp(times_s * MOTION_RATE_HZ, np.arange(len(motion)), motion)
    pixels = curve(
        level.astype(np.float32),
        canvas.device(band.height),
        _LINE_PX * ratio,
        shades(canvas.color("motion")),
    )
    canvas.put(pixels, 0.0, band.top)


def paint_sound(canvas: Canvas, soundtrack: Soundtrack, peaks: Peaks | None) -> None:
    """The video's own waveform; where somebody speaks it is full and underlined, elsewhere pale."""
    band, scale, painter = canvas.layout.sound, canvas.scale, canvas.painter
    if peaks is None:
        y = round(band.top + band.height / 2) + 0.5
        painter.setPen(canvas.color("hairline"))
        painter.drawLine(0, round(y), round(scale.x(scale.duration_s)), round(y))
    else:
        edges_s, x = bar_edges(canvas, 0.0, scale.duration_s)
        found = full_figure(columns(peaks, edges_s))
        full, pale = (premultiplied(canvas.color("voice", opacity)) for opacity in (1.0, _QUIET_OPACITY))
        inks = np.where(_is_inside(edges_s, soundtrack.speech_s), np.uint32(full), np.uint32(pale))
        pitch, gap = canvas.device(BAR_PITCH_PX), canvas.device(BAR_GAP_PX)
        canvas.put(bars(found, canvas.device(band.height - 4.0), pitch, gap, inks), x, band.top)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(canvas.color("voice"))
    spans = np.clip(scale.xs(soundtrack.speech_s.reshape(-1, 2)), 0.0, scale.width_px).tolist()
    top = band.bottom - 2.0
    painter.drawRects([QRectF(first, top, max(1.0, last - first), 2.0) for first, last in spans if last > first])


def bar_edges(canvas: Canvas, first_s: float, last_s: float) -> tuple[TimeArray, float]:
    """The edges of the bars in view within a stretch, and the pixel of the first.

    They lie on a grid that is fixed to the video, so that a waveform does not shimmer while it is panned.
    """
    scale = canvas.scale
    step_s = BAR_PITCH_PX / scale.px_per_s
    first = np.floor(max(first_s, scale.start_s) / step_s)
    last = np.ceil(min(last_s, scale.end_s) / step_s)
    edges_s = np.arange(first, max(last, first) + 1) * step_s
    return edges_s, scale.x(float(edges_s[0]))


def _is_inside(edges_s: TimeArray, spans_s: TimeArray) -> NDArray[np.bool_]:
    middles_s = (edges_s[:-1] + edges_s[1:]) / 2.0
    spans_s = spans_s.reshape(-1, 2)
    if len(spans_s) == 0:
        return np.zeros(len(middles_s), np.bool_)
    before = np.searchsorted(spans_s[:, 0], middles_s, "right") - 1
    return np.asarray((before >= 0) & (middles_s < spans_s[np.maximum(before, 0), 1]), np.bool_)
