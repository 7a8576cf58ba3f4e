# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collections: names the user puts tracks under. One is there as long as it has a track."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from needledrop.core.errors import KnownError
from needledrop.library.connection import Part

LONGEST_NAME = 80
_SHOWN = "t.state NOT IN ('removed', 'deleted')"


class Collections(Part):
    """The part of the library that knows which tracks the user put together."""

    def collections(self) -> list[tuple[str, int]]:
        """Every collection's name as it was written, with how many tracks it has, by name."""
        found = self.connection.rows(
            "SELECT c.name, count(*) FROM collections c JOIN tracks t ON t.id = c.track_id "
            f"WHERE {_SHOWN} GROUP BY c.folded ORDER BY c.folded"
        )
        return [(row[0], row[1]) for row in found]

    def collections_of(self, track_ids: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
        """For tracks that are in collections, the names of these, by name."""
        found = self.connection.rows(
            "SELECT track_id, name FROM collections WHERE track_id IN (SELECT value FROM json_each(?)) "
            "ORDER BY track_id, folded",
            (json.dumps(list(track_ids)),),
        )
        names: dict[int, tuple[str, ...]] = {}
        for track_id, name in found:
            names[track_id] = (*names.get(track_id, ()), name)
        return names

    def tracks_in(self, names: Collection[str]) -> frozenset[int]:
        """The tracks that are in any of these collections; small and capital letters are the same."""
        found = self.connection.rows(
            "SELECT track_id FROM collections WHERE folded IN (SELECT value FROM json_each(?))",
            (json.dumps([_folded(name) for name in names]),),
        )
        return frozenset(row[0] for row in found)

    def put_in(self, name: str, track_ids: Iterable[int]) -> frozenset[int]:
        """Put tracks in a collection, which is made if need be; returns those that were not in it.

        Raises:
            KnownError: the name is empty or too long.
        """
        folded, ids = _folded(_checked(name)), frozenset(track_ids)
        with self.connection.decision():
            new = ids - self.tracks_in([name])
            written = self.connection.value("SELECT name FROM collections WHERE folded = ? LIMIT 1", (folded,))
            self.connection.write_many(
                "INSERT INTO collections (folded, track_id, name, added_at) VALUES (?, ?, ?, ?)",
                [(folded, track_id, written or name.strip(), time.time()) for track_id in sorted(new)],
            )
        return new

    def take_out(self, name: str, track_ids: Iterable[int]) -> frozenset[int]:
        """Take tracks out of a collection; returns those that were in it."""
        folded = _folded(name)
        with self.connection.decision():
            gone = frozenset(track_ids) & self.tracks_in([name])
            self.connection.write_many(
                "DELETE FROM collections WHERE folded = ? AND track_id = ?",
                [(folded, track_id) for track_id in sorted(gone)],
            )
        return gone

    def collected(self) -> list[dict[str, Any]]:
        """Every track of every collection, for the export as text."""
        found = self.connection.rows(
            "SELECT c.name, t.content_hash, t.display_path, c.added_at FROM collections c "
            "JOIN tracks t ON t.id = c.track_id ORDER BY c.folded, t.id"
        )
        return [{"collection": row[0], "content_hash": row[1], "path": row[2], "added_at": row[3]} for row in found]


def _checked(name: str) -> str:
    if not name.strip():
        raise KnownError("A collection needs a name.", remedy="Give it a name.", code="bad-value")
    if len(name.strip()) > LONGEST_NAME:
        raise KnownError(
            "The name of the collection is too long.",
            remedy=f"Give one of at most {LONGEST_NAME} characters.",
            code="bad-value",
        )
    return name


def _folded(name: str) -> str:
    return name.casefold().strip()
