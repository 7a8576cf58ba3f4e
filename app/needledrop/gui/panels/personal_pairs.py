# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pairs found in past edits: which music plays where. Each can be heard, and struck where it is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from needledrop.core.times import format_time
from needledrop.gui.listening import Listening
from needledrop.gui.taste_past_edits import TastePastEdits
from needledrop.gui.widgets.buttons import Button, IconButton
from needledrop.gui.widgets.labels import ElidedLabel, hairline, label

if TYPE_CHECKING:
    from needledrop.workflows.past_edits import PastPair

SHOWN = 200
NAME_WIDTH = 280
SIDE_WIDTH = 112


class PersonalPairs(QWidget):
    """One row a pair. What is not shown is counted."""

    look_asked = Signal()

    def __init__(self, edits: TastePastEdits, listening: Listening) -> None:
        super().__init__()
        self._edits, self._listening = edits, listening
        self.rows: list[PairRow] = []
        self.look = Button(self.tr("Look through a folder…"))
        self.stop = Button(self.tr("Stop"))
        self._note = label(role="secondary")
        self._note.setWordWrap(True)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self._note, 1)
        head.addWidget(self.look, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.stop, 0, Qt.AlignmentFlag.AlignTop)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 16, 24, 24)
        column.setSpacing(12)
        column.addLayout(head)
        column.addLayout(self._list)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self.look.clicked.connect(self.look_asked)
        self.stop.clicked.connect(edits.stop)
        edits.changed.connect(self.refresh)
        listening.changed.connect(self._show_heard)
        self.refresh()

    def refresh(self) -> None:
        """Show the pairs as they are now."""
        pairs = self._edits.pairs or ()
        self.look.setVisible(not self._edits.is_looking)
        self.stop.setVisible(self._edits.is_looking)
        self._note.setText(self._words())
        shown = list(pairs[:SHOWN])
        if [row.pair for row in self.rows] == shown:
            return
        for row in self.rows:
            self._list.removeWidget(row)
            row.deleteLater()
        self.rows = [PairRow(pair, self._edits, self._listening) for pair in shown]
        for row in self.rows:
            self._list.addWidget(row)
        self._show_heard()

    @property
    def text(self) -> str:
        """What it says above the list."""
        return self._note.text()

    def _words(self) -> str:
        pairs = self._edits.pairs or ()
        if self._edits.is_looking:
            return self.tr("Looking through past edits. You can go on working; it can be stopped and gone on with.")
        if not pairs:
            text = self.tr(
                "Needledrop can learn from what you finished before: it finds which track of your library plays where "
                "in finished videos, and reads OTIO, FCPXML, Final Cut, Kdenlive and Shotcut projects."
            )
            return " ".join(part for part in (text, self._edits.outcome) if part)
        text = self.tr("Strike what is wrong: it is not learned from.")
        if len(pairs) > SHOWN:
            more = self.tr("The first %1 of %2 are shown.").replace("%1", str(SHOWN))
            text = f"{text} {more.replace('%2', f'{len(pairs):,}')}"
        return f"{self._edits.outcome} {text}".strip()

    def _show_heard(self) -> None:
        for row in self.rows:
            row.show_heard()


class PairRow(QWidget):
    """One pair."""

    def __init__(self, pair: PastPair, edits: TastePastEdits, listening: Listening) -> None:
        super().__init__()
        self.pair, self._listening = pair, listening
        is_struck, is_there = pair.state == "struck", pair.track is not None and pair.track.state == "present"
        self.play = IconButton("play", self.tr("Hear %s").replace("%s", pair.name))
        self.play.setEnabled(is_there)
        self.strike = Button(self.tr("Count again") if is_struck else self.tr("Strike"), "quiet")
        self.strike.setFixedWidth(SIDE_WIDTH)
        self.strike.setAccessibleName(f"{self.strike.text()}: {pair.name}, {pair.video.name}")
        self.strike.setVisible(pair.state != "lost")
        music, video = ElidedLabel("faint" if is_struck else "text"), ElidedLabel("secondary", size=12)
        music.set_text(pair.name)
        video.set_text(self._where())
        music.setMinimumWidth(NAME_WIDTH)
        row = QHBoxLayout()
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(12)
        row.addWidget(self.play)
        row.addWidget(music, 1)
        row.addWidget(video, 2)
        row.addWidget(self.strike)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(hairline())
        self.play.clicked.connect(self._on_play)
        self.strike.clicked.connect(lambda: edits.strike(pair.pair_id, is_struck=not is_struck))
        self.setAccessibleName(f"{pair.name}. {self._where()}")

    def show_heard(self) -> None:
        """Show whether it is heard just now."""
        is_heard = self.pair.track is not None and self._listening.track_id == self.pair.track.id
        self.play.set_icon("stop" if is_heard else "play", "accent" if is_heard else "secondary")

    def _on_play(self) -> None:
        track = self.pair.track
        if track is None:
            return
        if self._listening.track_id == track.id:
            self._listening.stop()
        else:
            self._listening.play(track.id, track.file_path, self.pair.track_start_s)

    def _where(self) -> str:
        pair = self.pair
        span = f"{format_time(pair.start_s)}-{format_time(pair.end_s)}"
        parts = [f"{pair.video.name} {span}"]
        parts.append(self.tr("from %s of the track").replace("%s", format_time(max(pair.track_start_s, 0.0))))
        if abs(pair.speed - 1.0) >= 0.001:
            parts.append(f"{100.0 * (pair.speed - 1.0):+.1f} %".replace("-", "−"))
        states = {"struck": self.tr("struck"), "lost": self.tr("not in the library any more")}
        if pair.state in states:
            parts.append(states[pair.state])
        return " · ".join(parts)
