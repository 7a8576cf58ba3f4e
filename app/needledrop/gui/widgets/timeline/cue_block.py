# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One cue as a block: its waveform as it will be played, its fades, its level with ducking, splices and handles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from needledrop.core.cue import Cue
from needledrop.core.music import FloatArray, TimeArray
from needledrop.gui.widgets.timeline.canvas import Canvas, bars, premultiplied
from needledrop.gui.widgets.timeline.cue_parts import LEVELS, Handle, Part
from needledrop.gui.widgets.timeline.cue_story import cue_story
from needledrop.gui.widgets.timeline.data import CueState, PlacedMusic, TimelineCue
from needledrop.gui.widgets.timeline.hit_test import fade_handle_x, gain_y, wave_band
from needledrop.gui.widgets.timeline.lane_layout import NAME_PX
from needledrop.gui.widgets.timeline.video_lanes import BAR_GAP_PX, BAR_PITCH_PX, bar_edges
from needledrop.gui.widgets.timeline.waveform import (
    cue_columns,
    ducking_at,
    ducking_times,
    fade_gain,
    full_figure,
    loudest,
)

_CORNER_PX = 6.0
_HANDLE_PX = 3.5
_TEXT_LEFT_PX = 12.0
_LEAST_TEXT_PX = 40.0
_NOTCH_PX = 5.0
_THIN_OPACITY = 0.55
_STRAIGHT_PX = 8.0  # A shorter ramp is drawn as a straight line.


@dataclass(frozen=True)
class BlockLook:
    """How a block is drawn.

    Attributes:
        is_selected: It has handles.
        is_focused: The timeline has the focus.
        handle: The one that keys act on.
        overlap_end_s: Up to here an earlier cue is heard too and shows through.
        state: A replaced cue is a faint outline; a candidate has a broken one.
    """

    is_selected: bool
    is_focused: bool
    handle: Handle
    overlap_end_s: float = 0.0
    state: CueState = CueState.KEPT


def paint_block(canvas: Canvas, placed: TimelineCue, look: BlockLook) -> None:
    """Everything of one cue but its beats."""
    box = block_box(canvas, placed.cue)
    if box.right() < 0 or box.left() > canvas.scale.width_px:
        return
    if look.state is CueState.REPLACED:
        canvas.box(box, _CORNER_PX, canvas.color("panel"), canvas.color("border"), 1.0)
        return
    _paint_ground(canvas, box, look)
    canvas.painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    if placed.track.peaks is not None:
        _paint_wave(canvas, placed, look)
    _paint_fades(canvas, placed.cue, look)
    _paint_level(canvas, placed.cue, look)
    _paint_splices(canvas, placed.cue, look)
    _paint_name(canvas, placed, box)
    if look.state is CueState.CANDIDATE:
        _paint_candidate(canvas, box)
    if look.is_selected:
        _paint_handles(canvas, placed.cue, look)


def paint_music_there(canvas: Canvas, music: PlacedMusic) -> None:
    """Music of the project that is open: an outline with its name, to be covered by a cue that is laid over it."""
    band, scale = canvas.layout.music, canvas.scale
    first, last = max(-64.0, scale.x(music.start_s)), min(scale.width_px + 64.0, scale.x(music.end_s))
    if last <= 0 or first >= scale.width_px:
        return
    box = QRectF(first, band.top, max(2.0, last - first), band.height)
    canvas.box(box, _CORNER_PX, canvas.color("raised"), canvas.color("border"), 1.0)
    left = max(first, 0.0) + _TEXT_LEFT_PX
    room = min(last, scale.width_px) - left - _TEXT_LEFT_PX
    if room >= _LEAST_TEXT_PX:
        canvas.painter.setPen(canvas.color("secondary"))
        text = QCoreApplication.translate("Timeline", "{title} · in the project").format(title=music.title)
        canvas.elided(left, box.top() + 1.0 + NAME_PX / 2.0, text, room, 12)


def block_box(canvas: Canvas, cue: Cue) -> QRectF:
    """The block's outline; far outside the view it is cut off, which leaves its visible edges where they are."""
    band, scale = canvas.layout.music, canvas.scale
    first = max(-64.0, scale.x(cue.record_in_s))
    last = min(scale.width_px + 64.0, scale.x(cue.record_out_s))
    return QRectF(first, band.top, max(2.0, last - first), band.height)


def _paint_ground(canvas: Canvas, box: QRectF, look: BlockLook) -> None:
    """The block's ground and outline; the ground is thin where an earlier cue is still heard."""
    edge = canvas.color("accent", 1.0 if look.is_selected else 0.5)
    if look.state is CueState.CANDIDATE:
        edge = canvas.color("cue_fill")
    edge_px = 2.0 if look.is_selected and look.is_focused else 1.0
    split = min(max(canvas.scale.x(look.overlap_end_s), box.left()), box.right())
    for first, last, opacity in ((box.left(), split, _THIN_OPACITY), (split, box.right(), 1.0)):
        if last > first:
            canvas.painter.save()
            part = QRectF(first, box.top() - 1, last - first, box.height() + 2)
            canvas.painter.setClipRect(part, Qt.ClipOperation.IntersectClip)
            canvas.box(box, _CORNER_PX, canvas.color("cue_fill", opacity), edge, edge_px)
            canvas.painter.restore()


