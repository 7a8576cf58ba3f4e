# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that could not be used: one list, each with its reason, never tried again until the file changes."""

from __future__ import annotations

import os
import time
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.library.connection import Connection, Part
from needledrop.library.rows import Problem
from needledrop.library.texts import clean_text

_COLUMNS = "path, display, code, sentence, remedy, cause, first_seen, size, mtime_ns"


class Problems(Part):
    """The part of the library that remembers what went wrong."""

    def put_problem(self, path: bytes, error: KnownError, *, size: int, mtime_ns: int) -> None:
        """Remember why a file failed, for as long as it has this size and time."""
        with self.connection.recomputable():
            self.connection.write(
                f"INSERT INTO problems ({_COLUMNS}) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET code = excluded.code, "
                "sentence = excluded.sentence, remedy = excluded.remedy, cause = excluded.cause, "
                "size = excluded.size, mtime_ns = excluded.mtime_ns",
                (
                    path,
                    display_path(path),
                    error.code,
                    clean_text(error.sentence),
                    clean_text(error.remedy),
                    clean_text(error.cause),
                    time.time(),
                    size,
                    mtime_ns,
                ),
            )

    def problems(self) -> list[Problem]:
        """All problems, by path."""
        return [Problem(*row) for row in self.connection.rows(f"SELECT {_COLUMNS} FROM problems ORDER BY path")]

    def known_problems(self) -> dict[bytes, tuple[int, int]]:
        """(size, mtime_ns) of each failed file by path: while it has these, do not try it again."""
        return {row[0]: (row[1], row[2]) for row in self.connection.rows("SELECT path, size, mtime_ns FROM problems")}

    def clear_problems(self, paths: list[bytes] | None = None) -> None:
        """Forget problems, all of them for None: the files work now, are gone, or shall be tried again."""
        with self.connection.recomputable():
            if paths is None:
                self.connection.write("DELETE FROM problems")
            else:
                self.connection.write_many("DELETE FROM problems WHERE path = ?", [(path,) for path in paths])

    def clear_problems_below(self, folder: Path) -> None:
        """Forget the problems of all files below a folder."""
        with self.connection.recomputable():
            forget_problems_below(self.connection, os.fsencode(folder))


def forget_problems_below(connection: Connection, folder: bytes) -> None:
    """Delete the problems of all files below a folder, inside the caller's transaction."""
    separator = os.fsencode(os.sep)
    prefix = folder.rstrip(separator) + separator
    connection.write("DELETE FROM problems WHERE substr(path, 1, ?) = ?", (len(prefix), prefix))
