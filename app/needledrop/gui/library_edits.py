# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of tracks that the user makes in the window: in the background, one after the other, each undoable.

A scan may hold the library for an hour. A change made meanwhile waits and is written as soon as the library is free;
`waiting_changed` says how many do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from needledrop.core.errors import KnownError
from needledrop.core.music import RhythmEdit
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.background import Background

RETRY_MS = 1000
Inverse = Callable[[], "Inverse"]  # Does a change on a thread, and returns what takes it back.


@dataclass(frozen=True)
class _Change:
    text: str
    apply: Inverse
    is_new: bool  # False for what undo and redo do: it is on the stack already.


class LibraryEdits(QObject):
    """Applies changes in order. `changed` comes after each that the library has taken."""

    changed = Signal()
    waiting_changed = Signal(int)
    failed = Signal(object)  # KnownError

    def __init__(self, profile: Profile, background: Background, undo_stack: QUndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self._profile = profile
        self._background = background
        self._undo_stack = undo_stack
        self._queue: deque[tuple[_Change, _Step | None]] = deque()
        self._is_busy = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(RETRY_MS)
        self._timer.timeout.connect(self._go_on)

    def edit(self, track_ids: Sequence[int], changes: Mapping[str, str], text: str) -> None:
        """Set fields of tracks, named as in `browse.edit_track`; "" takes an edit back. `text` names the step."""
        profile, ids, wanted = self._profile, tuple(track_ids), dict(changes)
        self._add(_Change(text, lambda: _edit(profile, dict.fromkeys(ids, wanted)), is_new=True))

    def correct_beats(self, track_id: int, edits: Sequence[RhythmEdit], text: str) -> None:
        """Lay corrections over a track's beats."""
        profile, wanted = self._profile, tuple(edits)
        self._add(_Change(text, lambda: _correct(profile, track_id, wanted, is_reset=False), is_new=True))

    def reset_beats(self, track_id: int, text: str) -> None:
        """Go back to the beats that analysis found."""
        profile = self._profile
        self._add(_Change(text, lambda: _correct(profile, track_id, (), is_reset=True), is_new=True))

    def remove(self, track_ids: Sequence[int], text: str) -> None:
        """Take tracks out of the library; their files stay."""
        profile, ids = self._profile, tuple(track_ids)
        self._add(_Change(text, lambda: _remove(profile, ids, is_undo=False), is_new=True))

    def collect(
        self, text: str, *, put_in: Mapping[str, frozenset[int]], take_out: Mapping[str, frozenset[int]]
    ) -> None:
        """Take tracks out of collections, then put tracks in: collection's name to track ids."""
        profile = self._profile
        self._add(_Change(text, lambda: _collect(profile, put_in, take_out), is_new=True))

    def rename_collection(self, name: str, wanted: str, text: str) -> None:
        """Call a collection otherwise; one of that name takes it in."""
        profile = self._profile
        self._add(_Change(text, lambda: _rename(profile, name, wanted), is_new=True))

    def forget_collection(self, name: str, text: str) -> None:
        """Take everything out of a collection; the tracks stay."""
        profile = self._profile
        self._add(_Change(text, lambda: _forget(profile, name), is_new=True))

    def block_artist(self, artist: str, text: str, *, is_blocked: bool) -> None:
        """Suggest nothing of an artist any more, or again."""
        profile = self._profile
        self._add(_Change(text, lambda: _block(profile, artist, is_blocked=is_blocked), is_new=True))

    def redo_step(self, step: _Step, apply: Inverse) -> None:
        """Undo or redo a step of the stack; the step learns what takes this back in turn."""
        self._add(_Change(step.text(), apply, is_new=False), step)

    def _add(self, change: _Change, step: _Step | None = None) -> None:
        self._queue.append((change, step))
        self._go_on()

    def _go_on(self) -> None:
        if self._is_busy or not self._queue or self._timer.isActive():
            return
        change, step = self._queue[0]
        self._is_busy = True

        def work(progress: ProgressSink, cancel: CancelToken) -> Inverse:
            return change.apply()

        def done(inverse: Inverse) -> None:
            self._end()
            if step is not None:
                step.inverse = inverse
            elif change.is_new:
                self._undo_stack.push(_Step(self, change.text, inverse))
            self.changed.emit()
            self._go_on()

        self._background.run("Saving", work, done, self._on_failed, is_quiet=True, is_essential=True)

    def _on_failed(self, error: KnownError) -> None:
        self._is_busy = False
        if error.code == "locked":
            self.waiting_changed.emit(len(self._queue))
            self._timer.start()
            return
        self._end()
        self.failed.emit(error)
        self.changed.emit()  # What was typed is not what the library has.
        self._go_on()

    def _end(self) -> None:
        self._is_busy = False
        self._queue.popleft()
        self.waiting_changed.emit(0 if not self._queue else len(self._queue))


class _Step(QUndoCommand):
    """A change on the window's stack of undo."""

    def __init__(self, edits: LibraryEdits, text: str, inverse: Inverse) -> None:
        super().__init__(text)
        self._edits = edits
        self.inverse = inverse
        self._is_done = True  # Pushing calls redo() once; the change has been made by then.

    def redo(self) -> None:
        """Do it again."""
        if self._is_done:
            self._is_done = False
            return
        self._edits.redo_step(self, self._apply)

    def undo(self) -> None:
        """Take it back."""
        self._edits.redo_step(self, self._apply)

    def _apply(self) -> Inverse:
        return self.inverse()  # As it is when its turn comes: an undo before it may still be under way.


def _edit(profile: Profile, changes: Mapping[int, Mapping[str, str]]) -> Inverse:
    from needledrop.workflows.track_edits import edit_tracks

    before = edit_tracks(profile, changes)
    return lambda: _edit(profile, before)


def _correct(profile: Profile, track_id: int, edits: Sequence[RhythmEdit], *, is_reset: bool) -> Inverse:
    from needledrop.workflows import rhythms

    before = rhythms.show_beats(profile, track_id).edits
    if is_reset:
        rhythms.reset_beats(profile, track_id)
    if edits:
        rhythms.correct_beats(profile, track_id, edits)
    return lambda: _correct(profile, track_id, before, is_reset=True)


def _remove(profile: Profile, track_ids: Sequence[int], *, is_undo: bool) -> Inverse:
    from needledrop.workflows.browse import remove_tracks

    remove_tracks(profile, track_ids, is_undo=is_undo)
    return lambda: _remove(profile, track_ids, is_undo=not is_undo)


def _collect(profile: Profile, put_in: Mapping[str, frozenset[int]], take_out: Mapping[str, frozenset[int]]) -> Inverse:
    from needledrop.workflows.track_collections import CollectionChange, change_collections

    before = change_collections(profile, CollectionChange(take_out, put_in))
    return lambda: _collect(profile, before.put_in, before.take_out)


def _rename(profile: Profile, name: str, wanted: str) -> Inverse:
    from needledrop.workflows.track_collections import rename_collection

    before = rename_collection(profile, name, wanted)
    return lambda: _collect(profile, before.put_in, before.take_out)


def _forget(profile: Profile, name: str) -> Inverse:
    from needledrop.workflows.track_collections import forget_collection

    before = forget_collection(profile, name)
    return lambda: _collect(profile, before.put_in, before.take_out)


def _block(profile: Profile, artist: str, *, is_blocked: bool) -> Inverse:
    from needledrop.workflows.opinions import block_artist

    block_artist(profile, artist, is_blocked=is_blocked)
    return lambda: _block(profile, artist, is_blocked=not is_blocked)
