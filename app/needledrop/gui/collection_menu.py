# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The menu that puts tracks in collections and takes them out; the same for the library and for suggestions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QMenu, QWidget

from needledrop.gui.library_edits import LibraryEdits
from needledrop.gui.widgets.name_popup import NamePopup


def _tr(text: str) -> str:
    return QCoreApplication.translate("Collections", text)


def add_collection_menu(
    menu: QMenu,
    edits: LibraryEdits,
    track_ids: Collection[int],
    known: Iterable[str],
    holding: Collection[str] = (),
) -> QMenu:
    """Add the submenu for tracks. known: every collection there is; holding: those that all of the tracks are in."""
    submenu = menu.addMenu(_tr("Collections"))
    ids = frozenset(track_ids)
    for name in known:
        action = submenu.addAction(name)
        action.setCheckable(True)
        action.setChecked(name in holding)
        action.triggered.connect(lambda is_in, name=name: collect(edits, name, ids, is_in=is_in))
    if submenu.actions():
        submenu.addSeparator()
    window = menu.parentWidget()
    submenu.addAction(_tr("New collection…")).triggered.connect(lambda: _ask_name(edits, ids, menu.pos(), window))
    return submenu


def collect(edits: LibraryEdits, name: str, track_ids: Collection[int], *, is_in: bool) -> None:
    """Put tracks in a collection or take them out; one undoable step."""
    text = _tr("Put in %s") if is_in else _tr("Take out of %s")
    wanted = {name: frozenset(track_ids)}
    edits.collect(text.replace("%s", name), put_in=wanted if is_in else {}, take_out={} if is_in else wanted)


def ask_new_name(edits: LibraryEdits, name: str, place: QPoint, parent: QWidget) -> None:
    """Ask what a collection is to be called, and call it so; one undoable step."""
    popup = NamePopup(_tr("Name of the collection"), _tr("Rename"), name, parent)
    text = _tr("Rename %s").replace("%s", name)
    popup.chosen.connect(lambda wanted: edits.rename_collection(name, wanted, text))
    popup.open_at(place)


def _ask_name(edits: LibraryEdits, track_ids: Collection[int], place: QPoint, parent: QWidget | None) -> None:
    popup = NamePopup(_tr("Name of the collection"), _tr("Put in"), "", parent)
    popup.chosen.connect(lambda name: collect(edits, name, track_ids, is_in=True))
    popup.open_at(place)


def held_by_all(collections: Sequence[Sequence[str]]) -> frozenset[str]:
    """The collections that every one of some tracks is in."""
    sets = [frozenset(names) for names in collections]
    return frozenset.intersection(*sets) if sets else frozenset()
