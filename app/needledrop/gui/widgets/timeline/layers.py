# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The still parts of the timeline, painted once and kept: the lanes of the video, and the music.

A moving playhead repaints neither; an edit of a cue repaints the music alone; a zoom or pan repaints both.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from needledrop.gui import theme
from needledrop.gui.widgets.timeline.beat_marks import paint_beats, paint_met_cuts, paint_sections
from needledrop.gui.widgets.timeline.canvas import Canvas
from needledrop.gui.widgets.timeline.cue_block import BlockLook, paint_block, paint_music_there
from needledrop.gui.widgets.timeline.cue_parts import grid_of
from needledrop.gui.widgets.timeline.data import CueState
from needledrop.gui.widgets.timeline.lane_layout import Band
from needledrop.gui.widgets.timeline.overlay import marker_spans
from needledrop.gui.widgets.timeline.picture_lane import CutLines, paint_cut_marks, paint_picture
from needledrop.gui.widgets.timeline.ruler import paint_names, paint_ruler
from needledrop.gui.widgets.timeline.thumbnail_images import ThumbnailImages
from needledrop.gui.widgets.timeline.video_lanes import paint_motion, paint_sound
from needledrop.gui.widgets.timeline.view_state import BeatsShown, TimelineView

_NO_BEATS = np.zeros(0)
_OVER_PICTURE, _OVER_LANES, _OVER_MUSIC = 1.0, 0.42, 0.5
_HINT_MARGIN = 8.0


class _Same:
    """Equal where each of the values is the very same object: arrays are not compared number by number."""

    def __init__(self, *values: object) -> None:
        self._values = values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and all(map(operator.is_, self._values, other._values))

    def __hash__(self) -> int:
        return hash(tuple(map(id, self._values)))


@dataclass
class _Layer:
    image: QImage
    key: Hashable


class Layers:
    """The kept pictures of one timeline; `images` holds its thumbnails."""

    def __init__(self, images: ThumbnailImages) -> None:
        self._images = images
        self._kept: dict[str, _Layer] = {}

    def forget(self) -> None:
        """Paint everything anew next time: the theme changed."""
        for layer in self._kept.values():
            layer.key = None  # Its memory is used again: fresh pages would cost a millisecond.

    def forget_video(self) -> None:
        """Paint the lanes of the video anew next time: more of it became known."""
        if "video" in self._kept:
            self._kept["video"].key = None

    def paint(self, painter: QPainter, view: TimelineView, ratio: float, *, is_focused: bool) -> None:
        """Lay both parts, painting what is not kept for this zoom, size and state."""
        layout, data = view.layout, view.data
        split = layout.music.top - 6.0
        place = (view.scale, layout, ratio)
        video_key = (*place, _Same(data.motion, data.cuts_s, data.sound_peaks, data.soundtrack), data.markers)
        music_key = (*place, data, view.pending, view.selected, view.handle, view.beats_shown, is_focused)
        self._lay(painter, view, ratio, "video", video_key, Band(0.0, split), self._paint_video)
        self._lay(
            painter,
            view,
            ratio,
            "music",
            music_key,
            Band(split, layout.height - split),
            lambda canvas, view: _paint_music(canvas, view, is_focused=is_focused),
        )

    def _lay(
        self,
        painter: QPainter,
        view: TimelineView,
        ratio: float,
        name: str,
        key: Hashable,
        band: Band,
        paint: Callable[[Canvas, TimelineView], None],
    ) -> None:
        kept = self._kept.get(name)
        if kept is None or kept.key != key:
            kept = self._kept[name] = _Layer(_painted(view, ratio, band, paint, kept), key)
        painter.drawImage(QPointF(0.0, band.top), kept.image)

    def _paint_video(self, canvas: Canvas, view: TimelineView) -> None:
        data, layout = view.data, canvas.layout
        paint_ruler(canvas, marker_spans(canvas, data.markers))
        paint_names(canvas)
        canvas.painter.setClipRect(QRectF(0, 0, layout.lanes_width, layout.height))
        paint_picture(canvas, data.cuts_s, self._images)
        lines = CutLines(canvas, data.cuts_s)
        above = Band(layout.ruler.bottom, layout.picture.bottom - layout.ruler.bottom)
        lines.paint(canvas, above, _OVER_PICTURE, "raised")
        paint_motion(canvas, data.motion)
        paint_sound(canvas, data.soundtrack, data.sound_peaks)
        below = Band(layout.picture.bottom, layout.music.top - layout.picture.bottom)
        lines.paint(canvas, below, _OVER_LANES, "panel")
        paint_cut_marks(canvas, data.cuts_s)


def _painted(
    view: TimelineView,
    ratio: float,
    band: Band,
    paint: Callable[[Canvas, TimelineView], None],
    kept: _Layer | None,
) -> QImage:
    size = (round(view.layout.width * ratio), round(band.height * ratio))
    image = kept.image if kept is not None else QImage()
    if (image.width(), image.height()) != size or image.devicePixelRatio() != ratio:
        image = QImage(*size, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
    colours = theme.current()
    image.fill(colours.color("panel"))
    with QPainter(image) as painter:
        painter.translate(view.layout.left, -band.top)
        paint(Canvas(painter, view.scale, view.layout, colours, ratio), view)
    return image


def _paint_music(canvas: Canvas, view: TimelineView, *, is_focused: bool) -> None:
    layout, painter, data = canvas.layout, canvas.painter, view.data
    paint_names(canvas)
    painter.setClipRect(QRectF(0, layout.music.top - 6.0, layout.lanes_width, layout.height))
    cues = view.cues
    for music in data.music_there:
        paint_music_there(canvas, music)
    last_end_s, beats_s = 0.0, [_NO_BEATS]
    for number, placed in enumerate(cues):
        look = BlockLook(number == view.selected, is_focused, view.handle, last_end_s, placed.state)
        paint_block(canvas, placed, look)
        if placed.state is CueState.REPLACED:
            continue
        last_end_s = max(last_end_s, placed.cue.record_out_s)
        if view.beats_shown is BeatsShown.OFF:
            continue
        grid = grid_of(placed)
        beats_s.append(grid.beats_s)
        paint_beats(canvas, grid, view.beats_shown)
        paint_sections(canvas, grid)
    through = Band(layout.music.top - 6.0, layout.music.height + 6.0)
    CutLines(canvas, data.cuts_s).paint(canvas, through, _OVER_MUSIC, "cue_fill")
    paint_met_cuts(canvas, data.cuts_s, np.concatenate(beats_s))
    if not cues and not data.music_there:
        _paint_hint(canvas)


def _paint_hint(canvas: Canvas) -> None:
    """The one next step where there is no music yet, in front of the cuts: they would run through its letters."""
    band, painter = canvas.layout.music, canvas.painter
    font = canvas.font(12)
    text = QCoreApplication.translate("Timeline", "No music yet. Hear a suggestion with 1 to 9, use it with Enter.")
    metrics = QFontMetricsF(font)
    height = metrics.height() + 2 * _HINT_MARGIN
    ground = QRectF(
        0, band.top + (band.height - height) / 2, metrics.horizontalAdvance(text) + 2 * _HINT_MARGIN, height
    )
    painter.fillRect(ground, canvas.color("panel"))
    painter.setFont(font)
    painter.setPen(canvas.color("secondary"))
    painter.drawText(ground.adjusted(_HINT_MARGIN, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
