# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Version 1.1: the user's corrections of beats. Never edited after a release: a change is the next migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

NAME = "m0002_rhythm_edits"
VERSION = (1, 1)

# A correction taken back leaves its row with no `beats`: `revision` then still says when the track changed.
_SCHEMA = """
CREATE TABLE rhythm_edits (
    track_id INTEGER PRIMARY KEY REFERENCES tracks(id),
    beats TEXT,
    changed_at REAL NOT NULL,
    revision INTEGER NOT NULL
) STRICT;
"""


def apply(db: Database) -> None:
    """Add the table; no row of the older version changes."""
    db.executescript(_SCHEMA)
