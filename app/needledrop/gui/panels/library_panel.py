# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The place "Library": the table of all tracks, what is known of the selected ones, and the list of problems."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from needledrop.core.errors import KnownError
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui import library_jobs
from needledrop.gui.actions import Action, Actions
from needledrop.gui.background import Background
from needledrop.gui.collection_menu import add_collection_menu, ask_new_name, held_by_all
from needledrop.gui.document import Document
from needledrop.gui.library_edits import LibraryEdits
from needledrop.gui.listening import Listening
from needledrop.gui.models.library_table import LibraryTable
from needledrop.gui.music_folders import MusicFolders
from needledrop.gui.panels.library_bar import LibraryBar
from needledrop.gui.panels.library_empty import LibraryEmpty
from needledrop.gui.panels.problem_list import ProblemList, open_folder
from needledrop.gui.panels.track_details import TrackDetails
from needledrop.gui.table_columns import TableColumns
from needledrop.gui.widgets.track_view import TrackView

if TYPE_CHECKING:
    from needledrop.gui.player import Player
    from needledrop.library.listing import Shown
    from needledrop.library.rows import Problem
    from needledrop.workflows.scan import ScanReport
    from needledrop.workflows.track_table import TableRow

RENEW_MS = 3000  # While a scan runs, what it has finished appears this often.
DETAILS_WIDTH = 320
MOST_DETAILED = 50


