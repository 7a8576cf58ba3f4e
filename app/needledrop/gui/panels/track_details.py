# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the selected tracks, and where the user says otherwise: tags, licence, rating, beats, place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QCompleter, QFormLayout, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from needledrop.core.music import RhythmEdit
from needledrop.core.times import format_time
from needledrop.gui.library_edits import LibraryEdits
from needledrop.gui.models.track_columns import state_text
from needledrop.gui.widgets.buttons import Button, IconButton
from needledrop.gui.widgets.labels import ElidedLabel, hairline, label
from needledrop.gui.widgets.track_wave import TrackWave

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from needledrop.library.rows import TrackRow
    from needledrop.workflows.track_table import TableRow

WIDTH = 320
STARS = 5
LINE_HEIGHT = 28
LICENCES = (
    "CC0-1.0", "CC-BY-4.0", "CC-BY-3.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "CC-BY-NC-SA-4.0",
    "CC-BY-NC-ND-4.0", "Public domain", "All rights reserved",
)  # fmt: skip


def _later(text: str) -> str:
    """Marks a text for translation that is translated where it is shown, in the context "TrackDetails"."""
    return text


# What can be edited: the field, what it is called, how a track reads in it.
_FIELDS: tuple[tuple[str, str, Callable[[TrackRow], str]], ...] = (
    ("title", _later("Title"), lambda track: track.tags.title),
    ("artist", _later("Artist"), lambda track: track.tags.artist),
    ("album", _later("Album"), lambda track: track.tags.album),
    ("genre", _later("Genre"), lambda track: track.tags.genre),
    ("mood", _later("Mood"), lambda track: track.tags.mood),
    ("licence", _later("Licence"), lambda track: track.licence.name),
    ("author", _later("Author"), lambda track: track.licence.author),
    ("source", _later("Source"), lambda track: track.licence.source),
)


