# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the list is narrowed to and steered by, as chips that can be changed and taken away; one more is a menu away.

It reads and gives back whole wishes and asks for nothing itself.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QSizePolicy, QVBoxLayout, QWidget

from needledrop.core.music import PITCH_NAMES
from needledrop.core.paths import display_path
from needledrop.gui.widgets.chip import Chip
from needledrop.gui.widgets.flow_layout import FlowLayout
from needledrop.gui.widgets.labels import ElidedLabel
from needledrop.gui.widgets.range_popup import RangePopup

if TYPE_CHECKING:
    from needledrop.workflows.opinions import Choices
    from needledrop.workflows.suggest import Wish

BPM_BOUNDS, LENGTH_BOUNDS_S = (30, 300), (0, 7200)
USUAL_BPM, USUAL_LENGTH_S = (80, 120), (60, 300)
MOST_GENRES = 30


class FilterBar(QWidget):
    """`set_wish` shows a wish; `wish_changed` carries another one, to be asked."""

    wish_changed = Signal(object)  # Wish
    artist_unblocked = Signal(str)
    words_edited = Signal(str)  # The found words, to be edited in the text line.

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wish: Wish | None = None
        self._choices: Choices | None = None
        self._words: Sequence[str] = ()
        self._names: Mapping[str, str] = {}
        self._chips: list[Chip] = []
        self.count = ElidedLabel("secondary", size=12)
        self.count.setFixedHeight(24)
        self._rows = QWidget()
        self._flow = FlowLayout(self._rows)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._rows.setSizePolicy(policy)
        self._flow.addWidget(self.count)
        self.add = Chip(self.tr("+ filter"), has_cross=False, is_outlined=True)
        self.add.setAccessibleName(self.tr("Add a filter"))
        self.add.clicked.connect(lambda: self._open_menu(self._add_menu, self.add))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 10, 24, 10)
        column.setSpacing(4)
        column.addWidget(self._rows)

    # What it shows ------------------------------------------------------------------------------------------------

    def set_count(self, text: str) -> None:
        """Say how many there are."""
        self.count.set_text(text)
        self._flow.invalidate()

    def set_choices(self, choices: Choices) -> None:
        """What the menus offer."""
        self._choices = choices
        self._fill()

    def set_wish(self, wish: Wish, words: Sequence[str], names: Mapping[str, str]) -> None:
        """Show a wish, the words found about the video, and what its references are called."""
        self._wish, self._words, self._names = wish, words, names
        self._fill()

    def chip_texts(self) -> list[str]:
        """The chips in force, as they read."""
        return [chip.text() for chip in self._chips]

    def _fill(self) -> None:
        while self._flow.count() > 1:
            self._flow.takeAt(1)
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = []
        if self._wish is not None:
            for text, edit, removed in (*self._narrowing(self._wish), *self._steering(self._wish)):
                self._add_chip(text, edit, removed)
        self._flow.addWidget(self.add)
        self._rows.updateGeometry()
        self.updateGeometry()

    def _add_chip(self, text: str, edit: Callable[[Chip], object], removed: Callable[[], object]) -> None:
        chip = Chip(text, has_cross=True)
        chip.clicked.connect(lambda: edit(chip))
        chip.removed.connect(removed)
        self._chips.append(chip)
        self._flow.addWidget(chip)
        chip.show()

    def _narrowing(self, wish: Wish) -> Iterator[tuple[str, Callable[[Chip], object], Callable[[], object]]]:
        """A chip for each filter in force."""
        if wish.bpm_range is not None:
            text = f"{wish.bpm_range[0]:.0f}–{wish.bpm_range[1]:.0f} BPM"
            yield text, self._edit_bpm, lambda: self._change(bpm_range=None)
        if wish.duration_range_s is not None:
            yield _length_text(wish.duration_range_s), self._edit_length, lambda: self._change(duration_range_s=None)
        for field, menu in (
            ("keys", self._key_menu),
            ("licences", self._licence_menu),
            ("genres", self._genre_menu),
            ("collections", self._collection_menu),
        ):
            values: frozenset[str] = getattr(wish, field)
            if values:
                text = ", ".join(sorted(values))
                yield text, partial(self._open_menu, menu), partial(self._change, **{field: frozenset()})
        if wish.folder is not None:
            text = self.tr("in %s").replace("%s", display_path(wish.folder.name))
            yield text, partial(self._open_menu, self._folder_menu), lambda: self._change(folder=None)
        if wish.is_used_excluded:
            text = self.tr("not used before")
            yield text, lambda _: None, lambda: self._change(is_used_excluded=False)

    def _steering(self, wish: Wish) -> Iterator[tuple[str, Callable[[Chip], object], Callable[[], object]]]:
        """A chip for each reference and found word."""
        for like in wish.likes:
            others = tuple(one for one in wish.likes if one != like)
            name = self._names.get(like, display_path(Path(like).name))
            yield self.tr("like %s").replace("%s", name), lambda _: None, partial(self._change, likes=others)
        if wish.is_like_temp:
            yield self.tr("like the temp music"), lambda _: None, lambda: self._change(is_like_temp=False)
        if self._words and not wish.text:
            text = self.tr("found: %s").replace("%s", " ".join(self._words))
            yield (
                text,
                lambda _: self.words_edited.emit(" ".join(self._words)),
                lambda: self._change(has_found_words=False),
            )

    # Menus --------------------------------------------------------------------------------------------------------

    def _add_menu(self) -> QMenu:
        """Every filter and reference there is."""
        menu = QMenu(self)
        menu.addAction(self.tr("Tempo…")).triggered.connect(lambda: self._edit_bpm(self.add))
        menu.addAction(self.tr("Length…")).triggered.connect(lambda: self._edit_length(self.add))
        for title, submenu in (
            (self.tr("Key"), self._key_menu()),
            (self.tr("Licence"), self._licence_menu()),
            (self.tr("Genre"), self._genre_menu()),
            (self.tr("Collection"), self._collection_menu()),
            (self.tr("Folder"), self._folder_menu()),
        ):
            submenu.setTitle(title)
            submenu.setEnabled(bool(submenu.actions()))
            menu.addMenu(submenu)
        self._add_switch(menu, self.tr("Not used before"), "is_used_excluded")
        menu.addSeparator()
        menu.addAction(self.tr("Like a file…")).triggered.connect(self._choose_reference)
        self._add_switch(menu, self.tr("Like the temp music in the video"), "is_like_temp")
        self._add_switch(menu, self.tr("Use words found in the file"), "has_found_words")
        if self._choices is not None and self._choices.blocked_artists:
            blocked = menu.addMenu(self.tr("Artists left out"))
            for artist in self._choices.blocked_artists:
                action = blocked.addAction(self.tr("Let in %s").replace("%s", artist))
                action.triggered.connect(lambda _=False, artist=artist: self.artist_unblocked.emit(artist))
        return menu

    def _add_switch(self, menu: QMenu, text: str, field: str) -> None:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(self._wish is not None and bool(getattr(self._wish, field)))
        action.triggered.connect(lambda is_on: self._change(**{field: is_on}))

    def _key_menu(self) -> QMenu:
        names = [f"{pitch} {mode}" for mode in ("maj", "min") for pitch in PITCH_NAMES]
        return self._choice_menu("keys", [(name, name) for name in names])

    def _licence_menu(self) -> QMenu:
        found = self._choices.licences if self._choices is not None else ()
        return self._choice_menu("licences", [(name, f"{name}  ({count:,})") for name, count in found])

    def _genre_menu(self) -> QMenu:
        found = self._choices.genres[:MOST_GENRES] if self._choices is not None else ()
        return self._choice_menu("genres", [(name, f"{name}  ({count:,})") for name, count in found])

    def _collection_menu(self) -> QMenu:
        found = self._choices.collections if self._choices is not None else ()
        return self._choice_menu("collections", [(name, f"{name}  ({count:,})") for name, count in found])

    def _choice_menu(self, field: str, values: Sequence[tuple[str, str]]) -> QMenu:
        """Any number of values of one filter."""
        menu = QMenu(self)
        chosen: frozenset[str] = getattr(self._wish, field) if self._wish is not None else frozenset()
        for value, text in values:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(value in chosen)
            action.triggered.connect(lambda _=False, value=value: self._change(**{field: chosen ^ {value}}))
        return menu

    def _folder_menu(self) -> QMenu:
        menu = QMenu(self)
        for folder in self._choices.folders if self._choices is not None else ():
            action: QAction = menu.addAction(display_path(folder))
            action.triggered.connect(lambda _=False, folder=folder: self._change(folder=folder))
        menu.addAction(self.tr("Choose…")).triggered.connect(self._choose_folder)
        return menu

    # Changing -----------------------------------------------------------------------------------------------------

    def _change(self, **changes: object) -> None:
        if self._wish is not None:
            self.wish_changed.emit(dataclasses.replace(self._wish, **changes))  # type: ignore[arg-type]

    def _edit_bpm(self, chip: Chip) -> None:
        held = self._wish.bpm_range if self._wish is not None else None
        low, high = held or USUAL_BPM
        popup = RangePopup(self.tr("BPM"), BPM_BOUNDS, (round(low), round(high)), self)
        popup.chosen.connect(lambda low, high: self._change(bpm_range=(float(low), float(high))))
        popup.open_at(self._below(chip))

    def _edit_length(self, chip: Chip) -> None:
        held = self._wish.duration_range_s if self._wish is not None else None
        low, high = held or USUAL_LENGTH_S
        popup = RangePopup(self.tr("s"), LENGTH_BOUNDS_S, (round(low), round(high)), self)
        popup.chosen.connect(lambda low, high: self._change(duration_range_s=(float(low), float(high))))
        popup.open_at(self._below(chip))

    def _open_menu(self, make: Callable[[], QMenu], chip: Chip) -> None:
        menu = make()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._below(chip))

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self.window(), self.tr("Only music in this folder"))
        if name:
            self._change(folder=Path(name))

    def _choose_reference(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self.window(), self.tr("Music that sounds like this file"))
        if name and self._wish is not None:
            self._change(likes=(*self._wish.likes, os.fspath(Path(name))))

    @staticmethod
    def _below(chip: Chip) -> QPoint:
        return chip.mapToGlobal(QPoint(0, chip.height() + 4))


def _length_text(range_s: tuple[float, float]) -> str:
    from needledrop.core.times import format_time

    return f"{format_time(range_s[0])}–{format_time(range_s[1])}"
