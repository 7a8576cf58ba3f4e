# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A track's state and path follow from its files: the one rule for it, applied after every change of files."""

from __future__ import annotations

import json
from collections.abc import Iterable

from needledrop.library.connection import Connection

_BEST_FILE = """(
    SELECT {column} FROM files WHERE track_id = tracks.id
    ORDER BY CASE state WHEN 'present' THEN 0 WHEN 'offline' THEN 1 ELSE 2 END, id LIMIT 1
)"""

_REFRESH = f"""
UPDATE tracks SET
    state = iif(state = 'deleted', 'deleted', coalesce({_BEST_FILE.format(column="state")}, 'removed')),
    path = coalesce({_BEST_FILE.format(column="path")}, path),
    display_path = coalesce({_BEST_FILE.format(column="display")}, display_path)
WHERE id IN (SELECT value FROM json_each(?))
"""


def refresh_states(connection: Connection, track_ids: Iterable[int]) -> None:
    """Derive state and path of tracks: present if a file is, else offline, else missing, "removed" without files."""
    ids = list(track_ids)
    if ids:
        connection.write(_REFRESH, (json.dumps(ids),))
        connection.bump_revision()
