# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Following the film when it is cut anew: notices that its file changed, offers to carry the cues along, and does it.

Nothing moves before the user says so; then it is one step that can be undone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.background import Job
from needledrop.gui.document import Document

if TYPE_CHECKING:
    from needledrop.workflows.conform import Conformed

# An editor writes a film for minutes: it counts as there when it has rested for so long.
REST_MS = 2000

_Stamp = tuple[int, int]


class Conforming(QObject):
    """Watches the file of one document. `asked` wants a sentence said, with a button and what the button does."""

    asked = Signal(str, str, object)
    failed = Signal(object)  # KnownError

    def __init__(self, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._job: Job | None = None
        self._stamp: _Stamp | None = None  # Size and time of the file as it was opened, or last asked about.
        self._resting: _Stamp | None = None
        self._files = QFileSystemWatcher(self)
        self._files.fileChanged.connect(self._on_touched)
        self._files.directoryChanged.connect(self._on_touched)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._look)
        document.opened.connect(self._on_opened)
        document.closed.connect(self._forget)
        document.cut_changed.connect(self._offer)

    def conform(self, path: Path | None = None) -> None:
        """Carry the work over to the film at `path`, or to what lies where the open one lay."""
        document = self._document
        if document.video is None:
            return
        if document.video.features is None or not document.work.laid_on:
            self.failed.emit(_too_early(document.video.name))
            return
        if self._job is not None:
            self._job.stop()
        target, state, profile = path or document.video.path, document.work, document.profile

        def work(progress: ProgressSink, cancel: CancelToken) -> Conformed:
            from needledrop.workflows.conform import conform
            from needledrop.workflows.workspace import remember_video

            conformed = conform(profile, target, state, progress, cancel)
            remember_video(profile, conformed.opened.path)
            return conformed

        title = self.tr("Finding the shots of {name} again").format(name=target.name)
        self._job = document.background.run(title, work, self._on_conformed, self._on_failed)

    def _on_conformed(self, conformed: Conformed) -> None:
        self._job = None
        if self._document.video is not None:
            self._document.take_over(conformed)

    def _on_failed(self, error: KnownError) -> None:
        self._job = None
        if error.code == "nothing-found":
            self._document.note_laid_here()  # It would be asked about for ever.
        self.failed.emit(error)

    # The file -----------------------------------------------------------------------------------------------------

    def _on_opened(self) -> None:
        self._forget()
        video = self._document.video
        assert video is not None
        # A file that is written anew under its name is another file: its folder tells of that.
        self._files.addPaths([os.fspath(video.path), os.fspath(video.path.parent)])
        self._read_stamp(self._keep_stamp)

    def _forget(self) -> None:
        watched = [*self._files.files(), *self._files.directories()]
        if watched:
            self._files.removePaths(watched)
        self._rest.stop()
        self._stamp = self._resting = None
        if self._job is not None:
            self._job.stop()
            self._job = None

    def _on_touched(self) -> None:
        self._rest.start()

    def _look(self) -> None:
        self._read_stamp(self._compare)

    def _compare(self, stamp: _Stamp | None) -> None:
        if stamp is None or stamp == self._stamp:
            return
        if stamp != self._resting:  # It is still being written.
            self._resting = stamp
            self._rest.start()
            return
        video = self._document.video
        if video is not None:
            self._keep_stamp(stamp)
            self._files.addPath(os.fspath(video.path))
            self._offer()

    def _keep_stamp(self, stamp: _Stamp | None) -> None:
        self._stamp, self._resting = stamp, None

    def _offer(self) -> None:
        video = self._document.video
        if video is None:
            return
        name = display_path(video.name)
        if self._document.work.is_empty:
            text, button = self.tr("{name} has changed.").format(name=name), self.tr("Open it again")
            self.asked.emit(text, button, lambda: self._document.open(video.path))
        else:
            text = self.tr("{name} is cut otherwise than when you laid the music.").format(name=name)
            self.asked.emit(text, self.tr("Carry the cues along"), self.conform)

    def _read_stamp(self, done: Callable[[_Stamp | None], None]) -> None:
        """Size and time of the open file, read in the background: its drive may be slow."""
        video = self._document.video
        if video is None:
            return
        path = video.path

        def work(progress: ProgressSink, cancel: CancelToken) -> _Stamp | None:
            try:
                status = path.stat()
            except OSError:
                return None
            return status.st_size, status.st_mtime_ns

        def answered(stamp: _Stamp | None) -> None:
            if self._document.video is not None and self._document.video.path == path:
                done(stamp)

        self._document.background.run("Looking at the film", work, answered, lambda _: None, is_quiet=True)


def _too_early(name: str) -> KnownError:
    return KnownError(
        f"'{display_path(name)}' is still being watched; its shots are not known yet.",
        remedy="Replace it when the cuts are on the timeline.",
        code="busy",
    )
