# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where each editor wants its plugin on each system, and what is put there. Reads what ships; writes nothing."""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.core.lua_text import lua_chunk
from needledrop.core.paths import Profile

INSTALL_SCHEMA = 1
_NOT_INSTALLED = ("__pycache__", "node_modules", "tests")
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # The same files make the same package.


class Host(StrEnum):
    """The editors there is a plugin for."""

    RESOLVE = "resolve"
    BLENDER = "blender"
    PREMIERE = "premiere"
    KDENLIVE = "kdenlive"
    SHOTCUT = "shotcut"
    FINALCUT = "finalcut"


NAMES = {
    Host.RESOLVE: "DaVinci Resolve",
    Host.BLENDER: "Blender",
    Host.PREMIERE: "Premiere Pro",
    Host.KDENLIVE: "Kdenlive",
    Host.SHOTCUT: "Shotcut",
    Host.FINALCUT: "Final Cut Pro",
}


@dataclass(frozen=True)
class Machine:
    """The system and the user's folders; given in tests."""

    system: str = sys.platform
    home: Path = field(default_factory=Path.home)
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def roaming(self) -> Path:
        """%APPDATA% of Windows."""
        return Path(self.environment.get("APPDATA") or self.home / "AppData" / "Roaming")

    def xdg(self, name: str, inside_home: str) -> Path:
        """A base folder of Linux, such as XDG_CONFIG_HOME; one that is not absolute does not count."""
        named = Path(self.environment.get(name, ""))
        return named if named.is_absolute() else self.home / inside_home


@dataclass(frozen=True)
class Plan:
    """What a plugin is made of: the content of each file by its path, and what the user does next, as sentences."""

    files: Mapping[Path, bytes]
    next_steps: str


def plan_of(host: Host, shipped: Path, profile: Profile, machine: Machine) -> Plan:
    """What installing a plugin puts where.

    Args:
        shipped: The folder `plugin` of the program.

    Raises:
        KnownError: "unsupported": the editor does not run on this system. "missing": it was never started here, or the
            installation of Needledrop is incomplete.
    """
    source = shipped / host.value
    if not source.is_dir():
        raise KnownError(
            f"The plugin for {NAMES[host]} is not in this installation of Needledrop.",
            remedy="Install Needledrop again.",
            code="missing",
        )
    return _PLANS[host](source, profile, machine)


def own_command(profile: Profile) -> list[str]:
    """How a plugin starts this very program with this very profile."""
    command = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "needledrop"]
    if profile != Profile.default():
        command += ["--profile", str(profile.data_dir.parent)]
    return command


def _install_facts(profile: Profile) -> dict[str, object]:
    command = own_command(profile)
    return {
        "schema": INSTALL_SCHEMA,
        "bridge_dir": profile.bridge_dir.as_posix(),
        "command": command,
        "launch": [*command, "serve", "--for-plugin"],
    }


def _install_json(profile: Profile) -> bytes:
    return (json.dumps(_install_facts(profile), indent=1) + "\n").encode()


def _install_lua(profile: Profile) -> bytes:
    return lua_chunk(_install_facts(profile))


def _shipped_files(source: Path) -> Iterator[tuple[Path, bytes]]:
    """The files of a plugin with their paths inside it; not what is for readers and developers only."""
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        is_hidden = any(part.startswith(".") or part in _NOT_INSTALLED for part in inside.parts)
        if path.is_file() and not is_hidden and path.suffix != ".md" and not path.name.startswith("eslint"):
            yield inside, path.read_bytes()


def _own_dir(profile: Profile, host: Host) -> Path:
    return profile.data_dir / "plugins" / host.value


def _resolve(source: Path, profile: Profile, machine: Machine) -> Plan:
    blackmagic = "Blackmagic Design/DaVinci Resolve"
    fusion = {
        "darwin": machine.home / "Library/Application Support" / blackmagic / "Fusion",
        "win32": machine.roaming / blackmagic / "Support/Fusion",
    }.get(machine.system, machine.home / ".local/share/DaVinciResolve/Fusion")
    parts, own = fusion / "Modules/Lua/needledrop", _own_dir(profile, Host.RESOLVE)
    files = {
        parts / "needledrop_install.lua": _install_lua(profile),
        own / "needledrop_install.json": _install_json(profile),
    }
    asks = source.parent / "handoff" / "needledrop_bridge.py"
    files[own / asks.name] = asks.read_bytes()
    for inside, content in _shipped_files(source):
        if inside.suffix == ".py":
            files[own / inside] = content
        elif len(inside.parts) == 1:  # What lies in this folder is listed in Resolve's menu.
            files[fusion / "Scripts/Utility" / inside] = content
        else:
            files[parts / inside.name] = content
    return Plan(
        files,
        "Start DaVinci Resolve again, open a timeline, then choose Workspace > Scripts > Needledrop. "
        f"Studio from a terminal: python3 '{own / 'needledrop_resolve.py'}'",
    )


