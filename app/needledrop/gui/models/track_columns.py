# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The columns of the library's table: what each is called, how a track reads in it, and which order sorts by it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from needledrop.core.times import format_time

if TYPE_CHECKING:
    from needledrop.workflows.track_table import TableRow


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrackColumns", text)


def _later(text: str) -> str:
    """Marks a text for translation that is translated where it is shown, in the context "TrackColumns"."""
    return text


@dataclass(frozen=True)
class Column:
    """A column. order: one of library.listing.ORDERS, or "". is_shown: before the user chooses."""

    id: str
    title: str
    width: int
    text: Callable[[TableRow], str]
    order: str = ""
    is_number: bool = False
    is_shown: bool = True

    def shown_title(self) -> str:
        """The title in the user's language."""
        return _tr(self.title) if self.title else ""


def state_text(row: TableRow) -> str:
    """What is wrong with a track, in words; "" where nothing is."""
    if row.problem:
        return row.problem
    if row.track.state == "missing":
        return _tr("The file is gone from its folder.")
    if row.track.state == "offline":
        return _tr("Its drive is not plugged in.")
    return ""


def _title(row: TableRow) -> str:
    return row.track.tags.title or row.track.name


def _bpm(row: TableRow) -> str:
    tempo_bpm = row.track.facts.tempo_bpm
    return f"{tempo_bpm:.1f}" if tempo_bpm else "–" if tempo_bpm is not None else ""


def _loudness(row: TableRow) -> str:
    lufs = row.track.facts.integrated_lufs
    return "" if lufs is None else f"{lufs:.1f}".replace("-", "−")


def _added(row: TableRow) -> str:
    return datetime.datetime.fromtimestamp(row.track.added_at).strftime("%Y-%m-%d")


def _analysis(row: TableRow) -> str:
    return state_text(row) or ("" if row.track.facts.tempo_bpm is not None else _tr("Not analysed yet."))


COLUMNS = (
    Column("sign", "", 32, state_text),
    Column("title", _later("Title"), 224, _title, "title"),
    Column("artist", _later("Artist"), 152, lambda row: row.track.tags.artist, "artist"),
    Column("album", _later("Album"), 152, lambda row: row.track.tags.album, "album"),
    Column("waveform", _later("Waveform"), 176, lambda row: ""),
    Column("bpm", _later("BPM"), 64, _bpm, "tempo", is_number=True),
    Column("key", _later("Key"), 72, lambda row: row.track.facts.key_name or "", "key"),
    Column("length", _later("Length"), 72, lambda row: format_time(row.track.duration_s), "duration", is_number=True),
    Column("loudness", _later("LUFS"), 64, _loudness, "loudness", is_number=True),
    Column("licence", _later("Licence"), 104, lambda row: row.track.licence.name, "licence"),
    Column("genre", _later("Genre"), 120, lambda row: row.track.tags.genre, "genre", is_shown=False),
    Column("rating", _later("Rating"), 80, lambda row: "★" * (row.track.rating or 0), "rating", is_shown=False),
    Column("collections", _later("Collections"), 160, lambda row: ", ".join(row.collections), is_shown=False),
    Column("used", _later("Used in"), 160, lambda row: ", ".join(row.used_in), is_shown=False),
    Column("added", _later("Added"), 96, _added, "added", is_number=True, is_shown=False),
    Column("problem", _later("Problem"), 240, _analysis, is_shown=False),
)


def number_of(column_id: str) -> int:
    """Where a column stands in COLUMNS."""
    return next(number for number, column in enumerate(COLUMNS) if column.id == column_id)
