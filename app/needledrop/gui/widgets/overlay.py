# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sheet over the window that goes away with Esc or a click beside it, and gives the focus back. Never modal."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QVBoxLayout, QWidget

from needledrop.gui import theme

MARGIN = 24


class Overlay(QWidget):
    """Covers `window` with a light veil and shows `sheet` on it; subclasses fill `sheet` and say what has the focus."""

    def __init__(self, window: QWidget, *, width: int, height: int, top: int = 0) -> None:
        super().__init__(window)
        self._size = (width, height)
        self._top = top
        self._focus_before: QWidget | None = None
        self.sheet = QFrame(self)
        self.sheet.setObjectName("sheet")
        self.content = QVBoxLayout(self.sheet)
        self.content.setContentsMargins(0, 0, 0, 0)
        self.content.setSpacing(0)
        shadow = QGraphicsDropShadowEffect(self.sheet)
        shadow.setBlurRadius(32)
        shadow.setOffset(0, 8)
        colour = theme.current().color("shadow")
        colour.setAlphaF(0.4)
        shadow.setColor(colour)
        self.sheet.setGraphicsEffect(shadow)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.close_sheet)
        window.installEventFilter(self)
        self.hide()

    def open_sheet(self, focus: QWidget) -> None:
        """Show it, with the keyboard in `focus`."""
        if not self.isVisible():
            self._focus_before = self.window().focusWidget()
        self._place()
        self.show()
        self.raise_()
        focus.setFocus(Qt.FocusReason.PopupFocusReason)

    def set_height(self, height: int) -> None:
        """Give the sheet another height, as far as the window has room."""
        self._size = (self._size[0], height)
        self._place()

    def close_sheet(self) -> None:
        """Put it away; the focus goes back to where it was."""
        before, self._focus_before = self._focus_before, None
        self.hide()
        if before is not None and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)
        else:
            self.window().setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.sheet.geometry().contains(event.position().toPoint()):
            self.close_sheet()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()  # What is typed here must not reach the window below.

    def paintEvent(self, event: QPaintEvent) -> None:
        veil = QColor(theme.current().color("viewer"))
        veil.setAlphaF(0.35)
        QPainter(self).fillRect(self.rect(), veil)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Tab stays on the sheet."""
        widget = self.window().focusWidget() or self.sheet
        for _ in range(len(self.window().findChildren(QWidget))):  # The chain goes through the whole window.
            following = widget.nextInFocusChain() if is_next else widget.previousInFocusChain()
            if following is None:
                break
            widget = following
            takes_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
            if takes_tab and widget.isEnabled() and self.sheet.isAncestorOf(widget) and widget.isVisibleTo(self):
                widget.setFocus(Qt.FocusReason.TabFocusReason if is_next else Qt.FocusReason.BacktabFocusReason)
                return True
        return False

    def _place(self) -> None:
        room = self.window().rect()
        self.setGeometry(room)
        width = min(self._size[0], room.width() - 2 * MARGIN)
        height = min(self._size[1], room.height() - 2 * MARGIN)
        top = self._top if self._top else (room.height() - height) // 2
        self.sheet.setGeometry(QPoint((room.width() - width) // 2, top).x(), top, width, height)
