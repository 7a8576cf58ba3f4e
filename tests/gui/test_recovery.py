# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real process: killed in the middle of work, started twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from needledrop.core.cue import Cue, Piece
from needledrop.core.paths import Profile
from needledrop.gui.application import Shell
from needledrop.workflows import workspace

WAIT_S = 60.0
WAIT_MS = 60_000

# Opens a film, lays a cue, says so once it is on the disk, and goes on until it is killed.
WORK_AND_WAIT = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from needledrop.core.cue import Cue, Piece
from needledrop.core.paths import Profile
from needledrop.gui.application import Shell

application = QApplication([])
shell = Shell(application, Profile.at(Path(sys.argv[1])))
document = shell.document

def work():
    document.add_cue(Cue(1, 1.25, (Piece(2.0, 5.0),), -4.0, 0.1, 0.5))
    document.set_range((0.5, 6.0))
    timer.start(20)

def look():
    if document.is_saved:
        timer.stop()
        print("saved", flush=True)

timer = QTimer()
timer.timeout.connect(look)
document.opened.connect(work)
shell.start(Path(sys.argv[2]))
application.exec()
"""


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are gone when the test is over."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_window_comes_back_with_its_work(
    qtbot: QtBot,
    open_shell: Callable[[Profile], Shell],
    library_profile: Profile,
    film: Path,
    processes: list[subprocess.Popen[str]],
) -> None:
    folder = library_profile.data_dir.parent
    process = subprocess.Popen(
        [sys.executable, "-c", WORK_AND_WAIT, str(folder), str(film)], stdout=subprocess.PIPE, text=True
    )
    processes.append(process)
    assert process.stdout is not None and process.stdout.readline() == "saved\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert workspace.interrupted_video(library_profile) == film
    shell = open_shell(library_profile)
    qtbot.waitUntil(lambda: shell.document.video is not None, timeout=WAIT_MS)
    assert shell.document.cues == (Cue(1, 1.25, (Piece(2.0, 5.0),), -4.0, 0.1, 0.5),)
    assert shell.document.range_s == (0.5, 6.0)
    assert "Your work is all here" in shell.window.notice.text


def test_a_second_start_hands_its_file_over_and_ends(
    profile: Profile, film: Path, processes: list[subprocess.Popen[str]]
) -> None:
    command = [sys.executable, "-m", "needledrop", "--profile", str(profile.data_dir.parent), "gui"]
    first = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    processes.append(first)
    lock = profile.data_dir / "window" / "window.lock"
    wait_until(lock.exists)  # The first need not be up yet to be the first.
    second = subprocess.run([*command, film.name], cwd=film.parent, capture_output=True, text=True, timeout=WAIT_S)
    assert (second.returncode, second.stderr) == (0, "")
    wait_until(lambda: workspace.recent_videos(profile) == [film])
    assert first.poll() is None


def test_a_window_without_qt_is_refused_in_a_sentence(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['PySide6'] = None\n"
        "import importlib.util; importlib.util.find_spec = lambda name: None\n"
        "from needledrop.__main__ import main; sys.argv = ['needledrop', 'gui']; raise SystemExit(main())"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=WAIT_S)
    assert result.returncode == 3
    assert "The window needs PySide6" in result.stderr
