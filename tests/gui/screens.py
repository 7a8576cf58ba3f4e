# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the window, by hand: `python tests/gui/screens.py docs/screens`.

Every place, dark and light, at 1x and 2x, on the bundled film and music in a profile of its own. Each look is taken in
a process of its own: Qt reads the scale once. What is written is what the README shows.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LOOKS = (("dark", "1"), ("light", "1"), ("dark", "2"), ("light", "2"))
SIZE = (1440, 900)
PLACES = ("library", "personal", "jobs", "settings", "export")
_LONGEST_S = 240.0


def main() -> None:
    """Scan once, then take every look."""
    out = Path(sys.argv[1]).absolute()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        _prepare(Path(folder))
        for theme, scale in LOOKS:
            environment = os.environ | {
                "QT_QPA_PLATFORM": "offscreen",
                "QT_SCALE_FACTOR": scale,
                "LANGUAGE": "en",
            }
            subprocess.run(
                [sys.executable, __file__, str(out), folder, theme, scale], check=True, env=environment
            )  # fmt: skip


def _prepare(folder: Path) -> None:
    from needledrop.core.paths import Profile, shipped_dir
    from needledrop.core.progress import CancelToken, ignore_progress
    from needledrop.workflows.scan import scan
    from needledrop.workflows.videos import analysed_video

    profile, demo = Profile.at(folder), shipped_dir("resources") / "demo"
    music = Path(tempfile.gettempdir()) / "Music"  # Where it lies is seen in the pictures.
    shutil.copytree(demo / "music", music, dirs_exist_ok=True)
    scan(profile, [music], workers=2, progress=ignore_progress, cancel=CancelToken())
    analysed_video(profile, demo / "demo.mp4", ignore_progress, CancelToken())


def take(out: Path, folder: Path, theme_name: str, scale: str) -> None:
    """One look at every place."""
    from PySide6.QtWidgets import QApplication

    from needledrop.core.paths import Profile, shipped_dir
    from needledrop.gui import preferences
    from needledrop.gui.application import Shell
    from needledrop.gui.panels.library_panel import LibraryPanel

    application = QApplication([])
    shell = Shell(application, Profile.at(folder))
    shell.start()

    def wait(is_done: Callable[[], bool]) -> None:
        end_s = time.monotonic() + _LONGEST_S
        while not is_done():
            application.processEvents()
            if time.monotonic() > end_s:
                raise SystemExit("the window did not come so far in time")
            time.sleep(0.02)

    def rest(seconds: float) -> None:
        end_s = time.monotonic() + seconds
        wait(lambda: time.monotonic() >= end_s)

    def keep(name: str) -> None:
        wait(shell.background.is_idle)
        rest(0.6)
        suffix = "" if scale == "1" else f"@{scale}x"
        shell.window.grab().save(str(out / f"{name}-{theme_name}{suffix}.webp"), quality=88)

    wait(lambda: shell.player is not None)
    preferences.current().set("appearance", theme_name)
    shell.window.resize(*SIZE)
    keep("start")
    document, player = shell.document, shell.player
    assert player is not None
    film = Path(tempfile.gettempdir()) / "Film" / "demo.mp4"
    film.parent.mkdir(exist_ok=True)
    shutil.copy(shipped_dir("resources") / "demo" / "demo.mp4", film)
    document.open(film)
    wait(lambda: document.answer is not None and not document.is_asking)
    wait(lambda: player.state.is_loaded)
    document.use(0)
    player.seek(19.0)
    rest(6.0)
    keep("suggest")
    for place in PLACES:
        shell.window.show_place(place)
        rest(1.5)
        if place == "library":
            shell.window.findChild(LibraryPanel).view.selectRow(1)
            rest(1.0)
        keep(place)
    shell.window.show_place("suggest")
    shell.window.open_shortcuts()
    keep("shortcuts")
    shell.window._sheet.close_sheet()
    shell.window.open_first_run()
    rest(1.0)
    keep("first-steps")
    shell.window.close()
    shell.end()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        take(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
    else:
        main()
