# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of the library's table. It paints whole rows itself.

A delegate would be asked for each cell through the binding: 400 calls a page, which is more than a frame has time for.
Selection, keys, header and what a screen reader hears stay Qt's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QLineF, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from needledrop.gui import icons, theme
from needledrop.gui.models.library_table import LibraryTable
from needledrop.gui.models.track_columns import COLUMNS, number_of, state_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from needledrop.workflows.track_table import TableRow

ROW_HEIGHT = 32
_PADDING = 8
_WAVE_HEIGHT = 20
_SIGN = number_of("sign")
_WAVE = number_of("waveform")
_KEPT_TEXTS = 20_000
_KEPT_WAVES = 2000
_OWN_KEYS = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Delete})
_RESELECTED = 500


class TrackView(QTableView):
    """A table of tracks. `play_asked` carries a row: a click on its sign, Enter, or a double click."""

    play_asked = Signal(int)
    remove_asked = Signal()
    columns_changed = Signal()

    def __init__(self, model: LibraryTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._hovered = -1
        self._playing: int | None = None
        self._elided: dict[tuple[str, int], str] = {}
        self._waves: dict[tuple[int, int], list[QLineF]] = {}
        self._selected_before: set[int] = set()
        self._current_before: int | None = None
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragEnabled(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(self.tr("Tracks"))
        self.setCornerWidget(QWidget())  # Else the style draws a box where the scroll bars meet.
        self._set_up_headers()
        self.activated.connect(lambda index: self.play_asked.emit(index.row()))
        model.modelAboutToBeReset.connect(self._note_selection)
        model.modelReset.connect(self._select_again)
        model.outlines_arrived.connect(self.viewport().update)
        theme.current().changed.connect(self._on_theme_changed)

    # What can be asked of it ----------------------------------------------------------------------------------------

    def selected_ids(self) -> list[int]:
        """The tracks of the selected rows, in order."""
        return [self._model.track_id(row) for first, last in self.selected_spans() for row in range(first, last + 1)]

    def selected_spans(self) -> list[tuple[int, int]]:
        """First and last row of each selected stretch, in order: all of 100,000 rows are one."""
        ranges = self.selectionModel().selection().toList()
        spans = sorted({(one.top(), one.bottom()) for one in ranges if one.isValid()})
        merged: list[tuple[int, int]] = []
        for first, last in spans:
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return merged

    def current_row(self) -> int | None:
        """The row with the keyboard's place, or None."""
        index = self.currentIndex()
        return index.row() if index.isValid() else None

    def show_track(self, track_id: int) -> None:
        """Select a track and bring it into view, if it is among those shown."""
        row = self._model.row_of(track_id)
        if row is not None:
            self.selectRow(row)
            self.scrollTo(self._model.index(row, number_of("title")))

    def set_playing(self, track_id: int | None) -> None:
        """Mark the track that is heard."""
        self._playing = track_id
        self.viewport().update()

    def show_column(self, column: int, is_shown: bool) -> None:
        """Show or hide a column."""
        self.setColumnHidden(column, not is_shown)
        self.columns_changed.emit()

    # Building -------------------------------------------------------------------------------------------------------

    def _set_up_headers(self) -> None:
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setMinimumSectionSize(32)
        header.setFixedHeight(28)
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        for number, column in enumerate(COLUMNS):
            self.setColumnWidth(number, column.width)
            self.setColumnHidden(number, not column.is_shown)
        header.setSortIndicator(number_of("title"), Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        header.sectionResized.connect(lambda *_: self.columns_changed.emit())
        header.sectionMoved.connect(lambda *_: self.columns_changed.emit())

    # Painting -------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), colours.color("panel"))
        first = self.rowAt(event.rect().top())
        if first < 0:
            return
        last = self.rowAt(event.rect().bottom())
        last = self._model.rowCount() - 1 if last < 0 else last
        painter.setFont(colours.font(13, is_tabular=True))
        metrics = painter.fontMetrics()
        columns = self._columns(event.rect())
        for row in range(first, last + 1):
            self._paint_row(painter, metrics, row, columns)

    def _columns(self, exposed: QRect) -> list[tuple[int, int, int]]:
        found = []
        for number in range(len(COLUMNS)):
            left, width = self.columnViewportPosition(number), self.columnWidth(number)
            if not self.isColumnHidden(number) and left + width > exposed.left() and left <= exposed.right():
                found.append((number, left, width))
        return found

    def _paint_row(
        self, painter: QPainter, metrics: QFontMetrics, row: int, columns: list[tuple[int, int, int]]
    ) -> None:
        colours = theme.current()
        top = self.rowViewportPosition(row)
        is_selected = self.selectionModel().isRowSelected(row)
        if is_selected or row == self._hovered:
            area = QRect(0, top, self.viewport().width(), ROW_HEIGHT)
            painter.fillRect(area, colours.color("selection" if is_selected else "raised"))
        found = self._model.row(row)
        if found is not None:
            baseline = top + (ROW_HEIGHT + metrics.ascent() - metrics.descent()) // 2
            for number, left, width in columns:
                if number == _SIGN:
                    self._paint_sign(painter, row, found, left, top)
                elif number == _WAVE:
                    self._paint_wave(painter, row, left, top, width)
                else:
                    self._paint_text(painter, metrics, found, number, (left, width, baseline))
        painter.setPen(QPen(colours.color("hairline"), 0))
        painter.drawLine(0, top + ROW_HEIGHT - 1, self.viewport().width(), top + ROW_HEIGHT - 1)
        if self.hasFocus() and row == self.currentIndex().row():
            painter.setPen(QPen(colours.color("accent"), 1))
            painter.drawRect(QRect(0, top, self.viewport().width() - 1, ROW_HEIGHT - 2))

    def _paint_text(
        self, painter: QPainter, metrics: QFontMetrics, found: TableRow, number: int, place: tuple[int, int, int]
    ) -> None:
        column = COLUMNS[number]
        text = column.text(found)
        if not text:
            return
        left, width, baseline = place
        room = width - 2 * _PADDING
        shown = self._elide(metrics, text, room)
        role: theme.Role = "text" if column.id == "title" else "secondary"
        if self._playing == found.track.id and column.id == "title":
            role = "accent"
        elif column.id == "problem" and state_text(found):
            role = "error"
        painter.setPen(theme.current().color(role))
        x = left + _PADDING
        if column.is_number:
            x += room - metrics.horizontalAdvance(shown)
        painter.drawText(x, baseline, shown)

    def _elide(self, metrics: QFontMetrics, text: str, room: int) -> str:
        key = (text, room)
        shown = self._elided.get(key)
        if shown is None:
            if len(self._elided) > _KEPT_TEXTS:
                self._elided.clear()
            shown = self._elided[key] = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        return shown

    def _paint_sign(self, painter: QPainter, row: int, found: TableRow, left: int, top: int) -> None:
        is_playing = self._playing == found.track.id
        is_there = found.track.state == "present"
        name, role = "", "secondary"
        if is_playing:
            name, role = ("stop" if row == self._hovered else "volume"), "accent"
        elif state_text(found):
            name, role = "warning", "cuts"
        elif row == self._hovered and is_there:
            name, role = "play", "text"
        elif found.track.is_favourite:
            name, role = "heart_filled", "accent"
        if name:
            sign = icons.pixmap(name, role, 16, self.devicePixelRatioF())  # type: ignore[arg-type]
            painter.drawPixmap(left + 8, top + (ROW_HEIGHT - 16) // 2, sign)

    def _paint_wave(self, painter: QPainter, row: int, left: int, top: int, width: int) -> None:
        heights = self._model.outline(row)
        if heights is None:
            return
        room = width - 2 * _PADDING
        key = (self._model.track_id(row), room)
        lines = self._waves.get(key)
        if lines is None:
            if len(self._waves) > _KEPT_WAVES:
                self._waves.clear()
            lines = self._waves[key] = wave_lines(heights, room)
        is_playing = self._playing == key[0]
        painter.setPen(QPen(theme.current().color("accent" if is_playing else "downbeat"), 1))
        painter.translate(left + _PADDING, top + ROW_HEIGHT / 2)
        painter.drawLines(lines)
        painter.translate(-left - _PADDING, -top - ROW_HEIGHT / 2)

    # Qt -------------------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(event.position().toPoint().y()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and index.column() == _SIGN:
            self.play_asked.emit(index.row())

    def event(self, event: QEvent) -> bool:
        # Space hears the track here, not the video; Delete must not reach the timeline.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _OWN_KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.current_row()
        if event.key() == Qt.Key.Key_Space and row is not None:
            self.play_asked.emit(row)
            return
        if event.key() == Qt.Key.Key_Delete:
            self.remove_asked.emit()
            return
        # Qt's own search by letters would read every row of the library.
        if event.text().isprintable() and event.text() and event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            for one in (row, self._hovered):
                if one >= 0:
                    top = self.rowViewportPosition(one)
                    self.viewport().update(0, top, self.viewport().width(), ROW_HEIGHT)
            self._hovered = row

    def _note_selection(self) -> None:
        self._selected_before = set(self.selected_ids()[:_RESELECTED])
        row = self.current_row()
        self._current_before = self._model.track_id(row) if row is not None else None

    def _select_again(self) -> None:
        """Rows moved; the tracks that were selected stay so, as far as they are still shown."""
        flags = QItemSelectionModel.SelectionFlag
        chosen = QItemSelection()
        for track_id in self._selected_before:
            row = self._model.row_of(track_id)
            if row is not None:
                chosen.select(self._model.index(row, 0), self._model.index(row, len(COLUMNS) - 1))
        if self._current_before is not None:
            row = self._model.row_of(self._current_before)
            if row is not None:
                self.selectionModel().setCurrentIndex(self._model.index(row, 1), flags.NoUpdate)
        self.selectionModel().select(chosen, flags.ClearAndSelect | flags.Rows)

    def _on_theme_changed(self) -> None:
        self._elided.clear()
        self.viewport().update()


def wave_lines(heights: NDArray[np.uint8], width: int, height: int = _WAVE_HEIGHT) -> list[QLineF]:
    """A waveform as upright lines around y = 0, two pixels apart, `width` wide and `height` high at full scale."""
    count = max(1, width // 2)
    lines = []
    for number in range(count):
        at = number * len(heights) // count
        until = max(at + 1, (number + 1) * len(heights) // count)
        half = max(0.5, float(heights[at:until].max()) / 255 * height / 2)
        lines.append(QLineF(QPointF(2 * number + 0.5, -half), QPointF(2 * number + 0.5, half)))
    return lines
