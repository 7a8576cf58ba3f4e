# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Features of videos, kept by content, so that asking again about the same video costs nothing."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

from needledrop.core.paths import display_path
from needledrop.library.connection import Part


class Videos(Part):
    """The part of the library that holds what analysis found in videos."""

    def video_hash(self, path: Path, *, size: int, mtime_ns: int) -> str | None:
        """The content hash of a video seen before at this path with this size and time, without reading it."""
        found = self.connection.value(
            "SELECT content_hash FROM videos WHERE path = ? AND size = ? AND mtime_ns = ?",
            (os.fsencode(path), size, mtime_ns),
        )
        return None if found is None else str(found)

    def put_video(
        self, path: Path, content_hash: str, *, size: int, mtime_ns: int, sets: Mapping[str, tuple[int, bytes]]
    ) -> None:
        """Keep feature sets of a video, {name: (version, packed)}."""
        with self.connection.recomputable():
            self.connection.write(
                "INSERT INTO videos (content_hash, path, display, size, mtime_ns, analysed_at) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (content_hash) DO UPDATE SET path = excluded.path, "
                "display = excluded.display, size = excluded.size, mtime_ns = excluded.mtime_ns",
                (content_hash, os.fsencode(path), display_path(path), size, mtime_ns, time.time()),
            )
            self.connection.write_many(
                "INSERT INTO video_features (content_hash, feature_set, version, packed) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (content_hash, feature_set) DO UPDATE SET version = excluded.version, "
                "packed = excluded.packed",
                [(content_hash, name, version, packed) for name, (version, packed) in sets.items()],
            )

    def video_features(self, content_hash: str, current_versions: Mapping[str, int]) -> dict[str, bytes]:
        """Those of the asked sets that are kept in their current version."""
        found = self.connection.rows(
            "SELECT feature_set, version, packed FROM video_features WHERE content_hash = ? "
            "AND feature_set IN (SELECT value FROM json_each(?))",
            (content_hash, json.dumps(list(current_versions))),
        )
        return {row[0]: row[2] for row in found if current_versions[row[0]] == row[1]}
