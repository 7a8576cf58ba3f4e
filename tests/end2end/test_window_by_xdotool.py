# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person who has never seen the program: from an empty window to an exported film with music, in the real process.

Once by keyboard alone, once by mouse alone; keys and clicks come from xdotool, what is seen is the screen's pixels.
Asked for by name only (-m slow), for it takes minutes; NEEDLEDROP_SHOTS names a folder for pictures of each step.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from end2end.screen import CUE_FILL, Box, Screen, made_screen
from media_factory import music, shot_frames, write_audio, write_video
from needledrop.media.audio import read_audio
from needledrop.media.probe import probe_video

TEMPI_BPM = (96, 108, 120, 132)
FRAME_RATE, SECONDS = 25, 12
CUT_FRAMES = (50, 100, 150, 200, 250)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("xdotool") is None or shutil.which("Xvfb") is None, reason="needs xdotool and Xvfb"
    ),
]


@pytest.fixture
def screen(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Screen]:
    shots = Path(os.environ.get("NEEDLEDROP_SHOTS", tmp_path / "shots")) / request.node.name
    with made_screen(tmp_path, shots) as made:
        yield made


@pytest.fixture
def music_dir(screen: Screen) -> Path:
    """Four tracks of half a minute, in a folder that no program would guess."""
    folder = screen.home / "tunes"
    folder.mkdir()
    for seed, bpm in enumerate(TEMPI_BPM):
        write_audio(folder / f"tune {bpm}.flac", music(30.0, bpm=bpm, seed=seed))
    return folder


@pytest.fixture
def film(screen: Screen) -> Path:
    """Twelve silent seconds with five cuts."""
    frames = shot_frames(CUT_FRAMES, SECONDS * FRAME_RATE, width=320, height=180)
    return write_video(screen.home / "cut.mp4", frames, sound=np.zeros((SECONDS * 48_000, 2), np.float32))


def test_by_keyboard_alone(screen: Screen, music_dir: Path, film: Path, tmp_path: Path) -> None:
    screen.start(tmp_path / "profile")
    screen.wait(lambda: not screen.buttons(), "the first steps lie over the start page")
    screen.wait_still()
    screen.keep("first-run")
    screen.keys("Return")  # Choose a folder…
    screen.type_path(music_dir)
    screen.keep("folder-chosen")
    go_on(screen)
    screen.wait_still()
    screen.keep("speed")
    screen.keys("Return")
    screen.wait(lambda: enabled_next(screen), "the first suggestion")
    screen.wait_still()
    screen.keep("first-suggestion")
    screen.keys("Return")
    screen.wait(lambda: screen.title().startswith("demo.mp4"), "the demo")
    screen.keys("ctrl+o")
    screen.type_path(film)
    screen.wait(lambda: screen.title().startswith("cut.mp4"), "the film")
    screen.wait(lambda: use_button(screen), "suggestions")
    screen.wait_still()
    screen.keep("suggestions")
    screen.keys("1")
    screen.wait(lambda: screen.share(CUE_FILL) > 0.01, "the suggestion is heard")
    screen.keep("heard")
    screen.keys("space", "Return")
    screen.wait_still()
    screen.keep("used")
    screen.keys("ctrl+e")
    screen.wait_still()
    screen.keep("export")
    screen.keys("Return")
    check_export(screen, film)
    assert screen.end() == 0


def test_by_mouse_alone(screen: Screen, music_dir: Path, film: Path, tmp_path: Path) -> None:
    music_dir.rename(screen.home / "Music")  # Where music usually lies: it is proposed.
    screen.start(tmp_path / "profile")
    screen.wait(lambda: enabled_next(screen), "the folder is proposed")
    screen.keep("first-run")
    screen.click(enabled_next(screen)[-1].middle)
    screen.wait_still()
    screen.keep("speed")
    screen.click(enabled_next(screen)[-1].middle)
    screen.wait_still()
    screen.wait(lambda: enabled_next(screen), "the first suggestion")
    screen.wait_still()
    screen.keep("first-suggestion")
    screen.click(enabled_next(screen)[-1].middle)
    screen.wait(lambda: screen.title().startswith("demo.mp4"), "the demo")
    screen.wait(lambda: use_button(screen), "suggestions for the demo")
    screen.drop(film, (450, 260))
    screen.wait(lambda: screen.title().startswith("cut.mp4"), "the film")
    screen.wait(lambda: use_button(screen), "suggestions")
    screen.wait_still()
    screen.keep("suggestions")
    use = use_button(screen)[0]
    screen.click((use.x + use.width + 20, use.middle[1]))  # The sign beside it: hear it.
    screen.wait(lambda: screen.share(CUE_FILL) > 0.01, "the suggestion is heard")
    screen.keep("heard")
    screen.click(use_button(screen)[0].middle)
    time_to_settle(screen)
    screen.keep("used")
    screen.click(screen.buttons()[0].middle)  # Export…, in the title bar.
    time_to_settle(screen)
    screen.keep("export")
    screen.click(screen.buttons()[-1].middle)
    check_export(screen, film)
    assert screen.end() == 0


def go_on(screen: Screen) -> None:
    """Press Tab until the button of what comes next has the focus, then press it."""
    (button,) = enabled_next(screen)
    for _ in range(8):
        screen.keys("Tab")
        if screen.has_focus_ring(enabled_next(screen)[-1]):
            screen.keys("Return")
            return
    raise AssertionError(f"Tab does not reach the button at {button.middle}")


def enabled_next(screen: Screen) -> list[Box]:
    """The accent's button on the sheet of the first steps."""
    return [box for box in screen.buttons() if box.y > 600]


def use_button(screen: Screen) -> list[Box]:
    """Use, on the card that is current."""
    return [box for box in screen.buttons() if box.x > 940 and 60 < box.y < 540 and box.width < 120]


def time_to_settle(screen: Screen) -> None:
    """What plays goes on playing; the rest has come to rest."""
    import time

    time.sleep(2.5)
    assert screen.program is not None and screen.program.poll() is None


def check_export(screen: Screen, film: Path) -> None:
    """The film is written beside the film, as long as it was, with music where there was silence."""
    written = film.with_name("cut-needledrop.mp4")
    screen.wait(written.exists, "the exported film")
    screen.wait_still()
    screen.keep("exported")
    probe = probe_video(written)
    assert probe.duration_s == pytest.approx(SECONDS, abs=0.1)
    sound = read_audio(written, 0.0, SECONDS)
    assert 20 * np.log10(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) > -35.0
