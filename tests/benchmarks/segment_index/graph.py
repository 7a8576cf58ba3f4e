# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A graph of neighbours over the segments, kept beside their file: near answers in a fraction of the time.

A graph is only used where its recall on this very library was measured to be enough; elsewhere it must not be asked.
Source: Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using HNSW graphs", 2018.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.segment_index.file import FORMAT_VERSION, SegmentArrays, quantised
from needledrop.core.music import FloatArray

if TYPE_CHECKING:  # Loaded where it is used: a run that asks no graph need not wait for it.
    from usearch.index import Index

LEAST_RECALL = 0.98
_RECALL_AT = 10
# Aimed at, for what is measured on some questions is not exactly what others get.
_AIM = 0.99
_QUERIES = 200
_CONNECTIVITY = 24
_EXPANSION_ADD = 128
# Candidates kept on the walk: the fewest that reach the recall are used.
_EXPANSIONS = (64, 128, 256, 512, 1024)
_BLOCK_ROWS = 20_000

ExactRows = Callable[[FloatArray, int], NDArray[np.int64]]


class SegmentGraph:
    """A trusted graph over mapped segments."""

    def __init__(self, index: Index, recall: float) -> None:
        self._index = index
        self.recall = recall

    def candidates(self, query: NDArray[np.int8], count: int) -> NDArray[np.int64]:
        """Rows that are probably among the nearest `count` to a quantised query int8 [D], in no order."""
        # One thread: the walk is shorter than the start of another.
        return np.asarray(self._index.search(query, count, threads=1, dtype="i8").keys, np.int64)


def build_graph(
    segments: SegmentArrays,
    exact: ExactRows,
    *,
    questions: FloatArray | None = None,
    threads: int = 1,
    on_progress: Callable[[int], None] = lambda done: None,
) -> float:
    """Build the graph of some segments, measure it, and keep it beside their file; returns its recall at 10.

    It takes minutes for a million segments. Below LEAST_RECALL only the figure is kept, so that nobody tries again.
    With more than one thread the graph is another one each time.

    Args:
        exact: gives the nearest rows to a vector float [D], best first, as SegmentSearch.exact does.
        questions: float [q, D], as they will be asked; without any, they are made of the segments themselves.
        on_progress: told how many segments are in; may raise to stop.

    Raises:
        OSError: the disk is full or the folder not writable.
    """
    from usearch.index import Index

    index = Index(
        ndim=segments.vectors.shape[1],
        metric="cos",
        dtype="i8",
        connectivity=_CONNECTIVITY,
        expansion_add=_EXPANSION_ADD,
    )
    count = len(segments.vectors)
    for start in range(0, count, _BLOCK_ROWS):
        on_progress(start)
        stop = min(start + _BLOCK_ROWS, count)
        block = np.ascontiguousarray(segments.vectors[start:stop])
        index.add(np.arange(start, stop), block, threads=threads, dtype="i8")
    asked = made_questions(segments) if questions is None else questions
    expansion, recall = _measured(index, segments, exact, asked)
    _save(index, segments, expansion, recall)
    return recall


def open_graph(segments: SegmentArrays) -> SegmentGraph | None:
    """The graph of these very segments; None where there is none, it is damaged, or it was measured as not enough."""
    from usearch.index import Index

    path, note = graph_paths(segments)
    try:
        facts = json.loads(note.read_text(encoding="utf-8"))
        is_whole = facts["format"] == FORMAT_VERSION and facts["size"] == path.stat().st_size
        if not is_whole or facts["count"] != len(segments.vectors) or facts["recall"] < LEAST_RECALL:
            return None
        index = Index.restore(path, view=True, expansion_search=int(facts["expansion"]))
        if index is None or len(index) != len(segments.vectors) or index.ndim != segments.vectors.shape[1]:
            return None
        return SegmentGraph(index, float(facts["recall"]))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None


def graph_paths(segments: SegmentArrays) -> tuple[Path, Path]:
    """The files of a graph: itself, and what is known of it."""
    return segments.path.with_suffix(".hnsw"), segments.path.with_suffix(".json")


def made_questions(segments: SegmentArrays) -> FloatArray:
    """Vectors half-way between two segments, float32 [q, D]; the same ones for the same segments.

    Those near one segment would be too easy: what is really asked comes from pictures and words, and lies between them.
    """
    rng = np.random.default_rng(0)
    count = len(segments.vectors)
    pairs = rng.integers(count, size=(min(_QUERIES, count), 2))
    rows = segments.vectors[pairs].astype(np.float32) * segments.inverse_norms[pairs][:, :, None]
    questions: FloatArray = rows.sum(axis=1)
    return questions


def _measured(index: Index, segments: SegmentArrays, exact: ExactRows, asked: FloatArray) -> tuple[int, float]:
    """The fewest candidates that reach _AIM, or the most; and the recall they reach."""
    wanted = min(_RECALL_AT, len(segments.vectors))
    if wanted == 0:
        return _EXPANSIONS[0], 1.0
    true = [set(exact(question, wanted).tolist()) for question in asked]
    rows = quantised(asked, segments.vectors.shape[1])
    recall = 0.0
    for expansion in _EXPANSIONS:
        index.expansion_search = expansion  # type: ignore[misc]  # Its annotations lack the setter it has.
        graph = SegmentGraph(index, 1.0)
        found = [set(graph.candidates(row, wanted).tolist()) for row in rows]
        recall = float(np.mean([len(a & b) / wanted for a, b in zip(true, found, strict=True)]))
        if recall >= _AIM:
            break
    return index.expansion_search, recall


def _save(index: Index, segments: SegmentArrays, expansion: int, recall: float) -> None:
    path, note = graph_paths(segments)
    scratch = path.with_suffix(".part")
    note.unlink(missing_ok=True)
    try:
        if recall >= LEAST_RECALL:
            index.save(scratch)
            os.replace(scratch, path)  # noqa: PTH105  the atomic replace is the point
        size = path.stat().st_size if path.exists() else 0
        facts = {"format": FORMAT_VERSION, "count": len(segments.vectors), "size": size, "expansion": expansion}
        # Last, for a graph without its note is none.
        note.write_text(json.dumps(facts | {"recall": recall}), encoding="utf-8")
    finally:
        scratch.unlink(missing_ok=True)
