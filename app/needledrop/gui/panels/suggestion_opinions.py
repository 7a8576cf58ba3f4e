# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user thinks of suggested tracks and artists, written to the library and read from it in the background.

It decides nothing about the list: who asked asks again when an answer has come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.background import Background
from needledrop.gui.document import Document

if TYPE_CHECKING:
    from needledrop.library.rows import TrackRow
    from needledrop.workflows.opinions import Choices


class SuggestionOpinions(QObject):
    """Ratings, favourites, collections, blocked artists, and what a list can be narrowed to."""

    choices_read = Signal(object)  # Choices
    used_in_read = Signal(object, object)  # The track ids that were asked about; track id to names of videos.
    artists_changed = Signal()

    def __init__(self, document: Document, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._background = background

    def toggle_favourite(self, track: TrackRow) -> None:
        """Put a track among the favourites, or take it out."""
        profile = self._document.profile

        def work(progress: ProgressSink, cancel: CancelToken) -> object:
            from needledrop.workflows import opinions

            return opinions.mark_favourite(profile, track.id, not track.is_favourite)

        self._save(work, lambda _: self._document.note_library_changed())

    def rate(self, track: TrackRow, rating: int) -> None:
        """Give a track stars; the same again, or 0, takes them away."""
        profile = self._document.profile
        wanted = None if rating in (0, track.rating) else rating

        def work(progress: ProgressSink, cancel: CancelToken) -> object:
            from needledrop.workflows import opinions

            return opinions.rate(profile, track.id, wanted)

        self._save(work, lambda _: self._document.note_library_changed())

    def block(self, artist: str, *, is_blocked: bool) -> None:
        """Suggest nothing of an artist any more, or again; `artists_changed` follows."""
        profile = self._document.profile

        def work(progress: ProgressSink, cancel: CancelToken) -> object:
            from needledrop.workflows import opinions

            return opinions.block_artist(profile, artist, is_blocked=is_blocked)

        self._save(work, lambda _: self.artists_changed.emit())

    def read_choices(self) -> None:
        """Read what a list can be narrowed to; `choices_read` follows."""
        profile = self._document.profile

        def work(progress: ProgressSink, cancel: CancelToken) -> Choices:
            from needledrop.workflows import opinions

            return opinions.choices(profile)

        self._background.run("Filters", work, self.choices_read.emit, lambda _: None, is_quiet=True)

    def read_used_in(self, track_ids: Sequence[int]) -> None:
        """Read in which videos tracks were used; `used_in_read` follows."""
        profile = self._document.profile
        if not track_ids:
            return

        def work(progress: ProgressSink, cancel: CancelToken) -> Mapping[int, tuple[str, ...]]:
            from needledrop.workflows import opinions

            return opinions.used_in(profile, track_ids)

        def done(used_in: Mapping[int, tuple[str, ...]]) -> None:
            self.used_in_read.emit(track_ids, used_in)

        self._background.run("Uses", work, done, lambda _: None, is_quiet=True)

    def _save(self, work: Callable[[ProgressSink, CancelToken], object], done: Callable[[object], None]) -> None:
        self._background.run("Saving", work, done, self._document.failed.emit, is_quiet=True)
