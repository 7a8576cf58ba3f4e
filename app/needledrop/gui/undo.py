# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one kind of undo step: the whole state of the work before and after. States are small and share their parts."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from PySide6.QtGui import QUndoCommand

from needledrop.core.work import WorkState

if TYPE_CHECKING:
    from needledrop.gui.document import Document
    from needledrop.gui.open_video import OpenVideo
    from needledrop.gui.work_editing import WorkEditing

_NEVER_MERGED = -1


class ChangeWork(QUndoCommand):
    """Steps with the same non-empty `merge_key` that follow one another become one."""

    def __init__(self, editing: WorkEditing, before: WorkState, after: WorkState, text: str, merge_key: str) -> None:
        super().__init__(text)
        self._editing = editing
        self.before = before
        self.after = after
        self.merge_key = merge_key

    def undo(self) -> None:
        """Go back."""
        self._editing.end_gesture()
        self._editing.restore(self.before)

    def redo(self) -> None:
        """Go forward; Qt calls it when the step is pushed, too."""
        self._editing.restore(self.after)

    def id(self) -> int:
        """Qt asks only steps of the same id whether they merge."""
        return zlib.crc32(self.merge_key.encode()) >> 1 if self.merge_key else _NEVER_MERGED

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take a later step of the same gesture in."""
        if not isinstance(other, ChangeWork) or other.merge_key != self.merge_key:
            return False
        self.after = other.after
        return True


class ChangeFilm(QUndoCommand):
    """Another film in place of the open one, with the work on each of them."""

    def __init__(
        self,
        document: Document,
        before: tuple[OpenVideo, WorkState],
        after: tuple[OpenVideo, WorkState],
        text: str,
    ) -> None:
        super().__init__(text)
        self._document = document
        self._before = before
        self._after = after

    def undo(self) -> None:
        """Go back to the film that was open."""
        self._document.end_gesture()
        self._document.show_film(*self._before)

    def redo(self) -> None:
        """Go on to the other film."""
        self._document.show_film(*self._after)
