# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document as TimelineData: what is there at once, pictures and waveforms as they come.

What has not changed stays the very same object, by which the lanes know what to paint anew.
"""

from __future__ import annotations

import queue
from fractions import Fraction
from pathlib import Path, PurePath

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from needledrop.core.cue import Cue
from needledrop.core.edit import ClipKind, EditClip, SoundRole
from needledrop.core.music import FloatArray, Peaks
from needledrop.core.picture import VideoFeatures
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.background import Background, Job
from needledrop.gui.document import Document
from needledrop.gui.open_video import OpenVideo
from needledrop.gui.widgets.timeline.data import (
    NO_SOUND,
    CueState,
    CueTrack,
    PlacedMusic,
    TimelineCue,
    TimelineData,
    calm_motion,
)
from needledrop.media.suffixes import MUSIC_SUFFIXES
from needledrop.workflows import cache_budget, timeline_media
from needledrop.workflows.timeline_media import Thumbnail

NOTHING = TimelineData(0.0, Fraction(25))
_DRAIN_MS = 100
_NO_TIMES = np.zeros(0)
_NO_CURVE: FloatArray = np.zeros(0, np.float32)


class TimelinePresenter(QObject):
    """Watches one document."""

    data_changed = Signal(object)  # TimelineData

    def __init__(self, document: Document, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._background = background
        self._jobs: list[Job] = []
        self._arrived: queue.SimpleQueue[Thumbnail] = queue.SimpleQueue()
        self._thumbnails: tuple[Thumbnail, ...] = ()
        self._sound_peaks: Peaks | None = None
        self._features: VideoFeatures | None = None
        self._motion = _NO_CURVE
        self._pictured: Path | None = None  # The file that pictures and waveform are made of.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._build)
        self._drain = QTimer(self)
        self._drain.setInterval(_DRAIN_MS)
        self._drain.timeout.connect(self._on_drain)
        for signal in (document.cues_changed, document.candidate_changed, document.markers_changed):
            signal.connect(self._build)  # At once: the next key press edits the cue that this one made.
        document.media_changed.connect(self._soon.start)
        document.opened.connect(self._on_opened)
        document.closed.connect(self._forget)
        if document.video is not None:
            self._soon.start()

    def _on_opened(self) -> None:
        self._forget()
        self._build()

    def _forget(self) -> None:
        """Another video, or none: stop what is being made for the last one."""
        for job in self._jobs:
            job.stop()
        self._jobs.clear()
        self._drain.stop()
        self._arrived = queue.SimpleQueue()
        self._thumbnails, self._sound_peaks, self._features, self._motion = (), None, None, _NO_CURVE
        self._pictured = None
        self._soon.start()

    def _build(self) -> None:
        video = self._document.video
        if video is None:
            self.data_changed.emit(NOTHING)
            return
        features = video.features
        if features is not None and features is not self._features:
            self._features, self._motion = features, calm_motion(features.motion)
        if features is not None and video.play_path is not None and video.play_path != self._pictured:
            self._pictured = video.play_path
            self._fetch(video, video.play_path, features)
        self.data_changed.emit(
            TimelineData(
                video.duration_s,
                video.frame_rate,
                features.shots.cuts_s if features is not None else _NO_TIMES,
                self._motion,
                features.soundtrack if features is not None else NO_SOUND,
                self._sound_peaks,
                self._thumbnails,
                self._cues(),
                self._document.markers,
                _music_there(video),
            )
        )

    def _cues(self) -> tuple[TimelineCue, ...]:
        auditioned = self._document.auditioned
        if auditioned is None:
            return tuple(self._placed(cue, CueState.KEPT) for cue in self._document.cues)
        candidate = auditioned.cue
        kept = [
            self._placed(cue, CueState.REPLACED if _overlap(cue, candidate) else CueState.KEPT)
            for cue in self._document.cues
        ]
        return (*kept, self._placed(candidate, CueState.CANDIDATE))

    def _placed(self, cue: Cue, state: CueState) -> TimelineCue:
        document = self._document
        row = document.track(cue.track_id)
        end_s = max((piece.source_out_s for piece in cue.pieces), default=0.0)
        track = CueTrack(
            (row.tags.title or row.name) if row is not None else "…",
            max(row.duration_s, end_s) if row is not None else end_s,
            document.rhythm(cue.track_id),
            document.peaks(cue.track_id),
        )
        return TimelineCue(cue, track, state)

    def _fetch(self, video: OpenVideo, path: Path, features: VideoFeatures) -> None:
        """Have pictures and the waveform made; where that fails, the list of jobs says why and the lanes stay empty."""
        # Of a project what is kept goes by its cut: its pictures lie elsewhere after each change.
        profile, content_hash, arrived = self._document.profile, video.cut or video.content_hash, self._arrived

        def pictures(progress: ProgressSink, cancel: CancelToken) -> None:
            times_s = timeline_media.thumbnail_times(features.duration_s, features.shots.cuts_s.tolist())
            timeline_media.stream_thumbnails(profile, path, content_hash, times_s, arrived.put, progress, cancel)
            cache_budget.keep_within(profile)

        def peaks(progress: ProgressSink, cancel: CancelToken) -> Peaks:
            return timeline_media.video_peaks(profile, path, content_hash, 0, cancel)

        title = self.tr("Pictures of {name}").format(name=video.name)
        self._jobs.append(self._background.run(title, pictures))
        if video.audio_streams or features.soundtrack.has_sound:
            title = self.tr("Waveform of {name}").format(name=video.name)
            self._jobs.append(self._background.run(title, peaks, self._on_peaks, None, True))
        self._drain.start()

    def _on_peaks(self, peaks: Peaks) -> None:
        self._sound_peaks = peaks
        self._soon.start()

    def _on_drain(self) -> None:
        is_over = all(job.is_over for job in self._jobs)
        found: list[Thumbnail] = []
        while not self._arrived.empty():
            found.append(self._arrived.get())
        if found:
            self._thumbnails = (*self._thumbnails, *found)
            self._soon.start()
        if is_over:
            self._drain.stop()


def _music_there(video: OpenVideo) -> tuple[PlacedMusic, ...]:
    """The music of an editor's project: what it calls music, and sound without a picture that lies in a music file."""
    sounds = video.edit.of_kind(ClipKind.SOUND) if video.edit is not None else ()
    return tuple(
        PlacedMusic(PurePath(clip.source.file_name).stem, float(clip.record_in_s), float(clip.record_out_s))
        for clip in sounds
        if clip.source is not None and (clip.role is SoundRole.MUSIC or _is_music_file(clip))
    )


def _is_music_file(clip: EditClip) -> bool:
    suffix = PurePath(clip.source.file_name).suffix.casefold() if clip.source is not None else ""
    return clip.role is SoundRole.UNKNOWN and suffix in MUSIC_SUFFIXES


def _overlap(first: Cue, second: Cue) -> bool:
    return first.record_in_s < second.record_out_s and second.record_in_s < first.record_out_s
