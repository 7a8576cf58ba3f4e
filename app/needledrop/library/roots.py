# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Music folders: where music lies, and whether its drive is there."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from needledrop.core.paths import display_path
from needledrop.library.connection import Part
from needledrop.library.problems import forget_problems_below
from needledrop.library.rows import Root
from needledrop.library.states import refresh_states
from needledrop.library.volumes import is_folder_offline, volume_of

_SEPARATOR = os.fsencode(os.sep)


class Roots(Part):
    """The part of the library that knows where music lies."""

    def roots(self) -> list[Root]:
        """All music folders, by path."""
        return [_read_root(row) for row in self.connection.rows("SELECT * FROM roots ORDER BY path")]

    def add_root(self, folder: Path) -> Root:
        """Add a music folder. One inside a known folder is that folder; one around known folders takes them over."""
        path = os.fsencode(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow links
        for root in self.roots():
            if path == root.path or path.startswith(_inside(root.path)):
                return root
        volume = volume_of(path)
        with self.connection.decision():
            cursor = self.connection.write(
                "INSERT INTO roots (path, display, device, mount, added_at) VALUES (?, ?, ?, ?, ?)",
                (path, display_path(path), volume.device, volume.mount, time.time()),
            )
            root_id = int(cursor.lastrowid or 0)
            for child in self.roots():
                if child.path.startswith(_inside(path)):
                    self.connection.write("UPDATE files SET root_id = ? WHERE root_id = ?", (root_id, child.id))
                    self.connection.write("DELETE FROM roots WHERE id = ?", (child.id,))
        return self._root(root_id)

    def remove_root(self, root_id: int) -> None:
        """Take a music folder out of the library. Its tracks are hidden, with all that the user decided on them."""
        with self.connection.decision():
            forget_problems_below(self.connection, self._root(root_id).path)
            ids = [row[0] for row in self.connection.rows("SELECT track_id FROM files WHERE root_id = ?", (root_id,))]
            self.connection.write("DELETE FROM files WHERE root_id = ?", (root_id,))
            self.connection.write("DELETE FROM roots WHERE id = ?", (root_id,))
            refresh_states(self.connection, ids)

    def is_offline(self, root: Root) -> bool:
        """True if the drive or share that held the folder is not mounted, so nothing can be said of its files."""
        return is_folder_offline(root.path, root.mount)

    def mark_offline(self, root_id: int) -> None:
        """The folder's drive is not there: its files are offline, not missing."""
        self._change_states(root_id, "present", "offline")

    def mark_online(self, root_id: int) -> None:
        """The folder's drive is back: its files count as present until a scan says otherwise."""
        volume = volume_of(self._root(root_id).path)
        with self.connection.recomputable():
            self.connection.write(
                "UPDATE roots SET device = ?, mount = ? WHERE id = ?", (volume.device, volume.mount, root_id)
            )
            self._change_states(root_id, "offline", "present")

    def mark_scanned(self, root_id: int) -> None:
        """A scan of the whole folder came to its end now."""
        with self.connection.recomputable():
            self.connection.write("UPDATE roots SET scanned_at = ? WHERE id = ?", (time.time(), root_id))

    def _root(self, root_id: int) -> Root:
        return next(root for root in self.roots() if root.id == root_id)

    def _change_states(self, root_id: int, old: str, new: str) -> None:
        with self.connection.recomputable():
            ids = self.connection.rows("SELECT track_id FROM files WHERE root_id = ? AND state = ?", (root_id, old))
            if ids:
                self.connection.write("UPDATE files SET state = ? WHERE root_id = ? AND state = ?", (new, root_id, old))
                refresh_states(self.connection, [row[0] for row in ids])


def _inside(path: bytes) -> bytes:
    return path.rstrip(_SEPARATOR) + _SEPARATOR


def _read_root(row: sqlite3.Row) -> Root:
    return Root(row["id"], row["path"], row["display"], row["device"], row["mount"], row["added_at"], row["scanned_at"])
