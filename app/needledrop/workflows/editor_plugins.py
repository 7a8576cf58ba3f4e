# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plugins for editors: installed, listed, updated, removed. Never touches a file that it did not write itself.

A manifest in the profile says what was written, with its SHA-256. A file that the user has changed since is kept, and
named.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from needledrop import __version__
from needledrop.core.errors import KnownError
from needledrop.core.json_file import read_json, write_json
from needledrop.core.paths import BRIDGE_PARTS, Profile, display_path, shipped_dir
from needledrop.workflows.editor_plugin_places import NAMES, Host, Machine, Plan, plan_of

_MANIFEST_SCHEMA = 1
_PRIVATE = 0o700


@dataclass(frozen=True)
class Installed:
    """What is installed of a plugin.

    Attributes:
        version: Of the program that wrote it.
        files: The SHA-256 of each file it wrote, by path.
        folders: Those that were made for them, outer ones first.
    """

    host: Host
    version: str
    files: Mapping[str, str]
    folders: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[Path, ...]:
        """Those files that are not as they were written: changed since, not deleted."""
        return tuple(
            path for path in map(Path, self.files) if _is_there(path) and _sha256(path) != self.files[str(path)]
        )

    @property
    def gone(self) -> tuple[Path, ...]:
        """Those files that are not there any more."""
        return tuple(path for path in map(Path, self.files) if not _is_there(path))


@dataclass(frozen=True)
class Change:
    """What was done: files written and removed, files kept because the user changed them, and what to do next."""

    host: Host
    written: tuple[Path, ...] = ()
    removed: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()
    next_steps: str = ""


def host_named(name: str) -> Host:
    """The editor of a name.

    Raises:
        KnownError: "usage": there is no plugin for it.
    """
    try:
        return Host(name.casefold())
    except ValueError as error:
        known = ", ".join(Host)
        raise KnownError(f"There is no plugin for '{name}'.", remedy=f"There are: {known}.", code="usage") from error


def installed_plugins(profile: Profile) -> dict[Host, Installed]:
    """What the manifest says is installed."""
    value = read_json(_manifest_path(profile))
    hosts = value.get("hosts") if isinstance(value, dict) else None
    found = {}
    for name, entry in (hosts if isinstance(hosts, dict) else {}).items():
        if name in set(Host) and isinstance(entry, dict) and isinstance(entry.get("files"), dict):
            folders = tuple(entry.get("folders", ()))
            found[Host(name)] = Installed(Host(name), str(entry.get("version", "")), entry["files"], folders)
    return found


def install_plugin(
    profile: Profile, host: Host, *, shipped: Path | None = None, machine: Machine | None = None
) -> Change:
    """Put a plugin where its editor looks for it; over an older one of ours, where there is one.

    Raises:
        KnownError: "exists": a file that is not ours is in the way; nothing was written. "unwritable": a file cannot be
            written. Others as in plan_of.
    """
    plan = plan_of(host, shipped or shipped_dir("plugin"), profile, machine or Machine())
    before = installed_plugins(profile).get(host, Installed(host, "", {}))
    _refuse_strangers(plan, before)
    kept = set(before.changed)
    _make_bridge(profile)
    folders = [*before.folders, *_missing_folders(plan, before)]
    written = [path for path in plan.files if path not in kept and _write(path, plan.files[path])]
    files = {str(path): before.files[str(path)] if path in kept else _digest(plan.files[path]) for path in plan.files}
    stale = [path for path in map(Path, before.files) if path not in plan.files]
    removed = _remove_unchanged(path for path in stale if path not in kept)
    _save(profile, Installed(host, __version__, files, tuple(folders)))
    return Change(host, tuple(written), tuple(removed), tuple(sorted(kept)), plan.next_steps)


