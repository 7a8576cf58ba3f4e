# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timeline as it looks: what it shows, where it is zoomed to, and how it is painted. Takes no input.

It shows the TimelineData it was given and changes none of it.
"""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFocusEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from needledrop.gui import theme
from needledrop.gui.widgets.timeline.canvas import Canvas
from needledrop.gui.widgets.timeline.cue_parts import BODY
from needledrop.gui.widgets.timeline.cue_story import cue_sentence, handle_text
from needledrop.gui.widgets.timeline.data import TimelineData
from needledrop.gui.widgets.timeline.lane_layout import LEAST_HEIGHT_PX, USUAL_HEIGHT_PX, lay_out
from needledrop.gui.widgets.timeline.layers import Layers
from needledrop.gui.widgets.timeline.overlay import (
    HEAD_PX,
    paint_markers,
    paint_playhead,
    paint_range,
    paint_scroll,
    paint_snap,
)
from needledrop.gui.widgets.timeline.thumbnail_images import ThumbnailImages
from needledrop.gui.widgets.timeline.time_scale import TimeScale
from needledrop.gui.widgets.timeline.view_state import BeatsShown, TimelineView

NOTHING = TimelineData(0.0, Fraction(25))
_THUMBNAIL_PAUSE_MS = 16


class TimelineSurface(QWidget):
    """The painted part of a Timeline."""

    handle_changed = Signal(str)  # the handle that keys act on, in words
    view_changed = Signal()  # zoom, beats shown or snapping

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images = ThumbnailImages()
        self._layers = Layers(self._images)
        layout = lay_out(960, USUAL_HEIGHT_PX)
        self.view = TimelineView(NOTHING, TimeScale.fitted(0.0, NOTHING.frame_s, layout.lanes_width), layout)
        self._has_key_focus = False
        self._thumbnail_pause = QTimer(self)
        self._thumbnail_pause.setSingleShot(True)
        self._thumbnail_pause.setInterval(_THUMBNAIL_PAUSE_MS)
        self._thumbnail_pause.timeout.connect(self._go_on_with_thumbnails)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumHeight(LEAST_HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Timeline"))
        theme.current().changed.connect(self.forget_painting)

    def set_data(self, data: TimelineData) -> None:
        """Show other data; zoom and selection stay where they still make sense."""
        view = self.view
        before, view.data, view.pending = view.data, data, None
        self._images.set_thumbnails(data.thumbnails)
        if before.thumbnails is not data.thumbnails:
            self._layers.forget_video()
        if (before.duration_s, before.frame_s) != (data.duration_s, data.frame_s):
            view.scale = TimeScale.fitted(data.duration_s, data.frame_s, view.layout.lanes_width)
        if view.marker is not None and view.marker >= len(data.markers):
            view.marker = None
        if view.selected not in data.editable:
            view.selected, view.handle = None, BODY
        self._describe()
        self.update()

    def set_selected(self, cue: int | None) -> None:
        """Show a cue as selected; emits nothing."""
        cue = cue if cue in self.view.data.editable else None
        if cue != self.view.selected:
            self.view.selected, self.view.handle, self.view.pending = cue, BODY, None
            self._describe()
            self.update()

    def set_range(self, range_s: tuple[float, float] | None) -> None:
        """Show a range, or none."""
        if range_s != self.view.range_s:
            self.view.range_s = range_s
            self.update()

    def set_playhead(self, time_s: float) -> None:
        """Put the playhead there."""
        before = self.view.playhead_s
        self.view.playhead_s = time_s
        for at_s in (before, time_s):
            x = round(self.view.layout.left + self.view.scale.x(at_s))
            self.update(QRect(x - round(HEAD_PX) - 2, 0, 2 * round(HEAD_PX) + 5, self.height()))

    def set_beats_shown(self, shown: BeatsShown) -> None:
        """How much of the music's grid is drawn."""
        self.view.beats_shown = shown
        self.view_changed.emit()
        self.update()

    def zoom(self, factor: float, at_px: float | None = None) -> None:
        """Zoom around a pixel of the lanes; without one around the playhead, or the middle where it is out of view."""
        scale = self.view.scale
        if at_px is None:
            at_px = scale.x(self.view.playhead_s)
            at_px = at_px if 0 <= at_px <= scale.width_px else scale.width_px / 2
        self._use_scale(scale.zoomed(factor, at_px))

    def fit(self) -> None:
        """The whole video."""
        self._use_scale(
            TimeScale.fitted(self.view.data.duration_s, self.view.data.frame_s, self.view.layout.lanes_width)
        )

    def forget_painting(self) -> None:
        """Paint everything anew: the theme changed."""
        self._layers.forget()
        self.update()

    def sizeHint(self) -> QSize:
        """As in the drawing of the window."""
        return QSize(960, USUAL_HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Kept layers, then what moves."""
        painter, view, ratio = QPainter(self), self.view, self.devicePixelRatioF()
        colours = theme.current()
        self._layers.paint(painter, view, ratio, is_focused=self.hasFocus())
        painter.save()
        painter.translate(view.layout.left, 0)
        canvas = Canvas(painter, view.scale, view.layout, colours, ratio)
        painter.setClipRect(QRect(-round(HEAD_PX) - 1, 0, round(view.layout.lanes_width + HEAD_PX) + 1, self.height()))
        if view.range_s is not None:
            paint_range(canvas, view.range_s)
        if view.data.markers:
            paint_markers(canvas, view.data.markers, view.marker)
        if view.snapped_s is not None:
            paint_snap(canvas, view.snapped_s)
        if view.data.duration_s > 0:
            paint_playhead(canvas, view.playhead_s)
            paint_scroll(canvas)
        painter.restore()
        if self._has_key_focus:
            painter.setPen(QPen(colours.color("accent"), 1.0))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        if self._images.is_waiting:
            self._thumbnail_pause.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        self.view.layout = lay_out(event.size().width(), event.size().height())
        self.view.scale = self.view.scale.resized(self.view.layout.lanes_width)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Ring the timeline where the focus came by key."""
        self._has_key_focus = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
        )
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No ring."""
        self._has_key_focus = False
        self.update()

    def _use_scale(self, scale: TimeScale) -> None:
        if scale != self.view.scale:
            self.view.scale = scale
            self.view_changed.emit()
            self.update()

    def _go_on_with_thumbnails(self) -> None:
        self._layers.forget_video()
        self.update()

    def _describe(self) -> None:
        """Tell a screen reader what is selected."""
        placed, count = self.view.selected_cue, len(self.view.data.editable)
        if placed is None or self.view.selected is None:
            text = self.tr("{count} cues").format(count=count)
        else:
            text = cue_sentence(placed, self.view.selected, count, self.view.handle)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            self._say(text)
        self._tell_handle()

    def _tell_handle(self) -> None:
        placed = self.view.cues[self.view.selected] if self.view.selected is not None else None
        self.handle_changed.emit(handle_text(placed, self.view.handle) if placed is not None else "")

    def _say(self, text: str) -> None:
        if self.hasFocus():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))
