# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The segment file survives what happens to files, and search finds what a plain computation finds."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.segment_index import search as segments_module
from benchmarks.segment_index.file import (
    CURRENT_NAME,
    HEADER_BYTES,
    Origin,
    SegmentArrays,
    SegmentWriter,
    open_segments,
)
from benchmarks.segment_index.graph import LEAST_RECALL, build_graph, graph_paths, open_graph
from benchmarks.segment_index.search import Found, SegmentSearch
from needledrop.core.music import FloatArray

ORIGIN = Origin("model-1", "library:7")
DIMENSION = 48


def styles(count: int, seed: int = 1) -> FloatArray:
    """Vectors that lie near a surface of few dimensions, as embeddings of music do."""
    rng = np.random.default_rng(seed)
    latent = rng.standard_normal((count, 8)).astype(np.float32)
    mixed = np.tanh(latent @ np.random.default_rng(99).standard_normal((8, DIMENSION)).astype(np.float32))
    vectors: FloatArray = mixed + 0.1 * rng.standard_normal(mixed.shape).astype(np.float32)
    return vectors


def write(folder: Path, vectors: FloatArray, origin: Origin = ORIGIN) -> None:
    with SegmentWriter(folder, origin, vectors.shape[1]) as writer:
        for start in range(0, len(vectors), 700):
            rows = np.arange(start, min(start + 700, len(vectors)))
            start_s = (rows % 50 * 4).astype(np.float32)
            writer.add(vectors[rows], rows // 50, start_s, start_s + 4)


def opened(folder: Path, dimension: int = DIMENSION, origin: Origin = ORIGIN) -> SegmentArrays:
    segments = open_segments(folder, origin, dimension)
    assert segments is not None
    return segments


def cosines(vectors: FloatArray, query: FloatArray) -> FloatArray:
    normed: FloatArray = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return normed @ query / np.linalg.norm(query)


def exact_rows(search: SegmentSearch) -> object:
    return lambda query, count: search.exact(query, count).rows


def test_what_was_written_comes_back_whole(tmp_path: Path) -> None:
    vectors = styles(2000)
    write(tmp_path, vectors)
    segments = opened(tmp_path)
    assert segments.vectors.shape == (2000, DIMENSION)
    assert np.abs(segments.vectors.astype(int)).max(axis=1).tolist() == [127] * 2000
    assert segments.track_ids.tolist() == (np.arange(2000) // 50).tolist()
    np.testing.assert_array_equal(segments.end_s - segments.start_s, 4.0)
    assert not list(tmp_path.glob("*.part"))


def test_the_nearest_are_those_of_a_plain_computation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments_module, "_BLOCK_ROWS", 256)
    vectors = styles(3000)
    write(tmp_path, vectors)
    search = SegmentSearch(opened(tmp_path))
    for query in styles(10, seed=5):
        found = search.exact(query, 40)
        true = cosines(vectors, query)
        assert len(set(found.rows.tolist()) & set(np.argsort(-true)[:40].tolist())) >= 38
        np.testing.assert_allclose(found.cosines, true[found.rows], atol=0.01)
        stored = search.segments.vectors.astype(np.float64)
        np.testing.assert_array_equal(
            found.rows[0], np.argmax(cosines(stored, np.rint(query / abs(query).max() * 127)))
        )
        assert (np.diff(found.cosines) <= 0).all()


def test_duplicates_are_all_found_in_the_order_of_their_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments_module, "_BLOCK_ROWS", 64)
    vectors = styles(500)
    vectors[[3, 70, 200, 499]] = vectors[130]
    write(tmp_path, vectors)
    found = SegmentSearch(opened(tmp_path)).exact(7.5 * vectors[130], 5)
    assert found.rows[:5].tolist() == [3, 70, 130, 200, 499]
    np.testing.assert_allclose(found.cosines, 1.0, atol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_segments_or_none(tmp_path: Path, count: int) -> None:
    vectors = styles(count)
    write(tmp_path, vectors)
    search = SegmentSearch(opened(tmp_path))
    assert build_graph(search.segments, exact_rows(search)) == 1.0  # type: ignore[arg-type]
    with_graph = SegmentSearch(search.segments, open_graph(search.segments))
    for found in (search.exact(np.ones(DIMENSION), 10), with_graph.approximate(np.ones(DIMENSION), 10)):
        assert sorted(found.rows.tolist()) == list(range(count))
    assert len(search.exact(np.ones(DIMENSION), 0).rows) == 0


def test_a_vector_of_no_numbers_is_refused_and_the_file_before_stays(tmp_path: Path) -> None:
    vectors = styles(20)
    write(tmp_path, vectors)
    broken = styles(20, seed=2)
    broken[7, 3] = np.nan
    for bad in (broken, np.full((1, DIMENSION), np.inf, np.float32), styles(5)[:, :9], np.zeros(DIMENSION, np.float32)):
        with pytest.raises(ValueError), SegmentWriter(tmp_path, ORIGIN, DIMENSION) as writer:
            writer.add(bad, np.zeros(len(bad), np.int64), np.zeros(len(bad)), np.zeros(len(bad)))
    assert len(opened(tmp_path).vectors) == 20
    assert not list(tmp_path.glob("*.part"))
    search = SegmentSearch(opened(tmp_path))
    for query in (broken[7], np.ones(3)):
        with pytest.raises(ValueError):
            search.exact(query, 3)
        with pytest.raises(ValueError):
            search.approximate(query, 3)


def test_columns_of_another_length_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="columns"), SegmentWriter(tmp_path, ORIGIN, DIMENSION) as writer:
        writer.add(styles(4), np.zeros(3, np.int64), np.zeros(4), np.zeros(4))


