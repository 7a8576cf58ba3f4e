# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Export: what to write, where to, how far it is, what was written. Writing itself happens in the background."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui import progress_text
from needledrop.gui.actions import Actions
from needledrop.gui.background import Background, Job, JobState
from needledrop.gui.document import Document
from needledrop.gui.panels.export_choices import ExportChoices
from needledrop.gui.widgets.buttons import Button
from needledrop.gui.widgets.inputs import Choice
from needledrop.gui.widgets.labels import ElidedLabel, hairline, label
from needledrop.gui.widgets.state_page import StatePage

if TYPE_CHECKING:
    from needledrop.gui.player import Player
    from needledrop.workflows.output import Written

WIDTH = 760
_ELSEWHERE = (
    QStandardPaths.StandardLocation.MoviesLocation,
    QStandardPaths.StandardLocation.DocumentsLocation,
    QStandardPaths.StandardLocation.HomeLocation,
)


class ExportPanel(QWidget):
    """The page. It exports the document's cues as they are when the button is pressed."""

    def __init__(self, document: Document, player: Player, background: Background, actions: Actions) -> None:
        super().__init__()
        self._document = document
        self._background = background
        self._actions = actions
        self._job: Job | None = None
        self._of: Path | None = None  # The video that folder and name are proposed for.
        self._written: Path | None = None
        self.folder: Path | None = None
        self.name = ""
        self.choices = ExportChoices()
        self._facts = label(role="secondary")
        self.range = Choice()
        self.range.setAccessibleName(self.tr("Range"))
        self._place = ElidedLabel("text")
        self.start = Button(self.tr("Export"), "primary")
        self.stop = Button(self.tr("Stop"))
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._said = label(role="secondary")
        self._remedy = label(role="small")
        self._show = Button(self.tr("Show in folder"))
        self._pages = QStackedWidget()
        self._nothing = StatePage()
        self._pages.addWidget(self._page())
        self._pages.addWidget(self._nothing)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._pages, 1)
        self.setFocusProxy(self.start)
        self._connect()
        self._on_document()

    def _connect(self) -> None:
        document = self._document
        for signal in (document.opened, document.closed, document.cues_changed, document.media_changed):
            signal.connect(self._on_document)
        document.range_changed.connect(self._fill_ranges)
        self.choices.changed.connect(self._show_ready)
        self.start.clicked.connect(self.export)
        self.stop.clicked.connect(lambda: self._job.stop() if self._job is not None else None)
        self._show.clicked.connect(self._show_in_folder)
        self._background.jobs_changed.connect(self._show_progress)

    # Building -----------------------------------------------------------------------------------------------------

    def _page(self) -> QWidget:
        inner = QWidget()
        inner.setMaximumWidth(WIDTH)
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 24, 24, 8)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(label(self.tr("Export"), "heading"))
        head.addWidget(self._facts)
        head.addStretch(1)
        head.addWidget(self.range)
        head.setSpacing(12)
        column.addLayout(head)
        column.addSpacing(8)
        column.addWidget(self.choices)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(_centred(inner))
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(scroll, 1)
        rows.addWidget(hairline())
        foot = _centred(self._foot())
        rows.addWidget(foot)
        bar = scroll.verticalScrollBar()
        # Else the foot would stand half a scroll bar beside what it belongs to.
        bar.rangeChanged.connect(lambda _, most: foot.setContentsMargins(0, 0, bar.width() if most else 0, 0))
        return page

    def _foot(self) -> QWidget:
        """Where to, the button, and what came of it: always in sight."""
        foot = QWidget()
        foot.setMaximumWidth(WIDTH)
        change = Button(self.tr("Change…"))
        change.setAccessibleName(self.tr("Change folder and name"))
        change.clicked.connect(self.choose_place)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(label(self.tr("To"), "secondary"))
        line.addWidget(self._place, 1)
        line.addWidget(change)
        line.addSpacing(8)
        line.addWidget(self.stop)
        line.addWidget(self.start)
        news = QHBoxLayout()
        news.setSpacing(8)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        for one in (self._said, self._remedy):
            one.setWordWrap(True)
            texts.addWidget(one)
        news.addLayout(texts, 1)
        news.addWidget(self._show)
        column = QVBoxLayout(foot)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(8)
        column.addLayout(line)
        column.addWidget(self._bar)
        column.addLayout(news)
        for widget in (self.stop, self._bar, self._said, self._remedy, self._show):
            widget.hide()
        return foot

    # What can be asked of it --------------------------------------------------------------------------------------

    def choose_place(self) -> None:
        """Ask for folder and name in one dialog."""
        if self.folder is None:
            return
        title, here = self.tr("Export to"), os.fspath(self.folder / self.name)
        chosen, _ = QFileDialog.getSaveFileName(
            self.window(), title, here, options=QFileDialog.Option.DontConfirmOverwrite
        )
        if chosen:
            self.set_place(Path(chosen))

    def set_place(self, path: Path) -> None:
        """Write below this folder, under this name; an ending the user typed is not part of it."""
        self.folder = path.parent
        self.name = path.stem if path.suffix.lower() in (".mp4", ".mov", ".wav", ".txt", ".csv") else path.name
        self._place.set_text(display_path(self.folder / self.name), Qt.TextElideMode.ElideMiddle)
        self.choices.show_names(self.name)

    def export(self) -> None:
        """Write what is switched on."""
        from needledrop.workflows.deliver import Delivery

        video, cues, profile = self._document.video, self._document.cues, self._document.profile
        if video is None or video.features is None or self.folder is None or self._job is not None:
            return
        delivery = Delivery(
            self.choices.wanted(),
            self.folder,
            self.name,
            self.choices.is_music_only(),
            self.choices.beats_every(),
            self._document.markers,
        )
        path = video.path
        range_s: tuple[float, float] = self.range.currentData() or (0.0, video.features.duration_s)

        def work(progress: ProgressSink, cancel: CancelToken) -> Sequence[Written]:
            from needledrop.workflows.deliver import deliver
            from needledrop.workflows.project import Selection
            from needledrop.workflows.suggest import Wish, range_of
            from needledrop.workflows.videos import analysed_video
            from needledrop.workflows.workspace import track_rows

            in_s, out_s = (Fraction(edge_s).limit_denominator(1_000_000) for edge_s in range_s)
            film = analysed_video(profile, path, progress, cancel)
            span = range_of(Wish(in_s=in_s, out_s=out_s), film.features.duration_s)
            # Asked for now: a drive may have been unplugged since the list was made.
            tracks = track_rows(profile, sorted({cue.track_id for cue in cues}))
            return deliver(profile, Selection(film, span, cues, tracks), delivery, progress, cancel)

        for widget in (self._said, self._remedy, self._show):
            widget.hide()
        title = self.tr("Exporting %s").replace("%s", video.name)
        self._job = self._background.run(title, work, self._on_written, self._on_failed)
        self._show_ready()
        self._show_progress()

    # Answers to what happened -------------------------------------------------------------------------------------

    def _on_document(self) -> None:
        document, video = self._document, self._document.video
        if video is not None and self._of != video.path:
            self._of = video.path
            self._propose_place(video.path)
            self.choices.offer_film(video.edit is None)
            self._fill_ranges()
        self._pages.setCurrentIndex(0 if document.cues else 1)
        if document.cues:
            count = len(document.cues)
            cues = self.tr("1 cue") if count == 1 else self.tr("%s cues").replace("%s", str(count))
            self._facts.setText(f"{video.name} · {cues}" if video is not None else cues)
        else:
            self._nothing.show_state(
                "export",
                self.tr("No music to export yet"),
                self.tr("Hear a suggestion with 1 to 9, and use it with Enter."),
                self.tr("Go to the suggestions"),
                lambda: self._actions.trigger("view.suggest"),
            )
        self._show_ready()

    def _propose_place(self, video: Path) -> None:
        """Beside the video; elsewhere where that turns out to be no place for the user's files."""
        self.set_place(video.with_name(f"{video.stem}-needledrop"))
        others = [Path(QStandardPaths.writableLocation(one)) for one in _ELSEWHERE]

        def work(progress: ProgressSink, cancel: CancelToken) -> Path:
            from needledrop.workflows.deliver import proposed_folder

            return proposed_folder(video.parent, others)

        def done(folder: Path) -> None:
            if self._of == video and self.folder == video.parent != folder:
                self.set_place(folder / self.name)

        self._background.run("Looking where to export", work, done, lambda _: None, is_quiet=True)

    def _fill_ranges(self) -> None:
        self.range.clear()
        self.range.addItem(self.tr("Whole film"), None)
        range_s = self._document.range_s
        if range_s is not None:
            self.range.addItem(self.tr("From in to out"), range_s)
        self.range.setVisible(range_s is not None)

    def _show_ready(self) -> None:
        video, is_running = self._document.video, self._job is not None
        is_watched = video is not None and video.features is not None
        can_start = bool(self.choices.wanted()) and is_watched and not is_running
        count = len(self.choices.wanted())
        self.start.setText(self.tr("Export") if count < 2 else self.tr("Export %s files").replace("%s", str(count)))
        # Qt would hand the keyboard of a button that goes to the next one of the window, which is not on this page.
        if is_running:
            self.stop.show()
            if self.start.hasFocus():
                self.stop.setFocus()
        self.start.setEnabled(can_start)
        if not is_running:
            if self.stop.hasFocus():
                (self.start if self._show.isHidden() else self._show).setFocus()
            self.stop.hide()

    def _show_progress(self) -> None:
        job = self._job
        if job is not None and job.state is JobState.STOPPED:  # Such a job calls nobody back.
            self._job = job = None
            self._say(self.tr("Stopped. What was finished is kept."))
            self._show_ready()
        elif job is not None and job.state is JobState.FAILED and job.error is not None:  # Nor does one with a bug.
            self._on_failed(job.error)
            return
        self._bar.setVisible(job is not None)
        if job is not None and not job.is_over:
            share = progress_text.share(job.progress)
            self._bar.setRange(0, 1000 if share is not None else 0)
            self._bar.setValue(round(1000 * (share or 0.0)))
            detail = job.progress.detail if job.progress is not None else ""
            pace = progress_text.pace(job)
            self._say(" · ".join(part for part in (detail, pace) if part))

    def _on_written(self, written: Sequence[Written]) -> None:
        self._job = None
        self._bar.hide()
        names = ", ".join(display_path(one.path.name) for one in written)
        notes = "; ".join(one.note for one in written if one.note)
        self._say(self.tr("Written: %s").replace("%s", names), notes)
        self._written = written[0].path
        self._show.show()
        self._show_ready()

    def _on_failed(self, error: KnownError) -> None:
        self._job = None
        self._bar.hide()
        self._say(error.sentence, error.remedy, is_error=True)
        self._show_ready()

    def _say(self, text: str, remedy: str = "", *, is_error: bool = False) -> None:
        self._said.setProperty("role", "error" if is_error else "secondary")
        self._said.style().polish(self._said)
        self._said.setText(text)
        self._said.setVisible(bool(text))
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))

    @property
    def text(self) -> str:
        """What it says of the last export, for tests and screen readers."""
        return f"{self._said.text()} {self._remedy.text()}".strip()

    def _show_in_folder(self) -> None:
        if self._written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(os.fspath(self._written.parent)))


def _centred(inner: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.addStretch(1)
    row.addWidget(inner, 100)
    row.addStretch(1)
    return holder
