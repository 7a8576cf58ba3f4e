# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timeline widget: joins lanes, gestures and keys, and turns what the user does into signals.

It shows the TimelineData it was given and changes nothing itself: a changed cue leaves as a signal and comes back
with the next data.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHideEvent, QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from needledrop.core.cue import Cue
from needledrop.gui.widgets.timeline.cue_parts import BODY, Handle, Part
from needledrop.gui.widgets.timeline.cue_story import edit_text
from needledrop.gui.widgets.timeline.gestures import Gestures, Pointer
from needledrop.gui.widgets.timeline.hit_test import Hit, Place, hit
from needledrop.gui.widgets.timeline.keyboard import CueKeys, TimeKeys
from needledrop.gui.widgets.timeline.marker_name import MarkerName
from needledrop.gui.widgets.timeline.surface import TimelineSurface

_ZOOM_A_NOTCH = 1.2
_PAN_A_NOTCH_PX = 96.0
_CURSORS = {
    Part.START: Qt.CursorShape.SizeHorCursor,
    Part.END: Qt.CursorShape.SizeHorCursor,
    Part.FADE_IN: Qt.CursorShape.SizeHorCursor,
    Part.FADE_OUT: Qt.CursorShape.SizeHorCursor,
    Part.JOINT: Qt.CursorShape.SplitHCursor,
    Part.GAIN: Qt.CursorShape.SizeVerCursor,
    Part.DUCKING: Qt.CursorShape.SizeVerCursor,
}


