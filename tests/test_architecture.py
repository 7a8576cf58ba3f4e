# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The house stands as drawn: import contracts, style, types."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(
            ["-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"], id="imports"
        ),
        pytest.param(["-m", "ruff", "check", "app", "tests", "packaging", "resources"], id="ruff"),
        pytest.param(["-m", "ruff", "format", "--check", "app", "tests", "packaging", "resources"], id="format"),
        pytest.param(["-m", "mypy"], id="mypy"),
    ],
)
def test_house_rule(command: list[str]) -> None:
    result = subprocess.run([sys.executable, *command], cwd=REPOSITORY, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_folders_of_data_are_no_packages() -> None:
    assert not [
        folder for folder in ("packaging", "resources", "models") if (REPOSITORY / folder / "__init__.py").exists()
    ]


def test_every_module_carries_its_licence() -> None:
    bare = [
        str(path.relative_to(REPOSITORY))
        for folder in ("app", "tests", "packaging", "resources")
        for path in (REPOSITORY / folder).rglob("*.py")
        if "SPDX-License-Identifier: GPL-3.0-or-later" not in path.read_text(encoding="utf-8")[:400]
    ]
    assert not bare


def test_no_module_name_says_nothing() -> None:
    empty_names = {"utils", "helpers", "misc", "common", "manager"}
    assert not [path for path in (REPOSITORY / "app").rglob("*.py") if path.stem in empty_names]
