# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags and licences as columns: what the file says (kept as text) with the user's edits over it."""

from __future__ import annotations

import dataclasses
import json
import math
import sqlite3
from collections.abc import Mapping
from typing import Any

from needledrop.core.errors import KnownError
from needledrop.core.music import Licence, TrackTags
from needledrop.library.connection import Connection
from needledrop.library.texts import clean_text, folder_words

TAG_FIELDS = tuple(field.name for field in dataclasses.fields(TrackTags))
LICENCE_FIELDS = tuple(field.name for field in dataclasses.fields(Licence))
LICENCE_COLUMNS = tuple(f"licence_{name}" for name in LICENCE_FIELDS)
NUMBER_FIELDS = {"bpm": float, "track_number": int, "replaygain_track_db": float, "replaygain_album_db": float}
EDITABLE_FIELDS = tuple(name for name in (*TAG_FIELDS, *LICENCE_COLUMNS) if name != "has_cover")

_COLUMNS = (*TAG_FIELDS, *LICENCE_COLUMNS)
_UPDATE = f"UPDATE tracks SET {', '.join(f'{name} = ?' for name in _COLUMNS)}, folder_words = ? WHERE id = ?"


def file_tags_text(tags: TrackTags, licence: Licence) -> str:
    """What a file says of itself, as JSON."""
    values: dict[str, Any] = {name: _clean(getattr(tags, name)) for name in TAG_FIELDS}
    for name, column in zip(LICENCE_FIELDS, LICENCE_COLUMNS, strict=True):
        values[column] = _clean(getattr(licence, name))
    return json.dumps(values, ensure_ascii=False)


def parse_edit(field: str, value: str) -> str:
    """Check one edit and return the text that is kept.

    Raises:
        KnownError: there is no such field, or the value is not of its kind.
    """
    if field not in EDITABLE_FIELDS:
        raise KnownError(
            f"'{field}' is not a field of a track.",
            remedy=f"The fields are: {', '.join(EDITABLE_FIELDS)}.",
            code="bad-field",
        )
    value = clean_text(value)
    if field in NUMBER_FIELDS:
        try:
            is_number = math.isfinite(NUMBER_FIELDS[field](value))
        except (ValueError, OverflowError):
            is_number = False
        if not is_number:
            raise KnownError(f"'{value}' is not a number, which {field} has to be.", remedy="Give a plain number.",
                             code="bad-value")  # fmt: skip
    return value


def refresh_tags(connection: Connection, track_id: int) -> None:
    """Write the columns of a track anew from its file's tags, the user's edits and its place."""
    row = connection.row("SELECT file_tags, display_path FROM tracks WHERE id = ?", (track_id,))
    if row is None:
        return
    values: dict[str, Any] = json.loads(row["file_tags"])
    edits = connection.rows("SELECT field, value FROM edits WHERE track_id = ?", (track_id,))
    values |= {edit["field"]: edit["value"] for edit in edits if edit["field"] in EDITABLE_FIELDS}
    for name, kind in NUMBER_FIELDS.items():
        if isinstance(values.get(name), str):
            values[name] = kind(values[name])
    root = connection.value(
        "SELECT roots.display FROM files JOIN roots ON roots.id = files.root_id WHERE track_id = ? "
        "ORDER BY files.display = ? DESC LIMIT 1",
        (track_id, row["display_path"]),
    )
    place = folder_words(row["display_path"], root or "", values["title"])
    connection.write(_UPDATE, (*(values.get(name, "") for name in _COLUMNS), place, track_id))


def tags_of(row: sqlite3.Row | Mapping[str, Any]) -> TrackTags:
    """The tags in the columns of a track."""
    values: dict[str, Any] = {name: row[name] for name in TAG_FIELDS}
    return TrackTags(**values | {"has_cover": bool(values["has_cover"])})


def licence_of(row: sqlite3.Row | Mapping[str, Any]) -> Licence:
    """The licence in the columns of a track."""
    return Licence(*(row[column] for column in LICENCE_COLUMNS))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float)) and not (math.isfinite(value) and abs(value) < 1 << 31):
        return None
    return value
