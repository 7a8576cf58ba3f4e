# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Something that lasts for as long as a key is held. Shortcuts only tell of the press; the release is watched here.

The application's events are watched only between the two.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence


class HeldKey(QObject):
    """`begin` is the action's handler; `changed` is called with True, and with False once the key is let go.

    Begun from a menu or the palette there is no key to let go: doing the action again ends it.
    """

    def __init__(self, changed: Callable[[bool], object], parent: QObject) -> None:
        super().__init__(parent)
        self._changed = changed
        self._keys: frozenset[int] = frozenset()
        self._is_on = False

    def begin(self, action: QAction) -> None:
        """The action was triggered."""
        if self._is_on:
            self.end()
            return
        self._is_on = True
        self._keys = frozenset(_key_of(sequence) for sequence in action.shortcuts())
        application = QCoreApplication.instance()
        assert application is not None
        application.installEventFilter(self)
        self._changed(True)

    def end(self) -> None:
        """The key was let go, or the window is no longer the one in front."""
        if not self._is_on:
            return
        self._is_on = False
        application = QCoreApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        self._changed(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            if not event.isAutoRepeat() and event.key() in self._keys:
                self.end()
        elif kind == QEvent.Type.ApplicationDeactivate:
            self.end()
        return False


def _key_of(sequence: QKeySequence) -> int:
    name = sequence.toString(QKeySequence.SequenceFormat.PortableText).rpartition("+")[2]
    return int(Qt.Key[f"Key_{name.upper()}"]) if f"Key_{name.upper()}" in Qt.Key.__members__ else 0
