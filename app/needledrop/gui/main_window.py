# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame: title bar, the places one below the other, status line; drops, notices, sheets. Panels do the work.

It is painted before any panel is imported; `finish_start` builds the rest.
"""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QMoveEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QMainWindow, QMenu, QStackedWidget, QVBoxLayout, QWidget

from needledrop.core.errors import KnownError
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui import cue_facts, library_jobs, places, preferences
from needledrop.gui.actions import Action, Actions
from needledrop.gui.background import Background
from needledrop.gui.document import Document
from needledrop.gui.file_opening import FileOpening
from needledrop.gui.panels.start_panel import StartPanel
from needledrop.gui.shortcuts import Shortcuts
from needledrop.gui.widgets.notice import Notice
from needledrop.gui.widgets.status_line import StatusLine
from needledrop.gui.widgets.title_bar import TitleBar
from needledrop.gui.window_actions import add_window_actions, fill_menu
from needledrop.gui.window_drops import WindowDrops
from needledrop.gui.window_memory import WindowMemory

if TYPE_CHECKING:
    from needledrop.gui.dialogs.command_palette import CommandPalette
    from needledrop.gui.dialogs.crash_report import CrashReport
    from needledrop.gui.dialogs.first_run import FirstRun
    from needledrop.gui.dialogs.shortcut_sheet import ShortcutSheet
    from needledrop.gui.player import Player
    from needledrop.gui.work_page import WorkPage

FIRST_SIZE = (1440, 900)
LEAST_SIZE = (960, 600)
ASKED_AGAIN = frozenset({"commercial-project", "music-lufs", "ducking-db"})


class MainWindow(QMainWindow):
    """One window for one document."""

    painted = Signal()  # Once, after the first picture of the window.

    def __init__(self, document: Document, background: Background) -> None:
        super().__init__()
        self.document = document
        self.background = background
        self.actions_registry = Actions(self)
        self.opening = FileOpening(document, self)
        self.memory = WindowMemory(document.profile, background, self)
        self._parts: places.Parts | None = None
        self._pages: dict[str, QWidget] = {}
        self._work: WorkPage | None = None
        self._palette: CommandPalette | None = None
        self._sheet: ShortcutSheet | None = None
        self._report: CrashReport | None = None
        self._first_run: FirstRun | None = None
        self._is_painted = False
        add_window_actions(self)
        self._add_place_actions()
        values = preferences.current()
        self.shortcuts = Shortcuts(document.profile, self.actions_registry, values, background)
        self.setWindowTitle("Needledrop")
        self.setMinimumSize(*LEAST_SIZE)
        self._build()
        self._connect()
        if not self.memory.restore_window():
            self.resize(*FIRST_SIZE)
        self.show_place("suggest")
        self.setFocus()  # Else Qt gives it to the first button, with a ring around it.

    # Building -----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(lambda: fill_menu(self._menu, self.actions_registry))
        tabs = [("suggest", self.tr("Suggest"))]
        tabs += [(one.id, _title(one)) for one in places.PLACES if one.is_tab and places.is_there(one.panel)]
        self.title_bar = TitleBar(self._menu, tabs)
        self._stack = QStackedWidget()
        self.start_panel = StartPanel(self.actions_registry)
        self._stack.addWidget(self.start_panel)
        self.status = StatusLine(self.background)
        self.notice = Notice(self)
        WindowDrops(self, self.start_panel, self.opening.take)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.title_bar)
        column.addWidget(self._stack, 1)
        column.addWidget(self.status)
        self.setCentralWidget(centre)
        self._show_document()

    def _connect(self) -> None:
        document = self.document
        for signal in (document.opened, document.closed, document.media_changed):
            signal.connect(self._show_document)
        for signal in (document.candidate_changed, document.selection_changed, document.cues_changed):
            signal.connect(self._show_facts)
        document.opened.connect(self._on_opened)
        document.closed.connect(lambda: self.show_place("suggest"))
        document.recovered.connect(self._on_recovered)
        document.review_changed.connect(self._on_review)
        self.opening.asked.connect(self.notice.ask)
        self.title_bar.text_entered.connect(self._on_text)
        self.title_bar.text_left.connect(self._on_text_left)
        self.title_bar.place_asked.connect(self.show_place)
        self.title_bar.export_asked.connect(lambda: self.show_place("export"))
        self.status.jobs_asked.connect(lambda: self.show_place("jobs"))
        self.start_panel.video_asked.connect(lambda path: self.opening.take([path]))
        library_jobs.current().library_changed.connect(self._on_library_changed)
        preferences.current().changed.connect(self._on_preference_changed)
        for source in (document, self.opening, self.shortcuts, library_jobs.current(), preferences.current()):
            source.failed.connect(self.show_error)

    def _add_place_actions(self) -> None:
        everything = [places.Place("suggest", "Suggest", "", "Ctrl+1"), *places.PLACES]
        for one in everything:
            if not one.panel or places.is_there(one.panel):
                keys = {"needledrop": (one.key,)} if one.key else {}
                go = functools.partial(self.show_place, one.id)
                self.actions_registry.add(Action(f"view.{one.id}", _title(one), "View", go, keys))

    def finish_start(self, player: Player) -> None:
        """Build what the first picture did without: the panes of the work page, and their actions."""
        self._parts = places.Parts(self.document, player, self.background, self.actions_registry)
        self._work_page()
        self._load_recent()

    def _work_page(self) -> WorkPage | None:
        if self._work is None and self._parts is not None:
            from needledrop.gui.work_page import WorkPage

            self._work = WorkPage(self._parts, self.memory)
            suggestions = self._work.pane("suggestions")
            if suggestions is not None:
                suggestions.words_edited.connect(self.edit_text)  # type: ignore[attr-defined]
                suggestions.failure_shown.connect(self.notice.withdraw)  # type: ignore[attr-defined]
            self._stack.addWidget(self._work)
        return self._work

    def _page(self, place: str) -> QWidget | None:
        """The page of a place, made when it is first asked for; None before `finish_start`."""
        if place == "suggest":
            return self.start_panel if self.document.video is None else self._work_page()
        if place not in self._pages and self._parts is not None:
            panel = next(one.panel for one in places.PLACES if one.id == place)
            if places.is_there(panel):
                self._pages[place] = places.make(panel, self._parts)
                self._stack.addWidget(self._pages[place])
        return self._pages.get(place)

    # What can be asked of it --------------------------------------------------------------------------------------

    @property
    def place(self) -> str:
        """The place that is shown."""
        return next((name for name, page in self._pages.items() if page is self._stack.currentWidget()), "suggest")

    def show_place(self, place: str) -> None:
        """Go to "suggest", or a place of places.PLACES."""
        page = self._page(place)
        if page is not None:
            self._stack.setCurrentWidget(page)
            self.title_bar.show_place(place)
            if page.focusProxy() is not None:
                page.setFocus()

    def toggle_pane(self, name: str) -> None:
        """Fold a pane of the work page away, or bring it back."""
        if self._work is not None:
            self._work.toggle(name)

    def focus_text(self) -> None:
        """Put the keyboard into the text line."""
        self.title_bar.text_line.setFocus()
        self.title_bar.text_line.selectAll()

    def edit_text(self, text: str) -> None:
        """Put words into the text line, to be changed and entered."""
        self.title_bar.text_line.setText(text)
        self.focus_text()

    def toggle_full_screen(self) -> None:
        """Fill the screen, or stop doing so."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def open_palette(self) -> None:
        """Search among all actions."""
        if self._palette is None:
            from needledrop.gui.dialogs.command_palette import CommandPalette

            self._palette = CommandPalette(self, self.actions_registry)
        self._palette.open_palette()

    def open_shortcuts(self) -> None:
        """Show every key."""
        if self._sheet is None:
            from needledrop.gui.dialogs.shortcut_sheet import ShortcutSheet

            self._sheet = ShortcutSheet(self, self.actions_registry, self.shortcuts)
        self._sheet.open_shortcuts()

    def open_first_run(self) -> None:
        """Lead through the first steps, from the beginning."""
        if self._first_run is None:
            from needledrop.gui.dialogs.first_run import FirstRun

            self._first_run = FirstRun(self, self.document.profile, self.background)
            self._first_run.film_asked.connect(self.document.open)
            self._first_run.video_asked.connect(self.opening.choose_video)
        self._first_run.open_first_run()

    def show_error(self, error: KnownError) -> None:
        """Say what the world did."""
        self.notice.show_error(error)

    def show_crash(self, report: str) -> None:
        """Say that a bug of ours happened."""
        if self._report is None:
            from needledrop.gui.dialogs.crash_report import CrashReport

            self._report = CrashReport(self)
        self._report.show_report(report)

    def come_forward(self) -> None:
        """Another start handed something over: show the window."""
        self.showNormal() if self.isMinimized() else self.show()
        self.raise_()
        self.activateWindow()

    # Answers to what happened -------------------------------------------------------------------------------------

    def _on_opened(self) -> None:
        self.title_bar.text_line.clear()
        self.show_place("suggest")
        self.document.ask(self.document.wish())
        self._load_recent()

    def _on_review(self) -> None:
        self.notice.hide()  # It may still offer what has been done.
        self.show_place("conform")

    def _on_recovered(self) -> None:
        self.notice.show_news(self.tr("Needledrop ended before it could put everything away. Your work is all here."))

    def _on_text(self, text: str) -> None:
        if self.document.video is not None:
            self.document.ask(dataclasses.replace(self.document.wish(), text=text.strip()))
            self.show_place("suggest")
            self._leave_text()

    def _on_text_left(self) -> None:
        """Esc: what was typed and not asked is gone, the keys are the window's again."""
        self.title_bar.text_line.setText(self.document.wish().text if self.document.video is not None else "")
        self._leave_text()

    def _leave_text(self) -> None:
        """Give the keyboard back, else the numbers that hear suggestions would be typed into the line."""
        pane = self._work.pane("suggestions") if self._work is not None else None
        (pane if pane is not None and pane.isVisible() else self).setFocus()

    def _on_library_changed(self) -> None:
        self.document.note_library_changed()
        if self.document.video is not None:
            self.document.ask(self.document.wish())

    def _on_preference_changed(self, name: str) -> None:
        if name in ASKED_AGAIN and self.document.video is not None:
            values, wish = preferences.current(), self.document.wish()
            mix = dataclasses.replace(
                wish.mix, music_lufs=values.number("music-lufs"), ducking_db=values.number("ducking-db")
            )
            is_commercial = values.is_on("commercial-project")
            self.document.ask(dataclasses.replace(wish, mix=mix, is_commercial=is_commercial))

    def _show_document(self) -> None:
        video = self.document.video
        self.title_bar.show_file(*((video.name, cue_facts.video_facts(video)) if video is not None else ("", "")))
        self.title_bar.text_line.setEnabled(video is not None)
        self.title_bar.export_button.setEnabled(video is not None)
        self.actions_registry.qt("file.close").setEnabled(video is not None)
        self.setWindowTitle(f"{video.name} – Needledrop" if video is not None else "Needledrop")
        self._show_facts()

    def _show_facts(self) -> None:
        self.status.show_fact(cue_facts.heard_facts(self.document))

    def _load_recent(self) -> None:
        profile = self.document.profile

        def work(progress: ProgressSink, cancel: CancelToken) -> list[Path]:
            from needledrop.workflows.workspace import recent_videos

            return recent_videos(profile)

        self.background.run("Recent videos", work, self.start_panel.show_recent, lambda _: None, is_quiet=True)

    # Qt -----------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            self.painted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.memory.note_change()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.memory.note_change()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.memory.save()
        super().closeEvent(event)


def _title(place: places.Place) -> str:
    return QCoreApplication.translate("Places", place.title)
