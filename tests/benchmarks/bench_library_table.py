# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By hand: the library's table over 100,000 made rows: open, sort, search, scroll.

The library is made in a temporary folder: made words for title, artist, album and genre, facts for all, a waveform for
every fifth track. The real model, view and background threads run in a window of 1100 x 800 pixels. "Open", "sort" and
"search" run from the call to the end of the first painting of the new rows, with nothing kept of an earlier order for
open and sort. "Scroll" is one step of the scroll bar to the end of its painting: by three rows (a notch of a wheel), by
a page, and to places all over the table, where rows are empty until they are fetched; "paint" is a page whose rows
are all there. Besides the time that passed, CPU time of the process is printed: on a machine with other work only the
latter is the program's. Targets: 100 ms; scrolling p95 16 ms.

    QT_QPA_PLATFORM=offscreen python tests/benchmarks/bench_library_table.py [--rows 100000] [--rounds 7]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject, qVersion
from PySide6.QtWidgets import QApplication

from needledrop.core.music import Peaks
from needledrop.core.packing import pack
from needledrop.core.paths import Profile
from needledrop.features.music import FEATURE_VERSIONS
from needledrop.gui import theme
from needledrop.gui.background import Background
from needledrop.gui.models.library_table import LibraryTable
from needledrop.gui.models.track_columns import COLUMNS
from needledrop.gui.widgets.track_view import ROW_HEIGHT, TrackView
from needledrop.workflows.profiles import write_library

WORDS = ("calm", "sunrise", "drive", "night", "piano", "storm", "river", "glass", "dust", "ember")
LICENCES = ("", "CC0-1.0", "CC-BY-4.0", "CC-BY-NC-4.0", "CC-BY-SA-4.0")
KEYS = ("C maj", "D min", "A min", "")
SEARCHES = ("calm", "calm riv", "artist 12", "ember 777", "artist", "zzz", "C#")


