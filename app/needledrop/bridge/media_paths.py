# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths that plugins name: absolute, of this machine, without tricks, and of a regular file that is there."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath

from needledrop.bridge import refusals
from needledrop.core.edit import is_edit_file
from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path

_BUNDLE = ".fcpxmld"


def media_path(name: str, value: object) -> Path:
    """The path of a media file.

    Raises:
        KnownError: "bad-path", or "missing".
    """
    path = _plain(name, value)
    if is_edit_file(path):
        raise refusals.bad_path(f"{_shown(path)} is a project, not a media file.", "Name it as 'project'.")
    _refuse_other_kind(path, _status(path), stat.S_ISREG)
    return path


def project_path(name: str, value: object) -> Path:
    """The path of a project or a timeline; of a bundle, its folder.

    Raises:
        KnownError: "bad-path", or "missing".
    """
    path = _plain(name, value)
    if not is_edit_file(path):
        raise refusals.bad_path(
            f"{_shown(path)} is no project that is read.", "Export the timeline as OpenTimelineIO or XML."
        )
    is_bundle = path.suffix.casefold() == _BUNDLE
    status = _status(path)
    _refuse_other_kind(path, status, stat.S_ISDIR if is_bundle and stat.S_ISDIR(status.st_mode) else stat.S_ISREG)
    return path


def folder_path(name: str, value: object) -> Path:
    """The path of a folder to write into.

    Raises:
        KnownError: "bad-path", or "missing".
    """
    path = _plain(name, value)
    if not stat.S_ISDIR(_status(path).st_mode):
        raise refusals.bad_path(f"{_shown(path)} is no folder.", "Name a folder that is there.")
    return path


def _plain(name: str, value: object) -> Path:
    if not isinstance(value, str) or not 0 < len(value) <= refusals.MOST_PATH_CHARACTERS:
        raise refusals.bad_request(f"'{name}' is no path of at most {refusals.MOST_PATH_CHARACTERS:,} characters.")
    try:
        os.fsencode(value)
    except UnicodeEncodeError as error:
        raise refusals.bad_path(f"'{name}' is no path: it holds half a character.", "Name the file again.") from error
    if "\0" in value:
        raise refusals.bad_path(f"'{name}' is no path: it holds a zero.", "Name the file again.")
    # Asked of both systems' rules: a Windows share is one wherever it is named.
    if value.startswith(("\\\\", "//")) or PureWindowsPath(value).drive.startswith("\\\\"):
        raise refusals.bad_path(
            f"{display_path(value)} is on a network share by its name.", "Give the share a drive, or mount it."
        )
    if ".." in PurePosixPath(value).parts or ".." in PureWindowsPath(value).parts:
        raise refusals.bad_path(f"{display_path(value)} has '..' in it.", "Give the whole path without it.")
    path = Path(value)
    if not path.is_absolute():
        raise refusals.bad_path(f"{display_path(value)} is not an absolute path.", "Give the whole path.")
    return path


def _status(path: Path) -> os.stat_result:
    """Of what the path leads to. Folders on the way may be links, for people keep their films behind them; what is
    named itself may not, since it says nothing of what would be opened."""
    try:
        status = path.stat()
        if path.is_symlink():
            raise refusals.bad_path(f"{_shown(path)} is a link.", f"Name {_shown(path.resolve())} itself.")
        return status
    except OSError as error:
        raise KnownError(
            f"{_shown(path)} is not there, or cannot be read.",
            remedy="Check its name and its drive.",
            cause=str(error),
            code="missing",
        ) from error


def _refuse_other_kind(path: Path, status: os.stat_result, is_wanted: Callable[[int], bool]) -> None:
    if not is_wanted(status.st_mode):
        raise refusals.bad_path(
            f"{_shown(path)} is no file, but a folder, a device or a pipe.", "Name the file itself."
        )


def _shown(path: Path) -> str:
    return f"'{display_path(path)}'"
