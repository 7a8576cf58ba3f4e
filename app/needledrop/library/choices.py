# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a list of suggestions can be narrowed to, and the artists the user wants none of. Decides, never ranks."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from needledrop.library.connection import Part

_PRESENT = "state = 'present'"


class Choices(Part):
    """The part of the library that rules tracks out before anything is ranked."""

    def blocked_artists(self) -> list[str]:
        """The artists nothing is suggested of, as they were written, by name."""
        return [row[0] for row in self.connection.rows("SELECT artist FROM blocked_artists ORDER BY folded")]

    def block_artist(self, artist: str) -> None:
        """Suggest nothing of an artist any more; small and capital letters are the same."""
        with self.connection.decision():
            self.connection.write(
                "INSERT OR REPLACE INTO blocked_artists (folded, artist, blocked_at) VALUES (?, ?, ?)",
                (_folded(artist), artist.strip(), time.time()),
            )

    def unblock_artist(self, artist: str) -> None:
        """Suggest an artist again; one who is not blocked stays as he is."""
        with self.connection.decision():
            self.connection.write("DELETE FROM blocked_artists WHERE folded = ?", (_folded(artist),))

    def tracks_by(self, artists: Collection[str]) -> frozenset[int]:
        """The present tracks of these artists; small and capital letters are the same."""
        wanted = {_folded(artist) for artist in artists}
        if not wanted:
            return frozenset()
        found = self.connection.rows(f"SELECT id, artist FROM tracks WHERE {_PRESENT} AND artist != ''")
        return frozenset(row[0] for row in found if _folded(row[1]) in wanted)

    def tracks_outside(
        self,
        *,
        keys: Collection[str] = (),
        genres: Collection[str] = (),
        collections: Collection[str] = (),
        folder: Path | None = None,
    ) -> frozenset[int]:
        """The present tracks not in one of the keys, genres and collections, or not below the folder (empty: any).

        Keys are names such as "D min"; a track whose key or genre is not known is outside of any that is asked for.
        """
        outside: set[int] = set()
        if keys:
            outside |= self._outside(
                "SELECT t.id FROM tracks t JOIN track_facts f ON f.track_id = t.id WHERE t.state = 'present' "
                "AND coalesce(f.key_name, '') NOT IN (SELECT value FROM json_each(?))",
                json.dumps(sorted(keys)),
            )
        if genres:
            outside |= self._outside(
                f"SELECT id FROM tracks WHERE {_PRESENT} "
                "AND lower(genre) NOT IN (SELECT lower(value) FROM json_each(?))",
                json.dumps(sorted(genres)),
            )
        if collections:
            outside |= self._outside(
                f"SELECT id FROM tracks WHERE {_PRESENT} AND id NOT IN "
                "(SELECT track_id FROM collections WHERE folded IN (SELECT value FROM json_each(?)))",
                json.dumps(sorted(_folded(name) for name in collections)),
            )
        if folder is not None:
            # The bytes after a separator sort below the separator's successor; LIKE would need text.
            start = os.fsencode(folder) + os.fsencode(os.sep)
            end = start[:-1] + bytes([start[-1] + 1])
            found = self.connection.rows(
                f"SELECT id FROM tracks WHERE {_PRESENT} AND NOT EXISTS (SELECT 1 FROM files WHERE "
                "files.track_id = tracks.id AND files.state = 'present' AND files.path >= ? AND files.path < ?)",
                (start, end),
            )
            outside |= {row[0] for row in found}
        return frozenset(outside)

    def genres(self) -> list[tuple[str, int]]:
        """The genres of present tracks as they are written, with how many have each, most first."""
        found = self.connection.rows(
            f"SELECT genre, count(*) FROM tracks WHERE {_PRESENT} AND genre != '' "
            "GROUP BY lower(genre) ORDER BY 2 DESC, 1"
        )
        return [(row[0], row[1]) for row in found]

    def licence_names(self) -> list[tuple[str, int]]:
        """The licences of present tracks, with how many have each, most first."""
        found = self.connection.rows(
            f"SELECT licence_name, count(*) FROM tracks WHERE {_PRESENT} AND licence_name != '' "
            "GROUP BY licence_name ORDER BY 2 DESC, 1"
        )
        return [(row[0], row[1]) for row in found]

    def uses_of(self, track_ids: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
        """For tracks that were used, the videos they were used in (their paths as text), latest first."""
        found = self.connection.rows(
            "SELECT u.track_id, p.display FROM uses u JOIN projects p ON p.id = u.project_id "
            "WHERE u.track_id IN (SELECT value FROM json_each(?)) ORDER BY u.used_at DESC, p.id",
            (json.dumps(list(track_ids)),),
        )
        uses: dict[int, tuple[str, ...]] = {}
        for track_id, display in found:
            uses[track_id] = (*uses.get(track_id, ()), display)
        return uses

    def _outside(self, query: str, allowed: str) -> set[int]:
        return {row[0] for row in self.connection.rows(query, (allowed,))}


def _folded(artist: str) -> str:
    return artist.casefold().strip()
