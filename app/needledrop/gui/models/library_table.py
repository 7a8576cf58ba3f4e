# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library as a table model: ids in memory, rows and waveforms fetched in the background as they come into view.

Nothing here reads the library on the GUI thread. A row that is not there yet is empty and arrives with `dataChanged`.
"""

from __future__ import annotations

import os
from array import array
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    QUrl,
    Signal,
)

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.background import Background, Job
from needledrop.gui.models.track_columns import COLUMNS, Column

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from needledrop.library.listing import Shown
    from needledrop.workflows.track_table import TableRow, TableView, TrackTable

PAGE_ROWS = 64
PAGES_AT_ONCE = 3
KEPT_ROWS = 6000
KEPT_OUTLINES = 1500
REST_MS = 40  # Waveforms are fetched where scrolling rests.
_NO_PARENT = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class LibraryTable(QAbstractTableModel):
    """Tracks in an order, narrowed by words. `track_id` says which track a row is, whether it is fetched or not."""

    counted = Signal(int, int)  # How many tracks are shown, of how many in all.
    collections_read = Signal(object)  # Every collection: its name, how many tracks it has.
    outlines_arrived = Signal()
    failed = Signal(object)  # KnownError

    def __init__(self, profile: Profile, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._profile = profile
        self._background = background
        self._table: TrackTable | None = None
        self._ids: array[int] = array("q")
        self._text, self._order, self._shown, self._collection = "", "title", "all", ""
        self.collections: tuple[str, ...] = ()
        self._rows: OrderedDict[int, tuple[int, TableRow]] = OrderedDict()
        self._outlines: OrderedDict[int, NDArray[np.uint8]] = OrderedDict()
        self._generation = 0
        self._asking: Job | None = None
        self._is_fetching = self._is_drawing = False
        self._wanted_pages: OrderedDict[int, None] = OrderedDict()
        self._wanted_outlines: set[int] = set()
        self._without_outline: set[int] = set()
        self.is_known = False  # Whether any answer has come yet.
        self._page_timer = _single_shot(self, 0, self._fetch_pages)
        self._outline_timer = _single_shot(self, REST_MS, self._fetch_outlines)

    # What is shown --------------------------------------------------------------------------------------------------

    def ask(
        self,
        text: str | None = None,
        order: str | None = None,
        shown: Shown | None = None,
        collection: str | None = None,
    ) -> None:
        """Show other tracks, or in another order; what is None stays as it is. The rows change with the answer."""
        self._text = self._text if text is None else text
        self._order = self._order if order is None else order
        self._shown = self._shown if shown is None else shown
        self._collection = self._collection if collection is None else collection
        if self._asking is not None:
            self._asking.stop()
        text_now, order_now, shown_now, collection_now = self._text, self._order, self._shown, self._collection

        def work(progress: ProgressSink, cancel: CancelToken) -> TableView:
            return self._source().view(
                text_now,
                order=order_now,
                shown=shown_now,  # type: ignore[arg-type]
                collection=collection_now,
                first=PAGE_ROWS,
            )

        self._asking = self._background.run("Listing the library", work, self._on_view, self._on_failed, is_quiet=True)

    def refresh(self) -> None:
        """The library changed: ask again; rows are shown as they were until they arrive."""
        self._without_outline.clear()
        self.ask()

    @property
    def order(self) -> str:
        """The order in force, "-" before it for descending."""
        return self._order

    def track_id(self, row: int) -> int:
        """The track of a row."""
        return self._ids[row]

    def row_of(self, track_id: int) -> int | None:
        """Where a track is shown, or None."""
        try:
            return self._ids.index(track_id)
        except ValueError:
            return None

    def row(self, row: int) -> TableRow | None:
        """What is known of a row; None while it is fetched."""
        generation, found = self._rows.get(self._ids[row], (-1, None))
        if generation != self._generation:
            self._wanted_pages[row // PAGE_ROWS] = None
            self._wanted_pages.move_to_end(row // PAGE_ROWS)
            if not self._page_timer.isActive():
                self._page_timer.start()
        return found

    def outline(self, row: int) -> NDArray[np.uint8] | None:
        """The heights of a row's waveform; None while it is fetched, or where there is none."""
        track_id = self._ids[row]
        found = self._outlines.get(track_id)
        if found is None and track_id not in self._without_outline:
            self._wanted_outlines.add(track_id)
            self._outline_timer.start()
        return found

    # Qt -------------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignVCenter | _side(COLUMNS[index.column()]))
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        row = self.row(index.row())
        if row is None:
            return ""
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            return row.track.name
        return COLUMNS[index.column()].text(row)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].shown_title()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignVCenter | _side(COLUMNS[section]))
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsDragEnabled

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        name = COLUMNS[column].order
        if name:
            self.ask(order=name if order == Qt.SortOrder.AscendingOrder else f"-{name}")

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        rows = [self.row(number) for number in sorted({index.row() for index in indexes})]
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(os.fspath(row.track.file_path)) for row in rows if row is not None])
        return data

    # Fetching -------------------------------------------------------------------------------------------------------

    def _source(self) -> TrackTable:
        from needledrop.workflows.track_table import TrackTable

        if self._table is None:  # On a thread: its module brings the library along.
            self._table = TrackTable(self._profile)
        return self._table

    def _on_view(self, view: TableView) -> None:
        self._asking = None
        self._generation += 1
        is_same = self.is_known and view.ids == self._ids
        if not is_same:
            self.beginResetModel()
        self.is_known = True
        self._ids = view.ids
        self._keep(view.first)
        if is_same:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._ids) - 1, len(COLUMNS) - 1))
        else:
            self.endResetModel()
        self.collections = tuple(name for name, _ in view.collections)
        self.counted.emit(len(view.ids), view.total)
        self.collections_read.emit(view.collections)

    def _on_failed(self, error: KnownError) -> None:
        self._asking = None
        self.failed.emit(error)

    def _fetch_pages(self) -> None:
        if self._is_fetching or not self._wanted_pages:
            return
        pages = [*self._wanted_pages][-PAGES_AT_ONCE:]
        self._wanted_pages.clear()  # What is still in view is asked for again when it is painted.
        ids = [track_id for page in pages for track_id in self._ids[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]]
        if not ids:
            return
        self._is_fetching, generation = True, self._generation

        def work(progress: ProgressSink, cancel: CancelToken) -> Mapping[int, TableRow]:
            return self._source().rows(ids)

        def done(rows: Mapping[int, TableRow]) -> None:
            self._is_fetching = False
            if generation == self._generation:
                self._keep(rows)
                for page in pages:
                    last = min((page + 1) * PAGE_ROWS, len(self._ids)) - 1
                    self.dataChanged.emit(self.index(page * PAGE_ROWS, 0), self.index(last, len(COLUMNS) - 1))
            self._fetch_pages()

        def failed(error: KnownError) -> None:
            self._is_fetching = False
            self.failed.emit(error)

        self._background.run("Reading tracks", work, done, failed, is_quiet=True)

    def _keep(self, rows: Mapping[int, TableRow]) -> None:
        for track_id, row in rows.items():
            self._rows[track_id] = (self._generation, row)
            self._rows.move_to_end(track_id)
        while len(self._rows) > KEPT_ROWS:
            self._rows.popitem(last=False)

    def _fetch_outlines(self) -> None:
        if self._is_drawing or not self._wanted_outlines:
            return
        ids, profile = sorted(self._wanted_outlines)[:PAGE_ROWS], self._profile
        self._wanted_outlines.clear()
        self._is_drawing = True

        def work(progress: ProgressSink, cancel: CancelToken) -> Mapping[int, NDArray[np.uint8]]:
            from needledrop.workflows.track_table import outlines

            return outlines(profile, ids)

        def done(found: Mapping[int, NDArray[np.uint8]]) -> None:
            self._is_drawing = False
            self._outlines.update(found)
            self._without_outline.update(set(ids) - found.keys())
            while len(self._outlines) > KEPT_OUTLINES:
                self._outlines.popitem(last=False)
            self.outlines_arrived.emit()
            self._fetch_outlines()

        def failed(error: KnownError) -> None:
            self._is_drawing = False
            self.failed.emit(error)

        self._background.run("Reading waveforms", work, done, failed, is_quiet=True)


def _single_shot(parent: QObject, interval_ms: int, act: object) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(act)
    return timer


def _side(column: Column) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
