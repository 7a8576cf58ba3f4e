# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be exported, as rows that are switched on and off, each with the name of its file."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from needledrop.gui.widgets.inputs import Choice, Switch
from needledrop.gui.widgets.labels import ElidedLabel, hairline, label
from needledrop.workflows.deliver import Deliverable, file_name

FILE_WIDTH = 260


def _tr(text: str) -> str:
    return QCoreApplication.translate("Export", text)


@dataclass(frozen=True)
class Offer:
    """One kind of file: what it is and whom it serves."""

    wanted: Deliverable
    title: str
    help: str


def offers() -> list[tuple[str, list[Offer]]]:
    """Every kind, in groups."""
    film = [
        Offer(Deliverable.FILM, _tr("Film with music (MP4)"), _tr("The picture is copied where its codec allows it.")),
        Offer(
            Deliverable.MUSIC,
            _tr("Music (WAV)"),
            _tr("48 kHz, as long as the film: lay it at the start of the timeline."),
        ),
    ]
    projects = [
        Offer(
            Deliverable.RESOLVE_PROJECT, _tr("DaVinci Resolve"), _tr("The cut with its music, to be edited on (OTIO).")
        ),
        Offer(Deliverable.PREMIERE_PROJECT, _tr("Premiere Pro"), _tr("The same as Final Cut 7 XML.")),
        Offer(Deliverable.FINAL_CUT_PROJECT, _tr("Final Cut Pro"), _tr("The same as FCPXML.")),
        Offer(Deliverable.KDENLIVE_PROJECT, _tr("Kdenlive"), _tr("A project of its own, from version 23.04 on.")),
        Offer(Deliverable.SHOTCUT_PROJECT, _tr("Shotcut"), _tr("A project of its own (MLT).")),
    ]
    editors = [
        Offer(Deliverable.RESOLVE, _tr("DaVinci Resolve"), _tr("Beats and sections as timeline markers (EDL).")),
        Offer(Deliverable.PREMIERE, _tr("Premiere Pro"), _tr("A sequence with markers (XML).")),
        Offer(Deliverable.AUDACITY, _tr("Audacity"), _tr("Labels.")),
        Offer(Deliverable.TABLE, _tr("Table"), _tr("Markers with timecode, for spreadsheets.")),
        Offer(Deliverable.TEMPO_MAP, _tr("Tempo map"), _tr("MIDI, for music programs.")),
        Offer(Deliverable.MARKED_WAV, _tr("WAV with markers"), _tr("The music with its beats inside the file.")),
    ]
    papers = [
        Offer(Deliverable.CREDITS, _tr("Credits"), _tr("The attribution each licence asks for.")),
        Offer(Deliverable.CUE_SHEET, _tr("Cue sheet"), _tr("Times, titles, authors and ISRC (CSV).")),
        Offer(Deliverable.DATA, _tr("Cues as data"), _tr("Everything about the cues (JSON).")),
    ]
    return [
        (_tr("Film and sound"), film),
        (_tr("Projects"), projects),
        (_tr("Markers"), editors),
        (_tr("Papers"), papers),
    ]


class ExportChoices(QWidget):
    """The rows. `changed` when another set is wanted."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.switches: dict[Deliverable, Switch] = {}
        self._files: dict[Deliverable, ElidedLabel] = {}
        self._names: dict[Deliverable, QLabel] = {}
        self._helps: dict[Deliverable, QLabel] = {}
        self._sound = _choice(
            _tr("Sound"),
            [(_tr("music under the film's own sound"), "both"), (_tr("music alone"), "music")],
        )
        self._every = _choice(
            _tr("Which markers"),
            [(_tr("every beat"), "1"), (_tr("every second beat"), "2"), (_tr("bars only"), "")],
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        extras = (self._sound, None, self._every, None)
        for (title, rows), extra in zip(offers(), extras, strict=True):
            column.addLayout(self._head(title, extra))
            for offer in rows:
                column.addWidget(self._row(offer))
            column.addSpacing(12)
        self.switches[Deliverable.FILM].setChecked(True)

    def wanted(self) -> frozenset[Deliverable]:
        """What is switched on."""
        return frozenset(one for one, switch in self.switches.items() if switch.isChecked())

    def is_music_only(self) -> bool:
        """Whether the film's own sound is left out of the film."""
        return bool(self._sound.currentData() == "music")

    def beats_every(self) -> int | None:
        """A marker every so many beats; None: at the bars only."""
        every = str(self._every.currentData())
        return int(every) if every else None

    def offer_film(self, is_offered: bool) -> None:
        """Whether a film can be made: that of a project is made by its editor, and gets a project of it instead."""
        film, project = self.switches[Deliverable.FILM], self.switches[Deliverable.RESOLVE_PROJECT]
        helps = {True: _tr("The picture is copied where its codec allows it."), False: _tr("Your editor makes it.")}
        self._helps[Deliverable.FILM].setText(helps[is_offered])
        film.setAccessibleDescription(helps[is_offered])
        for text in (self._names[Deliverable.FILM], self._files[Deliverable.FILM]):
            text.setEnabled(is_offered)
        if film.isEnabled() != is_offered:
            film.setEnabled(is_offered)
            film.setChecked(is_offered)
            project.setChecked(not is_offered)

    def show_names(self, name: str) -> None:
        """Show what each file is called."""
        for wanted, shown in self._files.items():
            shown.set_text(file_name(name, wanted), Qt.TextElideMode.ElideMiddle)

    def _head(self, title: str, extra: Choice | None) -> QGridLayout:
        grid = QGridLayout()
        grid.addWidget(label(title, "heading"), 0, 0)
        if extra is not None:
            grid.addWidget(extra, 0, 1)
        grid.setColumnStretch(0, 1)
        grid.setRowMinimumHeight(0, 36)
        return grid

    def _row(self, offer: Offer) -> QWidget:
        row = QWidget()
        grid = QGridLayout(row)
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        switch = Switch()
        switch.setAccessibleName(offer.title)
        switch.setAccessibleDescription(offer.help)
        switch.toggled.connect(lambda _: self.changed.emit())
        name, text, file = _Pressed(offer.title, switch, "text"), _Pressed(offer.help, switch, "small"), _file_label()
        self.switches[offer.wanted], self._files[offer.wanted] = switch, file
        self._names[offer.wanted], self._helps[offer.wanted] = name, text
        grid.addWidget(switch, 0, 0, 2, 1)
        grid.addWidget(name, 0, 1)
        grid.addWidget(text, 1, 1)
        grid.addWidget(file, 0, 2, 2, 1)
        grid.addWidget(hairline(), 2, 0, 1, 3)
        grid.setRowMinimumHeight(2, 5)
        grid.setColumnStretch(1, 1)
        return row


class _Pressed(QLabel):
    """A text whose click switches what stands beside it."""

    def __init__(self, text: str, switch: Switch, role: str) -> None:
        super().__init__(text)
        self._switch = switch
        self.setProperty("role", role)

    def mouseReleaseEvent(self, event: object) -> None:
        self._switch.click()


def _file_label() -> ElidedLabel:
    made = ElidedLabel("secondary", size=12)
    made.setFixedWidth(FILE_WIDTH)
    return made


def _choice(name: str, values: list[tuple[str, str]]) -> Choice:
    made = Choice()
    made.setAccessibleName(name)
    for text, value in values:
        made.addItem(text, value)
    return made
