# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A screen of its own with the real program on it, seen as pixels, driven by a keyboard and mouse that are not ours.

Nothing of the program is imported by the process that looks and presses: it knows of it what a user knows.
"""

from __future__ import annotations

import mmap
import os
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

SIZE = (1600, 900)
ACCENT, TEXT, CUE_FILL = (0x4C, 0xC2, 0xB4), (0xE7, 0xE9, 0xEC), (0x1F, 0x32, 0x30)  # Of resources/themes/dark.toml.
STILL_S = 1.2
CURSOR_PIXELS = 120  # What blinks in a line that has the focus is no change.
DRAG_SOURCE = Path(__file__).with_name("drag_source.py")


@dataclass(frozen=True)
class Box:
    """A rectangle of the screen, in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        """Where one clicks."""
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass
class Screen:
    """An X display in memory. `shots` is where pictures of it are kept for those who look."""

    display: str
    frame_file: Path
    home: Path
    shots: Path
    program: subprocess.Popen[bytes] | None = None
    taken: list[Path] = field(default_factory=list)

    # Seeing -------------------------------------------------------------------------------------------------------

    def pixels(self) -> NDArray[np.uint8]:
        """What is on the screen: uint8 [height, width, 3], red first."""
        with self.frame_file.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as frame:
            head = struct.unpack(">25I", frame[:100])
            header_size, width, height, bytes_per_line, colours = head[0], head[4], head[5], head[12], head[19]
            start = header_size + 12 * colours
            raw = np.frombuffer(frame[start : start + bytes_per_line * height], np.uint8)
        return raw.reshape(height, bytes_per_line // 4, 4)[:, :width, 2::-1].copy()

    def keep(self, name: str) -> None:
        """Keep a picture of the screen."""
        self.shots.mkdir(parents=True, exist_ok=True)
        path = self.shots / f"{len(self.taken):02d}-{name}.png"
        cv2.imwrite(str(path), np.ascontiguousarray(self.pixels()[:, :, ::-1]))
        self.taken.append(path)

    def buttons(self) -> list[Box]:
        """The buttons of what comes next: filled with the accent, from the top down."""
        mask = (np.abs(self.pixels().astype(np.int16) - ACCENT).max(axis=2) <= 2).astype(np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        boxes = []
        for x, y, width, height, area in stats[1:count].tolist():
            if 44 <= width <= 320 and 18 <= height <= 40 and area > 0.55 * width * height:
                boxes.append(Box(x, y, width, height))
        return sorted(boxes, key=lambda box: (box.y, box.x))

    def has_focus_ring(self, box: Box) -> bool:
        """Whether a ring in the colour of text runs around a button."""
        frame = self.pixels()
        row, left = box.y + box.height // 2, frame[:, max(0, box.x - 3) : box.x]
        return bool((np.abs(left[row].astype(np.int16) - TEXT).max(axis=1) <= 6).any())

    def share(self, colour: tuple[int, int, int]) -> float:
        """How much of the screen has a colour, 0 to 1."""
        return float((np.abs(self.pixels().astype(np.int16) - colour).max(axis=2) <= 2).mean())

    # Waiting ------------------------------------------------------------------------------------------------------

    def wait(self, is_so: Callable[[], object], what: str, longest_s: float = 240.0) -> None:
        """Wait until something is so; the program must live meanwhile."""
        end_s = time.monotonic() + longest_s
        while not is_so():
            assert self.program is None or self.program.poll() is None, f"the program ended before {what}"
            assert "a bug of ours" not in self.log(), self.log()[-4000:]
            if time.monotonic() > end_s:
                self.keep(f"never-{what.replace(' ', '-')}")
                raise AssertionError(f"{what}: not within {longest_s:.0f} s")
            time.sleep(0.1)

    def wait_still(self) -> None:
        """Wait until the screen has stayed as it is for a moment."""
        last, since_s = self.pixels(), time.monotonic()

        def is_still() -> bool:
            nonlocal last, since_s
            now = self.pixels()
            if np.count_nonzero((now != last).any(axis=2)) > CURSOR_PIXELS:
                last, since_s = now, time.monotonic()
            return time.monotonic() - since_s >= STILL_S

        self.wait(is_still, "the screen is still")

    # Pressing -----------------------------------------------------------------------------------------------------

    def xdotool(self, *arguments: str) -> str:
        """Press, move or ask, from outside."""
        answer = subprocess.run(["xdotool", *arguments], env=self.environment(), capture_output=True, text=True)
        return answer.stdout.strip()

    def keys(self, *names: str) -> None:
        """Press keys one after the other, in X's spelling."""
        for name in names:
            self.xdotool("key", "--clearmodifiers", name)
            time.sleep(0.15)

    def type_path(self, path: Path) -> None:
        """Write a path into the dialog that is open, and take it."""
        self.wait(lambda: len(self.windows()) > 1, "a dialog")
        self.wait_still()
        self.focus(self.windows()[-1])
        self.xdotool("type", "--delay", "15", str(path))
        self.wait_still()
        self.keys("Return")
        self.wait(lambda: len(self.windows()) == 1, "the dialog is gone")
        self.focus(self.windows()[0])
        self.wait_still()

    def click(self, place: tuple[int, int]) -> None:
        """Move the pointer there and click; then move it aside, for what it stands on looks otherwise."""
        self.xdotool("mousemove", str(place[0]), str(place[1]))
        time.sleep(0.2)
        self.xdotool("click", "1")
        time.sleep(0.2)
        self.xdotool("mousemove", str(SIZE[0] - 4), str(SIZE[1] - 4))
        time.sleep(0.2)

    def drop(self, file: Path, place: tuple[int, int]) -> None:
        """Drag a file out of another program and drop it at a place."""
        source = subprocess.Popen([sys.executable, str(DRAG_SOURCE), str(file)], env=self.environment())
        try:
            self.wait(lambda: self.xdotool("search", "--onlyvisible", "--name", "drag source"), "the other program")
            time.sleep(1.0)
            self.xdotool("mousemove", str(SIZE[0] - 60), "60")
            time.sleep(0.3)
            self.xdotool("mousedown", "1")
            for step in range(1, 21):
                x = SIZE[0] - 60 + (place[0] - SIZE[0] + 60) * step // 20
                self.xdotool("mousemove", str(x), str(60 + (place[1] - 60) * step // 20))
                time.sleep(0.05)
            time.sleep(0.8)
            self.keep("dragged-over")
            self.xdotool("mouseup", "1")
            time.sleep(1.0)
        finally:
            source.terminate()
            source.wait(timeout=10)

    # The program --------------------------------------------------------------------------------------------------

    def environment(self) -> dict[str, str]:
        """A user of this screen, and of nothing else of this machine's."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "XDG_"))}
        return kept | {
            "DISPLAY": self.display,
            "HOME": str(self.home),
            "QT_QPA_PLATFORM": "xcb",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }

    def start(self, profile: Path) -> None:
        """Start the program as a user does, and wait for its window."""
        command = [sys.executable, "-m", "needledrop", "gui", "--profile", str(profile)]
        self.program = subprocess.Popen(command, env=self.environment(), cwd=self.home)
        self.wait(self.windows, "the window")
        self.xdotool("windowmove", self.windows()[0], "0", "0")
        self.focus(self.windows()[0])
        self.wait_still()

    def end(self) -> int:
        """Close the program by its own key, and return its status."""
        assert self.program is not None
        self.focus(self.windows()[0])
        self.keys("ctrl+q")
        return self.program.wait(timeout=30)

    def log(self) -> str:
        """What the program has written of itself."""
        found = sorted(self.home.parent.glob("profile/**/needledrop.log"))
        return found[0].read_text(encoding="utf-8") if found else ""

    def windows(self) -> list[str]:
        """The windows of the program that are on the screen, the first one first."""
        assert self.program is not None
        found = self.xdotool("search", "--onlyvisible", "--pid", str(self.program.pid)).split()
        return sorted((one for one in found if self.xdotool("getwindowname", one)), key=int)

    def focus(self, window: str) -> None:
        """Give a window the keyboard: there is no window manager that would."""
        self.xdotool("windowfocus", "--sync", window)
        time.sleep(0.2)

    def title(self) -> str:
        """What the program's window is called."""
        windows = self.windows()
        return self.xdotool("getwindowname", windows[0]) if windows else ""


@contextmanager
def made_screen(folder: Path, shots: Path) -> Iterator[Screen]:
    """A screen, and a home in `folder`; both are gone afterwards."""
    home = folder / "home"
    home.mkdir()
    frames = folder / "frames"
    frames.mkdir()
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-fbdir", str(frames)]
    server = subprocess.Popen(
        [*command, "-nolisten", "tcp"], pass_fds=(write_end,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(write_end)
    with os.fdopen(read_end) as answer:
        number = answer.readline().strip()
    screen = Screen(f":{number}", frames / "Xvfb_screen0", home, shots)
    try:
        yield screen
    finally:
        for process in (screen.program, server):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(timeout=20)
        shutil.rmtree(frames, ignore_errors=True)