def _paint_wave(canvas: Canvas, placed: TimelineCue, look: BlockLook) -> None:
    cue, peaks = placed.cue, placed.track.peaks
    if peaks is None:
        return
    edges_s, x = bar_edges(canvas, cue.record_in_s, cue.record_out_s)
    if len(edges_s) < 2:
        return
    found = cue_columns(cue, peaks, edges_s) * (_loudness_of(cue, edges_s) / loudest(peaks))[:, np.newaxis]
    found = full_figure(found)
    band = wave_band(canvas.layout)
    ink = np.full(len(found), premultiplied(canvas.color("accent", 1.0 if look.is_selected else 0.72)), np.uint32)
    pitch, gap = canvas.device(BAR_PITCH_PX), canvas.device(BAR_GAP_PX)
    canvas.put(bars(found, canvas.device(band.height), pitch, gap, ink), x, band.top)


def _loudness_of(cue: Cue, edges_s: TimeArray) -> FloatArray:
    """What fades and ducking leave of the waveform; the gain has a line of its own."""
    middles_s = (edges_s[:-1] + edges_s[1:]) / 2.0
    gain = fade_gain(cue, middles_s)
    ducked_db = ducking_at(cue, middles_s)
    if ducked_db is not None:
        gain = np.asarray(gain * 10.0 ** (ducked_db / 20.0), np.float32)
    return gain


def _paint_fades(canvas: Canvas, cue: Cue, look: BlockLook) -> None:
    """The curve of each fade, as the mixer plays it."""
    band, scale, painter = wave_band(canvas.layout), canvas.scale, canvas.painter
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(canvas.color("text", 0.8 if look.is_selected else 0.4), 1.0))
    phases = np.linspace(0.0, 1.0, 17)
    heights = band.bottom - np.sin(phases * (np.pi / 2)) * band.height
    first, last = scale.x(cue.record_in_s), scale.x(cue.record_out_s)
    for origin, length in ((first, cue.fade_in_s), (last, -cue.fade_out_s)):
        width = length * scale.px_per_s
        if abs(width) >= 3.0 and min(origin, origin + width) < scale.width_px and max(origin, origin + width) > 0:
            xs = origin + phases * width
            points = [QPointF(float(x), float(y)) for x, y in zip(xs, heights, strict=True)]
            painter.drawPolyline(QPolygonF(points))


def _paint_level(canvas: Canvas, cue: Cue, look: BlockLook) -> None:
    """The gain as a line that goes down where the music steps back; quiet unless the cue is selected."""
    scale = canvas.scale
    first_s, last_s = max(cue.record_in_s, scale.start_s), min(cue.record_out_s, scale.end_s)
    is_ducked = bool(cue.ducking.speech_s) and cue.ducking.depth_db != 0.0
    if first_s >= last_s or not (is_ducked or look.is_selected):
        return
    base = gain_y(canvas.layout, cue.gain_db)
    canvas.painter.setPen(QPen(canvas.color("text", _level_opacity(look)), 1.0))
    ramp_points = 9 if cue.ducking.release_s * scale.px_per_s > _STRAIGHT_PX else 2
    times_s = ducking_times(cue, first_s, last_s, ramp_points)
    ducked_db = ducking_at(cue, times_s)
    if ducked_db is None:
        canvas.painter.drawLine(QLineF(scale.x(first_s), base, scale.x(last_s), base))
        return
    # Long soft lines are dear, and a ramp of a few pixels gains nothing by softness.
    canvas.painter.setRenderHint(QPainter.RenderHint.Antialiasing, ramp_points > 2)
    db_px = gain_y(canvas.layout, -1.0) - gain_y(canvas.layout, 0.0)
    ys = base - ducked_db * db_px
    canvas.painter.drawPolyline(QPolygonF(list(map(QPointF, scale.xs(times_s).tolist(), ys.tolist()))))
    canvas.painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)


def _level_opacity(look: BlockLook) -> float:
    if look.is_selected and look.handle.part in LEVELS:
        return 0.9
    return 0.4 if look.is_selected else 0.25