class LibraryPanel(QWidget):
    """Joins the table with its bar, the details, the edits and the scans."""

    def __init__(
        self,
        document: Document,
        player: Player,
        background: Background,
        actions: Actions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._background = background
        self._actions = actions
        self.model = LibraryTable(document.profile, background, self)
        self.edits = LibraryEdits(document.profile, background, document.undo_stack, self)
        self.listening = Listening(player, self)
        self.view = TrackView(self.model)
        self.bar = LibraryBar(background)
        self.details = TrackDetails(self.edits)
        self.problems = ProblemList()
        self.empty = LibraryEmpty(actions)
        self.folders = MusicFolders(document.profile, background, actions, self)
        self._lost_before: int | None = None
        self._build()
        self._add_actions()
        self._connect()
        self.columns = TableColumns(document.profile, background, self.view)
        self.refresh()
        self.bar.scan.follow(library_jobs.current().job)

    # Building -------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(1)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.view)
        self._split.addWidget(self.details)
        self.details.setMinimumWidth(280)
        self._split.setStretchFactor(0, 1)
        self._split.setStretchFactor(1, 0)
        self._split.setSizes([1120, DETAILS_WIDTH])
        self.stack = QStackedWidget()
        for page in (self._split, self.empty, self.problems):
            self.stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.stack, 1)
        self.setFocusProxy(self.view)

    def _add_actions(self) -> None:
        for id, text, act, key in (
            ("library.search", self.tr("Search the library"), self.focus_search, "Ctrl+Shift+F"),
            ("library.problems", self.tr("Show problems"), self.show_problems, ""),
            ("library.retry", self.tr("Try broken files again"), self._retry, ""),
            ("library.relink", self.tr("Find missing files…"), self._relink, ""),
        ):
            self._actions.add(Action(id, text, "Library", act, {"needledrop": (key,)} if key else {}))

    def _connect(self) -> None:
        bar, view, scans = self.bar, self.view, library_jobs.current()
        bar.sought.connect(lambda text: self._ask(text=text))
        bar.shown_asked.connect(lambda shown, collection: self._ask(shown=shown, collection=collection))
        bar.collection_menu_asked.connect(self._open_collection_menu)
        bar.left_search.connect(self._enter_table)
        bar.problems_asked.connect(self.show_problems)
        bar.columns_asked.connect(lambda: self.columns.choose(bar.mapToGlobal(bar.rect().bottomRight())))
        bar.folders_asked.connect(self.folders.open_menu)
        self.empty.clear_asked.connect(bar.clear)
        self.problems.retry_asked.connect(self._retry)
        self.problems.back_asked.connect(self._show_page)
        self.model.counted.connect(self._on_counted)
        self.model.collections_read.connect(bar.show_collections)
        self.model.dataChanged.connect(lambda *_: self._show_details())
        self.model.outlines_arrived.connect(self._show_details)
        view.selectionModel().selectionChanged.connect(lambda *_: self._show_details())
        self.model.modelReset.connect(self._show_details)
        view.play_asked.connect(self._on_play)
        view.remove_asked.connect(self._remove)
        view.customContextMenuRequested.connect(self._open_menu)
        self.details.play_asked.connect(self._on_wave)
        self.details.relink_asked.connect(self._relink)
        self.listening.changed.connect(self._on_listening)
        self.listening.position_changed.connect(self._on_position)
        self.edits.changed.connect(self._on_edited)
        self.edits.waiting_changed.connect(self._on_waiting)
        scans.started.connect(lambda: bar.scan.follow(scans.job))
        scans.library_changed.connect(self.refresh)
        scans.scanned.connect(self._on_scanned)
        self._renew = QTimer(self)
        self._renew.setInterval(RENEW_MS)
        self._renew.timeout.connect(self._on_renew)
        self._renew.start()
        self.folders.changed.connect(scans.library_changed)
        for source in (self.model, self.edits, self.listening, self.folders):
            source.failed.connect(self._say)

    # What can be asked of it ----------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the library again; what is shown stays until then."""
        self.model.refresh()
        profile = self._document.profile

        def work(progress: ProgressSink, cancel: CancelToken) -> list[Problem]:
            from needledrop.workflows.browse import list_problems

            return list_problems(profile)

        self._background.run("Reading problems", work, self._on_problems, self._say, is_quiet=True)

    def focus_search(self) -> None:
        """Put the keyboard into the search line."""
        self._show_page()
        self.bar.search.setFocus()
        self.bar.search.selectAll()

    def show_problems(self) -> None:
        """Show the list of files that could not be used."""
        self.stack.setCurrentWidget(self.problems)

    # Answers --------------------------------------------------------------------------------------------------------

    def _show_page(self) -> None:
        is_empty = self.model.is_known and self.model.rowCount() == 0
        self.stack.setCurrentWidget(self.empty if is_empty else self._split)

    def _ask(self, text: str | None = None, shown: Shown | None = None, collection: str | None = None) -> None:
        if self.stack.currentWidget() is self.problems:
            self._show_page()
        self.model.ask(text=text, shown=shown, collection=collection)

    def _on_counted(self, shown: int, total: int) -> None:
        self.bar.show_count(shown, total)
        self.empty.show_reason(total > 0, library_jobs.current().is_scanning)
        if self.stack.currentWidget() is not self.problems:
            self._show_page()

    def _on_problems(self, problems: Sequence[Problem]) -> None:
        self.bar.show_problems(len(problems))
        self.problems.show_problems(problems)

    def _say(self, error: KnownError) -> None:
        library_jobs.current().failed.emit(error)

    def _selected_rows(self) -> list[TableRow]:
        """Those that are read, of the first few: a thousand selected tracks are edited, not shown."""
        spans = self.view.selected_spans()
        rows = itertools.islice((row for first, last in spans for row in range(first, last + 1)), MOST_DETAILED)
        found = [self.model.row(row) for row in rows]
        return [row for row in found if row is not None]

    def _show_details(self) -> None:
        rows = self._selected_rows()
        ids = self.view.selected_ids()
        row = self.model.row_of(ids[0]) if len(ids) == 1 else None
        heights = self.model.outline(row) if row is not None else None
        self.details.show_tracks(rows, ids, heights)
        self._on_position(self.listening.position_s)

    def _enter_table(self) -> None:
        if self.view.current_row() is None and self.model.rowCount():
            self.view.selectRow(0)
        self.view.setFocus()

    # Hearing --------------------------------------------------------------------------------------------------------

    def _on_play(self, row: int) -> None:
        found = self.model.row(row)
        if found is not None and found.track.state == "present":
            self.listening.toggle(found.track.id, found.track.file_path)

    def _on_wave(self, place: float) -> None:
        rows = self._selected_rows()
        if len(rows) == 1 and rows[0].track.state == "present":
            track = rows[0].track
            self.listening.play(track.id, track.file_path, place * track.duration_s)

    def _on_listening(self) -> None:
        self.view.set_playing(self.listening.track_id)
        self._on_position(0.0)

    def _on_position(self, position_s: float) -> None:
        rows = self._selected_rows() if self.listening.track_id is not None else []
        is_heard = len(rows) == 1 and rows[0].track.id == self.listening.track_id
        self.details.show_place(position_s / max(1.0, rows[0].track.duration_s) if is_heard else None)

    # Changing -------------------------------------------------------------------------------------------------------

    def _on_edited(self) -> None:
        self.model.refresh()
        self._document.note_library_changed()

    def _on_waiting(self, count: int) -> None:
        if count and not library_jobs.current().is_scanning:
            self.bar.scan.say(self.tr("Another program writes to the library; your changes are written after it."))

    def _remove(self) -> None:
        ids = self.view.selected_ids()
        if ids:
            self.edits.remove(ids, self.tr("Remove from library"))

    def _retry(self) -> None:
        library_jobs.current().scan(is_retry=True)

    def _relink(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("Where are the files now?"))
        if name:
            self.find_missing_in(Path(name))

    def find_missing_in(self, folder: Path) -> None:
        """Look for lost tracks in a folder: a file with the same sound is the same track, whatever it is called."""
        library_jobs.current().scan([folder])

    def _on_scanned(self, report: ScanReport) -> None:
        counts = report.counts
        found = counts.moved + counts.returned
        parts = []
        if counts.new:
            parts.append(self.tr("%1 new").replace("%1", f"{counts.new:,}"))
        if found:
            parts.append(self.tr("%1 found again").replace("%1", f"{found:,}"))
        if counts.missing:
            parts.append(self.tr("%1 missing").replace("%1", f"{counts.missing:,}"))
        if report.failed:
            parts.append(self.tr("%1 could not be used").replace("%1", f"{report.failed:,}"))
        if report.offline:
            parts.append(self.tr("not plugged in: %1").replace("%1", ", ".join(report.offline)))
        self.bar.scan.say(self.tr("Scanned: %1").replace("%1", ", ".join(parts) or self.tr("nothing has changed")))

    def _on_renew(self) -> None:
        if library_jobs.current().is_scanning and self.isVisible():
            self.model.refresh()

    # Menus and columns ----------------------------------------------------------------------------------------------

    def _open_menu(self, at: QPoint) -> None:
        rows = self._selected_rows()
        if not rows:
            return
        menu = QMenu(self)
        first = rows[0].track
        is_there = first.state == "present"
        is_heard = self.listening.track_id == first.id
        hear = menu.addAction(self.tr("Stop") if is_heard else self.tr("Play"))
        hear.setEnabled(is_there)
        hear.triggered.connect(lambda: self.listening.toggle(first.id, first.file_path))
        menu.addAction(self.tr("Show in its folder")).triggered.connect(lambda: open_folder(first.file_path))
        if not is_there:
            menu.addAction(self.tr("Find the file…")).triggered.connect(self._relink)
        menu.addSeparator()
        holding = held_by_all([row.collections for row in rows])
        add_collection_menu(menu, self.edits, self.view.selected_ids(), self.model.collections, holding)
        menu.addSeparator()
        menu.addAction(self.tr("Remove from library")).triggered.connect(self._remove)
        menu.exec(self.view.viewport().mapToGlobal(at))

    def _open_collection_menu(self, name: str, below: QWidget) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        place = below.mapToGlobal(below.rect().bottomLeft())
        rename = menu.addAction(self.tr("Rename…"))
        rename.triggered.connect(lambda: ask_new_name(self.edits, name, place, self))
        forget = menu.addAction(self.tr("Take the collection away (tracks stay)"))
        text = self.tr("Take away %s").replace("%s", name)
        forget.triggered.connect(lambda: self.edits.forget_collection(name, text))
        menu.popup(place)

    # Qt -------------------------------------------------------------------------------------------------------------

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self.model.is_known:
            self.model.refresh()  # What was decided elsewhere meanwhile.
        self.window().installEventFilter(self)

    def hideEvent(self, event: Any) -> None:
        super().hideEvent(event)
        self.listening.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close:
            self.listening.close()
        return False
