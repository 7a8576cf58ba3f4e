# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By hand: how long the timeline takes to repaint at 3840 pixels with 2,000 beats in view.

A repaint is one paint event of the real widget into an image of the size of its window, as a backing store is. Rows:
the floor (filling the same image once), kept layers (warm), layers painted anew (cleared), a zoom step before each.
Beats fade out where they are less than 3 px apart, so the scene is measured once more zoomed in, with beats drawn.
Besides the time that passed, CPU time is printed: on a machine that does other work only the latter is the program's.
Target: p95 <= 8 ms, warm and cleared.

    QT_QPA_PLATFORM=offscreen python tests/benchmarks/bench_timeline.py [--rounds 300] [--ratio 2]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from PySide6.QtCore import QPoint, QRect, qVersion
from PySide6.QtGui import QColor, QImage, QPainter, QRegion
from PySide6.QtWidgets import QApplication, QWidget

from needledrop.core.cue import Cue, Ducking, Piece
from needledrop.core.music import Peaks, Rhythm
from needledrop.core.picture import Motion, Soundtrack
from needledrop.features.peaks import PeaksBuilder
from needledrop.gui import theme
from needledrop.gui.widgets.timeline.data import CueTrack, TimelineCue, TimelineData, calm_motion
from needledrop.gui.widgets.timeline.timeline import Timeline
from needledrop.media.pictures import encode_jpeg
from needledrop.workflows.timeline_media import Thumbnail

WIDTH, HEIGHT = 3840, 328
BEATS = 2000
CUTS = 300
RATE = 8000


def peaks(duration_s: float, seed: int) -> Peaks:
    """Of noise that swells."""
    rng = np.random.default_rng(seed)
    builder = PeaksBuilder(RATE)
    for _ in range(int(duration_s)):
        builder.feed((rng.standard_normal(RATE) * rng.uniform(0.05, 0.3)).astype(np.float32))
    return builder.finish()


def rhythm(duration_s: float, beat_s: float) -> Rhythm:
    """Steady beats, bars of four, a section every 64 beats."""
    beats_s = np.arange(0.0, duration_s, beat_s)
    sections_s = beats_s[::64]
    roles = tuple(("intro", "build", "drop", "break", "outro")[n % 5] for n in range(len(sections_s)))
    return Rhythm(
        beats_s, np.ones(len(beats_s), np.float32), beats_s[::4], 60.0 / beat_s, (), 1.0, 4, np.zeros(0, np.uint8),
        2.0, sections_s, np.ones(len(sections_s), np.float32), duration_s, section_roles=roles,
    )  # fmt: skip


def scene() -> TimelineData:
    """A film as long as 2,000 beats at 120 BPM, 300 cuts, speech in a third of it, two cues with a crossfade."""
    rng = np.random.default_rng(1)
    duration_s, beat_s = BEATS * 0.5, 0.5
    cuts_s = np.sort(rng.uniform(1.0, duration_s - 1.0, CUTS))
    starts_s = np.arange(5.0, duration_s - 10.0, 15.0)
    speech_s = np.stack([starts_s, starts_s + 5.0], axis=1)
    pictures = [encode_jpeg(rng.integers(0, 255, (180, 320, 3), np.uint8)) for _ in range(8)]
    middles_s = (np.append(0.0, cuts_s) + np.append(cuts_s, duration_s)) / 2.0
    thumbnails = tuple(Thumbnail(float(s), pictures[n % 8]) for n, s in enumerate(middles_s.tolist()))
    ducking = Ducking(tuple((a, b) for a, b in speech_s.tolist()))
    track = CueTrack("A track", duration_s, rhythm(duration_s, beat_s), peaks(duration_s, 2))
    half_s = duration_s / 2.0
    nothing = (np.zeros(0), np.zeros(0, np.float32), np.zeros((0, 4), np.float32))
    first = Cue(1, 0.0, (Piece(0.0, 200.0), Piece(208.0, half_s + 12.0)), -3.0, 0.5, 4.0, ducking=ducking)
    second = Cue(1, half_s, (Piece(half_s, duration_s),), -6.0, 4.0, 4.0, ducking=ducking)
    return TimelineData(
        duration_s,
        Fraction(25),
        cuts_s,
        calm_motion(Motion("dis", rng.uniform(0.0, 1.0, int(duration_s * 12.5)).astype(np.float32), *nothing)),
        Soundtrack(True, speech_s, -20.0, np.zeros(0, np.float32)),
        peaks(duration_s, 3),
        thumbnails,
        (TimelineCue(first, track), TimelineCue(second, track)),
    )


