# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Media that are not where a project says: unpacked from its bundle, or found in folders that the user pointed out."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path, PurePosixPath

from needledrop.core.edit import MediaSource, ProjectEdit, missing_media
from needledrop.core.json_file import read_json, write_json
from needledrop.core.paths import Profile
from needledrop.media.output_file import output_error, written_whole

_COPIED_BYTES = 1 << 20
_MOST_FILES = 200_000  # A whole drive may be pointed at.


def remember_media_folder(profile: Profile, project: Path, folder: Path) -> None:
    """Look for the media of a project in this folder, too, from now on."""
    folders = dict.fromkeys([folder, *_folders(profile, project)])
    write_json(_file(profile, project), {"project": os.fspath(project), "folders": [os.fspath(one) for one in folders]})


def with_media_found(profile: Profile, project: Path, edit: ProjectEdit) -> ProjectEdit:
    """The edit, with what is missing taken out of its own bundle, or from the folders remembered for its project.

    Raises:
        KnownError: there is no room to unpack the bundle.
    """
    wanted = set(missing_media(edit))
    if not wanted:
        return edit
    found = _unpacked(profile, project, wanted) if project.suffix.casefold() == ".otioz" else {}
    folders = _folders(profile, project)
    if folders:
        found = _found(folders, wanted) | found
    if not found:
        return edit

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


def _unpacked(profile: Profile, bundle: Path, wanted: set[str]) -> dict[str, Path]:
    """Files of a bundle by their names, unpacked into the cache, each once; where else names in it point is ignored."""
    status = bundle.stat()
    said = f"{bundle.absolute()} {status.st_size} {status.st_mtime_ns}"
    folder = profile.cache_dir / "bundles" / blake2b(said.encode("utf-8", "replace"), digest_size=10).hexdigest()
    found: dict[str, Path] = {}
    try:
        with zipfile.ZipFile(bundle) as packed:
            for entry in packed.infolist():
                name = PurePosixPath(entry.filename).name
                if name in wanted and not entry.is_dir():
                    found[name] = folder / name
                    if not found[name].is_file():
                        folder.mkdir(parents=True, exist_ok=True)
                        with written_whole(found[name]) as part, packed.open(entry) as source, part.open("wb") as sink:
                            shutil.copyfileobj(source, sink, _COPIED_BYTES)
    except OSError as error:
        raise output_error(error, folder) from error
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile):
        return {}  # What is missing then is said of each file.
    return found


def _folders(profile: Profile, project: Path) -> list[Path]:
    stored = read_json(_file(profile, project))
    folders = stored.get("folders", []) if isinstance(stored, dict) else []
    return [Path(one) for one in folders if isinstance(one, str)]


def _file(profile: Profile, project: Path) -> Path:
    name = blake2b(os.fsencode(project.absolute()), digest_size=10).hexdigest()
    return profile.data_dir / "window" / f"media-{name}.json"
