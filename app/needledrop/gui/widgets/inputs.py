# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls for values, drawn in the colours of the theme: a switch, a choice, numbers with their unit.

None of them takes the mouse wheel unless it has the focus: rolling over a page scrolls the page, not its values.
"""

from __future__ import annotations

from PySide6.QtCore import Property, QPropertyAnimation, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDoubleSpinBox, QSpinBox, QWidget

from needledrop.gui import icons, theme

TEXT_MARGIN = 8
_SWITCH = QSize(34, 20)


class Switch(QAbstractButton):
    """Yes or no; the knob slides over unless motion is reduced."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = 0.0
        self._slide = QPropertyAnimation(self, b"knob", self)
        self.setCheckable(True)
        self.setFixedSize(_SWITCH)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggled.connect(self._on_toggled)
        theme.current().changed.connect(self.update)

    def _get_knob(self) -> float:
        return self._place

    def _set_knob(self, place: float) -> None:
        self._place = place
        self.update()

    knob = Property(float, _get_knob, _set_knob)

    def sizeHint(self) -> QSize:
        return _SWITCH

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        frame, fill, knob = self._roles()
        painter.setPen(QPen(colours.color("text" if self.hasFocus() else frame), 1.5))
        painter.setBrush(colours.color(fill))
        painter.drawRoundedRect(body, body.height() / 2, body.height() / 2)
        side = body.height() - 6
        left = body.left() + 3 + self._place * (body.width() - side - 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.color(knob))
        painter.drawEllipse(QRectF(left, body.top() + 3, side, side))

    def _roles(self) -> tuple[theme.Role, theme.Role, theme.Role]:
        """The colours of the frame, what it is filled with, and the knob."""
        if not self.isEnabled():
            return "hairline", "hairline" if self.isChecked() else "panel", "faint"
        return ("accent", "accent", "on_accent") if self.isChecked() else ("border", "field", "secondary")

    def _on_toggled(self, is_on: bool) -> None:
        self._slide.stop()
        self._slide.setDuration(theme.current().motion_ms() if self.isVisible() else 0)
        self._slide.setEndValue(1.0 if is_on else 0.0)
        self._slide.start()


class Choice(QComboBox):
    """One of several."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        sign = icons.pixmap("chevron_down", "secondary", 12, self.devicePixelRatioF())
        QPainter(self).drawPixmap(self.width() - 20, (self.height() - 12) // 2, sign)


class WholeNumber(QSpinBox):
    """A whole number with its unit; arrows step it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(TEXT_MARGIN, 0, TEXT_MARGIN, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class Number(QDoubleSpinBox):
    """A number with its unit; arrows step it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(TEXT_MARGIN, 0, TEXT_MARGIN, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
