# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of cards: the current one is larger, what is painted on it can be clicked, a card can be dragged out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QHelpEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QToolTip, QWidget

from needledrop.gui.models.suggestion_list import CardRole
from needledrop.gui.widgets.card_delegate import CardDelegate
from needledrop.gui.widgets.suggestion_card import Spot

_Index = QModelIndex | QPersistentModelIndex
LEAST_STEP_S = 0.1  # A bar of the waveform is longer; each step paints a card.


class SuggestionView(QListView):
    """Says what was asked of which row; the panel does it."""

    asked = Signal(int, str, float)  # Row, Spot.what, Spot.value.
    walked = Signal(int)  # The current row was changed by the user.
    menu_asked = Signal(int, QPoint)

    def __init__(self, delegate: CardDelegate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._delegate = delegate
        self._is_pressed_on: Spot | None = None
        delegate.setParent(self)
        self.setItemDelegate(delegate)
        self.setAccessibleName(self.tr("Suggestions"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setSingleStep(24)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setMouseTracking(True)
        self.activated.connect(lambda index: self.asked.emit(index.row(), "use", 0.0))

    # The current card ---------------------------------------------------------------------------------------------

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        self._delegate.current_row = current.row()
        self._delegate.hovered = None
        self.relay()
        # Rows may be just coming or going: the list is laid out first.
        QTimer.singleShot(0, self, self._show_current)

    def _show_current(self) -> None:
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def set_current(self, row: int) -> None:
        """Make a row the current one."""
        model = self.model()
        if model is not None and 0 <= row < model.rowCount():
            self.setCurrentIndex(model.index(row, 0))

    def set_open(self, is_open: bool) -> None:
        """Open the current card's match into its parts, or close it."""
        self._delegate.is_open = is_open
        self.relay()
        self.scrollTo(self.currentIndex())

    @property
    def is_open(self) -> bool:
        """Whether the current card shows what its match is made of."""
        return self._delegate.is_open

    def relay(self) -> None:
        """Sizes of rows have changed."""
        self.scheduleDelayedItemsLayout()
        self.viewport().update()

    def show_heard(self, row: int, heard_s: float) -> None:
        """Move the mark in the waveform of the row that is heard."""
        model, before_s = self.model(), self._delegate.heard_s
        if model is not None and (before_s is None or abs(heard_s - before_s) >= LEAST_STEP_S):
            self._delegate.heard_s = heard_s
            self.viewport().update(self.visualRect(model.index(row, 0)))

    # Pointer ------------------------------------------------------------------------------------------------------

    def spot_at(self, place: QPoint) -> tuple[int, Spot] | None:
        """What can be clicked at a place of the viewport, and its row."""
        index = self.indexAt(place)
        if not index.isValid():
            return None
        rect = self.visualRect(index)
        layout = self._delegate.layout_of(index.data(CardRole), index.row(), rect.width())
        spot = layout.spot_at(place.x() - rect.x(), place.y() - rect.y())
        return (index.row(), spot) if spot is not None else None

    def spot_centre(self, row: int, what: str) -> QPoint | None:
        """Where something on a card is clicked, in the viewport; None where the card has no such thing."""
        model = self.model()
        assert model is not None
        index = model.index(row, 0)
        rect = self.visualRect(index)
        spots = self._delegate.layout_of(index.data(CardRole), row, rect.width()).spots
        spot = next((one for one in spots if one.what == what), None)
        return None if spot is None else rect.topLeft() + spot.rect.center().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_pressed_on is None:
            super().mouseMoveEvent(event)
        self._hover(self.spot_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        hit = self.spot_at(event.position().toPoint()) if event.button() == Qt.MouseButton.LeftButton else None
        self._is_pressed_on = hit[1] if hit is not None else None
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() != Qt.MouseButton.LeftButton:
            return
        pressed, self._is_pressed_on = self._is_pressed_on, None
        hit = self.spot_at(event.position().toPoint())
        # The card may have grown under the pointer by becoming current: what was pressed counts, not what lies there.
        if pressed is not None and (hit is None or hit[1].what == pressed.what or hit[1].rect != pressed.rect):
            row = self.currentIndex().row()
            if row >= 0:
                self.asked.emit(row, pressed.what, pressed.value)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.spot_at(event.position().toPoint()) is None and self.indexAt(event.position().toPoint()).isValid():
            self.asked.emit(self.currentIndex().row(), "audition", 0.0)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(None)

    def _hover(self, hit: tuple[int, Spot] | None) -> None:
        if hit != self._delegate.hovered:
            self._delegate.hovered = hit
            self.viewport().setCursor(
                Qt.CursorShape.PointingHandCursor if hit is not None else Qt.CursorShape.ArrowCursor
            )
            self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            hit = self.spot_at(event.pos())
            if hit is not None:
                QToolTip.showText(event.globalPos(), hit[1].text, self.viewport())
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.currentIndex()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            index = self.indexAt(event.pos())
        if index.isValid():
            self.set_current(index.row())
            place = event.globalPos()
            if event.reason() != QContextMenuEvent.Reason.Mouse:
                place = self.viewport().mapToGlobal(self.visualRect(index).center())
            self.menu_asked.emit(index.row(), place)

    # Looks --------------------------------------------------------------------------------------------------------

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        moved = super().moveCursor(action, modifiers)
        if moved.isValid() and moved.row() != self.currentIndex().row():
            self.walked.emit(moved.row())
        return moved

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._delegate.is_focused = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
        )
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._delegate.is_focused = False
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._delegate.width = self.viewport().width()
        self.relay()
