# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why there are no suggestions just now, each reason with its one next step."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from needledrop.core.errors import KnownError
from needledrop.gui import progress_text
from needledrop.gui.actions import Actions
from needledrop.gui.background import Background
from needledrop.gui.document import Document
from needledrop.gui.widgets.state_page import StatePage

if TYPE_CHECKING:
    from needledrop.workflows.suggest import Wish


class SuggestionStates(QObject):
    """Decides what the page says. `changed`: look again; `asked`: a wish for the document."""

    changed = Signal()
    asked = Signal(object)  # Wish
    failure_shown = Signal(object)  # KnownError: the page says why a request failed, and is seen.

    def __init__(self, document: Document, background: Background, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._background = background
        self._actions = actions
        self._error: KnownError | None = None
        self._was_asking = False
        self.page = StatePage()
        document.suggestions_changed.connect(self._note_asking)
        document.opened.connect(self._forget)
        document.failed.connect(self._on_failed)
        background.jobs_changed.connect(self._on_jobs)

    def is_shown(self, rows: int) -> bool:
        """Whether the page stands in the place of the list, which has so many rows; it says then why."""
        document = self._document
        if document.is_asking:
            self._error = None
            self._show_busy()
            return rows == 0
        if self._error is not None:
            self._show_error(self._error)
            return True
        if document.answer is None:
            self._show_nothing_yet()
            return True
        if rows == 0:
            self._show_nothing_found()
            return True
        return False

    def _forget(self) -> None:
        self._error, self._was_asking = None, False

    def _note_asking(self) -> None:
        """The document says that a request ended before it says why."""
        if self._document.is_asking:
            self._was_asking = True

    def _on_failed(self, error: KnownError) -> None:
        if self._was_asking and not self._document.is_asking:
            self._was_asking = False
            self._error = error
            self.changed.emit()
            if self.page.isVisible():
                self.failure_shown.emit(error)

    def _on_jobs(self) -> None:
        if self._document.is_asking and self.page.isVisible():
            self._show_busy()

    def _show_busy(self) -> None:
        video = self._document.video
        if video is None:
            return
        is_watched = video.features is not None
        title = self.tr("Finding music…") if is_watched else self.tr("Watching %s…").replace("%s", video.name)
        text = (
            self.tr("Every track of the library is tried at every place of the picture.")
            if is_watched
            else self.tr("Cuts, motion and colours are measured once; the next time they are there.")
        )
        job = self._document.awaited
        self.page.show_state(
            "music" if is_watched else "eye",
            title,
            text,
            self.tr("Stop") if job is not None else "",
            job.stop if job is not None else None,
            is_primary=False,
        )
        self.page.show_share(progress_text.share(job.progress) if job is not None else None)

    def _show_error(self, error: KnownError) -> None:
        wish = self._document.wish()
        if wish.likes or wish.is_like_temp:
            without = dataclasses.replace(wish, likes=(), is_like_temp=False)
            self._show_failure(error, self.tr("Ask without the reference"), without)
        else:
            self._show_failure(error, self.tr("Try again"), wish)

    def _show_failure(self, error: KnownError, button: str, wish: Wish) -> None:
        self.page.show_state(
            "warning",
            error.sentence,
            error.remedy,
            button,
            lambda: self._ask(wish),
            is_error=True,
            is_primary=False,
        )

    def _show_nothing_yet(self) -> None:
        wish = self._document.wish()
        text = self.tr("Needledrop looks for the track, and the moment in it, that suits this picture.")
        self.page.show_state("music", self.tr("No suggestions yet"), text, self.tr("Ask"), lambda: self._ask(wish))

    def _show_nothing_found(self) -> None:
        answer, wish = self._document.answer, self._document.wish()
        assert answer is not None
        if answer.suggestions:
            self.page.show_state(
                "reject",
                self.tr("All of them rejected"),
                self.tr("Other tracks are there to be tried."),
                self.tr("Show others"),
                lambda: self._ask(wish),
            )
        elif answer.library_size == 0:
            self.page.show_state(
                "folder",
                self.tr("No music to choose from yet"),
                self.tr("Add a folder; every track in it is listened to once, and its files stay as they are."),
                self.tr("Add music folder…"),
                lambda: self._actions.trigger("library.add_folder"),
            )
        else:
            self.page.show_state(
                "filter",
                self.tr("No track passes the filters"),
                self.tr("%s tracks are in the library.").replace("%s", f"{answer.library_size:,}"),
                self.tr("Take the filters away"),
                lambda: self._ask(unfiltered(wish)),
            )

    def _ask(self, wish: Wish) -> None:
        self._error = None
        self.asked.emit(wish)


def unfiltered(wish: Wish) -> Wish:
    """The wish without anything that narrows the library; words and references stay."""
    return dataclasses.replace(
        wish,
        bpm_range=None,
        duration_range_s=None,
        keys=frozenset(),
        genres=frozenset(),
        collections=frozenset(),
        licences=frozenset(),
        folder=None,
        is_used_excluded=False,
    )
