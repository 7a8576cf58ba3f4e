# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three pages of the first steps. They show and ask; `first_run` does the work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.core.times import format_time
from needledrop.gui import preferences, progress_text
from needledrop.gui.background import Background, Job
from needledrop.gui.widgets.buttons import Button, IconButton
from needledrop.gui.widgets.inputs import Choice
from needledrop.gui.widgets.labels import ElidedLabel, hairline, label

if TYPE_CHECKING:
    from needledrop.workflows.first_steps import FirstSuggestion, Machine

USUAL_TRACK_S = 210.0  # Three and a half minutes: what "tracks a minute" counts.
SHOWN_REASONS = 3


class FoldersPage(QWidget):
    """The folders that were chosen, one row each, and a button for more. Files are read where they lie."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[Path, QWidget] = {}
        note = label(
            self.tr("Needledrop reads your files where they lie. It never changes, moves or sends them anywhere."),
            "secondary",
        )
        note.setWordWrap(True)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self.add = Button(self.tr("Choose a folder…"))
        self.add.clicked.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(note)
        column.addLayout(self._list)
        column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def first_control(self) -> QWidget:
        """What the keyboard begins with."""
        return self.add

    def chosen(self) -> list[Path]:
        """The folders, in the order they were chosen."""
        return list(self._rows)

    def propose(self, folders: Sequence[Path]) -> None:
        """Fill the list with what was found, unless the user was faster."""
        if not self._rows:
            for folder in folders:
                self.add_folder(folder)

    def add_folder(self, folder: Path) -> None:
        """Put a folder on the list."""
        if folder in self._rows:
            return
        row = QWidget()
        name, place = ElidedLabel("text"), ElidedLabel("secondary", size=12)
        name.set_text(display_path(folder.name))
        place.set_text(display_path(folder.parent), Qt.TextElideMode.ElideMiddle)
        remove = IconButton("close", self.tr("Leave out %s").replace("%s", display_path(folder.name)))
        remove.clicked.connect(lambda: self._remove(folder))
        line = QHBoxLayout()
        line.setContentsMargins(0, 8, 0, 8)
        line.setSpacing(16)
        line.addWidget(name, 2)
        line.addWidget(place, 3)
        line.addWidget(remove)
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(hairline())
        self._rows[folder] = row
        self._list.addWidget(row)
        self.changed.emit()

    def _remove(self, folder: Path) -> None:
        row = self._rows.pop(folder)
        self._list.removeWidget(row)
        row.deleteLater()
        self.add.setFocus()
        self.changed.emit()

    def _choose(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("Choose a folder with music"))
        if name:
            self.add_folder(Path(name))


class SpeedPage(QWidget):
    """What was detected and measured, and how much of it a scan may take."""

    def __init__(self) -> None:
        super().__init__()
        self._cores = 1
        self._times_real = 0.0
        self._machine = label(self.tr("Looking at this computer…"), "text")
        self._machine.setWordWrap(True)
        self._device = label(
            self.tr("Music and pictures are analysed on the processor. A graphics card is not needed."), "secondary"
        )
        self._device.setWordWrap(True)
        self._speed = label(self.tr("Measuring with a piece of the demo…"), "text")
        self._speed.setWordWrap(True)
        self.choice = Choice()
        self.choice.setAccessibleName(self.tr("How much of the processor a scan may use"))
        self.choice.currentIndexChanged.connect(self._on_chosen)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(label(self.tr("A scan may use"), "text"))
        row.addWidget(self.choice)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        for one in (self._machine, self._device, hairline()):
            column.addWidget(one)
        column.addLayout(row)
        column.addWidget(self._speed)
        column.addStretch(1)

    def workers(self) -> int:
        """How many worker processes were chosen."""
        return int(self.choice.currentData() or 1)

    def speed_text(self) -> str:
        """What is said of the speed."""
        return self._speed.text()

    def show_machine(self, machine: Machine) -> None:
        """Say what it is, and offer what can be used of it."""
        self._cores = machine.cores
        memory = self.tr(", %1 GB of memory").replace("%1", f"{machine.memory_gb:.0f}") if machine.memory_gb else ""
        cores = self.tr("%1 cores").replace("%1", str(machine.cores))
        self._machine.setText(f"{machine.processor}: {cores}{memory}")
        wanted = int(preferences.current().number("workers")) or machine.cores
        options = sorted({1, max(1, machine.cores // 2), machine.cores, wanted}, reverse=True)
        self.choice.blockSignals(True)
        self.choice.clear()
        for count in options:
            text = self.tr("all %1 cores") if count == machine.cores else self.tr("%1 of the cores")
            self.choice.addItem(text.replace("%1", str(count)), count)
        self.choice.setCurrentIndex(self.choice.findData(wanted))
        self.choice.blockSignals(False)
        self._show_rate()

    def show_speed(self, times_real: float) -> None:
        """Say what was measured: seconds of music analysed a second, for one worker."""
        self._times_real = times_real
        self._show_rate()

    def show_no_speed(self, error: KnownError) -> None:
        """It could not be measured."""
        self._speed.setText(str(error))

    def _show_rate(self) -> None:
        if not self._times_real:
            return
        a_minute = self._times_real * self.workers() * 60 / USUAL_TRACK_S
        shown = f"{a_minute:.0f}" if a_minute >= 10 else f"{a_minute:.1f}"
        hours = 1000 / a_minute / 60
        lasts = f"{hours:.1f} h" if hours >= 1.5 else f"{hours * 60:.0f} min"
        text = self.tr("Measured just now: about %1 tracks a minute. A thousand tracks take %2; you work on meanwhile.")
        self._speed.setText(text.replace("%1", shown).replace("%2", lasts))

    def _on_chosen(self) -> None:
        count = self.workers()
        preferences.current().set("workers", 0 if count == self._cores else count)
        self._show_rate()


class SuggestionPage(QWidget):
    """Progress, then the best of the sample for the film of the demo, with its reasons; or why there is none."""

    retry_asked = Signal()
    folders_asked = Signal()
    own_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._background: Background | None = None
        self._job: Job | None = None
        self._text = label("", "secondary")
        self._text.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._name = ElidedLabel("text", is_bold=True, size=14)
        self._facts = ElidedLabel("secondary", size=12)
        self._reasons = label("", "text")
        self._reasons.setWordWrap(True)
        self.retry = Button(self.tr("Try again"))
        self.retry.clicked.connect(self.retry_asked)
        self.other = Button(self.tr("Other folders"))
        self.other.clicked.connect(self.folders_asked)
        self.own = Button(self.tr("Open a video of mine…"))
        self.own.clicked.connect(self.own_asked)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for one in (self.retry, self.other, self.own):
            buttons.addWidget(one)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for widget in (self._name, self._facts, self._reasons, self._text, self._bar):
            column.addWidget(widget)
        column.addLayout(buttons)
        column.addStretch(1)

    def shown(self) -> str:
        """What it says, for tests and screen readers."""
        parts = (self._name, self._facts, self._reasons, self._text)
        return "\n".join(part.text() for part in parts if not part.isHidden())

    def show_work(self, background: Background, job: Job) -> None:
        """Follow the job that works it out."""
        self._job = job
        if self._background is None:
            self._background = background
            background.jobs_changed.connect(self._refresh)
        self._arrange(is_found=False, has_failed=False)
        self._text.setText(self.tr("Listening to a sample of your music…"))
        self._bar.setRange(0, 0)
        self._bar.show()

    def show_suggestion(self, first: FirstSuggestion) -> None:
        """Show the best of the sample."""
        self._job = None
        best = first.answer.suggestions[0]
        track = first.answer.tracks[best.track_id]
        tempo = f"{track.facts.tempo_bpm:.0f} BPM" if track.facts.tempo_bpm else ""
        facts = (tempo, track.facts.key_name or "", format_time(track.duration_s), track.licence.name)
        self._name.set_text(track.name)
        self._facts.set_text(" · ".join(part for part in facts if part))
        self._reasons.setText("\n".join(reason.text[:1].upper() + reason.text[1:] + "." for reason in
                                        best.reasons[:SHOWN_REASONS]))  # fmt: skip
        text = self.tr(
            "For the film that comes with Needledrop, out of %1 tracks. The others are analysed while you work."
        )
        self._text.setText(text.replace("%1", str(first.answer.library_size)))
        self._arrange(is_found=True, has_failed=False)

    def show_error(self, error: KnownError) -> None:
        """Say why there is none."""
        self._job = None
        self._text.setText(str(error))
        self._arrange(is_found=False, has_failed=True)

    def _arrange(self, *, is_found: bool, has_failed: bool) -> None:
        for widget in (self._name, self._facts, self._reasons, self.own):
            widget.setVisible(is_found)
        for button in (self.retry, self.other):
            button.setVisible(has_failed)
        self._bar.hide()

    def _refresh(self) -> None:
        job = self._job
        if job is None or job.is_over or job.progress is None:
            return
        self._text.setText(f"{progress_text.amount(job)} · {job.progress.detail}".strip(" ·"))
        share = progress_text.share(job.progress)
        self._bar.setRange(0, 1000 if share is not None else 0)
        self._bar.setValue(round(1000 * (share or 0.0)))
