# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way SQLite and the disk can refuse has its sentence, made from the real error."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.library.errors import from_os_error, known_errors
from needledrop.library.library import Library

Open = Callable[..., Library]


def code_of(path: Path, action: Callable[[], object]) -> str:
    with pytest.raises(KnownError) as caught, known_errors(path, path):
        action()
    assert caught.value.sentence and caught.value.remedy and caught.value.cause
    assert isinstance(caught.value.__cause__, sqlite3.Error | OSError)
    return caught.value.code


def test_a_library_that_may_only_be_read(library: Library, open_library: Open) -> None:
    with open_library() as reader:
        path = reader.connection.path
        assert code_of(path, lambda: reader.connection.raw.execute("DELETE FROM settings")) == "read-only"


def test_a_folder_where_a_database_should_be(tmp_path: Path) -> None:
    assert code_of(tmp_path, lambda: sqlite3.connect(tmp_path)) == "cannot-open"
    for write in (False, True):
        with pytest.raises(KnownError) as caught:
            Library.open(tmp_path, backups_dir=tmp_path / "backups", write=write)
        assert caught.value.code in ("cannot-open", "disk")


def test_a_file_operation_names_its_own_file(tmp_path: Path) -> None:
    gone = tmp_path / "gone" / "file"
    with pytest.raises(KnownError, match="gone") as caught, known_errors(tmp_path / "library.db", tmp_path):
        gone.read_bytes()
    assert caught.value.code == "cannot-open"


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "disk-full"), (errno.EDQUOT, "disk-full"), (errno.EROFS, "read-only"), (errno.EIO, "cannot-open")],
)
def test_what_the_system_says(tmp_path: Path, number: int, code: str) -> None:
    assert from_os_error(OSError(number, "x"), tmp_path).code == code


def test_bugs_and_known_errors_pass_through(tmp_path: Path) -> None:
    for error in (ZeroDivisionError(), KnownError("Known."), sqlite3.IntegrityError()):
        with pytest.raises(type(error)) as caught, known_errors(tmp_path, tmp_path):
            raise error
        assert caught.value is error