class Timeline(TimelineSurface):
    """Picture, motion, sound and music over one ruler."""

    seek_requested = Signal(float)  # seconds; also while the playhead is dragged
    cue_selected = Signal(object)  # int | None
    cue_previewed = Signal(int, object)  # Cue, while it is dragged; then the kept one again where the drag was given up
    cue_edited = Signal(int, object, str)  # Cue, and what the step is called
    cue_removed = Signal(int)
    suggestions_requested = Signal()  # for the range
    range_edited = Signal(object)  # (in_s, out_s) | None
    marker_added = Signal(float)  # seconds
    marker_moved = Signal(int, float)
    marker_named = Signal(int, str)
    marker_removed = Signal(int)
    menu_requested = Signal(QPoint)  # global position
    pressed = Signal()  # A drag begins,
    released = Signal()  # and has ended; what it made was told before.

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gestures = Gestures(self.view, self)
        self.cue_keys = CueKeys(self.view, self)
        self.time_keys = TimeKeys(self.view, self)
        self._name = MarkerName(self)
        self._name.entered.connect(self.marker_named)
        self.setMouseTracking(True)

    def follow(self, time_s: float) -> None:
        """Put the playhead there while playing: the view pages after it, unless something is being dragged."""
        self.set_playhead(time_s)
        if not self._gestures.is_active:
            self._use_scale(self.view.scale.showing(time_s))

    # What can be done by name -------------------------------------------------------------------------------------

    def cycle_beats(self) -> None:
        """Beats: off, sections, downbeats, beats."""
        self.set_beats_shown(self.view.beats_shown.following)

    def toggle_snapping(self) -> None:
        """Whether drags snap."""
        self.view.is_snapping = not self.view.is_snapping
        self._say(self.tr("Snapping on") if self.view.is_snapping else self.tr("Snapping off"))
        self.view_changed.emit()

    def remove_selected(self) -> None:
        """Take the selected cue away, or the marker that is held."""
        if self.view.selected is not None:
            self.cue_removed.emit(self.view.selected)
        elif self.view.marker is not None:
            self.remove_marker(self.view.marker)

    def suggest_for_cue(self) -> None:
        """Ask for other music where the selected cue lies."""
        if self.view.selected is not None:
            self.time_keys.range_of_cue()
            self.suggestions_requested.emit()

    def nudge_frames(self, frames: int) -> None:
        """Move what is held by frames: a handle of the selected cue, or a marker."""
        if self.view.marker is not None:
            self.time_keys.nudge_marker(frames)
        else:
            self.cue_keys.nudge_frames(frames)

    # Intents ------------------------------------------------------------------------------------------------------

    def seek(self, time_s: float) -> None:
        """Put the playhead there, and say so."""
        self.follow(time_s)
        self.seek_requested.emit(time_s)

    def select(self, cue: int | None, handle: Handle) -> None:
        """Select a cue and a handle of it, and say so."""
        before = self.view.selected
        self.view.selected, self.view.handle = cue, handle
        if cue is not None:
            self.view.marker = None
        if cue != before:
            self.cue_selected.emit(cue)
        self._describe()
        self.update()

    def preview(self, cue: Cue, handle: Handle) -> None:
        """Show an unfinished drag."""
        self.view.pending = cue
        if self.view.selected is not None:
            self.cue_previewed.emit(self.view.selected, cue)
        self._tell_handle()
        self.update()

    def commit(self, cue: Cue, handle: Handle) -> None:
        """Say that the selected cue is to be so from now on."""
        self.view.pending, self.view.handle = None, handle if handle.joint < len(cue.pieces) - 1 else BODY
        if self.view.selected is not None and cue != self.view.data.cues[self.view.selected].cue:
            self.cue_edited.emit(self.view.selected, cue, edit_text(handle))
        self._describe()
        self.update()

    def drop(self) -> None:
        """Show the kept cue again."""
        if self.view.pending is not None and self.view.selected is not None:
            self.view.pending = None
            self.cue_previewed.emit(self.view.selected, self.view.data.cues[self.view.selected].cue)
        self.update()

    def choose_range(self, range_s: tuple[float, float] | None) -> None:
        """Show a range, and say so."""
        if range_s != self.view.range_s:
            self.set_range(range_s)
            self.range_edited.emit(range_s)

    def hold_marker(self, marker: int | None) -> None:
        """Hold a marker; no cue is selected beside it."""
        if marker is not None:
            self.select(None, BODY)
        self.view.marker = marker
        self._describe()
        self.update()

    def add_marker(self, time_s: float) -> None:
        """Say that a moment is to be marked."""
        self.marker_added.emit(time_s)

    def move_marker(self, marker: int, time_s: float) -> None:
        """Say that a marker is to lie elsewhere; it stays the held one where it passes another."""
        passed = sum(other.time_s < time_s for number, other in enumerate(self.view.data.markers) if number != marker)
        self.marker_moved.emit(marker, time_s)
        self.view.marker = passed

    def name_marker(self, marker: int) -> None:
        """Let the name be written where the marker is."""
        placed = self.view.data.markers[marker]
        left = round(self.view.layout.left + self.view.scale.x(placed.time_s))
        self._name.open_at(left, round(self.view.layout.ruler.bottom), placed.name, marker)

    def remove_marker(self, marker: int) -> None:
        """Say that a marker is to go."""
        self.view.marker = None
        self.marker_removed.emit(marker)

    def pan(self, by_px: float) -> None:
        """Pan."""
        self._use_scale(self.view.scale.panned(by_px))

    # Qt -----------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag with the left button."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.pressed.emit()
            self._gestures.press(_pointer(event))
        elif event.button() is Qt.MouseButton.RightButton:
            found = self._hit_at(event)
            if found.place is Place.CUE:
                self.select(found.cue, found.handle or BODY)
            elif found.place is Place.MARKER:
                self.hold_marker(found.marker)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A marker's name is written where it is; elsewhere it is a press like the first."""
        found = self._hit_at(event)
        if found.place is Place.MARKER and found.marker is not None:
            self.name_marker(found.marker)
        else:
            self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with a drag, or show what could be dragged."""
        if self._gestures.is_active:
            self._gestures.move(_pointer(event))
        else:
            self._show_cursor(self._hit_at(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag."""
        if event.button() is Qt.MouseButton.LeftButton and self._gestures.is_active:
            self._gestures.release(_pointer(event))
            self.released.emit()
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl or Alt: zoom to the pointer. Else pan."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            self.zoom(_ZOOM_A_NOTCH ** (turned / 120.0), event.position().x() - self.view.layout.left)
        elif not event.pixelDelta().isNull():
            pixels = event.pixelDelta()
            self.pan(-float(pixels.x() or pixels.y()))
        else:
            self.pan(-turned / 120.0 * _PAN_A_NOTCH_PX)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home, End and Escape; every other key is a command of the window's registry."""
        is_far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                way = 1 if event.key() == Qt.Key.Key_Right else -1
                self.time_keys.step_frames(way * (10 if is_far else 1))
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                way = 1 if event.key() == Qt.Key.Key_Down else -1
                (self.time_keys.step_marker if is_far else self.time_keys.step_cut)(way)
            case Qt.Key.Key_Home:
                self.time_keys.go_start()
            case Qt.Key.Key_End:
                self.time_keys.go_end()
            case Qt.Key.Key_Escape:
                self._escape()
            case _:
                super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Arrows belong to the timeline while it has the focus; a pinch zooms."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _OWN_KEYS:
            event.accept()
            return True
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom(1.0 + event.value(), event.position().x() - self.view.layout.left)
            return True
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu: at the pointer, or at the cue where a key asked."""
        self.menu_requested.emit(event.globalPos())

    def hideEvent(self, event: QHideEvent) -> None:
        """A drag ends where its widget goes."""
        if self._gestures.is_active:
            self._gestures.cancel()

    # Inside -------------------------------------------------------------------------------------------------------

    def _escape(self) -> None:
        if self._gestures.is_active:
            self._gestures.cancel()
        elif self.view.handle != BODY:
            self.select(self.view.selected, BODY)
        else:
            self.select(None, BODY)
            self.hold_marker(None)

    def _hit_at(self, event: QMouseEvent) -> Hit:
        return hit(self.view, event.position().x(), event.position().y())

    def _show_cursor(self, found: Hit) -> None:
        self.setToolTip(self.view.data.markers[found.marker].name if found.marker is not None else "")
        if found.place in (Place.RANGE_IN, Place.RANGE_OUT, Place.MARKER):
            self.setCursor(Qt.CursorShape.SizeHorCursor)
        elif found.handle is not None and found.handle.part in _CURSORS:
            self.setCursor(_CURSORS[found.handle.part])
        else:
            self.unsetCursor()


_OWN_KEYS = (
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_Escape,
)


def _pointer(event: QMouseEvent) -> Pointer:
    held = event.modifiers()
    return Pointer(
        event.position().x(),
        event.position().y(),
        is_slip=bool(held & Qt.KeyboardModifier.AltModifier),
        is_free=bool(held & Qt.KeyboardModifier.ControlModifier),
    )
