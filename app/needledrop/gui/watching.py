# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watching a video: the one long job that its cuts, motion, colour and speech come from. Keeps nothing of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.background import Background, Job

if TYPE_CHECKING:
    from needledrop.workflows.videos import AnalysedVideo


class Watching(QObject):
    """One video at a time."""

    watched = Signal(object)  # AnalysedVideo
    failed = Signal(object)  # KnownError

    def __init__(self, profile: Profile, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._profile = profile
        self._background = background
        self._job: Job | None = None

    def start(self, path: Path) -> Job:
        """Watch a video; `watched` or `failed` follows unless it is stopped."""
        profile = self._profile

        def work(progress: ProgressSink, cancel: CancelToken) -> AnalysedVideo:
            from needledrop.workflows.videos import analysed_video

            return analysed_video(profile, path, progress, cancel)

        job = self._background.run(f"Watching {path.name}", work, self.watched.emit, self.failed.emit)
        self._job = job
        return job

    def going_on(self, path: Path) -> Job:
        """The job under way; begun anew where it was stopped or has failed."""
        return self._job if self._job is not None and not self._job.is_over else self.start(path)

    def stop(self) -> None:
        """The video is closed."""
        if self._job is not None:
            self._job.stop()
            self._job = None
