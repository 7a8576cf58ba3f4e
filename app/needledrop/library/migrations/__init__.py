# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The format of the library, one migration per file, in order. docs/library-format.md is their changelog.

A version is (major, minor), kept in SQLite's `user_version` as major * 1000 + minor. An older program opens a newer
minor version and refuses a newer major one, so a minor step may only add what an older program can ignore.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from needledrop.library.migrations import (
    m0001_initial,
    m0002_rhythm_edits,
    m0003_embeddings,
    m0004_blocked_artists,
    m0005_list_indexes,
    m0006_feedback,
    m0007_collections,
)

if TYPE_CHECKING:
    from sqlite3 import Connection

    from sqlite_utils import Database

APPLICATION_ID = 0x4E444C42  # "NDLB", in the file's header: this database is one of ours.

Version = tuple[int, int]


class Migration(Protocol):
    """What a migration module holds."""

    @property
    def NAME(self) -> str: ...  # noqa: N802

    @property
    def VERSION(self) -> Version: ...  # noqa: N802

    def apply(self, db: Database) -> None:
        """Change the schema and the rows; the transaction is the caller's."""


MIGRATIONS: tuple[Migration, ...] = (
    m0001_initial,
    m0002_rhythm_edits,
    m0003_embeddings,
    m0004_blocked_artists,
    m0005_list_indexes,
    m0006_feedback,
    m0007_collections,
)


def encode_version(version: Version) -> int:
    """The `user_version` that stands for a (major, minor)."""
    return version[0] * 1000 + version[1]


def decode_version(user_version: int) -> Version:
    """The (major, minor) that a `user_version` stands for."""
    return divmod(user_version, 1000)


def pending(version: Version, migrations: Sequence[Migration] | None = None) -> list[Migration]:
    """The migrations that a library of this version still needs, in order."""
    return [migration for migration in (migrations or MIGRATIONS) if version < migration.VERSION]


def apply(raw: Connection, migrations: Sequence[Migration]) -> None:
    """Run migrations in order, each in one transaction with its version and its entry in `_sqlite_migrations`."""
    # Here, not above: with its plug-in machinery it takes 80 ms to import, which `suggest` does not have to spare.
    import sqlite_utils
    from sqlite_utils.migrations import Migrations

    # First of all, in a step of its own: sqlite-utils makes its table before the first migration begins, and a process
    # killed between the two must leave a database that is known as ours.
    raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    steps = Migrations("needledrop")
    for migration in migrations:
        steps(name=migration.NAME)(_versioned(migration))
    steps.apply(sqlite_utils.Database(raw, recursive_triggers=False, execute_plugins=False))


def _versioned(migration: Migration) -> Callable[[Database], None]:
    def step(db: Database) -> None:
        migration.apply(db)
        db.execute(f"PRAGMA user_version = {encode_version(migration.VERSION)}")

    return step
