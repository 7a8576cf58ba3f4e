# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work on what is open, and every way to change it: each is one step that can be undone.

It knows values only: no file, no player, no job.
"""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QUndoStack

from needledrop.core.cue import Cue
from needledrop.core.work import TimelineMarker, WorkState
from needledrop.gui.undo import ChangeWork

UNDO_LIMIT = 1000
GESTURE_PAUSE_MS = 1200
_SAME_MOMENT_S = 1e-3


class WorkEditing(QObject):
    """Cues, range and selection of one timeline, with the steps that led to them."""

    cues_changed = Signal()
    selection_changed = Signal()
    range_changed = Signal()
    markers_changed = Signal()
    verdicts_changed = Signal()
    work_changed = Signal()  # Any of them, and what undo does not count: there is something to be kept.

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_LIMIT)
        self._work = WorkState()
        self._gesture = 0
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(GESTURE_PAUSE_MS)
        self._pause.timeout.connect(self._on_pause)

    @property
    def duration_s(self) -> float | None:
        """How long the timeline is; None where nothing is open, and nothing can be changed."""
        return None

    @property
    def cues(self) -> tuple[Cue, ...]:
        """The cues in the order of the timeline."""
        return self._work.cues

    @property
    def selected(self) -> int | None:
        """The index of the selected cue."""
        return self._work.selected

    @property
    def range_s(self) -> tuple[float, float] | None:
        """The in-point and out-point in seconds; None means the whole video."""
        return self._work.range_s

    @property
    def markers(self) -> tuple[TimelineMarker, ...]:
        """The user's markers in order of time."""
        return self._work.markers

    @property
    def rejected(self) -> frozenset[int]:
        """Tracks the user turned down for this video since it was opened."""
        return frozenset(one.track_id for one in self._work.verdicts if one.verdict == "reject")

    def edit_cue(self, index: int, cue: Cue, text: str) -> None:
        """Put another cue in the place of cue `index`. `text` names the step ("Move cue").

        Edits of the same cue under the same text are one step until `end_gesture`, a pause without a pressed mouse
        button, or another change.
        """
        others = [*self.cues]
        others[index] = cue
        cues = _in_order(others)
        # Equal cues may lie at one instant: find this one by identity, so that the selection stays with it.
        at = next(number for number, one in enumerate(cues) if one is cue)
        selected = at if self.selected == index else _moved(self.selected, others, cues)
        self._push(dataclasses.replace(self._work, cues=cues, selected=selected), text, merge_key=text)

    def add_cue(self, cue: Cue, text: str = "") -> None:
        """Lay a cue on the timeline and select it."""
        cues = _in_order([*self.cues, cue])
        at = next(number for number, one in enumerate(cues) if one is cue)
        self._push(dataclasses.replace(self._work, cues=cues, selected=at), text or self.tr("Add cue"))

    def remove_cue(self, index: int) -> None:
        """Take a cue away; the one after it is selected."""
        cues = self.cues[:index] + self.cues[index + 1 :]
        selected = min(index, len(cues) - 1) if cues else None
        self._push(dataclasses.replace(self._work, cues=cues, selected=selected), self.tr("Remove cue"))

    def set_range(self, range_s: tuple[float, float] | None) -> None:
        """Set in-point and out-point in seconds, in either order; None takes them away."""
        if range_s is not None and self.duration_s is not None:
            low, high = sorted(min(max(0.0, edge_s), self.duration_s) for edge_s in range_s)
            range_s = (low, high) if high > low else None
        text = self.tr("Clear range") if range_s is None else self.tr("Set range")
        self._push(dataclasses.replace(self._work, range_s=range_s), text, merge_key="range")

    def add_marker(self, marker: TimelineMarker) -> None:
        """Mark a moment; one that is marked within a millisecond keeps its marker."""
        if all(abs(one.time_s - marker.time_s) > _SAME_MOMENT_S for one in self.markers):
            self._put_markers([*self.markers, marker], self.tr("Add marker"))

    def edit_marker(self, index: int, marker: TimelineMarker, text: str) -> None:
        """Put another marker in the place of marker `index`; drags of one gesture are one step, as with cues."""
        others = [*self.markers]
        others[index] = marker
        self._put_markers(others, text, merge_key=text)

    def remove_marker(self, index: int) -> None:
        """Take a marker away."""
        self._put_markers([*self.markers[:index], *self.markers[index + 1 :]], self.tr("Remove marker"))

    def _put_markers(self, markers: list[TimelineMarker], text: str, merge_key: str = "") -> None:
        ordered = tuple(sorted(markers, key=lambda one: one.time_s))
        self._push(dataclasses.replace(self._work, markers=ordered), text, merge_key)

    def select(self, index: int | None) -> None:
        """Select a cue, or none. Kept with the work, but no step of undo."""
        if index is not None and not 0 <= index < len(self.cues):
            raise IndexError(index)
        if index != self.selected:
            self._work = dataclasses.replace(self._work, selected=index)
            self.work_changed.emit()
            self.selection_changed.emit()

    def end_gesture(self) -> None:
        """The mouse button was let go: the next edit is a step of its own."""
        self._gesture += 1
        self._pause.stop()

    def restore(self, work: WorkState) -> None:
        """Put a whole state of the work in force, and tell what became different. Undo and redo end here."""
        before, self._work = self._work, work
        self._tell(before, work)

    def _tell(self, before: WorkState, work: WorkState) -> None:
        if before.cues != work.cues:
            self.cues_changed.emit()
        if before.selected != work.selected:
            self.selection_changed.emit()
        if before.range_s != work.range_s:
            self.range_changed.emit()
        if before.markers != work.markers:
            self.markers_changed.emit()
        if before.verdicts != work.verdicts:
            self.verdicts_changed.emit()
        if before != work:
            self.work_changed.emit()

    def _push(self, work: WorkState, text: str, merge_key: str = "") -> None:
        if self.duration_s is None or work == self._work:
            return
        if not merge_key:
            self.end_gesture()
        key = f"{self._gesture} {merge_key}" if merge_key else ""
        self.undo_stack.push(ChangeWork(self, self._work, work, text, key))
        if merge_key:
            self._pause.start()

    def _on_pause(self) -> None:
        if QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self.end_gesture()
        else:
            self._pause.start()


def _in_order(cues: list[Cue]) -> tuple[Cue, ...]:
    return tuple(sorted(cues, key=lambda cue: cue.record_in_s))


def _moved(index: int | None, before: list[Cue], after: tuple[Cue, ...]) -> int | None:
    return None if index is None else next(number for number, one in enumerate(after) if one is before[index])
