# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The long jobs on what was opened: watching it for cuts, motion, colour and speech; a project is laid together, too.

Then its cut is remembered, so that its shots can be found again when the film is cut anew. Holds none of the results.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.background import Background, Job

if TYPE_CHECKING:
    from needledrop.core.edit import ProjectEdit
    from needledrop.workflows.videos import AnalysedVideo


class Watching(QObject):
    """One video at a time."""

    watched = Signal(object)  # AnalysedVideo
    playable = Signal(object)  # Path of what is played for a project
    failed = Signal(object)  # KnownError

    def __init__(self, profile: Profile, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._profile = profile
        self._background = background
        self._job: Job | None = None
        self._others: list[Job] = []

    def start(self, path: Path) -> Job:
        """Watch a video; `watched` or `failed` follows unless it is stopped."""
        profile = self._profile

        def work(progress: ProgressSink, cancel: CancelToken) -> AnalysedVideo:
            from needledrop.workflows.videos import analysed_video

            return analysed_video(profile, path, progress, cancel)

        job = self._background.run(f"Watching {path.name}", work, self._on_watched, self.failed.emit)
        self._job = job
        return job

    def lay_together(self, path: Path, edit: ProjectEdit) -> None:
        """Make what is played for a project; `playable` follows."""
        profile = self._profile

        def work(progress: ProgressSink, cancel: CancelToken) -> Path:
            from needledrop.workflows.stand_ins import stand_in

            return stand_in(profile, path, edit, progress, cancel)

        title = f"Laying {path.name} together"
        self._others.append(self._background.run(title, work, self.playable.emit, self.failed.emit))

    def going_on(self, path: Path) -> Job:
        """The job under way; begun anew where it was stopped or has failed."""
        return self._job if self._job is not None and not self._job.is_over else self.start(path)

    def stop(self) -> None:
        """The video is closed."""
        for job in self._others:
            job.stop()
        self._others.clear()
        if self._job is not None:
            self._job.stop()
            self._job = None

    def _on_watched(self, video: AnalysedVideo) -> None:
        self.watched.emit(video)
        profile = self._profile

        def work(progress: ProgressSink, cancel: CancelToken) -> None:
            from needledrop.workflows.kept_cuts import keep_cut

            keep_cut(profile, video, progress, cancel)

        # Without it a new cut cannot be followed; that is said when there is one.
        self._others.append(self._background.run("Remembering the shots", work, None, lambda _: None, is_quiet=True))
