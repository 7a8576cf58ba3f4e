# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The suggestions as rows: one a piece of music, the rejected ones left out, numbers that stay while the list does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, QUrl

from needledrop.core.query import Suggestion
from needledrop.gui import suggestion_words
from needledrop.library.rows import TrackRow

if TYPE_CHECKING:
    from needledrop.gui.document import Document
    from needledrop.workflows.suggest import Answer

CardRole = Qt.ItemDataRole.UserRole
_NO_PARENT = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Card:
    """One row. index and versions are places in the answer's suggestions; number is the key that auditions it."""

    index: int
    number: int
    suggestion: Suggestion
    track: TrackRow
    versions: tuple[int, ...]
    used_in: tuple[str, ...] = ()
    is_heard: bool = False
    is_in_cut: bool = False


class SuggestionList(QAbstractListModel):
    """Rows of `Card`. Knows the document's answer, its verdicts and what is heard."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._answer: Answer | None = None
        self._groups: list[tuple[int, ...]] = []
        self._rows: list[int] = []  # Places in _groups.
        self._chosen: dict[int, int] = {}  # Group -> the version the user chose.
        self._used_in: Mapping[int, tuple[str, ...]] = {}
        self._rejected: frozenset[int] = frozenset()

    @property
    def answer(self) -> Answer | None:
        """The answer that is shown."""
        return self._answer

    def set_answer(self, answer: Answer | None, rejected: Collection[int]) -> None:
        """Show an answer, without the tracks that are rejected."""
        from needledrop.workflows.versions import grouped

        self._rejected = frozenset(rejected)
        if answer is not self._answer:
            self.beginResetModel()
            self._answer, self._chosen, self._used_in = answer, {}, {}
            self._groups = grouped(answer.suggestions, answer.tracks) if answer is not None else []
            self._rows = self._shown()
            self.endResetModel()
            return
        rows = self._shown()
        if rows != self._rows:
            self._change_rows(rows)

    def _change_rows(self, rows: list[int]) -> None:
        """Row by row, so that selection and scroll position stay."""
        for row in reversed(range(len(self._rows))):
            if self._rows[row] not in rows:
                self.beginRemoveRows(_NO_PARENT, row, row)
                del self._rows[row]
                self.endRemoveRows()
        for row, group in enumerate(rows):
            if row >= len(self._rows) or self._rows[row] != group:
                self.beginInsertRows(_NO_PARENT, row, row)
                self._rows.insert(row, group)
                self.endInsertRows()

    def _shown(self) -> list[int]:
        if self._answer is None:
            return []
        return [place for place in range(len(self._groups)) if self._versions(place)]

    def _versions(self, place: int) -> tuple[int, ...]:
        assert self._answer is not None
        suggestions = self._answer.suggestions
        return tuple(index for index in self._groups[place] if suggestions[index].track_id not in self._rejected)

    def set_used_in(self, used_in: Mapping[int, tuple[str, ...]]) -> None:
        """Take in the videos each track was used in."""
        self._used_in = used_in
        self.refresh()

    def choose_version(self, row: int, index: int) -> None:
        """Offer another version of the piece in a row."""
        self._chosen[self._rows[row]] = index
        self.dataChanged.emit(self.index(row), self.index(row))

    def refresh(self) -> None:
        """Something that cards show has changed: tracks, what is heard, what is in the cut."""
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def card(self, row: int) -> Card:
        """The card of a row."""
        assert self._answer is not None
        place = self._rows[row]
        versions = self._versions(place) or self._groups[place]  # A row that is just being taken away.
        index = self._chosen.get(place, -1)
        if index not in versions:
            index = versions[0]
        suggestion = self._answer.suggestions[index]
        track = self._document.track(suggestion.track_id) or self._answer.tracks[suggestion.track_id]
        return Card(
            index,
            place + 1,
            suggestion,
            track,
            versions,
            self._used_in.get(suggestion.track_id, ()),
            self._document.candidate == index,
            any(cue.track_id == suggestion.track_id for cue in self._document.cues),
        )

    def row_of_number(self, number: int) -> int | None:
        """The row with this number on it; None where it was rejected or never was."""
        return self._rows.index(number - 1) if number - 1 in self._rows else None

    def row_of_index(self, index: int) -> int | None:
        """The row that holds a suggestion of the answer."""
        return next((row for row, place in enumerate(self._rows) if index in self._groups[place]), None)

    def track_ids(self) -> Sequence[int]:
        """The tracks of all suggestions."""
        return [one.track_id for one in self._answer.suggestions] if self._answer is not None else []

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        card = self.card(index.row())
        if role == CardRole:
            return card
        if role == Qt.ItemDataRole.DisplayRole:
            return suggestion_words.title_of(card.track)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return suggestion_words.spoken(card.number, card.suggestion, card.track)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The music file, to be dropped into any editor."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(self.card(index.row()).track.file_path)) for index in indexes])
        return data
