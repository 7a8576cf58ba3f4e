# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same video twice, side by side: the base's list, and the list with the user's taste."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from needledrop.gui import taste_words
from needledrop.gui.theme import Role
from needledrop.gui.widgets.inputs import Choice
from needledrop.gui.widgets.labels import ElidedLabel, hairline, label

if TYPE_CHECKING:
    from needledrop.library.rows import TrackRow
    from needledrop.workflows.taste_view import BothLists, Comparison

ROWS = 8
NUMBER_WIDTH, TEMPO_WIDTH, SHIFT_WIDTH = 24, 64, 40
ROW_HEIGHT = 28
_ROLES: tuple[Role, ...] = ("secondary", "text", "secondary", "accent")


class PersonalLists(QWidget):
    """Which video is chosen above; what the taste changes on average is said below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._comparison: Comparison | None = None
        self.choice = Choice()
        self.choice.setAccessibleName(self.tr("Video"))
        self.choice.setMinimumWidth(280)
        self.choice.currentIndexChanged.connect(self._show)
        self._note = label(role="secondary")
        self._note.setWordWrap(True)
        self.base = _List(self.tr("Base"))
        self.yours = _List(self.tr("With your taste"))
        self._moved = label(role="secondary")
        self._moved.setWordWrap(True)
        head = QHBoxLayout()
        head.addWidget(self.choice)
        head.addStretch(1)
        both = QHBoxLayout()
        both.setSpacing(32)
        both.addWidget(self.base, 1)
        both.addWidget(self.yours, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addLayout(head)
        column.addWidget(self._note)
        column.addLayout(both)
        column.addWidget(self._moved)
        column.addStretch(1)
        self.show_comparison(None)

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Show these lists; None while they are being made."""
        chosen = self.choice.currentText()
        self._comparison = comparison
        lists = comparison.lists if comparison is not None else ()
        self.choice.blockSignals(True)
        self.choice.clear()
        for one in lists:
            self.choice.addItem(taste_words.asked(one))
        self.choice.setCurrentIndex(max(self.choice.findText(chosen), 0) if lists else -1)
        self.choice.blockSignals(False)
        for widget in (self.choice, self.base, self.yours):
            widget.setVisible(bool(lists))
        self._note.setVisible(not lists)
        none = self.tr("Nothing to compare yet: none of the videos you chose music for has been watched here.")
        self._note.setText(self.tr("Comparing lists…") if comparison is None else none)
        moved = [taste_words.moved(change) for change in comparison.moved[:3]] if comparison is not None else []
        self._moved.setVisible(bool(lists))
        alike = self.tr("With your taste as it counts now, the lists hardly differ.")
        self._moved.setText(self.tr("Over all your videos: ") + " ".join(moved) if moved else alike)
        self._show()

    def _show(self) -> None:
        place = self.choice.currentIndex()
        if self._comparison is None or place < 0:
            return
        lists = self._comparison.lists[place]
        self.base.show_tracks(lists, self._comparison.tracks, is_yours=False)
        self.yours.show_tracks(lists, self._comparison.tracks, is_yours=True)


class _List(QWidget):
    """One list; beside each track how far it has come up, where it is compared."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self.texts: list[str] = []
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        self._cells = [[ElidedLabel(role) for role in _ROLES] for _ in range(ROWS)]
        for row, cells in enumerate(self._cells):
            for column, (cell, width) in enumerate(
                zip(cells, (NUMBER_WIDTH, 0, TEMPO_WIDTH, SHIFT_WIDTH), strict=True)
            ):
                cell.setFixedHeight(ROW_HEIGHT)
                if width:
                    cell.setFixedWidth(width)
                grid.addWidget(cell, row, column)
        column_box = QVBoxLayout(self)
        column_box.setContentsMargins(0, 0, 0, 0)
        column_box.setSpacing(8)
        column_box.addWidget(label(title, "small"))
        column_box.addWidget(hairline())
        column_box.addLayout(grid)
        column_box.setAlignment(Qt.AlignmentFlag.AlignTop)

    def show_tracks(self, lists: BothLists, tracks: Mapping[int, TrackRow], *, is_yours: bool) -> None:
        """Fill it."""
        shown = lists.yours if is_yours else lists.base
        self.texts = []
        for row, cells in enumerate(self._cells):
            track = tracks.get(shown[row]) if row < len(shown) else None
            texts = ("", "", "", "")
            if track is not None:
                tempo = f"{track.facts.tempo_bpm:.0f} BPM" if track.facts.tempo_bpm else ""
                texts = (str(row + 1), track.name, tempo, self._shift(lists, row) if is_yours else "")
                self.texts.append(track.name)
            for cell, text in zip(cells, texts, strict=True):
                cell.set_text(text)
        self.setAccessibleName(f"{self._title}: {', '.join(self.texts)}")

    def _shift(self, lists: BothLists, row: int) -> str:
        """How many places a track has come up in the list ("↑3"), that it went down, or that it is new in it."""
        track_id = lists.yours[row]
        if track_id not in lists.base:
            return self.tr("new")
        risen = lists.base.index(track_id) - row
        return f"↑{risen}" if risen > 0 else f"↓{-risen}" if risen < 0 else ""
