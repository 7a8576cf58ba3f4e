# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML of strangers: no entities are defined or fetched, and there are limits to size, depth and number."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path

MOST_BYTES = 64 * 2**20
_MOST_ELEMENTS = 2_000_000
_MOST_DEPTH = 200


def read_xml(path: Path) -> Element:
    """The root element of a file.

    Raises:
        KnownError: "missing", "broken-project", or "unsafe-project" where it defines entities or passes a limit.
    """
    return parse_xml(read_bytes(path), display_path(path.name))


def read_bytes(path: Path) -> bytes:
    """All of a project file.

    Raises:
        KnownError: "missing", or "unsafe-project" where it is larger than any project.
    """
    name = display_path(path.name)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise KnownError(
            f"'{name}' cannot be read.",
            remedy="Check the path, or plug in its drive.",
            cause=str(error),
            code="missing",
        ) from error
    if len(content) > MOST_BYTES:
        raise unsafe(name, f"it is larger than {MOST_BYTES // 2**20} MiB")
    return content


def parse_xml(content: bytes, name: str) -> Element:
    """The root element of XML that is named so in messages.

    Raises:
        KnownError: "broken-project" or "unsafe-project".
    """
    builder = _Bounded(name)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = builder.refuse_entity
    try:
        parser.Parse(content, True)
        return builder.root()
    except (expat.ExpatError, ValueError, AssertionError) as error:
        raise broken(name, str(error)) from error


class _Bounded:
    """Builds a tree until a limit is passed."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tree = TreeBuilder()
        self._depth = 0
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > _MOST_DEPTH or self._count > _MOST_ELEMENTS:
            raise unsafe(self._name, "it nests deeper, or has more parts, than any project")
        self._tree.start(tag, attributes)

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._tree.end(tag)

    def data(self, text: str) -> None:
        self._tree.data(text)

    def refuse_entity(self, *_: object) -> None:
        raise unsafe(self._name, "it defines entities, which no editor writes")

    def root(self) -> Element:
        return self._tree.close()


def unsafe(name: str, why: str) -> KnownError:
    """A file that is not opened for safety's sake."""
    return KnownError(
        f"'{name}' is not opened: {why}.", remedy="Export the timeline from your editor again.", code="unsafe-project"
    )


def broken(name: str, cause: str = "") -> KnownError:
    """A file that cannot be read as what it claims to be."""
    return KnownError(
        f"'{name}' is damaged or is no project that Needledrop reads.",
        remedy="Export it from your editor again, as .otio, .fcpxml, .xml, .edl, .kdenlive or .mlt.",
        cause=cause,
        code="broken-project",
    )
