# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed of the full audio analysis against ffmpeg on one core, beats against a known grid, loudness against ffmpeg's.

    OMP_NUM_THREADS=1 python tests/benchmarks/bench_music.py TRACK [--beats]
    python tests/benchmarks/bench_music.py TRACK ... --loudness

By hand. Times are user + system CPU time, the median of five runs taken in turn: a busy machine shifts all alike.
Needs the `ffmpeg` program for the rows and figures that are compared with.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from needledrop.core.music import MusicFeatures
from needledrop.features.music import MusicAnalyser
from needledrop.media.audio import AudioSource

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from media_factory import music

RUNS = 5
TOLERANCE_S = 0.07


def cpu_s(work: Callable[[], object], who: int) -> float:
    before = resource.getrusage(who)
    work()
    after = resource.getrusage(who)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def analyse(path: Path) -> MusicFeatures:
    with AudioSource(path) as source:
        analyser = MusicAnalyser(source.sample_rate)
        for block in source.blocks():
            analyser.feed(block)
    return analyser.finish()


def decode(path: Path) -> None:
    with AudioSource(path) as source:
        for _ in source.blocks():
            pass


def features_only(path: Path) -> Callable[[], MusicFeatures]:
    with AudioSource(path) as source:
        rate, stereo = source.sample_rate, np.concatenate(list(source.blocks()))

    def work() -> MusicFeatures:
        analyser = MusicAnalyser(rate)
        for start in range(0, len(stereo), 65_536):
            analyser.feed(stereo[start : start + 65_536])
        return analyser.finish()

    return work


def ffmpeg(path: Path, *options: str) -> None:
    command = ["ffmpeg", "-v", "error", "-nostats", "-threads", "1", "-i", str(path), *options, "-f", "null", "-"]
    subprocess.run(command, check=True)


def fresh_process(path: Path) -> None:
    script = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import bench_music, pathlib; "
    subprocess.run([sys.executable, "-c", script + f"bench_music.analyse(pathlib.Path({str(path)!r}))"], check=True)


def speed(path: Path) -> None:
    own, child = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    rows: dict[str, tuple[Callable[[], object], int]] = {
        "ffmpeg, decode only": (lambda: ffmpeg(path), child),
        "ffmpeg, ebur128=peak=true": (lambda: ffmpeg(path, "-af", "ebur128=peak=true"), child),
        "ours, decode only": (lambda: decode(path), own),
        "ours, features only": (features_only(path), own),
        "ours, decode and every feature": (lambda: analyse(path), own),
        "ours, the same in a fresh process": (lambda: fresh_process(path), child),
    }
    duration_s = analyse(path).duration_s
    times: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(RUNS):
        for name, (work, who) in rows.items():
            times[name].append(cpu_s(work, who))
    reference_s = statistics.median(times["ffmpeg, ebur128=peak=true"])
    print(f"{path.name}: {duration_s:.1f} s")
    for name, values in times.items():
        median_s = statistics.median(values)
        print(
            f"{name:36s} {median_s:7.3f} s  {duration_s / median_s:6.0f} x real time  {median_s / reference_s:5.2f} x"
        )


def loudness(paths: list[Path]) -> None:
    """The largest differences to ebur128, which prints one decimal: integrated, range and true peak."""
    apart = []
    for path in paths:
        command = [
            "ffmpeg",
            "-nostats",
            "-i",
            str(path),
            "-af",
            "ebur128=peak=true:framelog=verbose",
            "-f",
            "null",
            "-",
        ]
        summary = subprocess.run(command, check=True, capture_output=True, text=True).stderr.rpartition("Summary:")[2]
        printed = [float(value) for value in re.findall(r"(?:I|LRA|Peak): +(-?[\d.]+)", summary)]
        own = analyse(path).loudness
        apart.append(np.abs(np.array([own.integrated_lufs, own.range_lu, own.true_peak_dbtp]) - printed))
    integrated, range_, peak = np.max(apart, axis=0)
    print(f"{len(paths)} tracks: at most {integrated:.3f} LU, {range_:.3f} LU of range, {peak:.3f} dBTP apart")


def f_measure(expected_s: np.ndarray, found_s: np.ndarray) -> float:
    """Beats hit within 70 ms, one to one, after the first five seconds (Davies 2009)."""
    expected_s, found_s = expected_s[expected_s >= 5], found_s[found_s >= 5]
    hits = i = j = 0
    while i < len(expected_s) and j < len(found_s):
        difference = found_s[j] - expected_s[i]
        hit = abs(difference) <= TOLERANCE_S
        hits, i, j = hits + hit, i + (hit or difference > 0), j + (hit or difference < 0)
    return 2 * hits / max(len(expected_s) + len(found_s), 1)


def beats() -> None:
    print("bpm   found   F-measure  downbeats")
    for bpm in range(70, 181, 10):
        analyser = MusicAnalyser(44100)
        analyser.feed(music(30, bpm=bpm, seed=bpm))
        rhythm = analyser.finish().rhythm
        grid_s = np.arange(0.25, 30, 60 / bpm)
        down = f_measure(grid_s[::4], rhythm.downbeats_s)
        print(f"{bpm:3d}  {rhythm.tempo_bpm:6.1f}  {f_measure(grid_s, rhythm.beats_s):9.3f}  {down:9.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tracks", type=Path, nargs="+", metavar="TRACK")
    parser.add_argument("--beats", action="store_true")
    parser.add_argument("--loudness", action="store_true", help="compare loudness and nothing else")
    arguments = parser.parse_args()
    if arguments.loudness:
        loudness(arguments.tracks)
        return
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for path in arguments.tracks:
        speed(path)
    if arguments.beats:
        beats()


if __name__ == "__main__":
    main()
