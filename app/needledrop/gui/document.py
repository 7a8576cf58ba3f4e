# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The open video and the work on it: the only mutable state of a project.

Panels read it, change it through its methods and repaint on its signals. Every change of the work is one step on
`undo_stack`. It lives on the GUI thread and touches no file: what takes time runs in the background and arrives later.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QUndoStack

from needledrop.core.cue import Cue, MixTargets, with_cue_laid
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.core.work import Verdict, WorkState
from needledrop.gui import preferences
from needledrop.gui.autosave import Autosave, Kept
from needledrop.gui.background import Background, Job, JobState
from needledrop.gui.track_cache import TrackCache
from needledrop.gui.undo import ChangeWork

if TYPE_CHECKING:
    from needledrop.core.music import Peaks, Rhythm
    from needledrop.core.picture import AudioStream, VideoFeatures
    from needledrop.core.query import Suggestion
    from needledrop.library.rows import TrackRow
    from needledrop.workflows.suggest import Answer, Wish
    from needledrop.workflows.videos import AnalysedVideo
    from needledrop.workflows.workspace import OpenedWork

UNDO_LIMIT = 1000
GESTURE_PAUSE_MS = 1200


@dataclass(frozen=True)
class OpenVideo:
    """The video that is open. size is (width, height) as shown, after rotation.

    features and content_hash ("") are filled in when the video has been watched: `media_changed` says so.
    """

    path: Path
    duration_s: float
    frame_rate: Fraction
    is_variable_frame_rate: bool
    size: tuple[int, int]
    rotation_deg: int
    start_timecode: str
    audio_streams: tuple[AudioStream, ...]
    content_hash: str = ""
    features: VideoFeatures | None = None

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def cuts_s(self) -> tuple[float, ...]:
        """The cuts that were found; none before the video has been watched."""
        return tuple(self.features.shots.cuts_s.tolist()) if self.features is not None else ()