def test_the_zero_vector_is_near_nothing(tmp_path: Path) -> None:
    vectors = styles(10)
    vectors[4] = 0.0
    vectors[5] = 1e-42
    write(tmp_path, vectors)
    search = SegmentSearch(opened(tmp_path))
    found = search.exact(vectors[1], 10)
    assert dict(zip(found.rows.tolist(), found.cosines.tolist(), strict=True))[4] == 0.0
    assert np.isfinite(found.cosines).all()
    np.testing.assert_array_equal(search.exact(np.zeros(DIMENSION), 10).cosines, 0.0)


def test_another_model_library_or_dimension_means_to_build_anew(tmp_path: Path) -> None:
    assert open_segments(tmp_path, ORIGIN, DIMENSION) is None
    write(tmp_path, styles(30))
    assert open_segments(tmp_path, Origin("model-2", "library:7"), DIMENSION) is None
    assert open_segments(tmp_path, Origin("model-1", "library:8"), DIMENSION) is None
    assert open_segments(tmp_path, ORIGIN, DIMENSION + 1) is None
    assert open_segments(tmp_path, ORIGIN, DIMENSION) is not None


@pytest.mark.parametrize("length", [0, 10, HEADER_BYTES - 1, HEADER_BYTES + 40, -1])
def test_a_file_cut_short_is_no_file(tmp_path: Path, length: int) -> None:
    write(tmp_path, styles(30))
    path = opened(tmp_path).path
    os.truncate(path, length if length >= 0 else path.stat().st_size + length)
    assert open_segments(tmp_path, ORIGIN, DIMENSION) is None


@pytest.mark.parametrize("change", [{"format": 99}, {"count": 31}, {"count": None}, {"size": 1}])
def test_a_header_that_lies_is_found_out(tmp_path: Path, change: dict[str, object]) -> None:
    write(tmp_path, styles(30))
    path = opened(tmp_path).path
    content = path.read_bytes()
    header = json.loads(content[:HEADER_BYTES]) | change
    path.write_bytes(json.dumps(header).encode().ljust(HEADER_BYTES) + content[HEADER_BYTES:])
    assert open_segments(tmp_path, ORIGIN, DIMENSION) is None


def test_building_anew_replaces_whole_and_removes_the_old(tmp_path: Path) -> None:
    write(tmp_path, styles(40))
    before = opened(tmp_path)
    first = SegmentSearch(before)
    build_graph(before, exact_rows(first))  # type: ignore[arg-type]
    asked = styles(1, seed=8)[0]
    answer = first.exact(asked, 5)
    write(tmp_path, styles(60, seed=3), Origin("model-1", "library:8"))
    assert len(opened(tmp_path, origin=Origin("model-1", "library:8")).vectors) == 60
    assert sorted(path.suffix for path in tmp_path.iterdir() if path.name != CURRENT_NAME) == [".bin"]
    if os.name == "posix":  # Who still maps the old file goes on reading it.
        assert first.exact(asked, 5).rows.tolist() == answer.rows.tolist()


def test_the_graph_finds_nearly_what_the_whole_search_finds(tmp_path: Path) -> None:
    write(tmp_path, styles(4000))
    search = SegmentSearch(opened(tmp_path))
    assert open_graph(search.segments) is None
    recall = build_graph(search.segments, exact_rows(search))  # type: ignore[arg-type]
    graph = open_graph(search.segments)
    assert graph is not None and graph.recall == recall >= LEAST_RECALL
    fast = SegmentSearch(search.segments, graph)
    assert fast.is_approximate and not search.is_approximate
    shares = []
    for query in styles(50, seed=11):
        exact, near = search.exact(query, 10), fast.approximate(query, 10)
        shares.append(len(set(exact.rows.tolist()) & set(near.rows.tolist())) / 10)
        both = dict(zip(exact.rows.tolist(), exact.cosines.tolist(), strict=True))
        for row, cosine in zip(near.rows.tolist(), near.cosines.tolist(), strict=True):
            assert both.get(row, cosine) == cosine
    assert np.mean(shares) >= LEAST_RECALL


def test_a_graph_that_misses_too_much_is_not_used(tmp_path: Path) -> None:
    write(tmp_path, styles(300))
    search = SegmentSearch(opened(tmp_path))

    def farthest(query: FloatArray, count: int) -> object:
        return search.exact(-query, count).rows

    assert build_graph(search.segments, farthest) < LEAST_RECALL  # type: ignore[arg-type]
    assert open_graph(search.segments) is None
    without = SegmentSearch(search.segments, open_graph(search.segments))
    asked = styles(1, seed=4)[0]
    assert same(without.approximate(asked, 7), search.exact(asked, 7))


@pytest.mark.parametrize("damage", ["short", "note", "other"])
def test_a_damaged_graph_is_not_used(tmp_path: Path, damage: str) -> None:
    write(tmp_path, styles(300))
    segments = opened(tmp_path)
    build_graph(segments, exact_rows(SegmentSearch(segments)))  # type: ignore[arg-type]
    path, note = graph_paths(segments)
    if damage == "short":
        os.truncate(path, path.stat().st_size // 2)
    elif damage == "note":
        note.write_text("{", encoding="utf-8")
    else:
        path.write_bytes(b"x" * path.stat().st_size)
    assert open_graph(segments) is None


def same(a: Found, b: Found) -> bool:
    return a.rows.tolist() == b.rows.tolist() and a.cosines.tolist() == b.cosines.tolist()
