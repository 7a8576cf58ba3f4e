# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file is meant by a name in a set of pairs, for what people look at and listen to. Opens none of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.media.suffixes import SUPPORTED_SUFFIXES


def files_by_name(names: Sequence[str], folder: Path) -> dict[str, Path]:
    """The file of each name that has one: at that path in the folder, else the only one below that is called so.

    Made-up tracks and videos have no files; their names are not in the answer.

    Raises:
        KnownError: "missing": there is no such folder.
    """
    if not folder.is_dir():
        raise KnownError(f"{folder} is no folder.", remedy="Name the folder that the media lie in.", code="missing")
    by_path: dict[str, Path] = {}
    called: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUPPORTED_SUFFIXES and path.is_file():
            by_path[path.relative_to(folder).as_posix()] = path
            called.setdefault(path.name, []).append(path)
    only = {name: paths[0] for name, paths in called.items() if len(paths) == 1}
    files = only | by_path
    return {name: files[name] for name in names if name in files}