def remove_plugin(profile: Profile, host: Host) -> Change:
    """Delete what was installed, but not what the user has changed since.

    Raises:
        KnownError: "missing": it is not installed. "unwritable": a file cannot be deleted.
    """
    installed = installed_plugins(profile).get(host)
    if installed is None:
        raise KnownError(
            f"The plugin for {NAMES[host]} is not installed.",
            remedy=f"Install it with: needledrop plugin install {host}",
            code="missing",
        )
    kept = installed.changed
    removed = _remove_unchanged(path for path in map(Path, installed.files) if path not in kept)
    for folder in map(Path, reversed(installed.folders)):
        with contextlib.suppress(OSError):  # What the user has put there stays, and the folder with it.
            if not folder.is_symlink():
                folder.rmdir()
    _save(profile, Installed(host, installed.version, {}))
    return Change(host, removed=tuple(removed), kept=kept)


def update_plugins(profile: Profile, hosts: Iterable[Host] = (), *, shipped: Path | None = None) -> list[Change]:
    """Install again what is installed: those named, or all.

    Raises:
        KnownError: as in install_plugin and remove_plugin.
    """
    installed = installed_plugins(profile)
    wanted = list(hosts) or list(installed)
    for host in wanted:
        if host not in installed:
            raise KnownError(
                f"The plugin for {NAMES[host]} is not installed.",
                remedy=f"Install it with: needledrop plugin install {host}",
                code="missing",
            )
    return [install_plugin(profile, host, shipped=shipped) for host in wanted]


def _manifest_path(profile: Profile) -> Path:
    return profile.data_dir / "plugins" / "installed.json"


def _save(profile: Profile, installed: Installed) -> None:
    """Put one plugin into the manifest; one without files leaves it."""
    hosts = {
        host.value: {"version": one.version, "files": dict(one.files), "folders": list(one.folders)}
        for host, one in (installed_plugins(profile) | {installed.host: installed}).items()
        if one.files
    }
    write_json(_manifest_path(profile), {"schema": _MANIFEST_SCHEMA, "hosts": hosts})


def _refuse_strangers(plan: Plan, before: Installed) -> None:
    for path, content in plan.files.items():
        is_ours = str(path) in before.files or (_is_there(path) and _sha256(path) == _digest(content))
        if _is_there(path) and not is_ours:
            raise KnownError(
                f"'{display_path(path)}' is there already, and Needledrop did not write it.",
                remedy="Move it away, then try again.",
                code="exists",
            )


def _missing_folders(plan: Plan, before: Installed) -> list[str]:
    """The folders that writing the plan will make, outer ones first."""
    missing = {folder for path in plan.files for folder in path.parents if not _is_there(folder)}
    return [str(folder) for folder in sorted(missing) if str(folder) not in before.folders]


def _make_bridge(profile: Profile) -> None:
    """The folders a plugin writes to before the engine has ever run; for this user only."""
    try:
        profile.bridge_dir.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
        for name in BRIDGE_PARTS:
            (profile.bridge_dir / name).mkdir(exist_ok=True, mode=_PRIVATE)
    except OSError as error:
        raise _unwritable(profile.bridge_dir, error) from error


def _is_there(path: Path) -> bool:
    """Also where it is a link to nothing."""
    return os.path.lexists(path)


def _sha256(path: Path) -> str:
    """Of a file; a link or a folder in its place has none, and so is never taken for ours."""
    return _digest(path.read_bytes()) if path.is_file() and not path.is_symlink() else ""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> bool:
    """Write a file whole; says whether it was another before."""
    if _is_there(path) and path.read_bytes() == content:
        return False
    scratch = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(content)
        if path.suffix == ".command":
            scratch.chmod(0o755)
        scratch.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
        raise _unwritable(path, error) from error
    return True


def _remove_unchanged(paths: Iterable[Path]) -> list[Path]:
    removed = []
    for path in paths:
        try:
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _unwritable(path, error) from error
        removed.append(path)
        _remove_bytecode(path)
    return removed


def _remove_bytecode(module: Path) -> None:
    """What Python wrote when a module of ours was loaded, and its folder once it is empty."""
    cache = module.parent / "__pycache__"
    with contextlib.suppress(OSError):  # Left behind it does no harm.
        for made in cache.glob(f"{module.stem}.*.pyc"):
            made.unlink()
        cache.rmdir()


def _unwritable(path: Path, error: OSError) -> KnownError:
    return KnownError(
        f"'{display_path(path)}' cannot be changed.",
        remedy="Close the editor, check that you may write there, then try again.",
        cause=str(error),
        code="unwritable",
    )
