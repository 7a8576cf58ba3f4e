# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture: painted as large as it fits, in its own shape, sharp on any screen; over the whole window if asked.

It paints what it is given and decides nothing about time.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from needledrop.gui import theme
from needledrop.gui.player import ShownFrame

_RESIZED_MS = 120  # Pictures of a new size are asked for once dragging rests.


class VideoView(QWidget):
    """Shows frames; an empty view is a calm dark surface.

    Signals: view_size_changed (width, height in device pixels), painted (start_s of the frame, at the end of its paint
    event), clicked, full_screen_changed (bool).
    """

    view_size_changed = Signal(int, int)
    painted = Signal(float)
    clicked = Signal()
    full_screen_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: ShownFrame | None = None
        self._stand_in: QWidget | None = None
        self._was_window_full = False
        self._is_ringed = False  # It has the focus, and by Tab: a click on the picture draws no ring around it.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 90)
        self.setAccessibleName(self.tr("Video"))
        self._resized = QTimer(self)
        self._resized.setSingleShot(True)
        self._resized.setInterval(_RESIZED_MS)
        self._resized.timeout.connect(self._say_size)
        theme.current().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(640, 360)

    # -- frames ------------------------------------------------------------------------------------------------

    def show_frame(self, frame: ShownFrame) -> None:
        """Paint this picture from now on."""
        self._frame = frame
        self.update()

    def clear(self) -> None:
        """Show no picture."""
        self._frame = None
        self.update()

    @property
    def frame(self) -> ShownFrame | None:
        """The picture that is shown."""
        return self._frame

    def picture_rect(self) -> QRectF:
        """Where the picture lies, in logical pixels; empty without one."""
        if self._frame is None:
            return QRectF()
        ratio = self.devicePixelRatioF()
        rect = self._device_rect(self._frame)
        return QRectF(rect.x() / ratio, rect.y() / ratio, rect.width() / ratio, rect.height() / ratio)

    def _device_rect(self, frame: ShownFrame) -> QRectF:
        """Whole device pixels: a picture that was made for this size is copied, not scaled."""
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        size = frame.image.size()
        scale = min(width / size.width(), height / size.height())
        fitted = (size.width(), size.height())
        if not 1.0 <= scale < 1.0 + 2.0 / max(fitted):
            fitted = (round(size.width() * scale), round(size.height() * scale))
        return QRectF((width - fitted[0]) // 2, (height - fitted[1]) // 2, *fitted)

    def paintEvent(self, event: QPaintEvent) -> None:
        frame = self._frame
        painter = QPainter(self)
        background = theme.current().color("viewer")
        if frame is None:
            painter.fillRect(self.rect(), background)
            self._paint_ring(painter)
            painter.end()
            return
        inside = self.picture_rect()
        self._fill_around(painter, inside)
        ratio = self.devicePixelRatioF()
        target = self._device_rect(frame)
        painter.scale(1.0 / ratio, 1.0 / ratio)
        is_scaled = target.size().toSize() != frame.image.size()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_scaled)
        painter.drawImage(target, frame.image)
        painter.resetTransform()
        self._paint_ring(painter)
        painter.end()
        self.painted.emit(frame.start_s)

    def _paint_ring(self, painter: QPainter) -> None:
        if self._is_ringed:
            painter.setPen(QPen(theme.current().color("accent"), 2.0))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._is_ringed = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._is_ringed = False
        self.update()

    def _fill_around(self, painter: QPainter, inside: QRectF) -> None:
        """The bars beside the picture; what the picture covers is not painted twice."""
        background = theme.current().color("viewer")
        width, height = float(self.width()), float(self.height())
        for bar in (
            QRectF(0, 0, width, inside.top()),
            QRectF(0, inside.bottom(), width, height - inside.bottom()),
            QRectF(0, inside.top(), inside.left(), inside.height()),
            QRectF(inside.right(), inside.top(), width - inside.right(), inside.height()),
        ):
            if bar.width() > 0 and bar.height() > 0:
                painter.fillRect(bar, background)

    # -- size --------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._resized.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._resized.start()

    def _say_size(self) -> None:
        ratio = self.devicePixelRatioF()
        self.view_size_changed.emit(math.ceil(self.width() * ratio), math.ceil(self.height() * ratio))

    # -- full screen -------------------------------------------------------------------------------------------

    @property
    def is_full_screen(self) -> bool:
        """Whether the picture covers the whole screen."""
        return self._stand_in is not None

    def set_full_screen(self, is_full: bool) -> None:
        """Cover the window with the picture and the screen with the window, or go back.

        The view stays in its window, so that every shortcut works as before.
        """
        if is_full == self.is_full_screen:
            return
        if is_full:
            self._enter_full_screen()
        else:
            self._leave_full_screen()
        self.setFocus()
        self.full_screen_changed.emit(is_full)

    def _enter_full_screen(self) -> None:
        window, parent = self.window(), self.parentWidget()
        layout = parent.layout() if parent is not None else None
        if layout is None:
            return
        self._stand_in = QWidget(parent)
        layout.replaceWidget(self, self._stand_in)
        self._was_window_full = window.isFullScreen()
        self.setParent(window)
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()
        window.showFullScreen()

    def _leave_full_screen(self) -> None:
        stand_in, window = self._stand_in, self.window()
        if stand_in is None:
            return
        self._stand_in = None
        window.removeEventFilter(self)
        parent = stand_in.parentWidget()
        layout = parent.layout() if parent is not None else None
        if layout is not None:
            layout.replaceWidget(stand_in, self)
        stand_in.deleteLater()
        self.show()
        if not self._was_window_full:
            window.showNormal()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._stand_in is not None:
            self.setGeometry(self.window().rect())
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.is_full_screen:
            self.set_full_screen(False)
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.set_full_screen(not self.is_full_screen)