class Stopwatch:
    """Times repaints of one widget into one image."""

    def __init__(self, widget: QWidget, ratio: float, rounds: int) -> None:
        self._widget = widget
        self._rounds = rounds
        self._image = QImage(round(widget.width() * ratio), round(widget.height() * ratio), QImage.Format.Format_RGB32)
        self._image.setDevicePixelRatio(ratio)

    def row(self, name: str, before: Callable[[int], None], region: QRect | None = None) -> None:
        """Print p50 and p95 of repaints, each after `before`, whose own time does not count."""
        shown = QRegion(region or self._widget.rect())
        times_ms = []
        for number in range(self._rounds):
            before(number)
            start, cpu = time.perf_counter(), time.thread_time()
            painter = QPainter(self._image)
            self._widget.render(painter, shown.boundingRect().topLeft(), shown, QWidget.RenderFlag(0))
            painter.end()
            times_ms.append((1000.0 * (time.perf_counter() - start), 1000.0 * (time.thread_time() - cpu)))
        print_row(name, times_ms)

    def floor(self) -> None:
        """Print what filling the image takes."""
        times_ms = []
        for _ in range(self._rounds):
            start, cpu = time.perf_counter(), time.thread_time()
            painter = QPainter(self._image)
            painter.fillRect(QRect(QPoint(0, 0), self._widget.size()), QColor("black"))
            painter.end()
            times_ms.append((1000.0 * (time.perf_counter() - start), 1000.0 * (time.thread_time() - cpu)))
        print_row("floor: one fillRect", times_ms)


def print_row(name: str, times_ms: list[tuple[float, float]]) -> None:
    """One line of the table, of (passed, CPU) times."""
    passed, cpu = np.percentile(times_ms, [50, 95, 100], axis=0).T.tolist()
    print(f"{name:34}" + "".join(f" {value:7.2f}" for value in (*passed, *cpu)))


def measure(timeline: Timeline, watch: Stopwatch) -> None:
    """Every row for the timeline as it is zoomed now."""
    left, scale = timeline.view.layout.left, timeline.view.scale

    def put_playhead(number: int) -> None:
        timeline.set_playhead(scale.start_s + number * 0.04)

    def zoom(number: int) -> None:
        timeline.zoom(1.03 if number % 40 < 20 else 1 / 1.03, 1900.0)

    watch.row("warm: layers kept", put_playhead)
    watch.row("warm: the playhead's strip", put_playhead, QRect(round(left) + 100, 0, 17, HEIGHT))
    watch.row("cleared: everything painted anew", lambda _: timeline.forget_painting())
    watch.row("zoom: a step before each", zoom)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--ratio", type=int, default=1, help="device pixels a logical one, 3840 across")
    parser.add_argument("--save", type=str, default="", help="keep a picture of the scene")
    options = parser.parse_args()
    os.environ["QT_SCALE_FACTOR"] = str(options.ratio)
    application = QApplication([])
    theme.install(application).use("dark")
    data = scene()
    timeline = Timeline()
    timeline.resize(WIDTH // options.ratio, HEIGHT)
    timeline.set_data(data)
    timeline.set_selected(0)
    for _ in range(200):  # Thumbnails are decoded a few at each repaint.
        timeline.forget_painting()
        timeline.grab()
    watch = Stopwatch(timeline, options.ratio, options.rounds)
    print(f"{WIDTH} x {HEIGHT * options.ratio} device pixels; Qt {qVersion()}; load {os.getloadavg()[0]:.1f}")
    print(
        f"{'milliseconds':34}" + "".join(f" {name:>7}" for name in ("p50", "p95", "worst", "CPU p50", "p95", "worst"))
    )
    watch.floor()
    print(f"-- whole film in view: {BEATS} beats, {CUTS} cuts, {len(data.thumbnails)} thumbnails")
    measure(timeline, watch)
    if options.save:
        timeline.grab().save(options.save)
    timeline.fit()
    timeline.zoom(4.0, 0.0)
    print("-- four times as large: a quarter of the film, every beat drawn")
    measure(timeline, watch)


if __name__ == "__main__":
    main()
