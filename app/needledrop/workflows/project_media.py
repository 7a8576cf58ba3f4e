# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Media that are not where a project says: looked for by name in the folders that the user pointed out."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from needledrop.core.edit import MediaSource, ProjectEdit, missing_media
from needledrop.core.json_file import read_json, write_json
from needledrop.core.paths import Profile

_MOST_FILES = 200_000  # A whole drive may be pointed at.


def remember_media_folder(profile: Profile, project: Path, folder: Path) -> None:
    """Look for the media of a project in this folder, too, from now on."""
    folders = dict.fromkeys([folder, *_folders(profile, project)])
    write_json(_file(profile, project), {"project": os.fspath(project), "folders": [os.fspath(one) for one in folders]})


def with_media_found(profile: Profile, project: Path, edit: ProjectEdit) -> ProjectEdit:
    """The edit, with what is missing taken from the folders remembered for its project."""
    wanted = set(missing_media(edit))
    folders = _folders(profile, project) if wanted else []
    if not folders:
        return edit
    found = _found(folders, wanted)

    def there(source: MediaSource | None) -> MediaSource | None:
        if source is None or source.path is not None:
            return source
        return replace(source, path=found.get(source.file_name))

    return replace(edit, clips=tuple(replace(clip, source=there(clip.source)) for clip in edit.clips))


def _found(folders: Iterable[Path], wanted: set[str]) -> dict[str, Path]:
    """The first file of each wanted name."""
    found: dict[str, Path] = {}
    seen = 0
    for folder in folders:
        for place, _, names in os.walk(folder):
            for name in wanted.intersection(names):
                found.setdefault(name, Path(place) / name)
            seen += len(names)
            if len(found) == len(wanted) or seen > _MOST_FILES:
                return found
    return found


def _folders(profile: Profile, project: Path) -> list[Path]:
    stored = read_json(_file(profile, project))
    folders = stored.get("folders", []) if isinstance(stored, dict) else []
    return [Path(one) for one in folders if isinstance(one, str)]


def _file(profile: Profile, project: Path) -> Path:
    name = blake2b(os.fsencode(project.absolute()), digest_size=10).hexdigest()
    return profile.data_dir / "window" / f"media-{name}.json"
