# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the media of a project are: paths and addresses of any system, relative ones, and media moved along with it.

Opens nothing. A file of another computer in the network is looked for only where the project itself lies on it: asking
a stranger's server for a file would tell it who the user is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import quote, unquote, urlsplit

from needledrop.core.edit import MediaSource

_DRIVE = re.compile(r"^/?[A-Za-z]:[\\/]")
_OWN_HOSTS = ("", "localhost")


class MediaFinder:
    """Finds the media that one project names.

    Args:
        project: The project's file; relative paths begin in its folder.
        roots: Other folders that relative paths may begin in.
    """

    def __init__(self, project: Path, roots: Iterable[Path] = ()) -> None:
        self._folder = project.absolute().parent
        self._roots = (self._folder, *roots)
        self._server = _server_of(str(self._folder))
        self._known: dict[str, Path | None] = {}

    def source(
        self,
        named: str,
        duration_s: Fraction | None = None,
        start_s: Fraction = Fraction(0),
        *,
        is_in_timecode: bool = False,
    ) -> MediaSource:
        """The source that is written so."""
        if named not in self._known:
            self._known[named] = self._found(named)
        return MediaSource(named, self._known[named], duration_s, start_s, is_in_timecode)

    def _found(self, named: str) -> Path | None:
        return next((path for path in self._places(plain_path(named)) if _is_file(path)), None)

    def _places(self, plain: str) -> Iterable[Path]:
        """Where the file may be: where it is said to be, and beside the project, if it moved along with it."""
        if not plain or "\0" in plain:
            return
        server = _server_of(plain)
        if not server or server == self._server:
            yield from (root / plain for root in self._roots)
        name = (PureWindowsPath(plain) if "\\" in plain or _DRIVE.match(plain) else PurePosixPath(plain)).name
        if name:
            yield self._folder / name


def plain_path(named: str) -> str:
    """The path in an address or a path; addresses of other kinds than files give an empty one."""
    if _DRIVE.match(named) or ("://" not in named and not named.startswith("file:")):
        return named
    address = urlsplit(named)
    if address.scheme != "file":
        return ""
    path = unquote(address.path)
    if address.netloc.casefold() not in _OWN_HOSTS:
        return f"//{address.netloc}{path}"
    return path[1:] if _DRIVE.match(path) else path


def file_address(path: Path, host: str = "") -> str:
    """The address of a file, its parts encoded; Final Cut Pro 7 wants "localhost" as the host."""
    plain = path.absolute().as_posix()
    return f"file://{host}{'' if plain.startswith('/') else '/'}{quote(plain)}"


def _server_of(plain: str) -> str:
    """The computer that a network path (UNC) names."""
    forward = plain.replace("\\", "/")
    return forward[2:].partition("/")[0].casefold() if forward.startswith("//") else ""


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