class TrackDetails(QWidget):
    """The pane beside the table. Changes go to `edits`; several selected tracks are changed together."""

    play_asked = Signal(float)  # 0 to 1 of the track.
    relink_asked = Signal()

    def __init__(self, edits: LibraryEdits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edits = edits
        self._rows: tuple[TableRow, ...] = ()
        self._ids: tuple[int, ...] = ()
        self._lines: dict[str, QLineEdit] = {}
        self._stars: list[IconButton] = []
        self._build()
        self.show_tracks(())

    @property
    def track_id(self) -> int | None:
        """The track that is shown, where it is one."""
        return self._ids[0] if len(self._ids) == 1 else None

    def show_tracks(
        self, rows: Sequence[TableRow], ids: Sequence[int] = (), heights: NDArray[np.uint8] | None = None
    ) -> None:
        """Show `rows`, which may be some of the selected tracks `ids` only; what is being typed is not overwritten."""
        self._rows = tuple(rows)
        self._ids = tuple(ids)
        self._empty.setVisible(not rows)
        self._scroll.setVisible(bool(rows))
        if not rows:
            return
        track = rows[0].track
        is_one = len(ids) == 1
        self._name.set_text(track.name if is_one else self.tr("%1 tracks").replace("%1", f"{len(ids):,}"))
        self._facts.set_text(_facts(track) if is_one else self.tr("A change is made to all of them."))
        self._wave.setVisible(is_one)
        self._wave.show_heights(heights)
        for name, _, read in _FIELDS:
            self._fill(name, [read(row.track) for row in rows])
        self._show_opinions()
        self._show_beats()
        self._show_place()

    def show_place(self, place: float | None) -> None:
        """Mark what is heard in the waveform."""
        self._wave.show_place(place)

    # Building -------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._empty = label(self.tr("Select a track to see and edit what is known of it."), "secondary")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(32, 0, 32, 0)
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(self._head())
        self._wave = TrackWave()
        self._wave.asked.connect(self.play_asked)
        column.addWidget(self._wave)
        column.addLayout(self._place())
        column.addWidget(hairline())
        column.addLayout(self._form())
        column.addWidget(hairline())
        column.addLayout(self._beats())
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self._body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._empty, 1)
        outer.addWidget(scroll, 1)
        self._scroll = scroll

    def _head(self) -> QVBoxLayout:
        self._name = ElidedLabel("text", is_bold=True, size=14)
        self._facts = ElidedLabel("secondary", size=12)
        stars = QHBoxLayout()
        stars.setContentsMargins(-4, 0, 0, 0)  # The drawings, not their buttons, stand in line with the text.
        stars.setSpacing(0)
        for number in range(1, STARS + 1):
            star = IconButton("star", self.tr("Rate %s of 5").replace("%s", str(number)))
            star.clicked.connect(lambda _=False, number=number: self._rate(number))
            self._stars.append(star)
            stars.addWidget(star)
        self._heart = IconButton("heart", self.tr("Favourite"))
        self._heart.clicked.connect(self._favour)
        stars.addSpacing(8)
        stars.addWidget(self._heart)
        stars.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(self._name)
        column.addWidget(self._facts)
        column.addLayout(stars)
        return column

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for name, title, _ in _FIELDS:
            shown = QCoreApplication.translate("TrackDetails", title)
            line = QLineEdit()
            line.setAccessibleName(shown)
            line.editingFinished.connect(lambda name=name: self._on_edited(name))
            if name == "licence":
                completer = QCompleter(list(LICENCES), line)
                completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
                completer.setFilterMode(Qt.MatchFlag.MatchContains)
                line.setCompleter(completer)
            self._lines[name] = line
            name_label = label(shown, "small")
            name_label.setMinimumHeight(LINE_HEIGHT)
            form.addRow(name_label, line)
        return form

    def _beats(self) -> QVBoxLayout:
        self._tempo = label("", "text")
        self._beats_note = label("", "small")
        self._beats_note.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(4)
        self._beat_buttons: list[Button] = []
        for text, name, edit in (
            ("½", self.tr("Half the tempo"), RhythmEdit("halve")),
            ("×2", self.tr("Double the tempo"), RhythmEdit("double")),
            ("−1", self.tr("Bars begin a beat earlier"), RhythmEdit("shift", beats=-1)),
            ("+1", self.tr("Bars begin a beat later"), RhythmEdit("shift", beats=1)),
            ("3/4", self.tr("Three beats a bar"), RhythmEdit("metre", beats=3)),
            ("4/4", self.tr("Four beats a bar"), RhythmEdit("metre", beats=4)),
        ):
            button = Button(text)
            button.setToolTip(name)
            button.setAccessibleName(name)
            button.setProperty("size", "small")
            button.clicked.connect(lambda _=False, edit=edit, name=name: self._correct(edit, name))
            self._beat_buttons.append(button)
            row.addWidget(button, 1)
        head = QHBoxLayout()
        head.addWidget(label(self.tr("Beats"), "small"))
        head.addWidget(self._tempo)
        head.addStretch(1)
        reset = IconButton("reset", self.tr("Back to the beats that were found"))
        reset.clicked.connect(self._reset_beats)
        self._reset = reset
        head.addWidget(reset)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(row)
        column.addWidget(self._beats_note)
        return column

    def _place(self) -> QVBoxLayout:
        self._path = ElidedLabel("secondary", size=12)
        self._kept_in = label("", "small")
        self._kept_in.setWordWrap(True)
        self._trouble = label("", "error")
        self._trouble.setWordWrap(True)
        self._relink = Button(self.tr("Find the file…"))
        self._relink.clicked.connect(self.relink_asked)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(self._path)
        column.addWidget(self._kept_in)
        column.addWidget(self._trouble)
        column.addWidget(self._relink, 0, Qt.AlignmentFlag.AlignLeft)
        return column

    # Showing --------------------------------------------------------------------------------------------------------

    def _fill(self, name: str, values: Sequence[str]) -> None:
        line = self._lines[name]
        if line.hasFocus() and line.isModified():
            return
        is_same = len(set(values)) == 1
        line.setText(values[0] if is_same else "")
        line.setCursorPosition(0)
        line.setPlaceholderText("" if is_same else self.tr("several"))
        line.setModified(False)

    def _show_opinions(self) -> None:
        ratings = {row.track.rating or 0 for row in self._rows}
        rating = ratings.pop() if len(ratings) == 1 else 0
        for number, star in enumerate(self._stars, start=1):
            star.set_icon("star_filled" if number <= rating else "star", "cuts" if number <= rating else "secondary")
        is_favourite = all(row.track.is_favourite for row in self._rows)
        self._heart.set_icon("heart_filled" if is_favourite else "heart", "accent" if is_favourite else "secondary")

    def _show_beats(self) -> None:
        facts = self._rows[0].track.facts
        is_one = len(self._ids) == 1
        is_analysed = is_one and facts.tempo_bpm is not None
        self._tempo.setText(f"{facts.tempo_bpm:.1f} BPM" if is_analysed and facts.tempo_bpm else "")
        for button in self._beat_buttons:
            button.setEnabled(bool(is_analysed and facts.tempo_bpm))
        self._reset.setEnabled(is_analysed)
        note = ""
        if not is_one:
            note = self.tr("Beats are corrected one track at a time.")
        elif not is_analysed:
            note = self.tr("Not analysed yet: the next scan finds its beats.")
        elif not facts.tempo_bpm:
            note = self.tr("No steady pulse was found.")
        self._beats_note.setText(note)
        self._beats_note.setVisible(bool(note))

    def _show_place(self) -> None:
        row = self._rows[0]
        is_one = len(self._ids) == 1
        trouble = state_text(row) if is_one else ""
        self._path.setVisible(is_one)
        self._path.set_text(row.track.display_path, Qt.TextElideMode.ElideMiddle)
        kept_in = self._kept_in_text(row) if is_one else ""
        self._kept_in.setText(kept_in)
        self._kept_in.setVisible(bool(kept_in))
        self._trouble.setText(trouble)
        self._trouble.setVisible(bool(trouble))
        self._relink.setVisible(is_one and row.track.state in ("missing", "offline"))

    def _kept_in_text(self, row: TableRow) -> str:
        """The collections a track is in, and the films it was used in."""
        lines = []
        if row.collections:
            lines.append(self.tr("Collections: %s").replace("%s", ", ".join(row.collections)))
        if row.used_in:
            lines.append(self.tr("Used in %s").replace("%s", ", ".join(row.used_in)))
        return "\n".join(lines)

    # Editing --------------------------------------------------------------------------------------------------------

    def _on_edited(self, name: str) -> None:
        line = self._lines[name]
        if not line.isModified() or not self._rows:
            return
        line.setModified(False)
        title = next(title for field, title, _ in _FIELDS if field == name)
        text = self.tr("Edit %s").replace("%s", QCoreApplication.translate("TrackDetails", title))
        self._edits.edit(self._ids, {name: line.text().strip()}, text)

    def _rate(self, number: int) -> None:
        is_given = all(row.track.rating == number for row in self._rows)
        self._edits.edit(self._ids, {"rating": "" if is_given else str(number)}, self.tr("Rate"))

    def _favour(self) -> None:
        is_favourite = all(row.track.is_favourite for row in self._rows)
        self._edits.edit(self._ids, {"favourite": "" if is_favourite else "yes"}, self.tr("Favourite"))

    def _correct(self, edit: RhythmEdit, text: str) -> None:
        if self.track_id is not None:
            self._edits.correct_beats(self.track_id, [edit], text)

    def _reset_beats(self) -> None:
        if self.track_id is not None:
            self._edits.reset_beats(self.track_id, self.tr("Reset beats"))


def _facts(track: TrackRow) -> str:
    rate = f"{track.sample_rate / 1000:g} kHz"
    parts = (format_time(track.duration_s), track.facts.key_name or "", track.codec, rate)
    return " · ".join(part for part in parts if part)
