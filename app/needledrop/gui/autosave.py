# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the work half a second after it changed, one save at a time, and tries again while the library is busy."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.core.work import WorkState
from needledrop.gui.background import Background

SAVE_MS = 500
RETRY_MS = 5000


@dataclasses.dataclass(frozen=True)
class Kept:
    """What is to be kept: the work, and the video it belongs to."""

    path: Path
    content_hash: str
    state: WorkState


class Autosave(QObject):
    """Saves what `current` returns. `saved` says that the file has it; the library follows when it is free."""

    saved = Signal()
    failed = Signal(object)  # KnownError

    def __init__(
        self, profile: Profile, background: Background, current: Callable[[], Kept | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._profile = profile
        self._background = background
        self._current = current
        self._is_saving = False
        self._last: Kept | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._save)

    @property
    def is_pending(self) -> bool:
        """True while a change is not on the disk."""
        return self._is_saving or (self._timer.isActive() and self._timer.interval() == SAVE_MS)

    def note_change(self) -> None:
        """Something changed: save soon. Changes that go on do not put the save off."""
        if not (self._timer.isActive() and self._timer.interval() == SAVE_MS):
            self._timer.start(SAVE_MS)

    def forget(self, kept: Kept | None) -> None:
        """What is there now came from the disk: only what differs from it is saved."""
        self._timer.stop()
        self._last = kept

    def settle(self) -> None:
        """The video is being closed: keep what there is, and make the verdicts final."""
        kept, profile = self._current(), self._profile
        if kept is None:
            return

        def work(progress: ProgressSink, cancel: CancelToken) -> None:
            from needledrop.workflows import workspace

            workspace.settle_verdicts(profile, kept.path, kept.content_hash, kept.state)

        self._background.run("Saving", work, None, self.failed.emit, is_quiet=True, is_essential=True)

    def _save(self) -> None:
        kept = self._current()
        if kept is None or self._is_saving:
            return
        if kept == self._last:
            return
        self._is_saving = True
        profile = self._profile

        def work(progress: ProgressSink, cancel: CancelToken) -> bool:
            from needledrop.workflows import workspace

            return workspace.keep_state(profile, kept.path, kept.content_hash, kept.state)

        self._background.run(
            "Saving",
            work,
            lambda is_settled: self._on_saved(kept, is_settled),
            self._on_failed,
            is_quiet=True,
            is_essential=True,
        )

    def _on_saved(self, kept: Kept, is_settled: bool) -> None:
        self._is_saving = False
        if is_settled:
            self._last = kept
        self.saved.emit()
        if self._current() != kept:
            self.note_change()
        elif not is_settled:
            self._timer.start(RETRY_MS)

    def _on_failed(self, error: KnownError) -> None:
        self._is_saving = False
        self.failed.emit(error)
        self._timer.start(RETRY_MS)
