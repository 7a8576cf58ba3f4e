# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time the search among many segments, and how much of the true answer it gives.

Run by hand: `python tests/benchmarks/bench_segments.py [SEGMENTS] [--graph] [--even]`. The vectors are made up: twenty
segments around the style of each track, styles on a surface of 24 dimensions in 256. `--even` scatters them evenly
instead, the worst there is for a graph. Prints the best and the median of the runs; the floor is one pass over the same
bytes in the same run. `--graph` also builds the graph (minutes for a million) and says what it finds.

The index stands beside this file and not in the program, which slides sequences and compares stretches of many clips
at once: over clips of 32 numbers a product of matrices is faster than any index (docs/performance.md).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.segment_index.file import Origin, SegmentArrays, SegmentWriter, open_segments
from benchmarks.segment_index.graph import build_graph, open_graph
from benchmarks.segment_index.search import SegmentSearch
from needledrop.core.music import FloatArray

_DIMENSION = 256
_SURFACE = 24
_PER_TRACK = 20
_BLOCK = 20_000
_QUERIES = 50
_ORIGIN = Origin("made-up", "none")
_MIX = np.random.default_rng(0).standard_normal((_SURFACE, _DIMENSION)).astype(np.float32) / np.float32(_SURFACE**0.5)


def made_up(count: int, seed: int, *, is_even: bool) -> FloatArray:
    """Vectors float32 [count, 256]; the same seed gives the same."""
    rng = np.random.default_rng(seed)
    if is_even:
        return rng.standard_normal((count, _DIMENSION), np.float32)
    styles = np.repeat(rng.standard_normal((-(-count // _PER_TRACK), _SURFACE), np.float32), _PER_TRACK, axis=0)[:count]
    moments = styles + np.float32(0.4) * rng.standard_normal(styles.shape, np.float32)
    noise = np.float32(0.05) * rng.standard_normal((count, _DIMENSION), np.float32)
    vectors: FloatArray = np.tanh(moments @ _MIX) + noise
    return vectors


def blocks(count: int) -> range:
    """The first rows of the blocks; each is its own seed."""
    return range(0, count, _BLOCK)


def write(folder: Path, count: int, *, is_even: bool) -> SegmentArrays:
    """The file of `count` made-up segments."""
    with SegmentWriter(folder, _ORIGIN, _DIMENSION) as writer:
        for start in blocks(count):
            vectors = made_up(min(_BLOCK, count - start), start, is_even=is_even)
            rows = np.arange(start, start + len(vectors))
            start_s = (rows % _PER_TRACK * 4).astype(np.float32)
            writer.add(vectors, rows // _PER_TRACK, start_s, start_s + np.float32(4))
    segments = open_segments(folder, _ORIGIN, _DIMENSION)
    assert segments is not None
    return segments


def true_nearest(count: int, queries: FloatArray, wanted: int, *, is_even: bool) -> list[set[int]]:
    """The nearest rows by cosine of the vectors before they were quantised, in float32."""
    best_rows = np.zeros((len(queries), 0), np.int64)
    best = np.zeros((len(queries), 0), np.float32)
    for start in blocks(count):
        vectors = made_up(min(_BLOCK, count - start), start, is_even=is_even)
        cosines = queries @ (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).T
        rows = np.broadcast_to(np.arange(start, start + len(vectors)), cosines.shape)
        best, best_rows = np.hstack([best, cosines]), np.hstack([best_rows, rows])
        order = np.argsort(-best, axis=1, kind="stable")[:, :wanted]
        best, best_rows = np.take_along_axis(best, order, 1), np.take_along_axis(best_rows, order, 1)
    return [set(rows.tolist()) for rows in best_rows]


def report(name: str, times_s: list[float]) -> None:
    """Print the best and the median of some runs."""
    print(f"{name:<52} {1000 * min(times_s):8.2f} ms best {1000 * float(np.median(times_s)):8.2f} ms median")


def timed(work: Callable[[], object], repeats: int) -> list[float]:
    """The wall time of each run, after one that is not counted."""
    work()
    times_s = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times_s.append(time.perf_counter() - start)
    return times_s


def recall(found: list[set[int]], true: list[set[int]]) -> float:
    """The mean share of the true ones that were found."""
    return float(np.mean([len(a & b) / len(b) for a, b in zip(found, true, strict=True)]))


def main(count: int, *, has_graph: bool, is_even: bool) -> None:
    """Write, then time."""
    queries = made_up(_QUERIES * _PER_TRACK, 10**9, is_even=is_even)[::_PER_TRACK]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        segments = write(Path(folder), count, is_even=is_even)
        written_s, size = time.perf_counter() - start, segments.path.stat().st_size
        print(f"{count:,} segments x {_DIMENSION}, {size / 1e6:.0f} MB; made up and written in {written_s:.1f} s")
        report("open the file", timed(lambda: open_segments(Path(folder), _ORIGIN, _DIMENSION), 5))
        words = segments.vectors.view(np.uint64)
        floor_s = timed(lambda: words.max(), 9)
        report(f"floor: one pass over {words.nbytes / 1e6:.0f} MB", floor_s)
        search = SegmentSearch(segments)
        exact_s = [timed(lambda query=query: search.exact(query, 100), 1)[0] for query in queries]
        report("exact, 100 nearest", exact_s)
        print(f"{'exact, by the floor':<52} {float(np.median(exact_s)) / float(np.median(floor_s)):8.2f} times")
        true = true_nearest(count, queries, 10, is_even=is_even)
        exact = [set(search.exact(query, 10).rows.tolist()) for query in queries]
        print(f"{'exact over int8, recall at 10 of float32':<52} {recall(exact, true):8.4f}")
        if not has_graph:
            return
        start = time.perf_counter()
        measured = build_graph(segments, lambda query, wanted: search.exact(query, wanted).rows, threads=2)
        print(f"graph built and measured in {time.perf_counter() - start:.0f} s; its own recall at 10: {measured:.4f}")
        fast = SegmentSearch(segments, open_graph(segments))
        print(f"the graph is {'used' if fast.is_approximate else 'not used: every segment is looked at'}")
        for wanted in (10, 100):
            near_s = [timed(lambda query=query: fast.approximate(query, wanted), 1)[0] for query in queries]  # noqa: B023
            report(f"approximate, {wanted} nearest", near_s)
        near = [set(fast.approximate(query, 10).rows.tolist()) for query in queries]
        print(f"{'approximate, recall at 10 of exact':<52} {recall(near, exact):8.4f}")


if __name__ == "__main__":
    numbers = [word for word in sys.argv[1:] if not word.startswith("--")]
    main(int(numbers[0]) if numbers else 1_000_000, has_graph="--graph" in sys.argv, is_even="--even" in sys.argv)