class Document(QObject):
    """One open video, its cues, the range, the list of suggestions and what is being auditioned."""

    opened = Signal()
    closed = Signal()
    cues_changed = Signal()
    selection_changed = Signal()
    range_changed = Signal()
    suggestions_changed = Signal()  # A new answer, a request begun or ended, or a verdict.
    candidate_changed = Signal()
    media_changed = Signal()  # Features, thumbnails, beats or waveforms arrived.
    failed = Signal(object)  # KnownError, for the window to show.
    recovered = Signal()  # Work was found that the last program could not finish keeping.

    def __init__(self, profile: Profile, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.profile = profile
        self.background = background
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_LIMIT)
        self.video: OpenVideo | None = None
        self.answer: Answer | None = None
        self.candidate: int | None = None
        self.last_wish: Wish | None = None
        self.thumbnails: Mapping[float, Path] = {}  # The middle of each shot in seconds -> its picture.
        self._work = WorkState()
        self._tracks = TrackCache(profile, background, self)
        self._tracks.arrived.connect(self.media_changed)
        self._autosave = Autosave(profile, background, self._kept, self)
        self._autosave.failed.connect(self.failed)
        self._jobs: list[Job] = []
        self._asking: Job | None = None
        self._watching: Job | None = None
        self._waiting_wish: Wish | None = None
        self._gesture = 0
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(GESTURE_PAUSE_MS)
        self._pause.timeout.connect(self._on_pause)
        background.jobs_changed.connect(self._note_stopped)

    # What it holds ------------------------------------------------------------------------------------------------

    @property
    def cues(self) -> tuple[Cue, ...]:
        """The cues in the order of the timeline."""
        return self._work.cues

    @property
    def selected(self) -> int | None:
        """The index of the selected cue."""
        return self._work.selected

    @property
    def range_s(self) -> tuple[float, float] | None:
        """The in-point and out-point in seconds; None means the whole video."""
        return self._work.range_s

    @property
    def rejected(self) -> frozenset[int]:
        """Tracks the user turned down for this video since it was opened."""
        return frozenset(one.track_id for one in self._work.verdicts if one.verdict == "reject")

    @property
    def is_asking(self) -> bool:
        """True while a list of suggestions is being made."""
        return self._asking is not None or self._waiting_wish is not None

    @property
    def awaited(self) -> Job | None:
        """The job that a list of suggestions waits for: to be shown, and to be stopped."""
        return self._asking if self._asking is not None else self._watching if self._waiting_wish is not None else None

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
        self._settle()
        for job in [*self._jobs, *([self._asking] if self._asking else [])]:
            job.stop()
        self._jobs.clear()
        self._asking = self._watching = self._waiting_wish = self.last_wish = None
        self.video = self.answer = self.candidate = None
        self.thumbnails = {}
        self._work = WorkState()
        self._autosave.forget(None)
        self.undo_stack.clear()
        self.closed.emit()

    def _settle(self) -> None:
        kept, profile = self._kept(), self.profile
        if kept is None:
            return

        def work(progress: ProgressSink, cancel: CancelToken) -> None:
            from needledrop.workflows import workspace

            workspace.settle_verdicts(profile, kept.path, kept.content_hash, kept.state)

        self.background.run("Saving", work, None, self.failed.emit, is_quiet=True, is_essential=True)

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
        self._watch(opened.path)
        self.opened.emit()
        if opened.was_interrupted:
            self._autosave.note_change()
            self.recovered.emit()

    def _watch(self, path: Path) -> None:
        profile = self.profile

        def work(progress: ProgressSink, cancel: CancelToken) -> AnalysedVideo:
            from needledrop.workflows.videos import analysed_video

            return analysed_video(profile, path, progress, cancel)

        title = f"Watching {path.name}"
        self._watching = self.background.run(title, work, self._on_watched, self._on_watching_failed)
        self._jobs.append(self._watching)

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
        self._fetch_thumbnails(video)
        if self._waiting_wish is not None:
            wish, self._waiting_wish = self._waiting_wish, None
            self.ask(wish)

    def _on_watching_failed(self, error: KnownError) -> None:
        self._waiting_wish = None
        self.suggestions_changed.emit()
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

    def _fetch_thumbnails(self, video: AnalysedVideo) -> None:
        profile = self.profile

        def work(progress: ProgressSink, cancel: CancelToken) -> Mapping[float, Path]:
            from needledrop.workflows.inspect import shot_thumbnails

            files = shot_thumbnails(profile, video, progress, cancel)
            return {int(file.name.partition("-")[0]) / 1000: file for file in files}

        def done(thumbnails: Mapping[float, Path]) -> None:
            self.thumbnails = thumbnails
            self.media_changed.emit()

        self._jobs.append(self.background.run("Thumbnails", work, done, None, True))

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
        self.last_wish = wish
        if self._asking is not None:
            self._asking.stop()
            self._asking = None
        wish = dataclasses.replace(wish, excluded_track_ids=wish.excluded_track_ids | self.rejected)
        if wish.in_s is None and wish.out_s is None and self.range_s is not None:
            in_s, out_s = (Fraction(edge_s).limit_denominator(1_000_000) for edge_s in self.range_s)
            wish = dataclasses.replace(wish, in_s=in_s, out_s=out_s)
        if self.video.features is None:
            if self._watching is None or self._watching.is_over:
                self._watch(self.video.path)  # It was stopped, or failed.
            self._waiting_wish = wish
            self.suggestions_changed.emit()
            return
        profile, path = self.profile, self.video.path

        def work(progress: ProgressSink, cancel: CancelToken) -> Answer:
            from needledrop.workflows.suggest import suggest_music

            return suggest_music(profile, path, wish, progress, cancel)

        self._asking = self.background.run("Finding music", work, self._on_answer, self._on_no_answer)
        self.suggestions_changed.emit()

    def _note_stopped(self) -> None:
        """The user stopped what a list of suggestions needs: such a job calls nobody back."""
        is_asking_over = self._asking is not None and self._asking.state is JobState.STOPPED
        is_watching_over = self._watching is not None and self._watching.state is JobState.STOPPED
        if is_asking_over or (is_watching_over and self._waiting_wish is not None):
            self._asking = None if is_asking_over else self._asking
            self._waiting_wish = None
            self.suggestions_changed.emit()

    def audition(self, index: int | None) -> None:
        """Hear a suggestion (an index into answer.suggestions) instead of the cues it overlaps; None: the cues."""
        if index is not None and (self.answer is None or not 0 <= index < len(self.answer.suggestions)):
            return
        if index != self.candidate:
            self.candidate = index
            self.candidate_changed.emit()

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

    def _on_answer(self, answer: Answer) -> None:
        self._asking = None
        self._tracks.put_rows(answer.tracks)
        had_candidate = self.candidate is not None
        self.answer, self.candidate = answer, None
        self.suggestions_changed.emit()
        if had_candidate:
            self.candidate_changed.emit()

    def _on_no_answer(self, error: KnownError) -> None:
        self._asking = None
        self.suggestions_changed.emit()
        self.failed.emit(error)

    # Changing the work --------------------------------------------------------------------------------------------

    def edit_cue(self, index: int, cue: Cue, text: str) -> None:
        """Put another cue in the place of cue `index`. `text` names the step ("Move cue").

        Edits of the same cue under the same text are one step until `end_gesture`, a pause without a pressed mouse
        button, or another change.
        """
        others = [*self.cues]
        others[index] = cue
        cues = _in_order(others)
        # Equal cues may lie at one instant: find this one by identity, so that the selection stays with it.
        at = next(number for number, one in enumerate(cues) if one is cue)
        selected = at if self.selected == index else _moved(self.selected, others, cues)
        self._push(dataclasses.replace(self._work, cues=cues, selected=selected), text, merge_key=text)

    def add_cue(self, cue: Cue, text: str = "") -> None:
        """Lay a cue on the timeline and select it."""
        cues = _in_order([*self.cues, cue])
        at = next(number for number, one in enumerate(cues) if one is cue)
        self._push(dataclasses.replace(self._work, cues=cues, selected=at), text or self.tr("Add cue"))

    def remove_cue(self, index: int) -> None:
        """Take a cue away; the one after it is selected."""
        cues = self.cues[:index] + self.cues[index + 1 :]
        selected = min(index, len(cues) - 1) if cues else None
        self._push(dataclasses.replace(self._work, cues=cues, selected=selected), self.tr("Remove cue"))

    def set_range(self, range_s: tuple[float, float] | None) -> None:
        """Set in-point and out-point in seconds, in either order; None takes them away."""
        if range_s is not None and self.video is not None:
            low, high = sorted(min(max(0.0, edge_s), self.video.duration_s) for edge_s in range_s)
            range_s = (low, high) if high > low else None
        text = self.tr("Clear range") if range_s is None else self.tr("Set range")
        self._push(dataclasses.replace(self._work, range_s=range_s), text, merge_key="range")

    def select(self, index: int | None) -> None:
        """Select a cue, or none. Kept with the work, but no step of undo."""
        if index is not None and not 0 <= index < len(self.cues):
            raise IndexError(index)
        if index != self.selected:
            self._work = dataclasses.replace(self._work, selected=index)
            self._autosave.note_change()
            self.selection_changed.emit()

    def end_gesture(self) -> None:
        """The mouse button was let go: the next edit is a step of its own."""
        self._gesture += 1
        self._pause.stop()

    def restore(self, work: WorkState) -> None:
        """Put a whole state of the work in force, and tell what became different. Undo and redo end here."""
        before, self._work = self._work, work
        if before.cues != work.cues:
            self.cues_changed.emit()
        if before.selected != work.selected:
            self.selection_changed.emit()
        if before.range_s != work.range_s:
            self.range_changed.emit()
        if before.verdicts != work.verdicts:
            self.suggestions_changed.emit()
        if before != work:
            self._autosave.note_change()

    def _push(self, work: WorkState, text: str, merge_key: str = "") -> None:
        if self.video is None or work == self._work:
            return
        if not merge_key:
            self.end_gesture()
        key = f"{self._gesture} {merge_key}" if merge_key else ""
        self.undo_stack.push(ChangeWork(self, self._work, work, text, key))
        if merge_key:
            self._pause.start()

    def _on_pause(self) -> None:
        if QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self.end_gesture()
        else:
            self._pause.start()

    def _kept(self) -> Kept | None:
        if self.video is None:
            return None
        return Kept(self.video.path, self.video.content_hash, self._work)


def _in_order(cues: list[Cue]) -> tuple[Cue, ...]:
    return tuple(sorted(cues, key=lambda cue: cue.record_in_s))


def _moved(index: int | None, before: list[Cue], after: tuple[Cue, ...]) -> int | None:
    return None if index is None else next(number for number, one in enumerate(after) if one is before[index])