def _paint_splices(canvas: Canvas, cue: Cue, look: BlockLook) -> None:
    """A small notch in both edges of the block, and a faint line between them."""
    band, painter = canvas.layout.music, canvas.painter
    for number, joint_s in enumerate(cue.joints_s):
        x = canvas.scale.x(joint_s)
        if not -_NOTCH_PX < x < canvas.scale.width_px + _NOTCH_PX:
            continue
        is_held = look.is_selected and look.handle == Handle(Part.JOINT, number)
        painter.setPen(QPen(canvas.color("text", 0.5 if is_held else 0.2), 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(x, band.top + NAME_PX, x, band.bottom - _NOTCH_PX))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(canvas.color("text" if is_held else "secondary"))
        for y, height in ((band.top, _NOTCH_PX), (band.bottom, -_NOTCH_PX)):
            corners = (QPointF(x - _NOTCH_PX, y), QPointF(x + _NOTCH_PX, y), QPointF(x, y + height))
            painter.drawPolygon(QPolygonF(list(corners)))


def _paint_name(canvas: Canvas, placed: TimelineCue, box: QRectF) -> None:
    """The title, then where in the track the cue begins, how it is stretched, and what was left out."""
    left = max(box.left(), 0.0) + _TEXT_LEFT_PX
    room = min(box.right(), canvas.scale.width_px) - left - _TEXT_LEFT_PX
    if room < _LEAST_TEXT_PX:
        return
    painter = canvas.painter
    for text, size, is_bold, role in (
        (placed.track.title, 12, True, "text"),
        (cue_story(placed), 11, False, "secondary"),
    ):
        if room < _LEAST_TEXT_PX:
            return
        painter.setPen(canvas.theme.color("text" if role == "text" else "secondary"))
        middle = box.top() + 1.0 + NAME_PX / 2.0
        used = canvas.elided(left, middle, text, room, size, is_bold=is_bold, is_tabular=not is_bold) + 20.0
        left, room = left + used, room - used


def _paint_candidate(canvas: Canvas, box: QRectF) -> None:
    """A broken outline: this is only being heard."""
    pen = QPen(canvas.color("accent"), 1.0, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([4.0, 4.0])
    canvas.painter.setPen(pen)
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
    canvas.painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), _CORNER_PX, _CORNER_PX)


def _paint_handles(canvas: Canvas, cue: Cue, look: BlockLook) -> None:
    """What can be taken hold of; the one that keys act on is filled with the accent."""
    layout, scale = canvas.layout, canvas.scale
    band = wave_band(layout)
    middle = layout.music.top + layout.music.height / 2.0
    first, last = scale.x(cue.record_in_s), scale.x(cue.record_out_s)
    spots = {
        Part.FADE_IN: (fade_handle_x(cue, scale, Part.FADE_IN), band.top),
        Part.FADE_OUT: (fade_handle_x(cue, scale, Part.FADE_OUT), band.top),
        Part.START: (first, middle),
        Part.END: (last, middle),
    }
    painter = canvas.painter
    for part, (x, y) in spots.items():
        is_held = look.handle.part is part
        painter.setPen(QPen(canvas.color("cue_fill"), 1.0))
        painter.setBrush(canvas.color("accent" if is_held else "text"))
        if part in (Part.FADE_IN, Part.FADE_OUT):
            radius = _HANDLE_PX + (1.0 if is_held else 0.0)
            painter.drawEllipse(QPointF(x, y), radius, radius)
        elif is_held:
            painter.drawRoundedRect(QRectF(x - 2.5, middle - 12, 5, 24), 2.5, 2.5)
    if look.handle.part is Part.GAIN:
        _paint_level_label(canvas, (cue.record_in_s, cue.record_out_s), cue.gain_db, cue.gain_db)
    elif look.handle.part is Part.DUCKING:
        dips = cue.ducking.speech_s
        seen = next((dip for dip in dips if dip[1] > scale.start_s), (cue.record_in_s, cue.record_out_s))
        _paint_level_label(canvas, seen, cue.gain_db + cue.ducking.depth_db, cue.ducking.depth_db)
    elif look.handle.part is Part.SLIP:
        _paint_slip_mark(canvas, max(0.0, first), min(scale.width_px, last), middle)


def _paint_level_label(canvas: Canvas, span_s: tuple[float, float], at_db: float, said_db: float) -> None:
    """A level in figures, on its line, in the middle of what is seen of a stretch."""
    y = gain_y(canvas.layout, at_db)
    first = max(0.0, canvas.scale.x(span_s[0]))
    last = min(canvas.scale.width_px, canvas.scale.x(span_s[1]))
    box = QRectF((first + last) / 2 - 32, y - 9, 64, 18)
    painter = canvas.painter
    painter.setPen(QPen(canvas.color("accent"), 1.0))
    painter.setBrush(canvas.color("panel"))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(canvas.color("text"))
    painter.setFont(canvas.font(11, is_tabular=True))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{said_db:+.1f} dB".replace("-", "\u2212"))


def _paint_slip_mark(canvas: Canvas, first: float, last: float, y: float) -> None:
    """Two arrows: the music moves inside its place."""
    path, middle = QPainterPath(), (first + last) / 2
    for way in (-1.0, 1.0):
        path.moveTo(middle + way * 8, y - 6)
        path.lineTo(middle + way * 14, y)
        path.lineTo(middle + way * 8, y + 6)
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
    canvas.painter.setPen(QPen(canvas.color("text"), 2.0))
    canvas.painter.drawPath(path)
