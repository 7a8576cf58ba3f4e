# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb that freezes: what it fetches, runs and says; the freezing itself is tried by hand and, if asked, by CI."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"


def load() -> ModuleType:
    """A fresh copy of the module, which finds its neighbours in packaging/ as when it is started from there."""
    sys.path.insert(0, str(PACKAGING))
    try:
        spec = importlib.util.spec_from_file_location("package_under_test", PACKAGING / "bootstrap_package.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(PACKAGING))


@pytest.fixture
def bootstrap_package(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, with nothing fetched or run."""
    module = load()
    module.calls = []
    monkeypatch.setattr(module, "has_freezer", lambda _: True)
    monkeypatch.setattr(module, "pip_install", lambda venv, wanted, label: module.calls.append(wanted))
    monkeypatch.setattr(module, "run_logged", lambda command, *_: (module.calls.append(command), (0, ""))[1])
    monkeypatch.setattr(module.subprocess, "call", lambda command: (module.calls.append(command), 3)[1])
    return module


def test_it_freezes_and_says_how_large_it_became(
    bootstrap_package: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "dist" / "needledrop"
    folder.mkdir(parents=True)
    (folder / "data").write_bytes(bytes(3_000_000))
    (folder / "same").symlink_to(folder / "data")
    assert bootstrap_package.package(tmp_path, Path("python"), []) == 0
    (command,) = bootstrap_package.calls
    assert command[1:3] == ["-m", "PyInstaller"] and command[-1].endswith("needledrop.spec")
    assert "3 MB" in capsys.readouterr().err


def test_the_freezer_is_fetched_once(
    bootstrap_package: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap_package, "has_freezer", lambda _: False)
    bootstrap_package.package(tmp_path, Path("python"), [])
    assert bootstrap_package.calls[0] == [bootstrap_package.FREEZER]


def test_the_self_test_is_run_where_it_is_asked_for(bootstrap_package: ModuleType, tmp_path: Path) -> None:
    assert bootstrap_package.package(tmp_path, Path("python"), ["--check"]) == 3
    assert bootstrap_package.calls[-1][-1] == "self-test"


def test_a_failure_and_an_unknown_word_are_sentences(
    bootstrap_package: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(bootstrap_package.CannotGoOn) as refused:
        bootstrap_package.package(tmp_path, Path("python"), ["--upload"])
    assert "--upload" in refused.value.sentence
    monkeypatch.setattr(bootstrap_package, "run_logged", lambda *_: (1, "line\nthe reason"))
    with pytest.raises(bootstrap_package.CannotGoOn) as failed:
        bootstrap_package.package(tmp_path, Path("python"), [])
    assert "the reason" in failed.value.details


def test_the_specification_leaves_out_what_is_not_used_and_keeps_what_is() -> None:
    tree = ast.parse((PACKAGING / "needledrop.spec").read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert {"torch", "librosa", "WebEngineCore", "Qml", "needledrop_resources", "needledrop_models"} <= texts


def test_the_frozen_program_starts_as_the_installed_one_does() -> None:
    main = (PACKAGING / "frozen_main.py").read_text(encoding="utf-8")
    assert "from needledrop.__main__ import main" in main and '__name__ == "__main__"' in main
