# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs and what ran: rate, time left, Stop; for what failed, why and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from needledrop.gui import progress_text
from needledrop.gui.actions import Actions
from needledrop.gui.background import Background, Job, JobState
from needledrop.gui.document import Document
from needledrop.gui.sentences import job_in_words
from needledrop.gui.widgets.buttons import Button, IconButton
from needledrop.gui.widgets.centred import centred
from needledrop.gui.widgets.labels import ElidedLabel, hairline, label

if TYPE_CHECKING:
    from needledrop.gui.player import Player

WIDTH = 720


class JobsPanel(QWidget):
    """The list of jobs, those under way first. Rows are kept while their job lives, so that focus stays where it is."""

    def __init__(
        self,
        document: Document,
        player: Player,
        background: Background,
        actions: Actions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._background = background
        self._rows: dict[int, _JobRow] = {}
        title = label(self.tr("Jobs"), "heading")
        self._forget = Button(self.tr("Clear finished"), "quiet")
        self._forget.clicked.connect(background.forget)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self._forget)
        self._empty = label(self.tr("Nothing runs. Scans, analyses and exports appear here."), "secondary")
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        inner = QWidget()
        inner.setMaximumWidth(WIDTH)
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addLayout(head)
        column.addWidget(self._empty)
        column.addLayout(self._list)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(centred(inner))
        background.jobs_changed.connect(self._update)
        self._update()

    def _update(self) -> None:
        jobs = self._background.jobs()
        gone = self._rows.keys() - {job.id for job in jobs}
        for number in gone:
            self._rows.pop(number).deleteLater()
        for place, job in enumerate(jobs):
            row = self._rows.get(job.id)
            if row is None:
                row = self._rows[job.id] = _JobRow(job)
            if self._list.indexOf(row) != place:
                self._list.insertWidget(place, row)
            row.refresh()
        self._empty.setVisible(not jobs)
        self._forget.setVisible(any(job.is_over for job in jobs))


class _JobRow(QWidget):
    """One job."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job
        self._title = ElidedLabel("text")
        self._pace = ElidedLabel("secondary", size=12)
        self._detail = ElidedLabel("secondary", size=12)
        self._reason = label(role="small")
        self._reason.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._stop = IconButton("stop", self.tr("Stop: %s").replace("%s", job_in_words(job.title)))
        self._copy = IconButton("copy", self.tr("Copy the details"))
        self._stop.clicked.connect(self._on_stop)
        self._copy.clicked.connect(self._on_copy)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._title, 1)
        line.addWidget(self._pace)
        line.addWidget(self._stop)
        line.addWidget(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        column.addLayout(line)
        for widget in (self._bar, self._detail, self._reason):
            column.addWidget(widget)
        column.addSpacing(4)
        column.addWidget(hairline())
        self.setAccessibleName(job_in_words(job.title))

    def refresh(self) -> None:
        """Show how the job stands now."""
        job, progress = self._job, self._job.progress
        is_failed = job.state is JobState.FAILED
        self._title.set_text(progress_text.amount(job))
        self._pace.set_text(progress_text.outcome(job) if job.is_over else progress_text.pace(job))
        share = progress_text.share(progress)
        self._bar.setVisible(not job.is_over)
        self._bar.setRange(0, 1000 if share is not None else 0)
        self._bar.setValue(round(1000 * (share or 0.0)))
        self._detail.setVisible(not job.is_over and progress is not None and bool(progress.total))
        self._detail.set_text(progress.detail if progress is not None else "")
        self._reason.setVisible(is_failed)
        self._reason.setText(str(job.error) if job.error is not None else "")
        self._stop.setVisible(not job.is_over)
        self._copy.setVisible(is_failed)

    def _on_stop(self) -> None:
        self._job.stop()
        self._stop.setEnabled(False)
        self._pace.set_text(self.tr("Stopping…"))

    def _on_copy(self) -> None:
        if self._job.error is not None:
            error = self._job.error
            QGuiApplication.clipboard().setText(f"{self._job.title}\n{error}\n{error.code}: {error.cause}")
