# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user says of suggestions without saying it: heard for long, passed over, more like it, filtered away.

It listens to the document and changes nothing of it. Using and rejecting are verdicts that can be undone, so the
document keeps those and gives them to the library when the video is closed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from needledrop.core.errors import KnownError
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.background import Background
from needledrop.gui.document import Document
from needledrop.gui.taste_jobs import TasteJobs

if TYPE_CHECKING:
    from needledrop.gui.player import Player
    from needledrop.library.rows import TrackRow
    from needledrop.workflows.feedback import Note
    from needledrop.workflows.suggest import Answer, Wish

# Heard for so long it was listened to; left for another one between a moment and so long it was passed over.
LONG_S = 12.0
MOMENT_S, SHORT_S = 1.0, 6.0
# A filter says something of the first tracks that it takes out of the list, not of a hundred.
MOST_FILTERED = 3
RETRY_MS = 10_000
SETTLED_MS = 2_000


@dataclass
class _Heard:
    """A suggestion that is being auditioned: heard_s until it last stood still, and since when it plays, if it does."""

    track_id: int
    answer: Answer
    heard_s: float
    since: float | None


class TasteFeedback(QObject):
    """Lives as long as the player."""

    def __init__(
        self, document: Document, player: Player, background: Background, taste: TasteJobs, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._player, self._background, self._taste = document, player, background, taste
        self._heard: _Heard | None = None
        self._wish: Wish | None = None
        self._notes: list[Note] = []
        self._is_writing = False
        self._is_waiting = True  # Perhaps the last program left some.
        self._retry = _single_shot(self, RETRY_MS, self._write)
        self._settled = _single_shot(self, SETTLED_MS, taste.refresh)
        document.candidate_changed.connect(self._on_candidate)
        document.suggestions_changed.connect(self._on_suggestions)
        document.closed.connect(self._on_closed)
        player.state_changed.connect(self._on_state)
        self._retry.start()
        self._settled.start()  # A run that was interrupted goes on, where that is allowed.

    # What is heard ------------------------------------------------------------------------------------------------

    def _on_candidate(self) -> None:
        document = self._document
        auditioned = document.auditioned
        self._end_heard(is_left_for_another=auditioned is not None)
        if auditioned is not None and document.answer is not None:
            since = time.monotonic() if self._player.state.is_playing else None
            self._heard = _Heard(auditioned.track_id, document.answer, 0.0, since)

    def _on_state(self) -> None:
        heard = self._heard
        if heard is None:
            return
        if self._player.state.is_playing and heard.since is None:
            heard.since = time.monotonic()
        elif not self._player.state.is_playing and heard.since is not None:
            heard.heard_s += time.monotonic() - heard.since
            heard.since = None

    def _end_heard(self, *, is_left_for_another: bool) -> None:
        heard, self._heard = self._heard, None
        if heard is None:
            return
        heard_s = heard.heard_s + (time.monotonic() - heard.since if heard.since is not None else 0.0)
        if heard_s >= LONG_S:
            self._note(heard.answer, [heard.track_id], "audition", heard_s)
        elif is_left_for_another and MOMENT_S <= heard_s <= SHORT_S:
            self._note(heard.answer, [heard.track_id], "skip", heard_s)

    # What is asked for --------------------------------------------------------------------------------------------

    def _on_suggestions(self) -> None:
        document, before = self._document, self._wish
        wish, answer = document.last_wish, document.answer
        self._wish = wish
        if wish is None or before is None or wish is before or answer is None:
            return
        liked = [int(like) for like in wish.likes if like not in before.likes and like.isdecimal()]
        self._note(answer, liked, "more")
        self._note(answer, filtered_away(before, wish, answer), "skip")

    def _on_closed(self) -> None:
        self._end_heard(is_left_for_another=False)
        self._wish = None
        self._settled.start()  # By then the library has what was used and rejected.

    # Keeping it ---------------------------------------------------------------------------------------------------

    def _note(self, answer: Answer, track_ids: Sequence[int], verdict: str, listened_s: float | None = None) -> None:
        from needledrop.workflows.feedback import Note

        path, content_hash = answer.video.path, answer.video.content_hash
        range_s = (float(answer.time_range.start_s), float(answer.time_range.end_s))
        offered = tuple(one.track_id for one in answer.suggestions)
        for track_id in track_ids:
            self._notes.append(Note(Path(path), content_hash, track_id, verdict, range_s, offered, listened_s))
        self._write()

    def _write(self) -> None:
        if self._is_writing or not (self._notes or self._is_waiting):
            return
        self._is_writing = True
        notes, self._notes = self._notes, []
        profile = self._document.profile

        def work(progress: ProgressSink, cancel: CancelToken) -> bool:
            from needledrop.workflows.feedback import note_feedback

            return note_feedback(profile, notes)

        self._background.run("Saving", work, self._on_written, self._on_not_written, is_quiet=True, is_essential=True)

    def _on_not_written(self, error: KnownError) -> None:
        self._is_writing = False
        self._document.failed.emit(error)

    def _on_written(self, has_library: bool) -> None:
        self._is_writing, self._is_waiting = False, not has_library
        if has_library:
            self._taste.refresh()
            self._write()
        else:  # What waits in its file goes along with what is noted next, or in a while.
            self._retry.start()


def filtered_away(before: Wish, wish: Wish, answer: Answer) -> list[int]:
    """The first tracks of a list that a filter takes out which was not there before."""
    rows = [(one.track_id, answer.tracks[one.track_id]) for one in answer.suggestions]
    gone = [track_id for track_id, row in rows if _passes(before, row) and not _passes(wish, row)]
    return gone[:MOST_FILTERED]


def _passes(wish: Wish, row: TrackRow) -> bool:
    tempo_bpm = row.facts.tempo_bpm
    if wish.bpm_range is not None and not (tempo_bpm and wish.bpm_range[0] <= tempo_bpm <= wish.bpm_range[1]):
        return False
    if wish.keys and row.facts.key_name not in wish.keys:
        return False
    return not wish.genres or row.tags.genre in wish.genres


def _single_shot(parent: QObject, interval_ms: int, act: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(act)
    return timer
