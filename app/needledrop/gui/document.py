# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The open video and the work on it: the only mutable state of a project.

Panels read it, change it through its methods and repaint on its signals. Every change of the work is one step on
`undo_stack`. It lives on the GUI thread and touches no file: what takes time runs in the background and arrives later.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from needledrop.core.cue import MixTargets, with_cue_laid
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.core.work import Verdict, WorkState
from needledrop.gui import preferences
from needledrop.gui.autosave import Autosave, Kept
from needledrop.gui.background import Background, Job
from needledrop.gui.open_video import OpenVideo
from needledrop.gui.suggesting import Suggesting
from needledrop.gui.track_cache import TrackCache
from needledrop.gui.watching import Watching
from needledrop.gui.work_editing import WorkEditing

if TYPE_CHECKING:
    from needledrop.core.music import Peaks, Rhythm
    from needledrop.core.query import Suggestion
    from needledrop.library.rows import TrackRow
    from needledrop.workflows.suggest import Answer, Wish
    from needledrop.workflows.videos import AnalysedVideo
    from needledrop.workflows.workspace import OpenedWork


class Document(WorkEditing):
    """One open video, its cues, the range, the list of suggestions and what is being auditioned."""

    opened = Signal()
    closed = Signal()
    suggestions_changed = Signal()  # A new answer, a request begun or ended, or a verdict.
    candidate_changed = Signal()
    media_changed = Signal()  # Features, thumbnails, beats or waveforms arrived.
    failed = Signal(object)  # KnownError, for the window to show.
    recovered = Signal()  # Work was found that the last program could not finish keeping.

    def __init__(self, profile: Profile, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.profile = profile
        self.background = background
        self.video: OpenVideo | None = None
        self._tracks = TrackCache(profile, background, self)
        self._tracks.arrived.connect(self.media_changed)
        self._autosave = Autosave(profile, background, self._kept, self)
        self._autosave.failed.connect(self.failed)
        self.work_changed.connect(self._autosave.note_change)
        self._suggesting = Suggesting(profile, background, self)
        self._suggesting.answered.connect(lambda answer: self._tracks.put_rows(answer.tracks))
        self._suggesting.changed.connect(self.suggestions_changed)
        self._suggesting.candidate_changed.connect(self.candidate_changed)
        self._suggesting.failed.connect(self.failed)
        self.verdicts_changed.connect(self.suggestions_changed)
        self._jobs: list[Job] = []
        self._watching = Watching(profile, background, self)
        self._watching.watched.connect(self._on_watched)
        self._watching.failed.connect(self._on_watching_failed)

    # What it holds ------------------------------------------------------------------------------------------------

    @property
    def duration_s(self) -> float | None:
        """How long the video is; None without one."""
        return self.video.duration_s if self.video is not None else None

    @property
    def answer(self) -> Answer | None:
        """The list of suggestions that was made last."""
        return self._suggesting.answer

    @property
    def candidate(self) -> int | None:
        """The index in answer.suggestions that is being auditioned."""
        return self._suggesting.candidate

    @property
    def last_wish(self) -> Wish | None:
        """What was asked for last."""
        return self._suggesting.last_wish

    @property
    def is_asking(self) -> bool:
        """True while a list of suggestions is being made."""
        return self._suggesting.is_asking

    @property
    def awaited(self) -> Job | None:
        """The job that a list of suggestions waits for: to be shown, and to be stopped."""
        return self._suggesting.awaited

    @property
    def is_saved(self) -> bool:
        """True when every change is on the disk."""
        return not self._autosave.is_pending

    @property
    def auditioned(self) -> Suggestion | None:
        """The suggestion that is being auditioned."""
        if self.answer is None or self.candidate is None:
            return None
        return self.answer.suggestions[self.candidate]

    def track(self, track_id: int) -> TrackRow | None:
        """A track by its id; None until it has been fetched (`media_changed` says so)."""
        return self._tracks.row(track_id)

    def rhythm(self, track_id: int) -> Rhythm | None:
        """A track's beats; None until they have been fetched, or where it is not analysed."""
        return self._tracks.rhythm(track_id)

    def peaks(self, track_id: int) -> Peaks | None:
        """A track's waveform; None until it has been fetched, or where it is not analysed."""
        return self._tracks.peaks(track_id)

    def note_library_changed(self) -> None:
        """Tracks were scanned, edited or corrected: fetch what is shown of them again (`media_changed` follows)."""
        self._tracks.refresh()

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
        self.video = None
        self._work = WorkState()
        self._autosave.forget(None)
        self.undo_stack.clear()
        self.closed.emit()

    def _on_opened(self, opened: OpenedWork) -> None:
        self.close()
        probe = opened.probe
        self.video = OpenVideo(
            opened.path,
            probe.duration_s,
            probe.frame_rate,
            probe.is_variable_frame_rate,
            (probe.width, probe.height),
            probe.rotation_deg,
            probe.start_timecode,
            probe.audio_streams,
            opened.content_hash,
        )
        self._work = opened.state
        self._tracks.put_rows(opened.tracks)
        self._autosave.forget(None if opened.was_interrupted else self._kept())
        self._watching.start(opened.path)
        self.opened.emit()
        if opened.was_interrupted:
            self._autosave.note_change()
            self.recovered.emit()

    def _on_watched(self, video: AnalysedVideo) -> None:
        if self.video is None:
            return
        was_unknown = not self.video.content_hash
        self.video = dataclasses.replace(
            self.video,
            duration_s=video.features.duration_s,
            content_hash=video.content_hash,
            features=video.features,
        )
        self.media_changed.emit()
        if was_unknown:
            self._fetch_kept_work()
        self._suggesting.note_watched(self.video.path)

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

        self._jobs.append(self.background.run("Looking for earlier work", work, done, self.failed.emit, True))

    # Suggestions --------------------------------------------------------------------------------------------------

    def wish(self) -> Wish:
        """What was asked last, to be asked again with a change (dataclasses.replace); else the settings' defaults."""
        from needledrop.workflows.suggest import Wish

        if self.last_wish is not None:
            return self.last_wish
        values = preferences.current()
        mix = MixTargets(values.number("music-lufs"), values.number("ducking-db"))
        return Wish(is_commercial=values.is_on("commercial-project"), mix=mix)

    def ask(self, wish: Wish) -> None:
        """Ask for suggestions; a request under way is stopped. Without in- and out-point in the wish the range counts.

        A video that is not watched yet is asked about as soon as it is.
        """
        if self.video is None:
            return
        self._suggesting.last_wish = wish
        wish = dataclasses.replace(wish, excluded_track_ids=wish.excluded_track_ids | self.rejected)
        if wish.in_s is None and wish.out_s is None and self.range_s is not None:
            in_s, out_s = (Fraction(edge_s).limit_denominator(1_000_000) for edge_s in self.range_s)
            wish = dataclasses.replace(wish, in_s=in_s, out_s=out_s)
        if self.video.features is not None:
            self._suggesting.ask(self.video.path, wish)
            return
        self._suggesting.ask_after(self._watching.going_on(self.video.path), wish)

    def audition(self, index: int | None) -> None:
        """Hear a suggestion (an index into answer.suggestions) instead of the cues it overlaps; None: the cues."""
        self._suggesting.audition(index)

    def use(self, index: int) -> None:
        """Lay a suggestion's cue on the timeline and select it; cues that it overlaps make room. One undoable step."""
        assert self.answer is not None
        chosen = self.answer.suggestions[index].cue
        cues = with_cue_laid(self.cues, chosen)
        verdicts = (*self._work.verdicts, self._verdict(chosen.track_id, "accept"))
        name = self.answer.tracks[chosen.track_id].name
        work = dataclasses.replace(self._work, cues=cues, selected=cues.index(chosen), verdicts=verdicts)
        self._push(work, self.tr("Use %s").replace("%s", name))
        self.audition(None)

    def reject(self, index: int) -> None:
        """Turn a suggestion down for this video. One undoable step."""
        assert self.answer is not None
        track_id = self.answer.suggestions[index].track_id
        verdicts = (*self._work.verdicts, self._verdict(track_id, "reject"))
        if self.candidate == index:
            self.audition(None)
        name = self.answer.tracks[track_id].name
        self._push(dataclasses.replace(self._work, verdicts=verdicts), self.tr("Reject %s").replace("%s", name))

    def _verdict(self, track_id: int, verdict: str) -> Verdict:
        assert self.answer is not None
        span = self.answer.time_range
        offered = tuple(one.track_id for one in self.answer.suggestions)
        return Verdict(track_id, verdict, (float(span.start_s), float(span.end_s)), offered)

    def _kept(self) -> Kept | None:
        if self.video is None:
            return None
        return Kept(self.video.path, self.video.content_hash, self._work)
