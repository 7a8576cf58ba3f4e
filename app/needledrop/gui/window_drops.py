# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are dragged over the window and dropped anywhere on it: it lights up, and hands them on. Opens nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from needledrop.gui.file_opening import local_paths
from needledrop.gui.panels.start_panel import StartPanel
from needledrop.gui.widgets.drop_veil import DropVeil


class WindowDrops(QObject):
    """Watches one window; `take` gets what was dropped on it."""

    def __init__(self, window: QWidget, start_panel: StartPanel, take: Callable[[Sequence[Path]], None]) -> None:
        super().__init__(window)
        self._start_panel = start_panel
        self._take = take
        text = self.tr("Drop to open a video or a project, to add a folder of music, or to find something like a track")
        self._veil = DropVeil(window, text, "drop")
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what files are dragged; everything else goes its way."""
        if isinstance(event, QDragEnterEvent) and local_paths(event.mimeData().urls()):
            event.acceptProposedAction()
            self._start_panel.set_drop_shown(True)
            if not self._start_panel.isVisible():
                self._veil.cover()
            return True
        if event.type() == QEvent.Type.DragLeave:
            self._end()
        elif isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            self._end()
            event.acceptProposedAction()
            self._take(local_paths(event.mimeData().urls()))
            return True
        return False

    def _end(self) -> None:
        self._start_panel.set_drop_shown(False)
        self._veil.hide()
