# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the library shows in place of the table: nothing yet, or nothing found; each with its one next step."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from needledrop.gui import icons, theme
from needledrop.gui.actions import Actions
from needledrop.gui.widgets.buttons import Button
from needledrop.gui.widgets.labels import label


class LibraryEmpty(QWidget):
    """A sign, a sentence, a button."""

    clear_asked = Signal()

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._has_tracks = False
        self._sign = QLabel()
        self._sentence = label("", "text")
        self._sentence.setFont(theme.current().font(14, is_bold=True))
        self._note = label("", "secondary")
        self._button = Button("", "primary")
        self._button.clicked.connect(self._on_button)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(2)
        for one in (self._sign, self._sentence, self._note, self._button):
            column.addWidget(one, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        theme.current().changed.connect(self._paint_sign)
        self.show_reason(False, False)

    def show_reason(self, has_tracks: bool, is_scanning: bool) -> None:
        """Why there is nothing: the search finds none of the tracks, the scan has found none yet, or there are none."""
        self._has_tracks = has_tracks
        if has_tracks:
            texts = (self.tr("No track fits"), self.tr("Every word has to occur in a track."), self.tr("Show all"))
        elif is_scanning:
            texts = (self.tr("Looking for music"), self.tr("Tracks appear here as they are found."), "")
        else:
            drop = self.tr("Add a folder, or drop one anywhere in this window. Your files are never changed.")
            texts = (self.tr("No music yet"), drop, self.tr("Add music folder…"))
        self._sentence.setText(texts[0])
        self._note.setText(texts[1])
        self._button.setText(texts[2])
        self._button.setAccessibleName(texts[2])
        self._button.setVisible(bool(texts[2]))
        self._paint_sign()

    def _paint_sign(self) -> None:
        name = "search" if self._has_tracks else "music"
        self._sign.setPixmap(icons.pixmap(name, "secondary", 32, self.devicePixelRatioF()))

    def _on_button(self) -> None:
        if self._has_tracks:
            self.clear_asked.emit()
        else:
            self._actions.trigger("library.add_folder")
