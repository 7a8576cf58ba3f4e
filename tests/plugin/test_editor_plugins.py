# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plugins go where the editors look for them, on each system; and nothing is lost that the user made or changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from needledrop import __version__
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.workflows.editor_plugin_places import Host, Machine, own_command
from needledrop.workflows.editor_plugins import (
    host_named,
    install_plugin,
    installed_plugins,
    remove_plugin,
    update_plugins,
)

SHIPPED = Path(__file__).resolve().parents[2] / "plugin"
SYSTEMS = ("linux", "darwin", "win32")
FUSION = {
    "linux": ".local/share/DaVinciResolve/Fusion",
    "darwin": "Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion",
    "win32": "AppData/Roaming/Blackmagic Design/DaVinci Resolve/Support/Fusion",
}
BLENDER = {
    "linux": ".config/blender",
    "darwin": "Library/Application Support/Blender",
    "win32": "AppData/Roaming/Blender Foundation/Blender",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home of Zoë"
    folder.mkdir()
    return folder


def machine(home: Path, system: str = "linux") -> Machine:
    return Machine(system, home, {})


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("system", SYSTEMS)
def test_resolve_gets_a_menu_item_alone_in_its_menu(profile: Profile, home: Path, system: str) -> None:
    change = install_plugin(profile, Host.RESOLVE, shipped=SHIPPED, machine=machine(home, system))
    fusion = home / FUSION[system]
    assert [path.name for path in (fusion / "Scripts/Utility").iterdir()] == ["Needledrop.lua"]
    parts = {path.name for path in (fusion / "Modules/Lua/needledrop").iterdir()}
    assert parts == {"bridge.lua", "flow.lua", "json.lua", "timeline.lua", "needledrop_install.lua"}
    assert (profile.data_dir / "plugins/resolve/needledrop_resolve.py").is_file()
    assert all(path.is_file() for path in change.written)
    assert {path.name for path in (profile.data_dir / "bridge").iterdir()} == {"requests", "answers", "exports"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_what_plugins_write_to_is_the_users_alone(profile: Profile, home: Path) -> None:
    install_plugin(profile, Host.RESOLVE, shipped=SHIPPED, machine=machine(home))
    folders = [profile.data_dir / "bridge", *(profile.data_dir / "bridge").iterdir()]
    assert [folder.stat().st_mode & 0o777 for folder in folders] == [0o700] * 4


def test_it_says_how_this_program_is_started_with_this_profile(profile: Profile, home: Path) -> None:
    install_plugin(profile, Host.KDENLIVE, shipped=SHIPPED, machine=machine(home))
    facts = json.loads((profile.data_dir / "plugins/kdenlive/needledrop_install.json").read_text())
    assert facts["schema"] == 1
    assert facts["bridge_dir"] == str(profile.data_dir / "bridge")
    assert facts["launch"] == [*facts["command"], "serve", "--for-plugin"]
    done = subprocess.run([*facts["command"], "plugin", "list", "--json"], capture_output=True, check=True)
    assert json.loads(done.stdout)["kdenlive"]["files"]


def test_the_users_own_profile_needs_no_option() -> None:
    assert own_command(Profile.default()) == [sys.executable, "-m", "needledrop"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_blender_gets_an_add_on_or_an_extension_by_its_version(
    profile: Profile, home: Path, tmp_path: Path, system: str
) -> None:
    shipped = tmp_path / "plugin"
    (shipped / "blender/needledrop_vse").mkdir(parents=True)
    (shipped / "blender/needledrop_vse/__init__.py").write_text("bl_info = {}\n")
    (shipped / "blender/README.md").write_text("for readers")
    for version in ("2.93", "3.4", "4.2", "5.0", "old stuff"):
        (home / BLENDER[system] / version).mkdir(parents=True)
    install_plugin(profile, Host.BLENDER, shipped=shipped, machine=machine(home, system))
    found = {str(Path(name).parent.as_posix()) for name in files_in(home / BLENDER[system])}
    extension, addon = "extensions/user_default/needledrop_vse", "scripts/addons/needledrop_vse"
    assert found == {f"3.4/{addon}", f"4.2/{extension}", f"5.0/{extension}"}
    names = {path.name for path in (home / BLENDER[system] / "5.0" / extension).iterdir()}
    assert names == {"__init__.py", "needledrop_install.json"}


def test_folders_that_the_user_has_moved_are_found(profile: Profile, home: Path, tmp_path: Path) -> None:
    moved = Machine("linux", home, {"XDG_CONFIG_HOME": str(tmp_path / "etc"), "XDG_DATA_HOME": "not absolute"})
    (tmp_path / "etc/blender/5.0").mkdir(parents=True)
    change = install_plugin(profile, Host.BLENDER, shipped=SHIPPED, machine=moved)
    assert all(path.is_relative_to(tmp_path / "etc/blender/5.0/extensions/user_default") for path in change.written)
    install_plugin(profile, Host.SHOTCUT, shipped=SHIPPED, machine=moved)
    assert list(files_in(home)) == [".local/share/applications/needledrop-shotcut.desktop"]


def test_blender_that_was_never_started_is_said(profile: Profile, home: Path) -> None:
    with pytest.raises(KnownError, match="never started"):
        install_plugin(profile, Host.BLENDER, shipped=SHIPPED, machine=machine(home))


def test_premiere_gets_a_package_that_is_the_same_each_time(profile: Profile, home: Path, tmp_path: Path) -> None:
    shipped = tmp_path / "plugin"
    (shipped / "premiere/src").mkdir(parents=True)
    (shipped / "premiere/manifest.json").write_text("{}")
    (shipped / "premiere/src/panel.js").write_text("1")
    (shipped / "premiere/node_modules").mkdir()
    (shipped / "premiere/node_modules/left.js").write_text("2")
    install_plugin(profile, Host.PREMIERE, shipped=shipped, machine=machine(home, "darwin"))
    package = profile.data_dir / "plugins/premiere/Needledrop.ccx"
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {"manifest.json", "src/panel.js", "needledrop_install.json"}
    again = install_plugin(profile, Host.PREMIERE, shipped=shipped, machine=machine(home, "darwin"))
    assert again.written == ()


@pytest.mark.parametrize(
    ("host", "system"), [(Host.FINALCUT, "linux"), (Host.FINALCUT, "win32"), (Host.PREMIERE, "linux")]
)
def test_an_editor_that_is_not_on_this_system_is_refused(
    profile: Profile, home: Path, tmp_path: Path, host: Host, system: str
) -> None:
    (tmp_path / "plugin" / host).mkdir(parents=True)
    with pytest.raises(KnownError) as caught:
        install_plugin(profile, host, shipped=tmp_path / "plugin", machine=machine(home, system))
    assert caught.value.code == "unsupported"
    assert files_in(home) == {}


def test_a_desktop_entry_starts_the_script_whatever_its_folder_is_called(tmp_path: Path, home: Path) -> None:
    profile = Profile.at(tmp_path / 'odd "$name" 100% \\ `x`')
    install_plugin(profile, Host.SHOTCUT, shipped=SHIPPED, machine=machine(home))
    text = (home / ".local/share/applications/needledrop-shotcut.desktop").read_text()
    line = next(line for line in text.splitlines() if line.startswith("Exec="))
    script = profile.data_dir / "plugins/shotcut/needledrop_shotcut.py"
    assert unquoted(line.removeprefix("Exec=")) == [sys.executable, str(script), "--stay", "%f"]


def unquoted(value: str) -> list[str]:
    """The arguments of Exec, read as the Desktop Entry Specification has it: the string first, then the quotes."""
    text = value.replace("\\\\", "\\")
    words, at = [], 0
    while at < len(text):
        if text[at] != '"':
            end = text.find(" ", at)
            words.append(text[at : end if end >= 0 else None])
            at = end + 1 if end >= 0 else len(text)
            continue
        word, at = "", at + 1
        while text[at] != '"':
            at += text[at] == "\\"
            word, at = word + text[at], at + 1
        words.append(word.replace("%%", "%"))
        at += 2
    return words


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_on_a_mac_a_double_click_starts_the_script(profile: Profile, home: Path) -> None:
    install_plugin(profile, Host.FINALCUT, shipped=SHIPPED, machine=machine(home, "darwin"))
    starter = home / "Applications/Needledrop for Final Cut Pro.command"
    done = subprocess.run([starter, "--help"], capture_output=True, text=True, check=True)
    assert "Final Cut Pro" in done.stdout


def test_a_file_that_is_not_ours_is_never_replaced(profile: Profile, home: Path) -> None:
    theirs = home / FUSION["linux"] / "Scripts/Utility/Needledrop.lua"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("-- mine\n")
    with pytest.raises(KnownError) as caught:
        install_plugin(profile, Host.RESOLVE, shipped=SHIPPED, machine=machine(home))
    assert caught.value.code == "exists"
    assert str(theirs) in caught.value.sentence
    assert files_in(home) == {str(theirs.relative_to(home)): b"-- mine\n"}
    assert installed_plugins(profile) == {}


@pytest.mark.skipif(os.name == "nt", reason="links need rights of their own there")
def test_nor_is_a_link_in_its_place(profile: Profile, home: Path) -> None:
    place = home / FUSION["linux"] / "Scripts/Utility/Needledrop.lua"
    place.parent.mkdir(parents=True)
    place.symlink_to(home / "nowhere")
    with pytest.raises(KnownError):
        install_plugin(profile, Host.RESOLVE, shipped=SHIPPED, machine=machine(home))
    assert not (home / "nowhere").exists()


def test_what_the_user_changed_is_kept_and_named_by_update_and_remove(profile: Profile, home: Path) -> None:
    install_plugin(profile, Host.RESOLVE, shipped=SHIPPED, machine=machine(home))
    theirs = home / FUSION["linux"] / "Scripts/Utility/Needledrop.lua"
    theirs.write_text("-- mine now\n")
    assert installed_plugins(profile)[Host.RESOLVE].changed == (theirs,)
    again = install_plugin(profile, Host.RESOLVE, shipped=SHIPPED, machine=machine(home))
    assert (again.kept, again.written) == ((theirs,), ())
    removed = remove_plugin(profile, Host.RESOLVE)
    assert removed.kept == (theirs,)
    assert files_in(home) == {str(theirs.relative_to(home)): b"-- mine now\n"}


def test_remove_leaves_the_folders_as_they_were(profile: Profile, home: Path) -> None:
    theirs = home / FUSION["linux"] / "Scripts/Utility/another.lua"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("-- theirs\n")
    before = sorted(home.rglob("*"))
    install_plugin(profile, Host.RESOLVE, shipped=SHIPPED, machine=machine(home))
    assert len(sorted(home.rglob("*"))) > len(before)
    remove_plugin(profile, Host.RESOLVE)
    assert sorted(home.rglob("*")) == before
    assert installed_plugins(profile) == {}
    with pytest.raises(KnownError, match="not installed"):
        remove_plugin(profile, Host.RESOLVE)


def test_remove_takes_away_what_python_made_of_it_and_nothing_else(profile: Profile, home: Path) -> None:
    addons = home / BLENDER["linux"] / "3.4/scripts/addons"
    addons.mkdir(parents=True)
    install_plugin(profile, Host.BLENDER, shipped=SHIPPED, machine=machine(home))
    theirs = addons / "__pycache__/another.cpython-310.pyc"
    for path in (theirs, addons / "needledrop_vse/__pycache__/bridge.cpython-310.pyc"):
        path.parent.mkdir()
        path.write_bytes(b"made")
    remove_plugin(profile, Host.BLENDER)
    assert files_in(home) == {str(theirs.relative_to(home)): b"made"}
    assert list(addons.iterdir()) == [theirs.parent]


def test_an_update_replaces_what_is_ours_and_takes_away_what_is_no_longer_part(
    profile: Profile, home: Path, tmp_path: Path
) -> None:
    shipped = tmp_path / "plugin"
    old = ("resolve/Needledrop.lua", "resolve/needledrop/gone.lua", "handoff/needledrop_bridge.py")
    for name, text in dict.fromkeys(old, "old").items():
        (shipped / name).parent.mkdir(parents=True, exist_ok=True)
        (shipped / name).write_text(text)
    install_plugin(profile, Host.RESOLVE, shipped=shipped, machine=machine(home))
    (shipped / "resolve/Needledrop.lua").write_text("new")
    (shipped / "resolve/needledrop/gone.lua").unlink()
    change = install_plugin(profile, Host.RESOLVE, shipped=shipped, machine=machine(home))
    assert [path.name for path in change.written] == ["Needledrop.lua"]
    assert [path.name for path in change.removed] == ["gone.lua"]
    assert (home / FUSION["linux"] / "Scripts/Utility/Needledrop.lua").read_text() == "new"


def test_update_asks_only_for_what_is_installed(profile: Profile) -> None:
    assert update_plugins(profile) == []
    with pytest.raises(KnownError, match="not installed"):
        update_plugins(profile, [Host.RESOLVE])


def test_a_profile_that_takes_no_folder_is_said(profile: Profile, home: Path) -> None:
    profile.bridge_dir.parent.mkdir(parents=True, exist_ok=True)
    profile.bridge_dir.write_text("a file")
    with pytest.raises(KnownError) as refused:
        install_plugin(profile, Host.RESOLVE, shipped=SHIPPED, machine=machine(home))
    assert refused.value.code == "unwritable"
    assert files_in(home) == {}


def test_plugins_say_the_version_of_the_program() -> None:
    blender, premiere = SHIPPED / "blender/needledrop_vse", SHIPPED / "premiere"
    extension = tomllib.loads((blender / "blender_manifest.toml").read_text("utf-8"))
    assert extension["version"] == __version__
    assert f'"version": ({__version__.replace(".", ", ")}),' in (blender / "__init__.py").read_text("utf-8")
    assert json.loads((premiere / "manifest.json").read_text("utf-8"))["version"] == __version__


def test_an_unknown_editor_is_named_with_those_there_are() -> None:
    with pytest.raises(KnownError, match="resolve, blender, premiere, kdenlive, shotcut, finalcut"):
        host_named("avid")


def test_no_plugin_imports_the_program() -> None:
    sources = [path for path in SHIPPED.rglob("*.py") if "tests" not in path.parts]
    assert len(sources) >= 6
    for path in sources:
        text = path.read_text(encoding="utf-8")
        assert "from needledrop." not in text and "import needledrop\n" not in text, path
