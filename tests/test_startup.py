# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is loaded when: the window without anything heavy, the workers without Qt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "torchvision", "librosa", "numba", "scipy", "cv2", "av", "onnxruntime", "sklearn", "matplotlib")

WINDOW = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from needledrop.core.paths import Profile
from needledrop.gui.application import Shell

application = QApplication([])
shell = Shell(application, Profile.at(Path(sys.argv[1])))
loaded = {}

def look(when):
    loaded[when] = [name for name in sys.argv[2:] if name in sys.modules]

shell.window.painted.connect(lambda: look("painted"))

def finish():
    if shell.player is None:
        return
    look("built")
    for place in ("jobs", "settings"):
        shell.window.show_place(place)
    shell.window.open_shortcuts()
    shell.window.open_palette()
    look("used")
    application.quit()

timer = QTimer()
timer.timeout.connect(finish)
timer.start(50)
shell.start()
application.exec()
shell.end()
print(json.dumps(loaded))
"""


def python(code: str, *arguments: str) -> str:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_window_is_up_and_in_use_without_anything_heavy(tmp_path: Path) -> None:
    pytest.importorskip("PySide6")
    loaded = json.loads(python(WINDOW, str(tmp_path), *HEAVY))
    assert loaded == {"painted": [], "built": [], "used": []}


def test_the_window_leaves_qml_and_webengine_alone(tmp_path: Path) -> None:
    pytest.importorskip("PySide6")
    unwanted = ("PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtWebEngineCore", "PySide6.QtMultimediaWidgets")
    assert json.loads(python(WINDOW, str(tmp_path), *unwanted)) == {"painted": [], "built": [], "used": []}


@pytest.mark.parametrize(
    "module", ["needledrop.__main__", "needledrop.workflows.analysis", "needledrop.jobs.pool", "needledrop.cli.main"]
)
def test_workers_and_commands_never_load_qt(module: str) -> None:
    code = f"import sys, {module}; print([name for name in sys.modules if name.startswith('PySide6')])"
    assert python(code).strip() == "[]"


def test_the_composition_root_loads_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); import needledrop.__main__; "
        "print(sorted(name for name in set(sys.modules) - before if not name.startswith('needledrop')))"
    )
    assert python(code).strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "opens"),
    [
        ([], []),
        (["gui"], []),
        (["gui", "film.mp4"], ["film.mp4"]),
        (["--profile", "folder"], ["--profile", "folder"]),
        (["--profile=folder", "--verbose", "gui", "film.mp4"], ["--profile=folder", "--verbose", "film.mp4"]),
        (["suggest", "film.mp4"], None),
        (["--profile", "gui", "suggest", "film.mp4"], None),
        (["--help"], None),
        (["--version"], None),
    ],
)
def test_the_window_opens_without_a_command_and_for_gui_only(arguments: list[str], opens: list[str] | None) -> None:
    from needledrop.__main__ import _for_window

    assert _for_window(arguments) == opens
