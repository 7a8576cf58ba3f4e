# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The taste while the window is open: what there is of it, learning in the background, and every change of it.

Learning runs in a process of its own, stands still while the user plays, and begins by itself where the user allowed
it. Nothing here reads a file on the GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui import preferences, taste_words
from needledrop.gui.background import Background, Job, JobState
from needledrop.gui.document import Document

if TYPE_CHECKING:
    from needledrop.gui.player import Player
    from needledrop.workflows.taste import LearnReport
    from needledrop.workflows.taste_process import Point
    from needledrop.workflows.taste_view import Comparison, TasteOverview

AUTOMATIC = "learn-after"


class TasteJobs(QObject):
    """One for the window. `overview` and `comparison` are None until they were fetched."""

    changed = Signal()  # The overview, or whether it is being learned.
    curve_changed = Signal()
    compared = Signal()
    failed = Signal(object)  # KnownError

    def __init__(self, document: Document, player: Player, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._background, self._profile = document, background, document.profile
        self._job: Job | None = None
        self._comparing: Job | None = None
        self._is_playing = False
        self._tried_id = 0
        self.overview: TasteOverview | None = None
        self.comparison: Comparison | None = None
        self.points: list[Point] = []  # Grows on the thread of the run; read here.
        self.outcome = ""
        player.state_changed.connect(lambda: self._note_playing(player.state.is_playing))
        background.jobs_changed.connect(self._on_jobs)
        preferences.current().changed.connect(lambda name: self._learn_if_due() if name == AUTOMATIC else None)

    @property
    def is_learning(self) -> bool:
        """True while a run is under way."""
        return self._job is not None

    @property
    def is_waiting(self) -> bool:
        """True while a run stands still because the user plays."""
        return self._job is not None and self._is_playing

    # Looking ------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Fetch the overview; `changed` follows."""
        profile = self._profile

        def work(progress: ProgressSink, cancel: CancelToken) -> TasteOverview:
            from needledrop.workflows.taste_view import taste_overview

            return taste_overview(profile)

        self._background.run("Taste", work, self._on_overview, self.failed.emit, is_quiet=True)

    def compare(self) -> None:
        """Fetch the lists with the taste and without; `compared` follows. An older request is stopped."""
        if self._comparing is not None:
            self._comparing.stop()
        profile = self._profile

        def work(progress: ProgressSink, cancel: CancelToken) -> Comparison:
            from needledrop.workflows.taste_view import compare_lists

            return compare_lists(profile, progress, cancel)

        self._comparing = self._background.run("Comparing lists", work, self._on_compared, self.failed.emit, True)

    def _on_overview(self, overview: TasteOverview) -> None:
        self.overview = overview
        self.changed.emit()
        self._learn_if_due()

    def _on_compared(self, comparison: Comparison) -> None:
        self._comparing = None
        self.comparison = comparison
        self.compared.emit()

    # Learning -----------------------------------------------------------------------------------------------------

    def learn(self) -> None:
        """Learn from all choices; goes on with a run that was stopped."""
        if self._job is not None:
            return
        profile = self._profile
        self.points, self.outcome = [], ""
        points = self.points

        def work(progress: ProgressSink, cancel: CancelToken) -> LearnReport:
            from needledrop.workflows.taste_process import learn_in_process

            return learn_in_process(profile, progress, cancel, points.append, lambda: self._is_playing)

        title = self.tr("Learning your taste")
        self._job = self._background.run(title, work, self._on_learned, self._on_not_learned)
        self.changed.emit()

    def stop(self) -> None:
        """Stop the run; what is finished of it is kept."""
        if self._job is not None:
            self._job.stop()

    def _learn_if_due(self) -> None:
        """By itself after so many new choices, and where a run was interrupted; where that is allowed."""
        after, overview = int(preferences.current().number(AUTOMATIC)), self.overview
        if not after or overview is None or not overview.labels or self.is_learning:
            return
        newest = int(overview.labels[0]["id"])
        is_due = overview.news >= after or overview.is_interrupted
        if is_due and newest > self._tried_id:
            self._tried_id = newest
            self.learn()

    def _note_playing(self, is_playing: bool) -> None:
        if is_playing != self._is_playing:
            self._is_playing = is_playing
            if self._job is not None:
                self.changed.emit()

    def _on_jobs(self) -> None:
        if self._job is None:
            return
        if self._job.state is JobState.STOPPED:  # Such a job calls nobody back.
            self._end(self.tr("Stopped. What was finished is kept; the next run goes on with it."))
        elif self._job.state is JobState.FAILED and self._job.error is not None:
            self._end(self._job.error.sentence)
        else:
            self.curve_changed.emit()

    def _on_learned(self, report: LearnReport) -> None:
        self._end(taste_words.learned(report))
        if report.version is not None:
            self.note_evidence()

    def _on_not_learned(self, error: KnownError) -> None:
        self._end(error.sentence)
        self.failed.emit(error)

    def _end(self, outcome: str) -> None:
        self._job = None
        self.outcome = outcome
        self.curve_changed.emit()
        self.changed.emit()
        self.refresh()

    # Changing -----------------------------------------------------------------------------------------------------

    def use(self, name: str) -> None:
        """Let a version count, "live" or "base"."""
        from_profile = self._profile

        def work() -> object:
            from needledrop.workflows.taste import use_taste

            return use_taste(from_profile, name)

        self._change(work)

    def blend(self, share: float) -> None:
        """Let the taste count this much, 0 to 1."""
        profile = self._profile

        def work() -> object:
            from needledrop.workflows.taste import blend_taste

            return blend_taste(profile, share)

        self._change(work)

    def take(self, path: Path) -> None:
        """Import a taste; it counts from now on."""
        profile = self._profile

        def work() -> object:
            from needledrop.workflows.taste import import_taste

            return import_taste(profile, path)

        self._change(work)

    def give(self, path: Path, version: int) -> None:
        """Write a version to a file the user chose, over what was there."""
        profile = self._profile

        def work(progress: ProgressSink, cancel: CancelToken) -> Sequence[Path]:
            from needledrop.workflows.taste import export_taste

            return export_taste(profile, path, version, overwrite=True)

        def done(written: Sequence[Path]) -> None:
            names = ", ".join(display_path(one.name) for one in written)
            self._say(self.tr("Written: %s").replace("%s", names))

        self._background.run("Exporting a taste", work, done, self.failed.emit, is_quiet=True)

    def _say(self, text: str) -> None:
        self.outcome = text
        self.changed.emit()

    def delete_labels(self, entry_ids: Sequence[int] | None) -> None:
        """Delete choices for good, all of them where none are named."""
        profile = self._profile

        def work() -> object:
            from needledrop.workflows.feedback import delete_feedback

            return delete_feedback(profile, entry_ids)

        self._change(work)

    def _change(self, act: Callable[[], object]) -> None:
        def work(progress: ProgressSink, cancel: CancelToken) -> object:
            return act()

        def failed(error: KnownError) -> None:
            self.failed.emit(error)
            self.refresh()  # What the control shows is not what is.

        def done(result: object) -> None:
            self.note_evidence()

        self._background.run("Taste", work, done, failed, is_quiet=True, is_essential=True)

    def note_evidence(self) -> None:
        """What is learned from, or what counts of it, is another now: fetch everything that shows it."""
        self.refresh()
        self.compare()
        if self._document.video is not None:
            self._document.ask(self._document.wish())


_current: TasteJobs | None = None


def install(jobs: TasteJobs) -> None:
    """Make these the application's."""
    global _current
    _current = jobs


def current() -> TasteJobs:
    """The application's taste."""
    if _current is None:
        raise RuntimeError("There are no taste jobs yet.")
    return _current
