# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PySide6 6.12.0 on Python 3.10 and 3.11 takes a reference from None at some calls, and aborts after some 20,000."""

from __future__ import annotations

import sys

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

CALLS = 20_000
ALLOWED = 500  # What the interpreter itself takes and gives meanwhile.


class Counted(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.events = 0

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.events += 1

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return False


def test_twenty_thousand_qt_calls_keep_the_references_of_none_true_and_false(qtbot: QtBot) -> None:
    widget = Counted()
    qtbot.addWidget(widget)
    widget.installEventFilter(widget)
    pixmap = QPixmap(8, 8)
    timer = QTimer()
    timer.timeout.connect(lambda: None)
    before = [sys.getrefcount(value) for value in (None, True, False)]
    painter = QPainter(pixmap)
    for _ in range(CALLS):
        painter.fillRect(QRect(0, 0, 8, 8), QColor(1, 2, 3))
        painter.setPen(Qt.PenStyle.NoPen)
        widget.update()
        widget.setEnabled(True)
        widget.parentWidget()
        timer.timeout.emit()
    painter.end()
    for _ in range(CALLS):
        widget.event(
            QMouseEvent(
                QEvent.Type.MouseMove,
                QPointF(1, 1),
                QPointF(1, 1),
                Qt.MouseButton.NoButton,
                Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier,
            )
        )
    after = [sys.getrefcount(value) for value in (None, True, False)]
    assert widget.events == CALLS
    assert [abs(late - early) < ALLOWED for early, late in zip(before, after, strict=True)] == [True] * 3
