# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Version 1.6: named collections of tracks. Never edited after a release: a change is the next migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

NAME = "m0007_collections"
VERSION = (1, 6)

# A collection is there as long as it has a track. `folded` is its name as it is compared; `name` is as it was written.
_SCHEMA = """
CREATE TABLE collections (
    folded TEXT NOT NULL,
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    name TEXT NOT NULL,
    added_at REAL NOT NULL,
    PRIMARY KEY (folded, track_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX collections_by_track ON collections (track_id);
"""


def apply(db: Database) -> None:
    """Add the table; no row of the older version changes."""
    db.executescript(_SCHEMA)
