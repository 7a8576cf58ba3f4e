# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scans of the music folders, for whoever asks: one at a time, in the background. Use `library_jobs.current()`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile, display_path
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui import preferences
from needledrop.gui.background import Background, Job

if TYPE_CHECKING:
    from needledrop.workflows.scan import ScanReport


class LibraryJobs(QObject):
    """Knows the scan under way. A folder asked for meanwhile is scanned after it."""

    started = Signal()
    library_changed = Signal()
    scanned = Signal(object)  # ScanReport
    failed = Signal(object)  # KnownError

    def __init__(self, profile: Profile, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._profile = profile
        self._background = background
        self._job: Job | None = None
        self._waiting: list[Path] = []

    @property
    def job(self) -> Job | None:
        """The scan under way, or None."""
        return self._job if self.is_scanning else None

    @property
    def is_scanning(self) -> bool:
        """True while a scan runs."""
        return self._job is not None and not self._job.is_over

    def scan(self, folders: Sequence[Path] = (), *, is_retry: bool = False) -> None:
        """Scan folders (they are added if they are new); without any, all that are known."""
        if self.is_scanning:
            self._waiting += folders
            return
        profile, workers = self._profile, int(preferences.current().number("workers")) or os.cpu_count() or 1

        def work(progress: ProgressSink, cancel: CancelToken) -> ScanReport:
            from needledrop.workflows.scan import scan

            return scan(profile, folders, workers=workers, progress=progress, cancel=cancel, is_retry=is_retry)

        title = self.tr("Scanning %s")
        names = ", ".join(display_path(folder.name) for folder in folders) or self.tr("the music folders")
        self._job = self._background.run(title.replace("%s", names), work, self._on_scanned, self._on_failed)
        self.started.emit()

    def _on_scanned(self, report: ScanReport) -> None:
        self._job = None
        self.library_changed.emit()
        self.scanned.emit(report)
        self._go_on()

    def _on_failed(self, error: KnownError) -> None:
        self._job = None
        self.failed.emit(error)
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting:
            folders, self._waiting = self._waiting, []
            self.scan(folders)


_current: LibraryJobs | None = None


def install(jobs: LibraryJobs) -> None:
    """Make these the application's."""
    global _current
    _current = jobs


def current() -> LibraryJobs:
    """The application's scans."""
    if _current is None:
        raise RuntimeError("There are no library jobs yet.")
    return _current
