# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds and removes published models: fetched or taken from a file, checked, put in place whole, registered.

Whoever calls this has the user's yes. Weights arrive as pickles or safetensors, and are kept as safetensors. While a
new one arrives the installed one goes on serving, and what arrived stays at any interruption.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.core.extractor import ExtractorCard
from needledrop.core.paths import Profile, display_path
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.crossmodal.published_weights import PICKLED, check_safetensors, convert_to_safetensors, sha256_of
from needledrop.workflows.downloads import disk_error, download
from needledrop.workflows.pack_catalogue import Pack, PackFile, known_packs
from needledrop.workflows.pack_registry import drop_entry, put_entry, read_registry

_INCOMING, _STAGED = ".incoming", ".staged"


@dataclass(frozen=True)
class InstalledPack:
    """A pack on the disk. sha256: of each installed file, by name."""

    pack: Pack
    folder: Path
    version: int
    sha256: dict[str, str]

    @property
    def weights_path(self) -> Path:
        """The file of the weights."""
        return self.folder / self.pack.files[0].name

    @property
    def card(self) -> ExtractorCard | None:
        """What its vectors are kept under; None for a model that makes none."""
        pack = self.pack
        if pack.dimension == 0:
            return None
        size_bytes = self.weights_path.stat().st_size
        return ExtractorCard(
            pack.name, self.version, pack.dimension, pack.rate_hz, pack.modality, pack.licence, size_bytes,
            self.sha256[pack.files[0].name], pack.files[0].url or pack.home, pack.is_commercial,
        )  # fmt: skip


def offered_packs(*, with_non_commercial: bool = False) -> dict[str, Pack]:
    """The packs to offer, by name; those whose licence forbids commercial use only where they are asked for."""
    return {name: pack for name, pack in known_packs().items() if pack.is_commercial or with_non_commercial}


def find_pack(name: str, *, with_non_commercial: bool = False) -> Pack:
    """The pack of that name, if it is offered.

    Raises:
        KnownError: "usage": there is none.
    """
    packs = offered_packs(with_non_commercial=with_non_commercial)
    if name in packs:
        return packs[name]
    if name in known_packs():
        raise KnownError(
            f"The model '{name}' may not be used commercially, and is not offered.",
            remedy="If your work is none of business, add --non-commercial.",
            code="usage",
        )
    raise KnownError(f"There is no model '{name}' to add.", remedy=f"Known: {', '.join(packs)}.", code="usage")


def installed_packs(profile: Profile) -> dict[str, InstalledPack]:
    """The known packs that are registered and whose files are there, by name. Their hashes are checked on loading.

    Raises:
        KnownError: see read_registry.
    """
    registry = read_registry(profile.models_dir)
    found = {}
    for name, pack in known_packs().items():
        entry, folder = registry.get(name, {}), profile.models_dir / name
        files, version = entry.get("files"), entry.get("version")
        if not isinstance(files, dict) or not isinstance(version, int):  # A user may write one for RAFT by hand.
            continue
        if all(file.name in files and (folder / file.name).is_file() for file in pack.files):
            found[name] = InstalledPack(pack, folder, version, dict(files))
    return found


def install_pack(
    profile: Profile, pack: Pack, progress: ProgressSink, cancel: CancelToken, *, from_path: Path | None = None
) -> None:
    """Fetch a pack, or take it from `from_path`: a folder with its published files, or one of them.

    Raises:
        Cancelled. KnownError: "network", "missing", "disk-full", "unwritable": see download; "model": a file is
            damaged, truncated, or not the published one; "no-torch": weights have to be converted and torch is not
            there; "usage": the pack has no checksums, and can only be taken from a folder.
    """
    if from_path is None and not pack.can_download:
        raise KnownError(
            f"Needledrop knows no checksums for {pack.name}, and fetches nothing that it cannot check.",
            remedy=f"Get its files from {pack.home}, and name their folder with --from-file.",
            code="usage",
        )
    _require_torch(pack)
    models_dir = profile.models_dir
    staged = models_dir / _STAGED / pack.name
    with _disk_errors(staged):
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        for file in pack.files:
            cancel.check()
            if from_path is None:
                source = _fetched(models_dir / _INCOMING / pack.name, file, progress, cancel)
            else:
                source = _given(from_path, pack, file)
            _stage(source, file, staged / file.name)
        hashes = {file.name: sha256_of(staged / file.name) for file in pack.files}
        _put_in_place(models_dir, pack, staged, hashes)
        shutil.rmtree(models_dir / _INCOMING / pack.name, ignore_errors=True)


