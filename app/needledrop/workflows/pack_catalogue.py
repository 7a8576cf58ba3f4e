# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packs of published models that a user may add: resources/packs.toml, read. Fetches nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path, shipped_dir

CATALOGUE_NAME = "packs.toml"
LEAST_DIGITS = 8
_DIGITS = re.compile(rf"[0-9a-f]{{{LEAST_DIGITS},64}}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class PackFile:
    """One file of a pack. name: once installed; published_name: as its publisher calls it. url: "" where unknown;
    sha256: of the published file, its first digits (8 to 64), or "" where the publisher gives none."""

    name: str
    published_name: str
    url: str
    sha256: str


@dataclass(frozen=True)
class Pack:
    """What a user is told before saying yes, and what fetching needs. The first of `files` holds the weights.

    dimension and rate_hz are 0 for a model that makes no vectors. Sizes are of the download.
    """

    name: str
    version: int
    about: str
    modality: str
    dimension: int
    rate_hz: float
    licence: str
    terms: str
    is_commercial: bool
    size_mb: float
    home: str
    files: tuple[PackFile, ...]

    @property
    def can_download(self) -> bool:
        """Whether each file has an address and a SHA-256 to hold it to."""
        return all(file.url and file.sha256 for file in self.files)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Where a download comes from."""
        return tuple(dict.fromkeys(urlsplit(file.url).hostname or "" for file in self.files if file.url))


def known_packs() -> dict[str, Pack]:
    """The packs this version of the program knows, by name.

    Raises:
        KnownError: "installation": the list is missing or damaged.
    """
    return read_packs(shipped_dir("resources") / CATALOGUE_NAME)


def read_packs(path: Path) -> dict[str, Pack]:
    """Read a list of packs.

    Raises:
        KnownError: "installation": it is missing or damaged.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: _pack(name, table) for name, table in tables.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KnownError(
            f"The list of models {display_path(path)} is missing or damaged.",
            remedy="Install Needledrop again.",
            cause=repr(error),
            code="installation",
        ) from error


def _pack(name: str, table: Mapping[str, Any]) -> Pack:
    values = dict(table)
    files = tuple(_file(file) for file in values.pop("files"))
    pack = Pack(name=name, files=files, **({"dimension": 0, "rate_hz": 0.0} | values))
    if not files or not all(_PLAIN_NAME.fullmatch(one) for one in (name, *(file.name for file in files))):
        raise ValueError(f"{name}: no files, or no plain names")
    return pack


def _file(table: Mapping[str, str]) -> PackFile:
    name, url, sha256 = table["name"], table.get("url", ""), table.get("sha256", "")
    if sha256 and _DIGITS.fullmatch(sha256) is None:
        raise ValueError(f"'{sha256}' begins no SHA-256")
    return PackFile(name, table.get("published_name") or url.rpartition("/")[2] or name, url, sha256)
