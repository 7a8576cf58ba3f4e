# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects: the cues a user laid under a video, and the tracks used.

All of it is the user's: written through to the disk, and none of it can be computed again.
"""

from __future__ import annotations

import dataclasses
import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from needledrop.core.cue import Cue, Ducking, Piece
from needledrop.core.paths import display_path
from needledrop.library.connection import Part

_COLUMNS = "id, video_hash, path, display, created_at"


@dataclass(frozen=True)
class Project:
    """One video with any number of cues."""

    id: int
    video_hash: str
    path: bytes
    display: str
    created_at: float


class Projects(Part):
    """The part of the library that holds projects."""

    def projects(self) -> list[Project]:
        """All projects, newest first."""
        found = self.connection.rows(f"SELECT {_COLUMNS} FROM projects ORDER BY created_at DESC, id DESC")
        return [Project(*row) for row in found]

    def project_of(self, video_hash: str) -> Project | None:
        """The project of a video, if there is one."""
        row = self.connection.row(f"SELECT {_COLUMNS} FROM projects WHERE video_hash = ?", (video_hash,))
        return Project(*row) if row else None

    def open_project(self, video_hash: str, path: Path) -> Project:
        """The project of a video, made if there is none; the video may have moved to `path`."""
        with self.connection.decision():
            self.connection.write(
                "INSERT INTO projects (video_hash, path, display, created_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (video_hash) DO UPDATE SET path = excluded.path, display = excluded.display",
                (video_hash, os.fsencode(path), display_path(path), time.time()),
            )
            found = self.connection.rows(f"SELECT {_COLUMNS} FROM projects WHERE video_hash = ?", (video_hash,))
        return Project(*found[0])

    def cues(self, project_id: int) -> list[Cue]:
        """The cues of a project in their order."""
        found = self.connection.rows("SELECT cue FROM cues WHERE project_id = ? ORDER BY position", (project_id,))
        return [_read_cue(row[0]) for row in found]

    def save_cues(self, project_id: int, cues: Sequence[Cue]) -> None:
        """Replace the cues of a project."""
        with self.connection.decision():
            self.connection.write("DELETE FROM cues WHERE project_id = ?", (project_id,))
            self.connection.write_many(
                "INSERT INTO cues (project_id, position, track_id, cue) VALUES (?, ?, ?, ?)",
                [
                    (project_id, position, cue.track_id, json.dumps(dataclasses.asdict(cue)))
                    for position, cue in enumerate(cues)
                ],
            )

    def record_uses(self, project_id: int, track_ids: Iterable[int]) -> None:
        """Say that tracks were used (exported) in a project now."""
        with self.connection.decision():
            self.connection.write_many(
                "INSERT OR REPLACE INTO uses (project_id, track_id, used_at) VALUES (?, ?, ?)",
                [(project_id, track_id, time.time()) for track_id in track_ids],
            )

    def used_track_ids(self, *, except_project_id: int | None = None) -> frozenset[int]:
        """Tracks used in any project but the excepted one."""
        found = self.connection.rows(
            "SELECT DISTINCT track_id FROM uses WHERE project_id IS NOT ?", (except_project_id,)
        )
        return frozenset(row[0] for row in found)


def _read_cue(text: str) -> Cue:
    values = json.loads(text)
    ducking = values.pop("ducking")
    ducking["speech_s"] = tuple((start_s, end_s) for start_s, end_s in ducking["speech_s"])
    pieces = tuple(Piece(**piece) for piece in values.pop("pieces"))
    return Cue(**values, pieces=pieces, ducking=Ducking(**ducking))
