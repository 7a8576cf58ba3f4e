# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things live: the profile's folders, and the data that ships with the program."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from needledrop.core.errors import KnownError

APPLICATION_NAME = "needledrop"  # Frozen: renaming it would orphan every user's library.
BRIDGE_PARTS = ("requests", "answers", "exports")  # The folders in the bridge folder.
_SHIPPED = ("resources", "models", "plugin")


@dataclass(frozen=True)
class Profile:
    """The folders of one user: data (the library), cache (can be deleted), config (settings)."""

    data_dir: Path
    cache_dir: Path
    config_dir: Path

    @classmethod
    def default(cls) -> Profile:
        """The user's own folders, as the operating system names them."""
        import platformdirs  # only here: a run with --profile does not need it

        dirs = platformdirs.PlatformDirs(APPLICATION_NAME, appauthor=False)
        return cls(Path(dirs.user_data_dir), Path(dirs.user_cache_dir), Path(dirs.user_config_dir))

    @classmethod
    def at(cls, folder: Path) -> Profile:
        """A throw-away or portable profile: everything below one folder."""
        folder = folder.absolute()
        return cls(folder / "data", folder / "cache", folder / "config")

    @property
    def library_path(self) -> Path:
        """The SQLite database."""
        return self.data_dir / "library.db"

    @property
    def backups_dir(self) -> Path:
        """Rotating backups of the library."""
        return self.data_dir / "backups"

    @property
    def models_dir(self) -> Path:
        """Model packs the user installed."""
        return self.data_dir / "models"

    @property
    def gallery_dir(self) -> Path:
        """Memory-mapped vectors; rebuilt from the library at will."""
        return self.cache_dir / "gallery"

    @property
    def bridge_dir(self) -> Path:
        """What plugins of editors find the engine by (docs/plugin-protocol.md)."""
        return self.data_dir / "bridge"

    @property
    def log_path(self) -> Path:
        """The program's log."""
        return self.cache_dir / "needledrop.log"


def display_path(path: str | bytes | os.PathLike[str]) -> str:
    """A path as text that can always be printed: undecodable bytes and control characters become escapes."""
    text = os.fsdecode(path)
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def is_shipped(path: Path) -> bool:
    """Whether a path lies in a folder that ships with the program: an update takes along what the user puts there."""
    return any(path.resolve().is_relative_to(folder.resolve()) for name in _SHIPPED for folder in _shipped_dirs(name))


def shipped_dir(name: str) -> Path:
    """The folder of data that ships with the program: "resources", "models" or "plugin".

    Found through the import system, so that it works from a checkout, a wheel and a frozen program alike.

    Raises:
        KnownError: the installation is incomplete.
    """
    found = _shipped_dirs(name)
    if not found:
        raise KnownError(
            f"The folder '{name}' of Needledrop is missing.", remedy="Install Needledrop again.", code="installation"
        )
    return found[0]


def _shipped_dirs(name: str) -> list[Path]:
    spec = importlib.util.find_spec(f"needledrop_{name}")
    # importlib.resources.files stumbles over the placeholder that editable installs put among the locations.
    locations = (spec.submodule_search_locations or ()) if spec is not None else ()
    return [Path(location) for location in locations if Path(location).is_dir()]
