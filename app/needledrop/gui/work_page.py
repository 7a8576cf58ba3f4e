# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The place "Suggest": viewer, suggestions and timeline in panes that can be resized and folded away."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from needledrop.gui import places
from needledrop.gui.places import Parts
from needledrop.gui.window_memory import WindowMemory

SUGGESTIONS_SHARE = (942, 498)  # Of the width, as in the drawing of the window.
TIMELINE_SHARE = (500, 330)


class WorkPage(QWidget):
    """Two splitters, one in the other."""

    def __init__(self, parts: Parts, memory: WindowMemory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._across = _splitter(Qt.Orientation.Horizontal)
        self._down = _splitter(Qt.Orientation.Vertical)
        self._panes: dict[str, QWidget] = {}
        for name, panel, splitter in (
            ("viewer", places.VIEWER, self._across),
            ("suggestions", places.SUGGESTIONS, self._across),
            ("timeline", places.TIMELINE, self._down),
        ):
            if splitter is self._down:
                splitter.addWidget(self._across)
            if places.is_there(panel):
                self._panes[name] = places.make(panel, parts)
                splitter.addWidget(self._panes[name])
        for place, splitter in enumerate((self._across, self._down)):
            splitter.setStretchFactor(0, 1)
            splitter.setStretchFactor(1, 0)
            if not memory.watch(("across", "down")[place], splitter):
                splitter.setSizes(list((SUGGESTIONS_SHARE, TIMELINE_SHARE)[place]))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._down)

    def pane(self, name: str) -> QWidget | None:
        """The pane "viewer", "suggestions" or "timeline"."""
        return self._panes.get(name)

    def toggle(self, name: str) -> None:
        """Fold a pane away, or bring it back."""
        pane = self._panes.get(name)
        if pane is not None:
            pane.setVisible(not pane.isVisible())


def _splitter(orientation: Qt.Orientation) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(True)
    return splitter
