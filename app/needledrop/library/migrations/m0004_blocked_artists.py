# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Version 1.3: artists the user wants nothing of. Never edited after a release: a change is the next migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

NAME = "m0004_blocked_artists"
VERSION = (1, 3)

# `folded` is the name as it is compared; `artist` is as it was written.
_SCHEMA = """
CREATE TABLE blocked_artists (
    folded TEXT PRIMARY KEY,
    artist TEXT NOT NULL,
    blocked_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
"""


def apply(db: Database) -> None:
    """Add the table; no row of the older version changes."""
    db.executescript(_SCHEMA)
