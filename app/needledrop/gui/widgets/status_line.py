# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The line at the foot of the window: what is true of the cue on the left, what runs on the right, with Stop."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from needledrop.gui import progress_text
from needledrop.gui.background import Background, Job
from needledrop.gui.sentences import job_in_words
from needledrop.gui.widgets.buttons import IconButton
from needledrop.gui.widgets.labels import ElidedLabel

SHOWN_AFTER_S = 0.6  # What is over sooner would only flicker.
HEIGHT = 28


class StatusLine(QWidget):
    """`show_fact` is for the left; the right follows the background's jobs."""

    jobs_asked = Signal()

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status")
        self._background = background
        self._job: Job | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(8)
        self._fact = ElidedLabel("secondary", size=12)
        self._fact.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._running = ElidedLabel("secondary", size=12)
        self._stop = IconButton("stop", self.tr("Stop"))
        self._stop.clicked.connect(self._on_stop)
        self._stop.hide()
        row.addWidget(self._fact, 1)
        row.addWidget(self._running)
        row.addWidget(self._stop)
        background.jobs_changed.connect(self._show_jobs)

    def show_fact(self, text: str) -> None:
        """Say something on the left."""
        self._fact.set_text(text)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on what runs leads to the list of it."""
        if self._job is not None and self._running.geometry().contains(event.position().toPoint()):
            self.jobs_asked.emit()

    def _show_jobs(self) -> None:
        running = [job for job in self._background.jobs() if not job.is_over and job.elapsed_s >= SHOWN_AFTER_S]
        self._job = running[0] if running else None
        self._stop.setVisible(self._job is not None)
        if self._job is None:
            self._running.set_text("")
            return
        text = f"{progress_text.amount(self._job)} · {progress_text.pace(self._job)}"
        if len(running) > 1:
            text = self.tr("%1 · and %2 more").replace("%1", text).replace("%2", str(len(running) - 1))
        self._running.set_text(text, Qt.TextElideMode.ElideMiddle)
        self._stop.setToolTip(self.tr("Stop: %s").replace("%s", job_in_words(self._job.title)))

    def _on_stop(self) -> None:
        if self._job is not None:
            self._job.stop()
            self._running.set_text(self.tr("Stopping…"))
