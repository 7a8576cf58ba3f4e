# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of suggestions: how it is asked for, what came of it, and which of it is being auditioned.

An older request is stopped by a newer one. A request about a video that is still being watched waits for that.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.background import Background, Job, JobState

if TYPE_CHECKING:
    from needledrop.workflows.suggest import Answer, Wish


class Suggesting(QObject):
    """One list, and the request for the next."""

    answered = Signal(object)  # Answer, before anybody else hears of it.
    changed = Signal()  # A new answer, or a request begun or ended.
    candidate_changed = Signal()
    failed = Signal(object)  # KnownError

    def __init__(self, profile: Profile, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._profile = profile
        self._background = background
        self.answer: Answer | None = None
        self.candidate: int | None = None
        self.last_wish: Wish | None = None
        self._asking: Job | None = None
        self._watching: Job | None = None
        self._waiting_wish: Wish | None = None
        background.jobs_changed.connect(self._note_stopped)

    @property
    def is_asking(self) -> bool:
        """True while a list is being made."""
        return self._asking is not None or self._waiting_wish is not None

    @property
    def awaited(self) -> Job | None:
        """The job that the list waits for."""
        return self._asking if self._asking is not None else self._watching if self._waiting_wish is not None else None

    def ask(self, path: Path, wish: Wish) -> None:
        """Ask about a video now."""
        self._stop()
        profile = self._profile

        def work(progress: ProgressSink, cancel: CancelToken) -> Answer:
            from needledrop.workflows.suggest import suggest_music

            return suggest_music(profile, path, wish, progress, cancel)

        self._asking = self._background.run("Finding music", work, self._on_answer, self._on_no_answer)
        self.changed.emit()

    def ask_after(self, watching: Job, wish: Wish) -> None:
        """Ask when the video has been watched: `note_watched` or `give_up` follows."""
        self._stop()
        self._watching, self._waiting_wish = watching, wish
        self.changed.emit()

    def note_watched(self, path: Path) -> None:
        """The video has been watched: ask what waited for it."""
        if self._waiting_wish is not None:
            wish, self._waiting_wish = self._waiting_wish, None
            self.ask(path, wish)

    def give_up(self) -> None:
        """The video could not be watched: nothing will come."""
        self._waiting_wish = None
        self.changed.emit()

    def audition(self, index: int | None) -> None:
        """Hear a suggestion (an index into answer.suggestions), or none of them."""
        if index is not None and (self.answer is None or not 0 <= index < len(self.answer.suggestions)):
            return
        if index != self.candidate:
            self.candidate = index
            self.candidate_changed.emit()

    def forget(self) -> None:
        """The video is closed. Tells nobody: `closed` says so."""
        self._stop()
        self._watching = self._waiting_wish = self.last_wish = None
        self.answer = self.candidate = None

    def _stop(self) -> None:
        if self._asking is not None:
            self._asking.stop()
            self._asking = None

    def _note_stopped(self) -> None:
        """The user stopped what the list needs: such a job calls nobody back."""
        is_asking_over = self._asking is not None and self._asking.state is JobState.STOPPED
        is_watching_over = self._watching is not None and self._watching.state is JobState.STOPPED
        if is_asking_over or (is_watching_over and self._waiting_wish is not None):
            self._asking = None if is_asking_over else self._asking
            self._waiting_wish = None
            self.changed.emit()

    def _on_answer(self, answer: Answer) -> None:
        self._asking = None
        had_candidate = self.candidate is not None
        self.answer, self.candidate = answer, None
        self.answered.emit(answer)
        self.changed.emit()
        if had_candidate:
            self.candidate_changed.emit()

    def _on_no_answer(self, error: KnownError) -> None:
        self._asking = None
        self.changed.emit()
        self.failed.emit(error)
