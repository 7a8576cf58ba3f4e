# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to the library: pragmas, transactions and the check that it never leaves its thread or process.

Every statement of the package runs through here, so every SQLite error passes `errors.known_errors`.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from needledrop.core import log
from needledrop.library.errors import corrupt, known_errors
from needledrop.library.volumes import is_network_share

BUSY_TIMEOUT_S = 10.0
# A journal or a log lies beside the file that its writer did not live to finish.
_UNFINISHED = (sqlite3.SQLITE_READONLY_ROLLBACK, sqlite3.SQLITE_READONLY_RECOVERY)


def _look(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("PRAGMA user_version").fetchone()
    finally:
        connection.close()


class Connection:
    """One SQLite connection, bound to the thread and process that opened it.

    Reads are `rows`, `row` and `value`. Writes (`write`, `write_many`) need a transaction, which is opened as what it
    protects: `decision` for what the user decided, `recomputable` for what a scan would find again.
    """

    def __init__(self, path: Path, backups_dir: Path, *, is_writer: bool, is_in_memory: bool = False) -> None:
        self.path = path
        self.backups_dir = backups_dir
        self.is_writer = is_writer
        self.is_in_memory = is_in_memory
        self._owner = (os.getpid(), threading.get_ident())
        self._is_durable = False
        with known_errors(path, backups_dir):
            if not is_writer and not is_in_memory:
                self._settle()
            self.raw = self._connect()
            self.raw.row_factory = sqlite3.Row
            self.raw.execute("PRAGMA foreign_keys = ON")
            if not is_writer and not is_in_memory:
                self.raw.execute("PRAGMA query_only = ON")

    def _connect(self) -> sqlite3.Connection:
        if self.is_in_memory:
            return sqlite3.connect(":memory:", isolation_level=None)
        return self._connected("rwc" if self.is_writer else "ro")

    def _connected(self, mode: str) -> sqlite3.Connection:
        address = f"{self.path.absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)

    def _settle(self) -> None:
        """Let SQLite take back what a killed writer had begun, which it does not do for those who may only read."""
        try:
            _look(self._connected("ro"))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in _UNFINISHED:
                raise
            log.library.info("%s: taking back what a writer that was killed had begun", self.path)
            _look(self._connected("rw"))

    def choose_journal(self) -> None:
        """Use the write-ahead log where it works. Not before the file is known to be ours: it is a change of it."""
        wanted = "wal"
        if is_network_share(self.path):
            log.library.warning("%s lies on a network share: a rollback journal is used instead of WAL", self.path)
            wanted = "delete"
        mode = self.value(f"PRAGMA journal_mode = {wanted}")
        if mode != wanted:
            log.library.warning("%s: no write-ahead log here, the journal is %r", self.path, mode)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Every row of a query."""
        self._check_owner()
        with known_errors(self.path, self.backups_dir):
            return self.raw.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        found = self.row(sql, parameters)
        return found[0] if found is not None else None

    def write(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one writing statement inside a transaction."""
        self._check_writable()
        with known_errors(self.path, self.backups_dir):
            return self.raw.execute(sql, parameters)

    def write_many(self, sql: str, parameters: Iterable[Sequence[Any]]) -> int:
        """Run a writing statement for each row of parameters; how many rows it changed."""
        self._check_writable()
        with known_errors(self.path, self.backups_dir):
            return self.raw.executemany(sql, parameters).rowcount

    @contextmanager
    def decision(self) -> Iterator[None]:
        """A transaction for what the user decided: on the disk, power cut or not, when the block ends."""
        with self._transaction(is_durable=True):
            yield

    @contextmanager
    def recomputable(self) -> Iterator[None]:
        """A transaction for what can be computed again: a power cut may undo it, but never half of it."""
        with self._transaction(is_durable=False):
            yield

    @contextmanager
    def _transaction(self, *, is_durable: bool) -> Iterator[None]:
        self._check_owner()
        if not self.is_writer:
            raise RuntimeError("the library was opened for reading")
        if self.raw.in_transaction and is_durable and not self._is_durable:
            raise RuntimeError("a decision inside a transaction that a power cut may undo")
        if self.raw.in_transaction:
            yield
            return
        with known_errors(self.path, self.backups_dir):
            self.raw.execute(f"PRAGMA synchronous = {'FULL' if is_durable else 'NORMAL'}")
            self.raw.execute("BEGIN IMMEDIATE")
        self._is_durable = is_durable
        try:
            yield
            if is_durable:
                self.write("UPDATE counters SET value = value + 1 WHERE name = 'decisions'")
            with known_errors(self.path, self.backups_dir):
                self.raw.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self.raw.in_transaction:  # A full disk may have ended it already.
            self.raw.execute("ROLLBACK")

    def bump_revision(self) -> None:
        """Say that tracks or features changed, so that what was built from them is rebuilt."""
        self.write("UPDATE counters SET value = value + 1 WHERE name = 'revision'")

    def check_integrity(self) -> None:
        """Read the whole database.

        Raises:
            KnownError: "corrupt".
        """
        answers = [row[0] for row in self.rows("PRAGMA integrity_check(3)")]
        if answers != ["ok"]:
            raise corrupt(self.path, self.backups_dir, "; ".join(answers))

    def close(self) -> None:
        """Close; a writer lets SQLite renew its statistics first."""
        self._check_owner()
        with known_errors(self.path, self.backups_dir):
            if self.is_writer:
                with suppress(sqlite3.Error):  # Statistics are a comfort: a full disk must not spoil the close.
                    self.raw.execute("PRAGMA optimize")
            self.raw.close()

    def _check_owner(self) -> None:
        if (os.getpid(), threading.get_ident()) != self._owner:
            raise RuntimeError("a library connection was used outside the thread or process that opened it")

    def _check_writable(self) -> None:
        self._check_owner()
        if not self.raw.in_transaction:
            raise RuntimeError("a write outside a transaction")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a library connection cannot be sent to another process")


class Part:
    """What each part of the library builds on: the connection they share."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
