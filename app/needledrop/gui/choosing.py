# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choosing music for what is open: asking for suggestions, hearing them, using and rejecting them.

Asking and hearing change nothing; using and rejecting are steps of the work.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from needledrop.core.cue import MixTargets, with_cue_laid
from needledrop.core.paths import Profile
from needledrop.core.work import Verdict
from needledrop.gui import preferences
from needledrop.gui.background import Background, Job
from needledrop.gui.open_video import OpenVideo
from needledrop.gui.suggesting import Suggesting
from needledrop.gui.track_cache import TrackCache
from needledrop.gui.work_editing import WorkEditing

if TYPE_CHECKING:
    from needledrop.core.music import Peaks, Rhythm
    from needledrop.core.query import Suggestion
    from needledrop.library.rows import TrackRow
    from needledrop.workflows.suggest import Answer, Wish


class Choosing(WorkEditing):
    """The work on a video, its tracks, and the list of suggestions for it."""

    suggestions_changed = Signal()  # A new answer, a request begun or ended, or a verdict.
    candidate_changed = Signal()
    media_changed = Signal()  # Features, beats or waveforms arrived.
    failed = Signal(object)  # KnownError, for the window to show.

    def __init__(self, profile: Profile, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.profile = profile
        self.background = background
        self.video: OpenVideo | None = None
        self._tracks = TrackCache(profile, background, self)
        self._tracks.arrived.connect(self.media_changed)
        self._suggesting = Suggesting(profile, background, self)
        self._suggesting.answered.connect(lambda answer: self._tracks.put_rows(answer.tracks))
        self._suggesting.changed.connect(self.suggestions_changed)
        self._suggesting.candidate_changed.connect(self.candidate_changed)
        self._suggesting.failed.connect(self.failed)
        self.verdicts_changed.connect(self.suggestions_changed)

    def _going_on(self) -> Job:
        """The job that watches the open video, begun anew if need be."""
        raise NotImplementedError

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
        self._suggesting.ask_after(self._going_on(), wish)

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