def _blender(source: Path, profile: Profile, machine: Machine) -> Plan:
    base = {
        "darwin": machine.home / "Library/Application Support/Blender",
        "win32": machine.roaming / "Blender Foundation/Blender",
    }.get(machine.system, machine.xdg("XDG_CONFIG_HOME", ".config") / "blender")
    versions = {path: _version(path.name) for path in base.glob("*.*") if path.is_dir()}
    found = {path: version for path, version in versions.items() if version >= (3, 4)}
    if not found:
        raise KnownError(
            f"Blender 3.4 or later was never started here: there is no folder of it in {base}.",
            remedy="Start Blender once, close it, and try again.",
            code="missing",
        )
    files: dict[Path, bytes] = {}
    for path, version in found.items():
        addons = path / ("extensions/user_default" if version >= (4, 2) else "scripts/addons")
        packages = {inside: content for inside, content in _shipped_files(source) if len(inside.parts) > 1}
        files |= {addons / inside: content for inside, content in packages.items()}
        for name in {inside.parts[0] for inside in packages}:
            files[addons / name / "needledrop_install.json"] = _install_json(profile)
    return Plan(
        files,
        "Start Blender again and switch Needledrop on in Edit > Preferences > Add-ons; its panel is in the sidebar (N) "
        "of the Video Sequencer.",
    )


def _version(name: str) -> tuple[int, ...]:
    parts = name.split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()


def _premiere(source: Path, profile: Profile, machine: Machine) -> Plan:
    if machine.system not in ("darwin", "win32"):
        raise _not_here(Host.PREMIERE, "macOS and Windows")
    own = _own_dir(profile, Host.PREMIERE)
    inside = dict(_shipped_files(source)) | {Path("needledrop_install.json"): _install_json(profile)}
    package = own / "Needledrop.ccx"
    return Plan(
        {own / "panel" / path: content for path, content in inside.items()} | {package: _zip_of(inside)},
        f"Open '{package}': Creative Cloud adds it to Premiere Pro 25.6 or later. "
        "Then choose Window > UXP Plugins > Needledrop.",
    )


def _zip_of(files: Mapping[Path, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path.as_posix(), _ZIP_TIME), content, zipfile.ZIP_DEFLATED)
    return sink.getvalue()


def _by_files(host: Host) -> Callable[[Path, Profile, Machine], Plan]:
    """The plan of an editor that is handed files: a script of ours, and something to start it with."""

    def plan(source: Path, profile: Profile, machine: Machine) -> Plan:
        if host is Host.FINALCUT and machine.system != "darwin":
            raise _not_here(host, "macOS")
        own = _own_dir(profile, host)
        script = own / f"needledrop_{host.value}.py"
        shared = dict(_shipped_files(source.parent / "handoff"))
        files = {own / inside: content for inside, content in (shared | dict(_shipped_files(source))).items()}
        files[own / "needledrop_install.json"] = _install_json(profile)
        starter = _starter(host, script, machine)
        if starter is None:
            return Plan(files, f'In a terminal: {_python()} "{script}" PROJECT')
        return Plan(files | {starter[0]: starter[1]}, starter[2])

    return plan


def _starter(host: Host, script: Path, machine: Machine) -> tuple[Path, bytes, str] | None:
    """What starts a script of ours from the desktop: its path, its content, and how it is used."""
    if machine.system == "darwin":
        path = machine.home / "Applications" / f"Needledrop for {NAMES[host]}.command"
        quoted = [("'" + part.replace("'", "'\\''") + "'") for part in (_python(), str(script))]
        text = f'#!/bin/sh\nexec {" ".join(quoted)} "$@"\n'
        return path, text.encode(), f"Open '{path}' and drag your project into its window."
    if machine.system == "win32":
        return None
    kinds = {Host.KDENLIVE: "application/x-kdenlive;", Host.SHOTCUT: "application/mlt+xml;"}
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        f"Name=Needledrop for {NAMES[host]}",
        "Comment=Suggests music for a project",
        f"Exec={_desktop_quoted(_python())} {_desktop_quoted(str(script))} --stay %f",
        "Terminal=true",
        "NoDisplay=false",
        f"MimeType={kinds[host]}video/mp4;video/quicktime;video/x-matroska;",
    ]
    path = machine.xdg("XDG_DATA_HOME", ".local/share") / "applications" / f"needledrop-{host.value}.desktop"
    return (
        path,
        ("\n".join(lines) + "\n").encode(),
        f"Open a project with 'Needledrop for {NAMES[host]}' in your file manager.",
    )


def _python() -> str:
    """The frozen program has no Python to lend."""
    return "python3" if getattr(sys, "frozen", False) else sys.executable


def _desktop_quoted(word: str) -> str:
    """An argument of Exec as the Desktop Entry Specification 1.5 quotes it."""
    escaped = "".join(f"\\\\{char}" if char in '"`$' else "\\\\\\\\" if char == "\\" else char for char in word)
    return '"' + escaped.replace("%", "%%") + '"'


def _not_here(host: Host, systems: str) -> KnownError:
    return KnownError(
        f"{NAMES[host]} runs on {systems} only.",
        remedy="Install its plugin on the machine you cut on.",
        code="unsupported",
    )


_PLANS: dict[Host, Callable[[Path, Profile, Machine], Plan]] = {
    Host.RESOLVE: _resolve,
    Host.BLENDER: _blender,
    Host.PREMIERE: _premiere,
    Host.KDENLIVE: _by_files(Host.KDENLIVE),
    Host.SHOTCUT: _by_files(Host.SHOTCUT),
    Host.FINALCUT: _by_files(Host.FINALCUT),
}
