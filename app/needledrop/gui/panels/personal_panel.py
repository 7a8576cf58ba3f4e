# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The place "Personal": what was learned of the user, how much of it counts, and the say over all of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from needledrop.gui import taste_jobs
from needledrop.gui.actions import Action, Actions
from needledrop.gui.background import Background
from needledrop.gui.document import Document
from needledrop.gui.listening import Listening
from needledrop.gui.panels.personal_labels import PersonalLabels
from needledrop.gui.panels.personal_lists import PersonalLists
from needledrop.gui.panels.personal_pairs import PersonalPairs
from needledrop.gui.panels.personal_taste import PersonalTaste
from needledrop.gui.panels.personal_versions import PersonalVersions
from needledrop.gui.taste_past_edits import TastePastEdits
from needledrop.gui.widgets.buttons import Button
from needledrop.gui.widgets.labels import hairline
from needledrop.gui.widgets.state_page import StatePage

if TYPE_CHECKING:
    from needledrop.gui.player import Player

TABS_HEIGHT = 40


class PersonalPanel(QWidget):
    """What counts and learning on the left; lists, choices and versions on the right."""

    def __init__(self, document: Document, player: Player, background: Background, actions: Actions) -> None:
        super().__init__()
        self._document = document
        self._actions = actions
        self.jobs = taste_jobs.current()
        self._add_actions()
        self.taste = PersonalTaste(self.jobs, actions)
        self.edits = TastePastEdits(document.profile, background, self)
        self.listening = Listening(player, self)
        self.lists, self.labels, self.versions = PersonalLists(), PersonalLabels(), PersonalVersions()
        self.pairs = PersonalPairs(self.edits, self.listening)
        self.empty = StatePage()
        self.tabs: dict[str, Button] = {}
        self._contents: dict[str, QWidget] = {}
        self._stack = QStackedWidget()
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._page())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)
        self._connect()
        self._show_empty()
        self.show_tab("lists")

    # Building -----------------------------------------------------------------------------------------------------

    def _page(self) -> QWidget:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._tab_row())
        column.addWidget(hairline())
        column.addWidget(self._stack, 1)
        page = QWidget()
        page.setObjectName("pane")
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.taste)
        row.addWidget(hairline(is_vertical=True))
        row.addWidget(right, 1)
        return page

    def _tab_row(self) -> QWidget:
        holder = QWidget()
        holder.setFixedHeight(TABS_HEIGHT)
        row = QHBoxLayout(holder)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(8)
        group = QButtonGroup(self)
        for name, title, page in (
            ("lists", self.tr("Before and after"), self.lists),
            ("labels", self.tr("Your choices"), self.labels),
            ("pairs", self.tr("Past edits"), self.pairs),
            ("versions", self.tr("Versions"), self.versions),
        ):
            tab = self.tabs[name] = Button(title, "tab")
            tab.setCheckable(True)
            tab.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
            tab.clicked.connect(partial(self.show_tab, name))
            group.addButton(tab)
            row.addWidget(tab)
            self._stack.addWidget(page)
            self._contents[name] = page
        row.addStretch(1)
        return holder

    def _add_actions(self) -> None:
        entries: tuple[tuple[str, str, Callable[[], object]], ...] = (
            ("learn", self.tr("Learn your taste"), self.jobs.learn),
            ("reset", self.tr("Back to the base, without your taste"), lambda: self.jobs.use("base")),
            ("export", self.tr("Export your taste…"), self.export),
            ("import", self.tr("Import a taste…"), self.take),
            ("past_edits", self.tr("Look through past edits…"), self.look_through),
        )
        for name, text, act in entries:
            self._actions.add(Action(f"personal.{name}", text, "Library", act))

    def _connect(self) -> None:
        jobs = self.jobs
        jobs.changed.connect(self._on_changed)
        jobs.compared.connect(self._on_compared)
        self.labels.delete_asked.connect(jobs.delete_labels)
        self.versions.use_asked.connect(jobs.use)
        self.pairs.look_asked.connect(self.look_through)
        self.edits.changed.connect(self._on_changed)
        self.edits.evidence_changed.connect(jobs.note_evidence)
        for source in (self.edits, self.listening):
            source.failed.connect(self._document.failed)

    # What can be asked of it --------------------------------------------------------------------------------------

    def show_tab(self, name: str) -> None:
        """Show "lists", "labels", "pairs" or "versions"."""
        self.tabs[name].setChecked(True)
        self._stack.setCurrentWidget(self._contents[name])

    def export(self) -> None:
        """Ask where to, and write the version that counts, else the newest."""
        overview = self.jobs.overview
        if overview is None or not overview.versions:
            return
        current = overview.state.current
        version = int(current) if current.isdecimal() else int(overview.versions[-1]["version"])
        place = os.fspath(Path(_documents()) / f"taste-{version}.safetensors")
        chosen, _ = QFileDialog.getSaveFileName(self.window(), self.tr("Export your taste"), place, _KINDS)
        if chosen:
            self.jobs.give(Path(chosen), version)

    def take(self) -> None:
        """Ask which file, and take the taste in it."""
        chosen, _ = QFileDialog.getOpenFileName(self.window(), self.tr("Import a taste"), _documents(), _KINDS)
        if chosen:
            self.jobs.take(Path(chosen))

    def look_through(self) -> None:
        """Ask for a folder of finished videos or projects, and look for the music in them."""
        movies = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
        chosen = QFileDialog.getExistingDirectory(self.window(), self.tr("Past edits"), movies)
        if chosen:
            self.show_tab("pairs")
            self.edits.look_through([Path(chosen)])

    # Answers to what happened -------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.jobs.refresh()
        self.jobs.compare()
        self.edits.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.listening.stop()

    def _on_changed(self) -> None:
        overview = self.jobs.overview
        if overview is None:
            return
        pairs = self.edits.pairs or ()
        is_empty = overview.is_empty and not pairs and not self.edits.is_looking
        self._pages.setCurrentIndex(0 if is_empty else 1)
        self.setFocusProxy(self.empty.button if is_empty else self.taste.learn)
        self.labels.show_labels(overview.labels)
        self.versions.show_overview(overview, is_learning=self.jobs.is_learning)
        count = f"{len(overview.labels):,}"
        self.tabs["labels"].setText(self.tr("Your choices %s").replace("%s", count))
        self.tabs["pairs"].setText(self.tr("Past edits %s").replace("%s", f"{overview.past_count:,}"))
        self.tabs["versions"].setText(self.tr("Versions %s").replace("%s", str(len(overview.versions))))

    def _on_compared(self) -> None:
        self.lists.show_comparison(self.jobs.comparison)

    def _show_empty(self) -> None:
        self.empty.show_state(
            "heart",
            self.tr("Nothing learned yet"),
            self.tr(
                "Every track you use, turn down or listen to for long says something of your taste, and so does every "
                "film you finished before. Nothing leaves this machine."
            ),
            self.tr("Look through past edits…"),
            lambda: self._actions.trigger("personal.past_edits"),
        )


_KINDS = "Needledrop taste (*.safetensors)"


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
