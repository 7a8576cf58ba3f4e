# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Corrected beats are the user's: they come back as they were given, and nothing that is computed touches them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.music import CorrectedBeats, RhythmEdit
from needledrop.library.library import Library
from needledrop.library.rows import Root, ScanBatch, SearchFilters, TrackFacts
from unit.library.conftest import Opener

Add = Callable[..., int]
BEATS = CorrectedBeats(
    (RhythmEdit("taps", taps_s=(1.0, 1.5, 2.0, 2.5)), RhythmEdit("shift", beats=-1), RhythmEdit("offset", seconds=0.1)),
    (0.123456, 0.623456, 1.123456),
    (0.623456,),
    3,
)


def test_corrected_beats_come_back_as_they_were(library: Library, add: Add, open_library: Opener) -> None:
    corrected, plain = add("a.mp3"), add("b.mp3")
    library.correct_beats(corrected, BEATS, tempo_bpm=120.0, confidence=1.0)
    assert library.corrected_beats([plain, corrected, 99]) == {corrected: BEATS}
    with open_library() as reader:
        assert reader.corrected_beats([corrected]) == {corrected: BEATS}


def test_lists_and_filters_see_the_corrected_tempo(library: Library, add: Add) -> None:
    track_id = add("a.mp3")
    library.put_features(track_id, {"rhythm": (1, b"")}, TrackFacts(60.0, 0.4, key_name="D min"))
    library.correct_beats(track_id, BEATS, tempo_bpm=120.0, confidence=1.0)
    assert library.track(track_id).facts == TrackFacts(120.0, 1.0, key_name="D min")
    assert library.count(filters=SearchFilters(bpm_range=(100.0, 130.0))) == 1


def test_a_correction_changes_the_revision_and_says_when(library: Library, add: Add) -> None:
    first, second = add("a.mp3"), add("b.mp3")
    before = library.revision
    library.correct_beats(first, BEATS, tempo_bpm=120.0, confidence=1.0)
    between = library.revision
    assert between > before and library.tracks_corrected_since(before) == {first}
    library.correct_beats(second, BEATS, tempo_bpm=120.0, confidence=1.0)
    assert library.tracks_corrected_since(before) == {first, second}
    assert library.tracks_corrected_since(between) == {second}
    assert library.tracks_corrected_since(library.revision) == frozenset()


def test_a_correction_taken_back_is_a_change_too(library: Library, add: Add) -> None:
    track_id = add("a.mp3")
    library.correct_beats(track_id, BEATS, tempo_bpm=120.0, confidence=1.0)
    between = library.revision
    library.correct_beats(track_id, None, tempo_bpm=60.0, confidence=0.4)
    assert library.corrected_beats([track_id]) == {} and library.tracks_corrected_since(between) == {track_id}
    assert [entry for entry in library.decisions() if entry["field"] == "beats"] == []


def test_no_scan_and_no_analysis_changes_them(library: Library, add: Add, root: Root) -> None:
    track_id = add("a.mp3", "sound")
    library.correct_beats(track_id, BEATS, tempo_bpm=120.0, confidence=1.0)
    library.put_features(track_id, {"rhythm": (2, b"new")}, TrackFacts(60.0, 0.4))
    library.apply_scan(ScanBatch(root.id, gone=(library.track(track_id).path,), is_whole_walk=True))
    assert add("moved.mp3", "sound") == track_id
    library.remove_root(root.id)
    library.delete_tracks([track_id])
    assert library.corrected_beats([track_id]) == {track_id: BEATS}


def test_they_are_exported_among_the_decisions(library: Library, add: Add) -> None:
    track_id = add("a.mp3", "sound")
    before = library.connection.value("SELECT value FROM counters WHERE name = 'decisions'")
    library.correct_beats(track_id, BEATS, tempo_bpm=120.0, confidence=1.0)
    assert library.connection.value("SELECT value FROM counters WHERE name = 'decisions'") == before + 1
    (entry,) = library.decisions()
    assert (entry["content_hash"], entry["field"]) == ("sound", "beats")
    assert json.loads(entry["value"])["beats_s"] == list(BEATS.beats_s) and entry["changed_at"] > 0


def test_a_track_that_is_not_there_is_named(library: Library) -> None:
    with pytest.raises(KnownError, match="no track 7"):
        library.correct_beats(7, BEATS, tempo_bpm=120.0, confidence=1.0)
    assert library.corrected_beats([7]) == {}
