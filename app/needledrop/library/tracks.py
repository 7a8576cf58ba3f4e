# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tracks: reading them, the user's edits and ratings, what was taken out, and which are the same recording."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import time
from collections.abc import Iterable, Mapping
from typing import Any

from needledrop.core.errors import KnownError
from needledrop.library.connection import Part
from needledrop.library.rows import LISTED_STATES, TrackFacts, TrackRow
from needledrop.library.states import refresh_states
from needledrop.library.tags import licence_of, parse_edit, refresh_tags, tags_of

_FACTS = tuple(field.name for field in dataclasses.fields(TrackFacts))
SELECT_TRACK = f"SELECT t.*, {', '.join(f'f.{name}' for name in _FACTS)}"
LISTED = f"({', '.join(repr(state) for state in LISTED_STATES)})"


class Tracks(Part):
    """The part of the library that holds tracks and what the user decided on them."""

    def track(self, track_id: int) -> TrackRow:
        """One track, hidden ones too.

        Raises:
            KnownError: "missing": there is no such track.
        """
        found = self.tracks([track_id])
        if track_id not in found:
            raise KnownError(
                f"There is no track {track_id} in the library.",
                remedy="List the tracks with `needledrop library list`.",
                code="missing",
            )
        return found[track_id]

    def tracks(self, track_ids: Iterable[int]) -> dict[int, TrackRow]:
        """Tracks by id, in the order asked for; unknown ids are left out."""
        ids = list(track_ids)
        found = self.connection.rows(
            f"{SELECT_TRACK} FROM tracks t JOIN track_facts f ON f.track_id = t.id "
            "WHERE t.id IN (SELECT value FROM json_each(?))",
            (json.dumps(ids),),
        )
        by_id = {row["id"]: track_row(row) for row in found}
        return {track_id: by_id[track_id] for track_id in ids if track_id in by_id}

    def track_ids(self, states: Iterable[str] = LISTED_STATES) -> list[int]:
        """The ids of all tracks in these states, in order."""
        found = self.connection.rows(
            "SELECT id FROM tracks WHERE state IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(list(states)),),
        )
        return [row[0] for row in found]

    def track_with_content(self, content_hash: str) -> TrackRow | None:
        """The track with this content, hidden ones too."""
        track_id = self.connection.value("SELECT id FROM tracks WHERE content_hash = ?", (content_hash,))
        return None if track_id is None else self.track(track_id)

    def edit_track(self, track_id: int, changes: Mapping[str, str | None]) -> None:
        """Let the user's words win over the file's tags (fields: tags.EDITABLE_FIELDS); None takes an edit back.

        Raises:
            KnownError: no such track or field, or a value that does not fit.
        """
        self.track(track_id)
        checked = {field: None if value is None else parse_edit(field, value) for field, value in changes.items()}
        with self.connection.decision():
            for field, value in checked.items():
                self._decide(track_id, field, value)
            refresh_tags(self.connection, track_id)
            self.connection.bump_revision()

    def edits(self, track_id: int) -> dict[str, str]:
        """What the user changed on a track, by field; "rating" and "is_favourite" among them."""
        found = self.connection.rows("SELECT field, value FROM edits WHERE track_id = ? ORDER BY field", (track_id,))
        return {row[0]: row[1] for row in found}

    def rate_track(self, track_id: int, rating: int | None) -> None:
        """Give a track 1 to 5 stars, or none.

        Raises:
            KnownError: no such track or rating.
        """
        if rating is not None and not 1 <= rating <= 5:
            raise KnownError(f"{rating} is not a rating.", remedy="Give 1 to 5, or none.", code="bad-value")
        self._decide_column(track_id, "rating", rating)

    def mark_favourite(self, track_id: int, is_favourite: bool) -> None:
        """Put a track among the favourites, or take it out."""
        self._decide_column(track_id, "is_favourite", 1 if is_favourite else None)

    def delete_tracks(self, track_ids: Iterable[int]) -> None:
        """Take tracks out of the library; a scan does not bring them back. Their files are never touched."""
        with self.connection.decision():
            self.connection.write(
                "UPDATE tracks SET state = 'deleted' WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(track_ids)),),
            )
            self.connection.bump_revision()

    def undelete_tracks(self, track_ids: Iterable[int]) -> None:
        """Bring tracks back that the user took out."""
        ids = json.dumps(list(track_ids))
        with self.connection.decision():
            deleted = self.connection.rows(
                "SELECT id FROM tracks WHERE state = 'deleted' AND id IN (SELECT value FROM json_each(?))", (ids,)
            )
            self.connection.write(
                "UPDATE tracks SET state = 'removed' WHERE state = 'deleted' "
                "AND id IN (SELECT value FROM json_each(?))",
                (ids,),
            )
            refresh_states(self.connection, [row[0] for row in deleted])

    def set_recording(self, track_ids: Iterable[int]) -> int:
        """Say that tracks are the same recording, and with them all that were already; returns the recording's id."""
        ids = json.dumps(list(track_ids))
        recordings = "SELECT recording_id FROM tracks WHERE id IN (SELECT value FROM json_each(?))"
        with self.connection.recomputable():
            recording_id = int(self.connection.value(f"SELECT min(recording_id) FROM ({recordings})", (ids,)))
            self.connection.write(
                f"UPDATE tracks SET recording_id = ? WHERE recording_id IN ({recordings})", (recording_id, ids)
            )
            self.connection.bump_revision()
        return recording_id

    def decisions(self) -> list[dict[str, Any]]:
        """All edits, ratings, corrected beats and deletions as plain values keyed by content, for an export as text."""
        found = self.connection.rows(
            "SELECT t.content_hash, t.display_path, e.field, e.value, e.changed_at FROM edits e "
            "JOIN tracks t ON t.id = e.track_id UNION ALL "
            "SELECT t.content_hash, t.display_path, 'beats', r.beats, r.changed_at FROM rhythm_edits r "
            "JOIN tracks t ON t.id = r.track_id WHERE r.beats IS NOT NULL UNION ALL "
            "SELECT content_hash, display_path, 'state', state, NULL FROM tracks WHERE state = 'deleted' "
            "ORDER BY 1, 3"
        )
        return [dict(row) for row in found]

    def _decide_column(self, track_id: int, column: str, value: int | None) -> None:
        self.track(track_id)
        with self.connection.decision():
            self._decide(track_id, column, None if value is None else str(value))
            kept = 0 if value is None and column == "is_favourite" else value
            self.connection.write(f"UPDATE tracks SET {column} = ? WHERE id = ?", (kept, track_id))
            self.connection.bump_revision()

    def _decide(self, track_id: int, field: str, value: str | None) -> None:
        if value is None:
            self.connection.write("DELETE FROM edits WHERE track_id = ? AND field = ?", (track_id, field))
        else:
            self.connection.write(
                "INSERT OR REPLACE INTO edits (track_id, field, value, changed_at) VALUES (?, ?, ?, ?)",
                (track_id, field, value, time.time()),
            )


def track_row(row: sqlite3.Row) -> TrackRow:
    """A row of SELECT_TRACK as a value."""
    facts = {name: row[name] for name in _FACTS}
    if facts["is_major"] is not None:
        facts["is_major"] = bool(facts["is_major"])
    return TrackRow(
        id=row["id"],
        content_hash=row["content_hash"],
        recording_id=row["recording_id"],
        state=row["state"],
        path=row["path"],
        display_path=row["display_path"],
        added_at=row["added_at"],
        duration_s=row["duration_s"],
        codec=row["codec"],
        sample_rate=row["sample_rate"],
        channels=row["channels"],
        tags=tags_of(row),
        licence=licence_of(row),
        rating=row["rating"],
        is_favourite=bool(row["is_favourite"]),
        facts=TrackFacts(**facts),
    )
