# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library as the rest of the program sees it: one object, opened for reading or, by one process, for writing.

It belongs to the thread and process that opened it. Values go in and come out; nothing lazy, no connection escapes.
"""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType

from needledrop.core import log
from needledrop.core.errors import KnownError
from needledrop.library import migrations
from needledrop.library.backup import back_up, back_up_daily
from needledrop.library.choices import Choices
from needledrop.library.connection import Connection
from needledrop.library.embeddings import Embeddings
from needledrop.library.errors import foreign, known_errors, too_new
from needledrop.library.features import Features
from needledrop.library.feedback import Feedback
from needledrop.library.files import Files
from needledrop.library.job_records import JobRecords
from needledrop.library.listing import Listing
from needledrop.library.lock import WriterLock
from needledrop.library.problems import Problems
from needledrop.library.projects import Projects
from needledrop.library.rhythm_edits import RhythmEdits
from needledrop.library.search import Search
from needledrop.library.track_collections import Collections
from needledrop.library.tracks import Tracks
from needledrop.library.videos import Videos

_UPGRADE_PATIENCE_S = 10.0
_UPGRADE_LOOK_S = 0.05
_NOTHING = (0, 0)  # The version of a file in which no library was made yet.


class Library(
    Files,
    RhythmEdits,
    Tracks,
    Features,
    Embeddings,
    Search,
    Listing,
    Choices,
    Collections,
    Problems,
    Videos,
    Projects,
    Feedback,
    JobRecords,
):
    """Everything the program knows of the user's music. Use it as a context manager."""

    def __init__(self, connection: Connection, lock: WriterLock | None) -> None:
        super().__init__(connection)
        self._lock = lock

    @classmethod
    def open(cls, path: Path, *, backups_dir: Path, write: bool = False, verb: str = "") -> Library:
        """Open the library at `path`. A reader of a library that does not exist yet sees an empty one.

        Args:
            path: The database.
            backups_dir: Where backups go: before a migration and, for a writer, once a day.
            write: Take the writer's lock; the database is made if need be.
            verb: What the writer does, for the sentence that a second writer gets ("scan").

        Raises:
            KnownError: "locked", "corrupt", "too-new", "schema", "read-only", "disk-full", "cannot-open".
        """
        if write:
            return cls._open_writer(path, backups_dir, verb)
        with known_errors(path, backups_dir):
            is_there = path.exists()
        if not is_there:
            return cls._open_empty(path, backups_dir)
        connection = Connection(path, backups_dir, is_writer=False)
        try:
            version = _checked_version(connection)
        except BaseException:
            connection.close()
            raise
        if not migrations.pending(version):
            return cls(connection, None)
        connection.close()
        if version == _NOTHING:  # A first writer is about to make it.
            return cls._open_empty(path, backups_dir)
        cls._upgrade(path, backups_dir, verb or "upgrade")
        return cls(Connection(path, backups_dir, is_writer=False), None)

    @classmethod
    def _upgrade(cls, path: Path, backups_dir: Path, verb: str) -> None:
        """Bring the library to this version, or wait for another reader of the same program that is doing so."""
        end = time.monotonic() + _UPGRADE_PATIENCE_S
        while True:
            try:
                cls._open_writer(path, backups_dir, verb).close()
                return
            except KnownError as error:
                if error.code != "locked" or time.monotonic() > end:
                    raise
            time.sleep(_UPGRADE_LOOK_S)

    @classmethod
    def _open_empty(cls, path: Path, backups_dir: Path) -> Library:
        connection = Connection(path, backups_dir, is_writer=False, is_in_memory=True)
        migrations.apply(connection.raw, migrations.MIGRATIONS)
        return cls(connection, None)

    @classmethod
    def _open_writer(cls, path: Path, backups_dir: Path, verb: str) -> Library:
        with known_errors(path, backups_dir):
            path.parent.mkdir(parents=True, exist_ok=True)
        lock = WriterLock(path, verb)
        connection = None
        try:
            connection = Connection(path, backups_dir, is_writer=True)
            _prepare(connection, is_check_due=lock.was_unclean)
        except BaseException as error:
            if connection is not None:
                connection.close()
            lock.release(is_clean=not lock.was_unclean and not _is_damage(error))
            raise
        return cls(connection, lock)

    @property
    def revision(self) -> int:
        """Grows at every change of tracks or features; what was built from an older one has to be rebuilt."""
        return int(self.connection.value("SELECT value FROM counters WHERE name = 'revision'"))

    @property
    def revision_id(self) -> str:
        """The revision with the library's own id before it: a library made anew counts from zero again."""
        return f"{self.setting('library_id')}:{self.revision}"

    def back_up(self, reason: str = "asked") -> Path:
        """Back the library up now; returns the new file."""
        return back_up(self.connection, reason)

    def close(self, *, is_clean: bool = True) -> None:
        """Close the library and give the writer's lock back. Without `is_clean` the next writer checks it first."""
        try:
            self.connection.close()
        finally:
            if self._lock is not None:
                self._lock.release(is_clean=is_clean)

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close(is_clean=not _is_damage(error))


def _is_damage(error: BaseException | None) -> bool:
    return isinstance(error, KnownError) and error.code in ("corrupt", "disk")


def _checked_version(connection: Connection) -> migrations.Version:
    version = migrations.decode_version(int(connection.value("PRAGMA user_version")))
    application_id = int(connection.value("PRAGMA application_id"))
    if application_id != migrations.APPLICATION_ID and connection.value("SELECT count(*) FROM sqlite_schema"):
        raise foreign(connection.path, f"application_id {application_id:#x}, user_version {version}")
    newest = migrations.MIGRATIONS[-1].VERSION
    if version[0] > newest[0]:
        raise too_new(connection.path, version, newest)
    return version


def _prepare(connection: Connection, *, is_check_due: bool) -> None:
    version = _checked_version(connection)
    connection.choose_journal()
    is_fresh = version == _NOTHING
    if is_check_due and not is_fresh:
        log.library.warning("%s was not closed by its last writer: checking it", connection.path)
        connection.check_integrity()
    pending = migrations.pending(version)
    if pending:
        if not is_fresh:
            back_up(connection, "migration")
        with known_errors(connection.path, connection.backups_dir):
            migrations.apply(connection.raw, pending)
    else:
        back_up_daily(connection)
