# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Version 1.2: embeddings by extractor. Never edited after a release: a change is the next migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

NAME = "m0003_embeddings"
VERSION = (1, 2)

# Tracks and videos share the table by their content's hash: an embedding belongs to a sound or a picture, not to a row.
_SCHEMA = """
CREATE TABLE embeddings (
    extractor TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    steps INTEGER NOT NULL,
    dimension INTEGER NOT NULL,
    vectors BLOB NOT NULL,
    PRIMARY KEY (extractor, content_hash)
) STRICT;
"""


def apply(db: Database) -> None:
    """Add the table; no row of the older version changes."""
    db.executescript(_SCHEMA)
