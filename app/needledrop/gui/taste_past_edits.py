# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The music found in past edits, for the window: looked for in the background, heard, struck. Reads no file itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.background import Background, Job

if TYPE_CHECKING:
    from needledrop.workflows.past_edits import PastPair, PastReport


class TastePastEdits(QObject):
    """`pairs` is None until they were fetched."""

    changed = Signal()  # The pairs, or whether it looks for more.
    evidence_changed = Signal()  # What a taste is learned from is another now.
    failed = Signal(object)  # KnownError

    def __init__(self, profile: Profile, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._profile, self._background = profile, background
        self._job: Job | None = None
        self.pairs: Sequence[PastPair] | None = None
        self.outcome = ""
        background.jobs_changed.connect(self._on_jobs)

    @property
    def is_looking(self) -> bool:
        """True while past edits are looked through."""
        return self._job is not None

    def refresh(self) -> None:
        """Fetch the pairs; `changed` follows."""
        profile = self._profile

        def work(progress: ProgressSink, cancel: CancelToken) -> Sequence[PastPair]:
            from needledrop.workflows.past_edits import pairs

            return pairs(profile)

        self._background.run("Past edits", work, self._on_pairs, self.failed.emit, is_quiet=True)

    def look_through(self, paths: Sequence[Path]) -> None:
        """Look for music in finished videos and projects, and in folders of them; what was done goes on being done."""
        if self._job is not None:
            return
        profile, self.outcome = self._profile, ""

        def work(progress: ProgressSink, cancel: CancelToken) -> PastReport:
            from needledrop.workflows.past_edits import find_past_edits

            return find_past_edits(profile, paths, progress, cancel)

        title = self.tr("Looking through past edits")
        self._job = self._background.run(title, work, self._on_found, self.failed.emit)
        self.changed.emit()

    def stop(self) -> None:
        """Stop looking; what was found is kept."""
        if self._job is not None:
            self._job.stop()

    def strike(self, pair_id: int, *, is_struck: bool) -> None:
        """Let a pair not count any more, or count again."""
        profile = self._profile

        def work(progress: ProgressSink, cancel: CancelToken) -> None:
            from needledrop.workflows.past_edits import strike

            strike(profile, pair_id, is_struck)

        self._background.run("Saving", work, lambda _: self._on_struck(), self.failed.emit, True, is_essential=True)

    def _on_struck(self) -> None:
        self.refresh()
        self.evidence_changed.emit()

    def _on_pairs(self, pairs: Sequence[PastPair]) -> None:
        self.pairs = pairs
        self.changed.emit()

    def _on_found(self, report: PastReport) -> None:
        text = self.tr("%1 files looked at, %2 known before, %3 pieces of music in all.")
        text = text.replace("%1", f"{report.looked_at:,}").replace("%2", f"{report.known:,}")
        self.outcome = " ".join([text.replace("%3", f"{report.pairs:,}"), *report.notes[:3]])

    def _on_jobs(self) -> None:
        if self._job is not None and self._job.is_over:
            self._job = None
            self.changed.emit()
            self.refresh()
            self.evidence_changed.emit()