def fill(profile: Profile, count: int) -> None:
    """Write the rows as a scan and an analysis leave them; the words are indexed at the end."""
    chance = random.Random(1)
    tags = json.dumps({"title": "x" * 30, "comment": "y" * 300})
    tracks = [
        (n, f"hash {n}", n, b"/m/%d" % n, f"/m/{n}", 60 + chance.random() * 300,
         f"{chance.choice(WORDS)} {chance.choice(WORDS)} {n}", f"artist {n % 999}", f"album {n % 7000}", n % 12,
         chance.random() * 1e9, chance.choice(LICENCES), chance.choice(WORDS), tags)
        for n in range(1, count + 1)
    ]  # fmt: skip
    facts = [(n, chance.uniform(60, 180), chance.uniform(-30, -6), chance.choice(KEYS)) for n in range(1, count + 1)]
    rng = np.random.default_rng(1)
    pairs = rng.integers(0, 127, (400, 1)).astype(np.int8) * np.array([-1, 1], np.int8)
    packed = pack(Peaks(200.0, pairs, np.array([0, 400])))
    with write_library(profile, "benchmark") as library, library.connection.recomputable():
        connection = library.connection
        trigger = connection.value("SELECT sql FROM sqlite_schema WHERE name = 'tracks_words_insert'")
        connection.write("DROP TRIGGER tracks_words_insert")
        connection.write_many(
            "INSERT INTO tracks (id, content_hash, recording_id, path, display_path, duration_s, title, artist, album, "
            "track_number, added_at, licence_name, genre, file_tags, state, codec, sample_rate, channels) VALUES "
            "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'present', 'mp3', 44100, 2)",
            tracks,
        )
        connection.write_many(
            "INSERT INTO track_facts (track_id, tempo_bpm, integrated_lufs, key_name) VALUES (?, ?, ?, ?)", facts
        )
        connection.write_many(
            "INSERT INTO features (track_id, feature_set, version, packed) VALUES (?, 'peaks', ?, ?)",
            [(n, FEATURE_VERSIONS["peaks"], packed) for n in range(5, count + 1, 5)],
        )
        for table in ("tracks_fts", "tracks_trigram"):
            connection.write(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")
        connection.write(trigger)


class Paints(QObject):
    """Counts how often the view's picture was painted."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.count += 1
        return False


class Stage:
    """The model and the view, shown."""

    def __init__(self, application: QApplication, profile: Profile) -> None:
        self.application = application
        self.profile = profile
        self.background = Background()
        self.paints = Paints()

    def open(self) -> tuple[float, float]:
        """(ms passed, ms of CPU) from making model and view, which know nothing, to the first rows on the screen."""
        started, cpu = time.perf_counter(), time.process_time()
        self.model = LibraryTable(self.profile, self.background)
        self.view = TrackView(self.model)
        self.view.resize(1100, 800)
        self.view.viewport().installEventFilter(self.paints)
        self.view.show()
        while not self.model.rowCount():
            self.application.processEvents()
            time.sleep(0.0005)
        painted = self.paints.count
        self.view.viewport().update()
        while self.paints.count == painted:
            self.application.processEvents()
        result = (time.perf_counter() - started) * 1000, (time.process_time() - cpu) * 1000
        self.settle()
        return result

    def repaint(self) -> tuple[float, float]:
        """(ms passed, ms of CPU) of painting the whole view, all of whose rows are there."""
        started, cpu = time.perf_counter(), time.process_time()
        self.view.viewport().repaint()
        return (time.perf_counter() - started) * 1000, (time.process_time() - cpu) * 1000

    def settle(self) -> None:
        """Wait until nothing is fetched or painted any more."""
        end = time.perf_counter() + 0.15
        while time.perf_counter() < end or not self.background.is_idle():
            self.application.processEvents()

    def until_shown(self, act: Callable[[], None]) -> tuple[float, float]:
        """(ms passed, ms of CPU) from `act` to the end of the first painting after the model's answer."""
        answers: list[int] = []
        connection = self.model.counted.connect(lambda shown, total: answers.append(shown))
        started, cpu = time.perf_counter(), time.process_time()
        act()
        while not answers:
            self.application.processEvents()
            time.sleep(0.0005)
        painted = self.paints.count
        self.view.viewport().update()
        while self.paints.count == painted:
            self.application.processEvents()
        result = (time.perf_counter() - started) * 1000, (time.process_time() - cpu) * 1000
        self.model.counted.disconnect(connection)
        self.settle()
        return result

    def scroll(self, value: int) -> tuple[float, float]:
        """(ms passed, ms of CPU) of one step of the scroll bar with its painting."""
        started, cpu = time.perf_counter(), time.process_time()
        self.view.verticalScrollBar().setValue(value)
        self.application.processEvents()
        return (time.perf_counter() - started) * 1000, (time.process_time() - cpu) * 1000


def report(name: str, samples: list[tuple[float, float]]) -> None:
    """One line: median, p95 and worst of the time passed, and of CPU time."""
    passed, cpu = (np.array(column) for column in zip(*samples, strict=True))
    figures = " ".join(f"{np.percentile(passed, q):7.1f}" for q in (50, 95, 100))
    on_cpu = " ".join(f"{np.percentile(cpu, q):7.1f}" for q in (50, 95, 100))
    print(f"{name:28} {figures}   cpu {on_cpu}   n {len(samples)}", flush=True)


def main() -> None:
    """Make, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    application = QApplication([])
    theme.install(application).use("dark")
    with tempfile.TemporaryDirectory(prefix="needledrop-bench-") as scratch:
        profile = Profile.at(Path(scratch))
        fill(profile, options.rows)
        print(f"Qt {qVersion()}, {options.rows} rows; ms: median, p95, worst; load {os.getloadavg()[0]:.1f}")
        stage = Stage(application, profile)
        opened = []
        for _ in range(options.rounds):
            opened.append(stage.open())
        report("open", opened)
        _measure_orders(stage, options.rounds)
        for words in SEARCHES:
            samples = []
            for _ in range(options.rounds):
                samples.append(stage.until_shown(lambda words=words: stage.model.ask(text=words)))
                stage.until_shown(lambda: stage.model.ask(text=""))
            report(f"search {words!r}", samples)
        _measure_scrolling(stage)
        stage.background.close()


def _measure_orders(stage: Stage, rounds: int) -> None:
    everything: list[tuple[float, float]] = []
    for order in (column.order for column in COLUMNS if column.order):
        samples = []
        for number in range(rounds):
            stage.model._table = None  # Forget the orders that were read.
            sign = "-" if number % 2 else ""
            samples.append(stage.until_shown(lambda wanted=sign + order: stage.model.ask(order=wanted)))
        report(f"sort by {order}", samples)
        everything += samples
    report("sort, all", everything)


def _measure_scrolling(stage: Stage) -> None:
    stage.until_shown(lambda: stage.model.ask(order="title", text=""))
    bar = stage.view.verticalScrollBar()
    page = stage.view.viewport().height()
    steps = {"scroll by three rows": 3 * ROW_HEIGHT, "scroll by a page": page, "scroll all over": bar.maximum() // 211}
    for name, step in steps.items():
        bar.setValue(0)
        stage.settle()
        samples, at = [], 0
        for _ in range(300):
            at = (at + step) % bar.maximum()
            samples.append(stage.scroll(at))
            time.sleep(0.004)
        report(name, samples)
    stage.settle()
    report("paint a full page", [stage.repaint() for _ in range(300)])


if __name__ == "__main__":
    main()
