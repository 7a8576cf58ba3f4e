# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop plugin`: what it says, as text and as JSON, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from needledrop.cli.exit_codes import DONE, KNOWN_ERROR
from needledrop.workflows import editor_plugins
from unit.cli.conftest import Program

SHIPPED = Path(__file__).resolve().parents[3] / "plugin"


@pytest.fixture(autouse=True)
def on_linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine of somebody else, with an empty home folder, and the plugins of this checkout."""
    machine = editor_plugins.Machine("linux", tmp_path / "home", {})
    monkeypatch.setattr(editor_plugins, "Machine", lambda: machine)
    monkeypatch.setattr(editor_plugins, "shipped_dir", lambda name: SHIPPED)


def test_install_list_update_remove(run_at: Program, tmp_path: Path) -> None:
    status, said, _ = run_at(tmp_path, "plugin", "install", "Resolve")
    assert status == DONE
    assert "DaVinci Resolve: 10 files written, 0 removed." in said
    assert "Workspace > Scripts > Needledrop" in said
    menu_item = tmp_path / "home/.local/share/DaVinciResolve/Fusion/Scripts/Utility/Needledrop.lua"
    assert f"    {menu_item}" in said and menu_item.is_file()
    menu_item.write_text("-- mine")
    _, said, _ = run_at(tmp_path, "plugin", "list")
    assert "resolve   DaVinci Resolve  version" in said and "1 file changed by you" in said
    assert "finalcut  Final Cut Pro    not installed" in said
    _, said, _ = run_at(tmp_path, "plugin", "update")
    assert f"kept, because you changed it: {menu_item}" in said
    _, said, _ = run_at(tmp_path, "plugin", "remove", "resolve")
    assert "0 files written, 9 removed." in said
    assert menu_item.read_text() == "-- mine"


def test_the_same_as_json(run_at: Program, tmp_path: Path) -> None:
    _, said, _ = run_at(tmp_path, "plugin", "install", "shotcut", "--json")
    (change,) = json.loads(said)
    assert change["host"] == "shotcut" and len(change["written"]) == 5 and change["kept"] == []
    _, said, _ = run_at(tmp_path, "plugin", "list", "--json")
    listed = json.loads(said)
    assert listed["shotcut"]["files"] == sorted(change["written"]) and listed["blender"] is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("install", "avid"), "usage"),
        (("install", "finalcut"), "unsupported"),
        (("install", "blender"), "missing"),
        (("remove", "shotcut"), "missing"),
        (("update", "shotcut"), "missing"),
    ],
)
def test_what_cannot_be_done_is_said(run_at: Program, tmp_path: Path, words: tuple[str, ...], code: str) -> None:
    status, said, _ = run_at(tmp_path, "plugin", *words, "--json")
    assert status == KNOWN_ERROR
    assert json.loads(said)["error"]["code"] == code


def test_an_update_of_nothing_says_how_to_begin(run_at: Program, tmp_path: Path) -> None:
    status, said, _ = run_at(tmp_path, "plugin", "update")
    assert status == DONE and "No plugin is installed: needledrop plugin install HOST" in said
