# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user thinks of suggested tracks and artists, written to the library and read from it in the background.

Every change is one undoable step. It decides nothing about the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.background import Background
from needledrop.gui.collection_menu import add_collection_menu
from needledrop.gui.document import Document
from needledrop.gui.library_edits import LibraryEdits

if TYPE_CHECKING:
    from needledrop.library.rows import TrackRow
    from needledrop.workflows.opinions import Choices


class SuggestionOpinions(QObject):
    """Ratings, favourites, blocked artists, collections; and what a list can be narrowed to."""

    choices_read = Signal(object)  # Choices
    artists_changed = Signal()  # Others are left out than before.
    used_in_read = Signal(object, object)  # The track ids that were asked about; track id to names of videos.

    def __init__(self, document: Document, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._background = background
        self._choices: Choices | None = None
        self.edits = LibraryEdits(document.profile, background, document.undo_stack, self)
        self.edits.changed.connect(self._on_edited)
        self.edits.failed.connect(document.failed)

    def toggle_favourite(self, track: TrackRow) -> None:
        """Put a track among the favourites, or take it out."""
        self.edits.edit([track.id], {"favourite": "" if track.is_favourite else "yes"}, self.tr("Favourite"))

    def rate(self, track: TrackRow, rating: int) -> None:
        """Give a track stars; the same again, or 0, takes them away."""
        wanted = "" if rating in (0, track.rating) else str(rating)
        self.edits.edit([track.id], {"rating": wanted}, self.tr("Rate"))

    def block(self, artist: str, *, is_blocked: bool) -> None:
        """Suggest nothing of an artist any more, or again."""
        text = self.tr("Leave out %s") if is_blocked else self.tr("Let in %s")
        self.edits.block_artist(artist, text.replace("%s", artist), is_blocked=is_blocked)

    def add_menu(self, menu: QMenu, track: TrackRow) -> None:
        """Add the menu that puts a track in collections."""
        known = [name for name, _ in self._choices.collections] if self._choices is not None else []
        add_collection_menu(menu, self.edits, [track.id], known)

    def read_choices(self) -> None:
        """Read what a list can be narrowed to; `choices_read` follows, and `artists_changed` where it has to."""
        profile = self._document.profile

        def work(progress: ProgressSink, cancel: CancelToken) -> Choices:
            from needledrop.workflows import opinions

            return opinions.choices(profile)

        def done(choices: Choices) -> None:
            before, self._choices = self._choices, choices
            self.choices_read.emit(choices)
            if before is not None and before.blocked_artists != choices.blocked_artists:
                self.artists_changed.emit()

        self._background.run("Filters", work, done, lambda _: None, is_quiet=True)

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

    def _on_edited(self) -> None:
        self._document.note_library_changed()
        self.read_choices()
