# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines above the library's table: search, what is shown, problems, folders; and the scan under way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from needledrop.gui import progress_text
from needledrop.gui.background import Background, Job
from needledrop.gui.widgets.buttons import Button, IconButton
from needledrop.gui.widgets.inputs import Choice
from needledrop.gui.widgets.labels import ElidedLabel, hairline, label

if TYPE_CHECKING:
    from needledrop.library.listing import Shown

SEARCH_MS = 120  # After the last key, so that a word is not sought letter by letter.
SEARCH_WIDTH = 280
SEARCH_MOST = 400
_COLLECTION = "collection:"  # Before the name, in the data of the choice.


def _later(text: str) -> str:
    """Marks a text for translation that is translated where it is shown, in the context "LibraryBar"."""
    return text


SHOWN: tuple[tuple[Shown, str], ...] = (
    ("all", _later("All tracks")),
    ("favourites", _later("Favourites")),
    ("edited", _later("Edited by you")),
    ("unanalysed", _later("Not analysed")),
    ("missing", _later("Missing")),
    ("problems", _later("With problems")),
)


class LibraryBar(QWidget):
    """Says what the user wants to see."""

    sought = Signal(str)
    shown_asked = Signal(str, str)  # Which tracks, of which collection ("": any).
    collection_menu_asked = Signal(str, object)  # A collection, and the button for a menu below it.
    left_search = Signal()  # Down or Enter: to the table.
    problems_asked = Signal()
    folders_asked = Signal(object)  # The button, for a menu below it.
    columns_asked = Signal()

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = _SearchLine()
        self.search.setPlaceholderText(self.tr("Search title, artist, album, genre, folder"))
        self.search.setAccessibleName(self.tr("Search the library"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(SEARCH_WIDTH)
        self.search.setMaximumWidth(SEARCH_MOST)
        self.search.left.connect(self.left_search)
        self.shown = Choice()
        self.shown.setAccessibleName(self.tr("Which tracks"))
        for value, text in SHOWN:
            self.shown.addItem(QCoreApplication.translate("LibraryBar", text), value)
        self.collection_menu = IconButton("more", self.tr("Rename or take away the collection"))
        self.collection_menu.clicked.connect(
            lambda: self.collection_menu_asked.emit(self.collection, self.collection_menu)
        )
        self.collection_menu.hide()
        self.count = label("", "secondary")
        self.problems = Button("", "quiet")
        self.problems.clicked.connect(self.problems_asked)
        columns = IconButton("columns", self.tr("Choose columns"))
        columns.clicked.connect(self.columns_asked)
        folder = Button(self.tr("Music folders"))
        folder.clicked.connect(lambda: self.folders_asked.emit(folder))
        row = QHBoxLayout()
        row.setContentsMargins(16, 8, 12, 8)
        row.setSpacing(12)
        row.addWidget(self.search, 2)
        row.addWidget(self.shown)
        row.addWidget(self.collection_menu)
        row.addWidget(self.count)
        row.addStretch(1)
        for one in (self.problems, folder, columns):
            row.addWidget(one)
        self.scan = ScanLine(background)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.scan)
        column.addWidget(hairline())
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(SEARCH_MS)
        self._pause.timeout.connect(lambda: self.sought.emit(self.search.text()))
        self.search.textChanged.connect(lambda text: self._pause.start())
        self.shown.currentIndexChanged.connect(self._on_shown)
        self.show_problems(0)

    def show_count(self, shown: int, total: int) -> None:
        """How many tracks the table has, of how many in all."""
        if shown == total:
            self.count.setText(self.tr("%1 tracks").replace("%1", f"{total:,}"))
        else:
            self.count.setText(self.tr("%1 of %2").replace("%1", f"{shown:,}").replace("%2", f"{total:,}"))

    def show_problems(self, count: int) -> None:
        """How many files could not be used; nothing is shown for none."""
        text = self.tr("%1 problems").replace("%1", f"{count:,}") if count != 1 else self.tr("1 problem")
        self.problems.setText(text)
        self.problems.setAccessibleName(text)
        self.problems.setVisible(count > 0)

    @property
    def collection(self) -> str:
        """The collection that is shown, or ""."""
        return str(self.shown.currentData()).removeprefix(_COLLECTION) if self._is_collection() else ""

    def show_collections(self, collections: Sequence[tuple[str, int]]) -> None:
        """Offer these; one that is shown and gone gives way to everything."""
        names = [name for name, _ in collections]
        if names != [self.shown.itemText(place) for place in range(len(SHOWN) + 1, self.shown.count())]:
            self._fill_collections(names)

    def choose_collection(self, name: str) -> None:
        """Show the tracks of a collection."""
        self.shown.setCurrentIndex(max(0, self.shown.findData(_COLLECTION + name)))

    def _is_collection(self) -> bool:
        return str(self.shown.currentData()).startswith(_COLLECTION)

    def _fill_collections(self, names: Sequence[str]) -> None:
        before = self.collection
        self.shown.blockSignals(True)
        while self.shown.count() > len(SHOWN):
            self.shown.removeItem(self.shown.count() - 1)
        if names:
            self.shown.insertSeparator(len(SHOWN))
        for name in names:
            self.shown.addItem(name, _COLLECTION + name)
        if before:
            self.choose_collection(before)
        self.shown.blockSignals(False)
        if self.collection != before:
            self._on_shown()

    def _on_shown(self) -> None:
        self.collection_menu.setVisible(bool(self.collection))
        self.shown_asked.emit("all" if self.collection else self.shown.currentData(), self.collection)

    def clear(self) -> None:
        """Show everything again."""
        self.search.clear()
        self.shown.setCurrentIndex(0)


class _SearchLine(QLineEdit):
    """Down and Enter go on to what was found; Esc empties the line."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class ScanLine(QWidget):
    """What a scan is at, with its rate, time left and Stop; afterwards what it found, until it is closed."""

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._job: Job | None = None
        self._text = ElidedLabel("secondary", size=12)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(160)
        self._stop = IconButton("stop", self.tr("Stop scanning"))
        self._stop.clicked.connect(self._on_stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 8)
        row.setSpacing(12)
        row.addWidget(self._text, 1)
        row.addWidget(self._bar)
        row.addWidget(self._stop)
        background.jobs_changed.connect(self._refresh)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text() if not self.isHidden() else ""

    def follow(self, job: Job | None) -> None:
        """Show this job while it runs."""
        self._job = job
        self._refresh()

    def say(self, text: str) -> None:
        """Say how it went; the cross takes it away."""
        self._job = None
        self._text.set_text(text)
        self._bar.hide()
        self._stop.set_icon("close")
        self._stop.setEnabled(True)
        self.setVisible(bool(text))

    def _refresh(self) -> None:
        job = self._job
        if job is None:
            return
        if job.is_over:
            self.say("")
            return
        self._text.set_text(f"{progress_text.amount(job)} · {progress_text.pace(job)}")
        share = progress_text.share(job.progress)
        self._bar.setRange(0, 1000 if share is not None else 0)
        self._bar.setValue(round(1000 * (share or 0.0)))
        self._bar.show()
        self._stop.set_icon("stop")
        self.show()

    def _on_stop(self) -> None:
        if self._job is not None:
            self._job.stop()
            self._stop.setEnabled(False)
        else:
            self.hide()
