# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real timeline widget on which tests press and drag, and which takes its own edits back as the document would."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from needledrop.core.cue import Cue
from needledrop.gui.widgets.timeline.data import TimelineData
from needledrop.gui.widgets.timeline.timeline import Timeline

NO_KEY = Qt.KeyboardModifier.NoModifier


@dataclass
class Stage:
    """A timeline whose edits come back to it, as the document gives them back; `said` is what it said, in order."""

    timeline: Timeline
    said: list[tuple[object, ...]] = field(default_factory=list)
    previews: list[Cue] = field(default_factory=list)

    def show(self, data: TimelineData) -> None:
        self.timeline.set_data(data)
        self.timeline.fit()

    def cue(self, index: int = 0) -> Cue:
        return self.timeline.view.data.cues[index].cue

    def x(self, time_s: float) -> int:
        return round(self.timeline.view.layout.left + self.timeline.view.scale.x(time_s))

    def press(self, x: float, y: float, held: Qt.KeyboardModifier = NO_KEY) -> None:
        QTest.mousePress(self.timeline, Qt.MouseButton.LeftButton, held, QPoint(round(x), round(y)))

    def move(self, x: float, y: float, held: Qt.KeyboardModifier = NO_KEY) -> None:
        # QTest.mouseMove holds neither buttons nor modifiers.
        place = QPointF(round(x), round(y))
        buttons = Qt.MouseButton.LeftButton
        event = QMouseEvent(
            QEvent.Type.MouseMove, place, self.timeline.mapToGlobal(place), Qt.MouseButton.NoButton, buttons, held
        )
        QApplication.sendEvent(self.timeline, event)

    def release(self, x: float, y: float, held: Qt.KeyboardModifier = NO_KEY) -> None:
        QTest.mouseRelease(self.timeline, Qt.MouseButton.LeftButton, held, QPoint(round(x), round(y)))

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        held: Qt.KeyboardModifier = NO_KEY,
    ) -> None:
        """Press, move in three steps, release."""
        self.press(*start, held)
        for step in (0.3, 0.7, 1.0):
            self.move(*(a + step * (b - a) for a, b in zip(start, end, strict=True)), held)
        self.release(*end, held)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NO_KEY) -> None:
        QTest.keyClick(self.timeline, key, held)

    def take_edit(self, index: int, cue: Cue, text: str) -> None:
        self.said.append(("edited", index, text))
        data = self.timeline.view.data
        cues = list(data.cues)
        cues[index] = replace(cues[index], cue=cue)
        self.timeline.set_data(replace(data, cues=tuple(cues)))
