# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feedback: what the user made of a suggestion, for which range of which video, out of which list.

All of it is the user's: written through to the disk, readable as text, and deleted for good when the user says so.
Tracks and videos are named by their content too, so that feedback outlives every analysis.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterable, Sequence
from typing import Any

from needledrop.core.cue import Cue
from needledrop.library.connection import Part

# What can be said of a track: laid under the picture; still there when the film was exported; listened to for long;
# passed over; turned down; asked for more like it.
ACCEPT, EXPORT, AUDITION, SKIP, REJECT, MORE = VERDICTS = ("accept", "export", "audition", "skip", "reject", "more")


class Feedback(Part):
    """The part of the library that holds verdicts on suggestions."""

    def give_feedback(
        self,
        project_id: int,
        track_id: int,
        verdict: str,
        *,
        range_s: tuple[float, float],
        offered: Sequence[int],
        cue: Cue | None = None,
        listened_s: float | None = None,
    ) -> int:
        """Keep what the user made of a track out of the list that was offered for a range; returns the entry's id.

        Raises:
            ValueError: the verdict is none of VERDICTS.
        """
        if verdict not in VERDICTS:
            raise ValueError(verdict)
        text = None if cue is None else json.dumps(dataclasses.asdict(cue))
        with self.connection.decision():
            written = self.connection.write(
                "INSERT INTO feedback (project_id, track_id, verdict, start_s, end_s, offered, given_at, cue, "
                "listened_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (project_id, track_id, verdict, *range_s, json.dumps(list(offered)), time.time(), text, listened_s),
            )
        return int(written.lastrowid or 0)

    def feedback(self) -> list[dict[str, Any]]:
        """All verdicts in their order, as plain values, to be learned from and exported as text.

        Each has id, project_id, video (for people), video_hash, track (its title), content_hash, track_id, state (of
        the track), verdict, start_s, end_s, offered (track ids), given_at, cue (or None) and listened_s (or None).
        """
        found = self.connection.rows(
            "SELECT b.id, b.project_id, p.display AS video, p.video_hash, t.title AS track, t.content_hash, "
            "b.track_id, t.state, b.verdict, b.start_s, b.end_s, b.offered, b.given_at, b.cue, b.listened_s "
            "FROM feedback b JOIN projects p ON p.id = b.project_id JOIN tracks t ON t.id = b.track_id ORDER BY b.id"
        )
        return [
            dict(row)
            | {
                "offered": json.loads(row["offered"]),
                "cue": None if row["cue"] is None else json.loads(row["cue"]),
            }
            for row in found
        ]

    def delete_feedback(self, entry_ids: Iterable[int] | None = None) -> int:
        """Delete entries by their ids, all of them where none are named; returns how many there were."""
        with self.connection.decision():
            if entry_ids is None:
                return self.connection.write("DELETE FROM feedback").rowcount
            return self.connection.write(
                "DELETE FROM feedback WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(entry_ids)),)
            ).rowcount