def remove_pack(profile: Profile, pack: Pack) -> None:
    """Delete an installed pack, and what an interrupted download left of it. Vectors it made stay in the library.

    Raises:
        KnownError: "missing": it is not installed; "unwritable".
    """
    models_dir = profile.models_dir
    places = [models_dir / pack.name, *(models_dir / part / pack.name for part in (_INCOMING, _STAGED))]
    if pack.name not in read_registry(models_dir) and not any(place.exists() for place in places):
        raise KnownError(
            f"The model '{pack.name}' is not installed.", remedy="See: needledrop models list", code="missing"
        )
    with _disk_errors(models_dir):
        drop_entry(models_dir, pack.name)
        for place in places:
            if place.exists():
                shutil.rmtree(place)


def _require_torch(pack: Pack) -> None:
    import importlib.util

    if any(Path(file.published_name).suffix in PICKLED for file in pack.files) and any(
        importlib.util.find_spec(name) is None for name in ("torch", "safetensors")
    ):
        raise KnownError(
            f"To add {pack.name}, PyTorch is needed.", remedy="Install Needledrop's extra 'learn'.", code="no-torch"
        )


def _fetched(incoming: Path, file: PackFile, progress: ProgressSink, cancel: CancelToken) -> Path:
    incoming.mkdir(parents=True, exist_ok=True)
    part = incoming / file.published_name
    download(file.url, part, progress, cancel)
    if not sha256_of(part).startswith(file.sha256):
        part.unlink()  # Going on from it would never end well.
        raise KnownError(
            f"What {file.url} sent is not the published file: its SHA-256 is another.",
            remedy="Fetch it again. If that does not help, its publisher has replaced it: get it elsewhere.",
            code="model",
        )
    return part


def _given(from_path: Path, pack: Pack, file: PackFile) -> Path:
    folder = from_path if from_path.is_dir() else from_path.parent
    names = (file.published_name, file.name) if len(pack.files) > 1 or from_path.is_dir() else (from_path.name,)
    source = next((folder / name for name in names if (folder / name).is_file()), None)
    if source is None:
        raise KnownError(
            f"{display_path(folder / names[0])} is not there.",
            remedy=f"{pack.name} needs {', '.join(one.published_name for one in pack.files)}, as {pack.home} has them.",
            code="missing",
        )
    if not _sha256_of_given(source).startswith(file.sha256):
        raise KnownError(
            f"{display_path(source)} is damaged, or not the published file: its SHA-256 is another.",
            remedy=f"Get {file.published_name} anew from {pack.home}.",
            code="model",
        )
    return source


def _sha256_of_given(source: Path) -> str:
    try:
        return sha256_of(source)
    except OSError as error:
        raise KnownError(
            f"{display_path(source)} cannot be read.", remedy="Check its rights.", cause=repr(error), code="unreadable"
        ) from error


def _stage(source: Path, file: PackFile, target: Path) -> None:
    """Copy a checked file to its place among the new ones, as safetensors or JSON; refuse what is neither."""
    if Path(file.published_name).suffix in PICKLED and source.suffix != target.suffix:
        convert_to_safetensors(source, target)
        return
    if target.suffix == ".safetensors":
        check_safetensors(source)
    elif target.suffix == ".json":
        _check_json(source)
    shutil.copyfile(source, target)


def _check_json(path: Path) -> None:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise KnownError(
            f"{display_path(path)} is truncated or no JSON file.",
            remedy="Get it anew from its publisher.",
            cause=repr(error),
            code="model",
        ) from error


def _put_in_place(models_dir: Path, pack: Pack, staged: Path, hashes: dict[str, str]) -> None:
    """The entry goes first and comes last: a kill in between leaves no model, and never a mixed one."""
    target = models_dir / pack.name
    drop_entry(models_dir, pack.name)
    if target.exists():
        shutil.rmtree(target)
    staged.rename(target)
    entry: dict[str, str | int | dict[str, str]] = {
        "version": pack.version,
        "sha256": hashes[pack.files[0].name],
        "licence": pack.licence,
        "files": hashes,
    }
    put_entry(models_dir, pack.name, entry)


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise disk_error(error, path) from error
