# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feature sets carry their version, and a stale one is never handed out."""

from __future__ import annotations

from collections.abc import Callable

from needledrop.core.errors import KnownError
from needledrop.library.library import Library
from needledrop.library.rows import Root, ScanBatch, SearchFilters, TrackFacts

Add = Callable[..., int]


def test_only_the_asked_version_is_handed_out(library: Library, add: Add) -> None:
    a, b = add("a.mp3"), add("b.mp3")
    library.put_features(a, {"rhythm": (1, b"old"), "clips": (4, b"clips")})
    library.put_features(b, {"rhythm": (2, b"new")})
    assert library.features([b, a], "rhythm", 2) == {b: b"new"}
    library.put_features(a, {"rhythm": (2, b"newer")})
    assert list(library.features([b, a], "rhythm", 2).items()) == [(b, b"new"), (a, b"newer")]
    assert library.features([], "rhythm", 2) == {}


def test_stale_tracks(library: Library, add: Add, root: Root) -> None:
    fresh, old, bare, gone = (add(f"{name}.mp3") for name in ("fresh", "old", "bare", "gone"))
    library.put_features(fresh, {"rhythm": (2, b""), "clips": (1, b"")})
    library.put_features(old, {"rhythm": (1, b""), "clips": (1, b"")})
    library.apply_scan(ScanBatch(root.id, gone=(library.track(gone).path,), is_whole_walk=True))
    assert library.stale_tracks({"rhythm": 2, "clips": 1}) == [old, bare]


def test_a_failed_file_is_not_stale_until_it_changes(library: Library, add: Add) -> None:
    track_id = add("a.mp3")
    file = library.track_files(track_id)[0]
    library.put_problem(file.path, KnownError("Broken."), size=file.size, mtime_ns=file.mtime_ns)
    assert library.stale_tracks({"rhythm": 1}) == []
    add("a.mp3", mtime_ns=file.mtime_ns + 1)
    assert library.stale_tracks({"rhythm": 1}) == [track_id]


def test_facts_are_kept_for_lists(library: Library, add: Add) -> None:
    facts = TrackFacts(120.0, 0.9, 2, False, "D min", -14.0, 6.0, -1.0, 3.5)
    track_id = add("a.mp3")
    assert library.track(track_id).facts == TrackFacts()
    library.put_features(track_id, {"rhythm": (1, b"")}, facts)
    assert library.track(track_id).facts == facts
    assert library.count(filters=SearchFilters(bpm_range=(100.0, 130.0))) == 1
    assert library.count(filters=SearchFilters(bpm_range=(60.0, 90.0))) == 0


def test_text_embeddings_by_model(library: Library) -> None:
    library.put_text_embeddings("mini@1", {"calm": b"1", "wild": b"2"})
    assert library.text_embeddings("mini@1", ["wild", "unknown"]) == {"wild": b"2"}
    assert library.text_embeddings("mini@2", ["wild"]) == {}
