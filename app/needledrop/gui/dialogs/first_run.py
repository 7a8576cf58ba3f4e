# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first steps: where music lies, how fast this machine is, and one real suggestion from a sample of the music.

A sheet over the window, not a modal dialog: Esc puts it away at any step, and Help opens it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui import library_jobs, theme
from needledrop.gui.background import Background, Job
from needledrop.gui.dialogs.first_run_pages import FoldersPage, SpeedPage, SuggestionPage
from needledrop.gui.widgets.buttons import Button
from needledrop.gui.widgets.labels import hairline, label
from needledrop.gui.widgets.overlay import Overlay

if TYPE_CHECKING:
    from needledrop.workflows.first_steps import FirstSuggestion, Machine

SIZE = (640, 448)


class FirstRun(Overlay):
    """Three pages with Back and Next. The suggestion is worked out as soon as its page is reached."""

    film_asked = Signal(object)  # Path: open the film of the demo.
    video_asked = Signal()  # Choose a video of one's own.

    def __init__(self, window: QWidget, profile: Profile, background: Background) -> None:
        super().__init__(window, width=SIZE[0], height=SIZE[1])
        self._profile = profile
        self._background = background
        self._job: Job | None = None
        self._measuring: Job | None = None
        self.is_finished = False
        self.folders = FoldersPage()
        self.speed = SpeedPage()
        self.suggestion = SuggestionPage()
        self._pages = QStackedWidget()
        for page in (self.folders, self.speed, self.suggestion):
            self._pages.addWidget(page)
        self._steps = label("", "small")
        self._title = label("", "heading")
        self.skip = Button(self.tr("Later"), "quiet")
        self.back = Button(self.tr("Back"))
        self.next = Button(self.tr("Next"), "primary")
        self._build()
        self.skip.clicked.connect(self.close_sheet)
        self.back.clicked.connect(self.previous_step)
        self.next.clicked.connect(self.next_step)
        self.folders.changed.connect(self._show_step)
        self.suggestion.retry_asked.connect(self._suggest)
        self.suggestion.folders_asked.connect(lambda: self._go(0))
        self.suggestion.own_asked.connect(self._open_own)

    def open_first_run(self) -> None:
        """Begin with the folders."""
        self._find_folders()
        self._measure()
        self._pages.setCurrentIndex(0)
        self._show_step()
        self.open_sheet(self.folders.first_control())

    def next_step(self) -> None:
        """Go on; at the end, open the film with its suggestions."""
        if not self.next.isEnabled():
            return
        if self._pages.currentIndex() < 2:
            self._go(self._pages.currentIndex() + 1)
            return
        from needledrop.workflows.first_steps import demo_film

        self.close_sheet()
        self.film_asked.emit(demo_film())

    def previous_step(self) -> None:
        """Go back; what is being worked out is stopped."""
        if self._job is not None:
            self._job.stop()
            self._job = None
        self._go(self._pages.currentIndex() - 1)

    def close_sheet(self) -> None:
        """Put it away for good; whatever was chosen is scanned on."""
        super().close_sheet()
        profile, folders = self._profile, self.folders.chosen()
        if self._job is not None:
            self._job.stop()
            self._job = None

        def work(progress: ProgressSink, cancel: CancelToken) -> None:
            from needledrop.workflows.first_steps import note_first_run

            note_first_run(profile)

        self._background.run("Saving", work, None, lambda _: None, is_quiet=True, is_essential=True)
        if folders and self._pages.currentIndex() == 2:
            library_jobs.current().scan(folders)

    # Building ----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        head = QVBoxLayout()
        head.setContentsMargins(32, 24, 32, 16)
        head.setSpacing(4)
        head.addWidget(self._steps)
        self._title.setFont(theme.current().font(14, is_bold=True))
        head.addWidget(self._title)
        body = QVBoxLayout()
        body.setContentsMargins(32, 20, 32, 20)
        body.addWidget(self._pages)
        foot = QHBoxLayout()
        foot.setContentsMargins(32, 12, 32, 12)
        foot.setSpacing(8)
        foot.addWidget(self.skip)
        foot.addStretch(1)
        foot.addWidget(self.back)
        foot.addWidget(self.next)
        self.content.addLayout(head)
        self.content.addWidget(hairline())
        self.content.addLayout(body, 1)
        self.content.addWidget(hairline())
        self.content.addLayout(foot)

    def _go(self, step: int) -> None:
        self._pages.setCurrentIndex(step)
        if step == 2:
            self._suggest()
        self._show_step()
        focus = self.folders.first_control() if step == 0 else self.next if self.next.isEnabled() else self.back
        focus.setFocus(Qt.FocusReason.TabFocusReason)

    def _show_step(self) -> None:
        step = self._pages.currentIndex()
        titles = (
            self.tr("Where is your music?"),
            self.tr("How fast is this computer?"),
            self.tr("A first suggestion"),
        )
        self._title.setText(titles[step])
        self._steps.setText(self.tr("Step %1 of 3").replace("%1", str(step + 1)))
        self.sheet.setAccessibleName(titles[step])
        self.back.setVisible(step > 0)
        text = self.tr("Open the film with it") if step == 2 else self.tr("Next")
        self.next.setText(text)
        self.next.setAccessibleName(text)
        self.next.setEnabled(self.is_finished if step == 2 else bool(self.folders.chosen()))
        self.skip.setText(self.tr("Close") if step == 2 else self.tr("Later"))

    # Work --------------------------------------------------------------------------------------------------------

    def _find_folders(self) -> None:
        def work(progress: ProgressSink, cancel: CancelToken) -> Sequence[Path]:
            from needledrop.workflows.first_steps import likely_folders

            return likely_folders()

        self._background.run("Looking for music", work, self.folders.propose, lambda _: None, is_quiet=True)

    def _measure(self) -> None:
        if self._measuring is not None:
            return

        def look(progress: ProgressSink, cancel: CancelToken) -> Machine:
            from needledrop.workflows.first_steps import machine

            return machine()

        def measure(progress: ProgressSink, cancel: CancelToken) -> float:
            from needledrop.workflows.first_steps import measure_speed

            return measure_speed(cancel)

        self._background.run("Looking at the machine", look, self.speed.show_machine, lambda _: None, is_quiet=True)
        self._measuring = self._background.run(
            "Measuring the speed", measure, self.speed.show_speed, self.speed.show_no_speed, is_quiet=True
        )

    def _suggest(self) -> None:
        profile, folders, workers = self._profile, self.folders.chosen(), self.speed.workers()
        if self._job is not None:
            self._job.stop()
        self.is_finished = False

        def work(progress: ProgressSink, cancel: CancelToken) -> FirstSuggestion:
            from needledrop.workflows.first_steps import first_suggestion

            return first_suggestion(profile, folders, workers=workers, progress=progress, cancel=cancel)

        self._job = self._background.run(
            self.tr("A first suggestion"), work, self._on_suggestion, self._on_no_suggestion
        )
        self.suggestion.show_work(self._background, self._job)
        self._show_step()

    def _on_suggestion(self, first: FirstSuggestion) -> None:
        self._job = None
        self.is_finished = True
        self.suggestion.show_suggestion(first)
        library_jobs.current().library_changed.emit()
        self._show_step()
        if self.isVisible():
            self.next.setFocus(Qt.FocusReason.TabFocusReason)

    def _on_no_suggestion(self, error: KnownError) -> None:
        self._job = None
        self.suggestion.show_error(error)
        self._show_step()

    def _open_own(self) -> None:
        self.close_sheet()
        self.video_asked.emit()
