# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Premiere panel: its logic in Node against a stand-in of Premiere, its manifest, its timeline file in our reader.

Needs `node` 18 or later (Debian: nodejs) for the logic.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from needledrop.export.interchange.otio_reader import read_otio

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PANEL = REPOSITORY / "plugin" / "premiere"
NODE_TESTS = Path(__file__).with_name("premiere")
NTSC = Fraction(30000, 1001)
# What Adobe's reference of manifest version 5 knows, for Premiere.
ROOT_KEYS = {"manifestVersion", "id", "name", "version", "main", "host", "entrypoints", "icons", "requiredPermissions"}
PANEL_KEYS = {"type", "id", "label", "description", "minimumSize", "maximumSize", "preferredDockedSize"} | {
    "preferredFloatingSize", "icons",
}  # fmt: skip
ICON_KEYS = {"width", "height", "path", "scale", "theme", "species"}
PERMISSIONS = {"network", "localFileSystem", "launchProcess", "clipboard"}


@pytest.fixture
def node() -> str:
    """Node, new enough to run tests itself."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed (Debian: apt-get install nodejs)")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.strip("v \n").partition(".")[0]) < 18:
        pytest.skip(f"node {version.strip()} is too old: 18 or later runs these tests")
    return found


@pytest.fixture
def manifest() -> dict[str, Any]:
    return dict(json.loads((PANEL / "manifest.json").read_text("utf-8")))


def test_the_panels_logic(node: str, tmp_path: Path) -> None:
    """Every test of the panel passes in Node, and what it hands over is read by Needledrop as it was cut."""
    file = tmp_path / "cut.otio"
    ran = subprocess.run(
        [node, "--test", str(NODE_TESTS / "panel.test.js")],
        env={**os.environ, "NEEDLEDROP_TIMELINE_FILE": str(file)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    edit = read_otio(file)
    assert edit.frame_rate == NTSC
    spans = [(clip.kind.value, clip.record_in_s * NTSC, clip.record_out_s * NTSC) for clip in edit.clips]
    assert spans == [("picture", 0, 100), ("picture", 150, 300), ("sound", 0, 100), ("sound", 250, 300)]
    assert edit.clips[0].source_in_s == 500 / NTSC
    assert edit.clips[2].role.value == "speech"
    assert {clip.source.named for clip in edit.clips if clip.source} == {"file:///films/my%20film%20%231.mov"}


def test_the_manifest_has_only_documented_fields(manifest: dict[str, Any]) -> None:
    assert set(manifest) <= ROOT_KEYS
    assert manifest["manifestVersion"] == 5
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])
    assert manifest["host"] == {"app": "premierepro", "minVersion": "25.6.0"}
    (panel,) = manifest["entrypoints"]
    assert set(panel) <= PANEL_KEYS
    assert panel["type"] == "panel"
    assert panel["minimumSize"]["width"] <= panel["preferredDockedSize"]["width"] <= panel["maximumSize"]["width"]
    for icon in [*manifest["icons"], *panel["icons"]]:
        assert set(icon) <= ICON_KEYS
        for scale in icon["scale"]:
            path = PANEL / icon["path"].replace(".png", f"@{scale}x.png")
            assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert set(manifest["requiredPermissions"]) == PERMISSIONS


def test_what_the_manifest_names_is_there(manifest: dict[str, Any]) -> None:
    page = (PANEL / manifest["main"]).read_text("utf-8")
    for named in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert (PANEL / named).is_file()
    setup = (PANEL / "index.js").read_text("utf-8")
    assert f"panels: {{ {manifest['entrypoints'][0]['id']}:" in setup


def test_the_panel_reaches_nothing_but_this_machine() -> None:
    """Its permission for the network cannot name a port that changes; its code can."""
    code = "".join(path.read_text("utf-8") for path in [PANEL / "index.js", *(PANEL / "src").glob("*.js")])
    assert set(re.findall(r"(?:wss?|https?)://[^/$:`\"]+", code)) == {"ws://127.0.0.1"}
    assert "fetch(" not in code
    assert "XMLHttpRequest" not in code


def test_modules_are_required_as_uxp_finds_them() -> None:
    """By their whole relative path; else only what UXP and Premiere bring."""
    for module in [PANEL / "index.js", *(PANEL / "src").glob("*.js")]:
        for named in re.findall(r'require\("([^"]+)"\)', module.read_text("utf-8")):
            if named.startswith("."):
                assert (module.parent / named).is_file(), f"{module.name}: {named}"
            else:
                assert named in {"fs", "premierepro", "uxp"}


def test_the_stylesheet_keeps_to_what_uxp_knows() -> None:
    style = (PANEL / "panel.css").read_text("utf-8")
    declared = set(re.findall(r"^\s+([a-z-]+):", style, re.MULTILINE))
    assert declared.isdisjoint({"gap", "grid", "grid-template-columns", "float", "transition", "animation"})
    assert set(re.findall(r"var\((--[a-z-]+)\)", style)) <= set(re.findall(r"^\s+(--[a-z-]+):", style, re.MULTILINE))
