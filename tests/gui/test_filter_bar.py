# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chips say what narrows the list, are taken away by mouse and key, and menus offer what the library has."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from needledrop.gui.widgets.filter_bar import FilterBar
from needledrop.gui.widgets.range_popup import RangePopup
from needledrop.workflows.opinions import Choices
from needledrop.workflows.suggest import Wish

WISH = Wish(
    bpm_range=(60.0, 140.0),
    duration_range_s=(60.0, 240.0),
    keys=frozenset({"D min"}),
    licences=frozenset({"CC0-1.0", "CC-BY-4.0"}),
    collections=frozenset({"For rain"}),
    folder=Path("/music/calm"),
    is_used_excluded=True,
    likes=("7", "/refs/temp.wav"),
    is_like_temp=True,
)
CHIPS = [
    "60–140 BPM",
    "1:00–4:00",
    "D min",
    "CC-BY-4.0, CC0-1.0",
    "For rain",
    "in calm",
    "not used before",
    "like Dawn",
    "like temp.wav",
    "like the temp music",
    "found: storm sea",
]


@pytest.fixture
def bar(qtbot: QtBot) -> FilterBar:
    made = FilterBar()
    qtbot.addWidget(made)
    made.resize(420, 200)
    made.set_choices(Choices([("Ambient", 3)], [("CC0-1.0", 2)], [Path("/music")], ["The Loud"], [("For rain", 2)]))
    made.set_wish(WISH, ["storm", "sea"], {"7": "Dawn"})
    made.show()
    return made


def test_every_filter_and_reference_is_a_chip_that_can_be_taken_away(qtbot: QtBot, bar: FilterBar) -> None:
    assert bar.chip_texts() == CHIPS
    expected: list[tuple[str, object]] = [
        ("bpm_range", None),
        ("duration_range_s", None),
        ("keys", frozenset()),
        ("licences", frozenset()),
        ("collections", frozenset()),
        ("folder", None),
        ("is_used_excluded", False),
        ("likes", ("/refs/temp.wav",)),
        ("likes", ("7",)),
        ("is_like_temp", False),
        ("has_found_words", False),
    ]
    for chip, (field, value) in zip(bar._chips, expected, strict=True):
        with qtbot.waitSignal(bar.wish_changed) as asked:
            qtbot.keyClick(chip, Qt.Key.Key_Delete)
        assert getattr(asked.args[0], field) == value  # type: ignore[index]


def test_the_cross_takes_away_and_the_words_are_edited(qtbot: QtBot, bar: FilterBar) -> None:
    first, last = bar._chips[0], bar._chips[-1]
    with qtbot.waitSignal(bar.wish_changed) as asked:
        qtbot.mouseClick(first, Qt.MouseButton.LeftButton, pos=QPoint(first.width() - 8, 12))
    assert asked.args[0].bpm_range is None  # type: ignore[index]
    with qtbot.waitSignal(bar.words_edited) as edited:
        qtbot.mouseClick(last, Qt.MouseButton.LeftButton, pos=QPoint(20, 12))
    assert edited.args == ["storm sea"]


def test_a_tempo_is_typed(qtbot: QtBot, bar: FilterBar) -> None:
    bar._edit_bpm(bar.add)
    popup = bar.findChild(RangePopup)
    assert popup is not None
    qtbot.keyClicks(popup._low, "150")
    with qtbot.waitSignal(bar.wish_changed) as asked:
        qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert asked.args[0].bpm_range == (140.0, 150.0)  # type: ignore[index]


def test_menus_offer_what_the_library_has(qtbot: QtBot, bar: FilterBar) -> None:
    menu = bar._add_menu()
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts[:7] == ["Tempo…", "Length…", "Key", "Licence", "Genre", "Collection", "Folder"]
    genres = next(action.menu() for action in menu.actions() if action.text() == "Genre")
    assert isinstance(genres, QMenu)
    with qtbot.waitSignal(bar.wish_changed) as asked:
        genres.actions()[0].trigger()
    assert asked.args[0].genres == frozenset({"Ambient"})  # type: ignore[index]
    blocked = menu.actions()[-1].menu()
    assert isinstance(blocked, QMenu)
    with qtbot.waitSignal(bar.artist_unblocked) as let_in:
        blocked.actions()[0].trigger()
    assert let_in.args == ["The Loud"]


def test_chips_go_on_in_the_next_line(bar: FilterBar) -> None:
    tops = {chip.y() for chip in bar._chips}
    assert len(tops) > 1
    assert all(chip.geometry().right() <= bar._rows.width() for chip in bar._chips)
