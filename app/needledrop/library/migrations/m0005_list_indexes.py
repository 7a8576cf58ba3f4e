# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Version 1.4: indexes for the table of the window. Never edited after a release: a change is the next migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

NAME = "m0005_list_indexes"
VERSION = (1, 4)

# An index over the state of all tracks would lure the planner away from those that hold an order.
_SCHEMA = """
CREATE INDEX tracks_by_licence ON tracks (licence_name COLLATE NOCASE, title COLLATE NOCASE, id)
    WHERE state IN ('present', 'missing', 'offline');
CREATE INDEX tracks_by_genre ON tracks (genre COLLATE NOCASE, title COLLATE NOCASE, id)
    WHERE state IN ('present', 'missing', 'offline');
CREATE INDEX tracks_not_present ON tracks (state, id) WHERE state <> 'present';
"""


def apply(db: Database) -> None:
    """Add the indexes; no row changes."""
    db.executescript(_SCHEMA)
