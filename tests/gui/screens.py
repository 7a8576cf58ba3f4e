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

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

LOOKS = (("dark", "1"), ("light", "1"), ("dark", "2"), ("light", "2"))
SIZE = (1440, 900)
PLACES = ("library", "personal", "jobs", "settings", "export")
FRAME_RATE = 25
# The demo's film cut anew loses these frames: its second shot, its seventh, and the ninth with the tenth.
LOST = ((138, 250), (588, 650), (713, 775))
# Where music is laid before: track, first frame, frame after the last, and second of the track, on beats if its tempo
# allows that.
LAID = ((1, 0, 138, 8.0), (2, 250, 518, 8.25), (3, 518, 650, 7.45), (5, 713, 775, 8.375), (4, 775, 1200, 8.393))
_LONGEST_S = 240.0


def main() -> None:
    """Scan once, then take every look."""
    out = Path(sys.argv[1]).absolute()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared"
        prepared.mkdir()
        _prepare(prepared)
        for theme, scale in LOOKS:
            # Each look begins anew: what was laid for the one before would be seen.
            own = shutil.copytree(prepared, Path(folder) / f"{theme} {scale}")
            environment = os.environ | {
                "QT_QPA_PLATFORM": "offscreen",
                "QT_SCALE_FACTOR": scale,
                "LANGUAGE": "en",
            }
            subprocess.run(
                [sys.executable, __file__, str(out), str(own), theme, scale], check=True, env=environment
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
    analysed_video(profile, _cut_anew(folder, demo / "demo.mp4"), ignore_progress, CancelToken())


def _cut_anew(folder: Path, film: Path) -> Path:
    """The film without the frames that are LOST, where `take` finds it."""
    import av

    from media_factory import write_video

    with av.open(str(film)) as container:
        kept = (
            frame.to_ndarray(format="rgb24")
            for number, frame in enumerate(container.decode(video=0))
            if not any(first <= number < last for first, last in LOST)
        )
        return write_video(folder / "demo v2.mp4", kept)


def take(out: Path, folder: Path, theme_name: str, scale: str) -> None:
    """One look at every place."""
    from PySide6.QtWidgets import QApplication

    from needledrop.core.cue import Cue, Piece
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
    shell.window._first_run.close_sheet()
    document.remove_cue(0)
    for track_id, first, last, from_s in LAID:
        piece = Piece(from_s, from_s + (last - first) / FRAME_RATE)
        document.add_cue(Cue(track_id, first / FRAME_RATE, (piece,), -6.0, 0.1, 0.5))
    rest(2.0)
    shell.window.opening.conforming.conform(folder / "demo v2.mp4")
    wait(lambda: document.review is not None)
    rest(1.0)
    keep("conform")
    shell.window.close()
    shell.end()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        take(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
    else:
        main()
