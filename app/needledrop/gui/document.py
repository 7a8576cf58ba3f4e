# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The open video and the work on it: the only mutable state of a project.

Panels read it, change it through its methods and repaint on its signals. Every change of the work is one step on
`undo_stack`. It lives on the GUI thread and touches no file: what takes time runs in the background and arrives later.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.core.work import WorkState
from needledrop.gui.autosave import Autosave, Kept
from needledrop.gui.background import Background, Job
from needledrop.gui.choosing import Choosing
from needledrop.gui.open_video import OpenVideo
from needledrop.gui.undo import ChangeFilm
from needledrop.gui.watching import Watching

if TYPE_CHECKING:
    from needledrop.library.rows import TrackRow
    from needledrop.workflows.conform import Conformed
    from needledrop.workflows.videos import AnalysedVideo
    from needledrop.workflows.workspace import OpenedWork


class Document(Choosing):
    """One open video, its cues, the range, the list of suggestions and what is being auditioned."""

    opened = Signal()
    closed = Signal()
    cut_changed = Signal()  # The film is cut otherwise than when the work was laid on it.
    review_changed = Signal()
    recovered = Signal()  # Work was found that the last program could not finish keeping.

    def __init__(self, profile: Profile, background: Background, parent: QObject | None = None) -> None:
        super().__init__(profile, background, parent)
        self._autosave = Autosave(profile, background, self._kept, self)
        self._autosave.failed.connect(self.failed)
        self.work_changed.connect(self._autosave.note_change)
        self.review: Conformed | None = None  # What became of the cues when the film was last cut anew.
        self._jobs: list[Job] = []
        self._watching = Watching(profile, background, self)
        self._watching.watched.connect(self._on_watched)
        self._watching.playable.connect(self._on_playable)
        self._watching.failed.connect(self._on_watching_failed)

    # What it holds ------------------------------------------------------------------------------------------------

    @property
    def is_saved(self) -> bool:
        """True when every change is on the disk."""
        return not self._autosave.is_pending

    # Opening and closing ------------------------------------------------------------------------------------------

    def open(self, path: Path) -> None:
        """Open a video; `opened` follows, or `failed` (then what was open stays open)."""
        profile = self.profile

        def work(progress: ProgressSink, cancel: CancelToken) -> OpenedWork:
            from needledrop.workflows import workspace

            opened = workspace.open_work(profile, path, cancel)
            workspace.remember_video(profile, opened.path)
            return opened

        self.background.run(f"Opening {path.name}", work, self._on_opened, self.failed.emit)

    def close(self) -> None:
        """Close the video; its work is kept, and the verdicts on suggestions become final."""
        if self.video is None:
            return
        self._autosave.settle()
        for job in self._jobs:
            job.stop()
        self._jobs.clear()
        self._suggesting.forget()
        self._watching.stop()
        self.video = self.review = None
        self._work = WorkState()
        self._autosave.forget(None)
        self.undo_stack.clear()
        self.closed.emit()

    def _on_opened(self, opened: OpenedWork) -> None:
        self.close()
        self.video = OpenVideo.of(opened)
        self._work = opened.state
        self._tracks.put_rows(opened.tracks)
        self._autosave.forget(None if opened.was_interrupted else self._kept())
        self._watching.start(opened.path)
        if opened.edit is not None:
            self._watching.lay_together(opened.path, opened.edit)
        self.opened.emit()
        if opened.was_interrupted:
            self._autosave.note_change()
            self.recovered.emit()

    def _on_watched(self, video: AnalysedVideo) -> None:
        if self.video is None:
            return
        was_unknown = not self.video.content_hash
        self.video = self.video.watched(video.features, video.content_hash)
        self.media_changed.emit()
        if was_unknown:
            self._fetch_kept_work()
        else:
            self._compare_cuts()
        self._suggesting.note_watched(self.video.path)

    def _on_playable(self, path: Path) -> None:
        if self.video is not None:
            self.video = dataclasses.replace(self.video, play_path=path)
            self.media_changed.emit()

    def _compare_cuts(self) -> None:
        """The work may have been laid on another cut than the one that is there now."""
        assert self.video is not None
        if self._work.laid_on in ("", self.video.cut) or self._work.is_empty:
            self.note_laid_here()
        else:
            self.cut_changed.emit()

    def note_laid_here(self) -> None:
        """From now on the work counts as laid on the cut that is there. No step of undo."""
        if self.video is not None and self._work.laid_on != self.video.cut:
            self._work = dataclasses.replace(self._work, laid_on=self.video.cut)
            self.work_changed.emit()

    @property
    def work(self) -> WorkState:
        """Everything that undo takes back."""
        return self._work

    def take_over(self, conformed: Conformed) -> None:
        """Go on with the film as it is cut now, and the work in its new places. One undoable step."""
        assert self.video is not None
        opened, film = conformed.opened, conformed.video
        self._tracks.put_rows(opened.tracks)
        after = OpenVideo.of(opened).watched(film.features, film.content_hash)
        # Where the file was replaced by the new cut there is no way back to its pictures.
        before = self.video if self.video.path != after.path else after
        self.end_gesture()
        text = self.tr("Carry cues to the new cut")
        self.undo_stack.push(ChangeFilm(self, (before, self._work), (after, opened.state), text))
        self.review = conformed
        self.review_changed.emit()

    def show_film(self, video: OpenVideo, work: WorkState) -> None:
        """Put another film in force with the work on it. Undo and redo of `take_over` end here."""
        before, self._work = self._work, work
        if video is not self.video:
            self._watching.stop()
            self._suggesting.forget()
            self.video = video
            if video.edit is not None:
                self._watching.lay_together(video.path, video.edit)
            if video.features is None:
                self._watching.start(video.path)
            self.opened.emit()
        self._tell(before, work)

    def _on_watching_failed(self, error: KnownError) -> None:
        self._suggesting.give_up()
        self.failed.emit(error)

    def _fetch_kept_work(self) -> None:
        """The file turned out to be a video that is known under another name: bring the work on it."""
        assert self.video is not None
        profile, path, content_hash = self.profile, self.video.path, self.video.content_hash

        def work(progress: ProgressSink, cancel: CancelToken) -> tuple[WorkState, Mapping[int, TrackRow]]:
            from needledrop.workflows import workspace

            state, _ = workspace.kept_state(profile, path, content_hash)
            return state, workspace.tracks_of(profile, state)

        def done(found: tuple[WorkState, Mapping[int, TrackRow]]) -> None:
            if self._work == WorkState() and self.undo_stack.count() == 0:
                self._tracks.put_rows(found[1])
                self.restore(found[0])
            else:
                self._autosave.note_change()
            if self.video is not None:
                self._compare_cuts()

        self._jobs.append(self.background.run("Looking for earlier work", work, done, self.failed.emit, True))

    def _going_on(self) -> Job:
        assert self.video is not None
        return self._watching.going_on(self.video.path)

    def _kept(self) -> Kept | None:
        if self.video is None:
            return None
        return Kept(self.video.path, self.video.content_hash, self._work)
