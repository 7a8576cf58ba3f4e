# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and the scan: which file holds which track, and what became of it.

A track is its content: a file found elsewhere with the same content hash is the same track, with its ratings, edits
and features. Nothing here reads a music file.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from needledrop.core.paths import display_path
from needledrop.library.roots import Roots
from needledrop.library.rows import FileRow, FoundFile, ScanBatch, ScanCounts
from needledrop.library.states import refresh_states
from needledrop.library.tags import file_tags_text, refresh_tags

_COLUMNS = "path, size, mtime_ns, inode, device, content_hash, track_id, state"
_SIGNED_64 = (1 << 63) - 1  # Windows numbers its files in 64 bits without a sign.


class Files(Roots):
    """The part of the library that a scan reads and writes."""

    def known_files(self, root_id: int) -> dict[bytes, FileRow]:
        """Every file of a music folder by path."""
        found = self.connection.rows(f"SELECT {_COLUMNS} FROM files WHERE root_id = ?", (root_id,))
        return {row[0]: FileRow(*row) for row in found}

    def file(self, path: Path) -> FileRow | None:
        """What is known of one file."""
        row = self.connection.row(f"SELECT {_COLUMNS} FROM files WHERE path = ?", (os.fsencode(path),))
        return FileRow(*row) if row else None

    def track_files(self, track_id: int) -> list[FileRow]:
        """All files of a track, present ones first."""
        found = self.connection.rows(
            f"SELECT {_COLUMNS} FROM files WHERE track_id = ? ORDER BY state <> 'present', id", (track_id,)
        )
        return [FileRow(*row) for row in found]

    def apply_scan(self, batch: ScanBatch) -> ScanCounts:
        """Take in a part of a scan, all of it or (on an error) nothing.

        New content becomes a track. Known content at a new path joins its track, and a missing file of that track is
        forgotten: it moved. A file that is gone is missing, unless its track has another file. Tracks that the user
        deleted stay deleted.
        """
        if batch.gone and not batch.is_whole_walk:
            raise ValueError("only a walk that came to its end knows which files are gone")
        counts = ScanCounts()
        with self.connection.recomputable():
            touched: set[int] = set()
            for found in batch.found:
                counts += self._apply_found(batch.root_id, found, touched)
            for path in batch.gone:
                counts += self._apply_gone(batch.root_id, path, touched)
            refresh_states(self.connection, touched)
            for track_id in touched:
                refresh_tags(self.connection, track_id)
        return counts

    def _apply_found(self, root_id: int, found: FoundFile, touched: set[int]) -> ScanCounts:
        old = self.connection.row("SELECT track_id, state FROM files WHERE path = ?", (found.path,))
        track_id = self.connection.value("SELECT id FROM tracks WHERE content_hash = ?", (found.content_hash,))
        is_new = track_id is None
        if track_id is None:
            track_id = self._insert_track(found)
        self._write_file(root_id, found, track_id)
        forgotten = self.connection.write(
            "DELETE FROM files WHERE track_id = ? AND state = 'missing' AND path <> ?", (track_id, found.path)
        ).rowcount
        if not is_new:
            self._update_track(track_id, found)
        touched.add(track_id)
        if old is not None:
            touched.add(old["track_id"])
        is_at_new_path = old is None or old["track_id"] != track_id
        return ScanCounts(
            new=int(is_new),
            moved=int(is_at_new_path and forgotten > 0),
            changed=int(old is not None and old["state"] == "present"),
            returned=int(old is not None and old["state"] != "present"),
        )

    def _apply_gone(self, root_id: int, path: bytes, touched: set[int]) -> ScanCounts:
        row = self.connection.row(
            "SELECT id, track_id, state FROM files WHERE path = ? AND root_id = ?", (path, root_id)
        )
        if row is None or row["state"] == "missing":
            return ScanCounts()
        touched.add(row["track_id"])
        elsewhere = self.connection.value(
            "SELECT max(id) FROM files WHERE track_id = ? AND id <> ? AND state = 'present'",
            (row["track_id"], row["id"]),
        )
        if elsewhere is None:
            self.connection.write("UPDATE files SET state = 'missing' WHERE id = ?", (row["id"],))
            return ScanCounts(missing=1)
        self.connection.write("DELETE FROM files WHERE id = ?", (row["id"],))
        return ScanCounts(moved=int(elsewhere > row["id"]))

    def _insert_track(self, found: FoundFile) -> int:
        cursor = self.connection.write(
            "INSERT INTO tracks (content_hash, state, path, display_path, added_at, duration_s, codec, sample_rate, "
            "channels, file_tags) VALUES (?, 'present', ?, ?, ?, ?, ?, ?, ?, ?)",
            (found.content_hash, found.path, display_path(found.path), time.time(), *_sound(found)),
        )
        track_id = int(cursor.lastrowid or 0)
        self.connection.write("UPDATE tracks SET recording_id = id WHERE id = ?", (track_id,))
        self.connection.write("INSERT INTO track_facts (track_id) VALUES (?)", (track_id,))
        return track_id

    def _update_track(self, track_id: int, found: FoundFile) -> None:
        """Renew what the track says of itself; of several copies only the first present one speaks."""
        speaker = self.connection.value(
            "SELECT path FROM files WHERE track_id = ? AND state = 'present' ORDER BY id LIMIT 1", (track_id,)
        )
        if speaker == found.path:
            self.connection.write(
                "UPDATE tracks SET duration_s = ?, codec = ?, sample_rate = ?, channels = ?, file_tags = ? "
                "WHERE id = ?",
                (*_sound(found), track_id),
            )

    def _write_file(self, root_id: int, found: FoundFile, track_id: int) -> None:
        self.connection.write(
            "INSERT INTO files (path, display, root_id, track_id, size, mtime_ns, inode, device, content_hash, state) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'present') ON CONFLICT (path) DO UPDATE SET "
            "root_id = excluded.root_id, track_id = excluded.track_id, size = excluded.size, "
            "mtime_ns = excluded.mtime_ns, inode = excluded.inode, device = excluded.device, "
            "content_hash = excluded.content_hash, state = 'present'",
            (
                found.path,
                display_path(found.path),
                root_id,
                track_id,
                found.size,
                found.mtime_ns,
                found.inode & _SIGNED_64,
                found.device & _SIGNED_64,
                found.content_hash,
            ),
        )


def _sound(found: FoundFile) -> tuple[float, str, int, int, str]:
    tags = file_tags_text(found.tags, found.licence)
    return found.duration_s, found.codec, found.sample_rate, found.channels, tags
