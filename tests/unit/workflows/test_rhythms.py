# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's beats reach lists, the gallery, placement and exports, and outlive every analysis."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from media_factory import music as made_music
from media_factory import write_audio
from needledrop.core.errors import KnownError
from needledrop.core.music import Rhythm, RhythmEdit
from needledrop.core.packing import pack
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.features import music
from needledrop.index.gallery import Gallery
from needledrop.library.library import Library
from needledrop.workflows.gallery import refresh_gallery
from needledrop.workflows.library_export import export_library
from needledrop.workflows.profiles import read_library, write_library
from needledrop.workflows.rhythms import correct_beats, effective_rhythms, reset_beats, show_beats
from needledrop.workflows.scan import scan
from needledrop.workflows.suggest import details_loader
from unit.workflows.made_library import add_track, analyse

DOUBLE = [RhythmEdit("double")]


@pytest.fixture
def tracks(profile: Profile) -> list[int]:
    """Two analysed tracks, of 91 and 92 BPM."""
    with write_library(profile, "test") as library:
        return [add_track(library, 1), add_track(library, 2)]


def tempi(profile: Profile) -> list[float]:
    with read_library(profile) as library:
        gallery: Gallery = refresh_gallery(profile, library, ignore_progress, CancelToken())
        found: list[float] = gallery.tracks["tempo_bpm"].tolist()
        return found


def test_the_gallery_takes_corrections_and_gives_them_back(profile: Profile, tracks: list[int]) -> None:
    before = tempi(profile)
    correct_beats(profile, tracks[0], DOUBLE)
    assert tempi(profile) == pytest.approx([2 * before[0], before[1]], rel=0.01)
    correct_beats(profile, tracks[1], [RhythmEdit("grid", bpm=77.0, seconds=1.0)])
    assert tempi(profile) == pytest.approx([2 * before[0], 77.0], rel=0.01)
    reset_beats(profile, tracks[0])
    assert tempi(profile) == pytest.approx([before[0], 77.0], rel=0.01)


def test_an_edit_of_tags_leaves_corrected_tracks_in_the_gallery(profile: Profile, tracks: list[int]) -> None:
    correct_beats(profile, tracks[0], DOUBLE)
    after = tempi(profile)
    with write_library(profile, "test") as library:
        library.edit_track(tracks[0], {"title": "Other"})
    assert tempi(profile) == after


def test_everyone_who_reads_a_rhythm_reads_the_users(profile: Profile, tracks: list[int]) -> None:
    wanted = correct_beats(profile, tracks[0], DOUBLE).rhythm
    assert len(wanted.beats_s) > 150
    with read_library(profile) as library:
        placed = details_loader(library)(tracks)[tracks[0]].rhythm
        for found in (effective_rhythms(library, tracks)[tracks[0]], placed):
            assert np.array_equal(found.beats_s, wanted.beats_s)
        assert library.track(tracks[0]).facts.tempo_bpm == wanted.tempo_bpm
    document = export_library(profile)
    assert document["tracks"][0]["beats"] == np.round(wanted.beats_s, 4).tolist()
    assert [entry["field"] for entry in document["decisions"]] == ["beats"]


def test_corrections_add_up_until_they_are_taken_back(profile: Profile, tracks: list[int]) -> None:
    found = show_beats(profile, tracks[0])
    assert found.edits == () and found.rhythm.tempo_bpm == found.analysed.tempo_bpm
    correct_beats(profile, tracks[0], DOUBLE)
    sheet = correct_beats(profile, tracks[0], [RhythmEdit("shift", beats=1), RhythmEdit("metre", beats=3)])
    assert [edit.kind for edit in sheet.edits] == ["double", "shift", "metre"]
    assert sheet.rhythm.beats_per_bar == 3 and sheet.rhythm.tempo_bpm > 170
    assert sheet.analysed.tempo_bpm == found.analysed.tempo_bpm
    again = reset_beats(profile, tracks[0])
    assert again.edits == () and again.track.facts.tempo_bpm == found.analysed.tempo_bpm


def test_a_correction_that_does_not_fit_changes_nothing(profile: Profile, tracks: list[int]) -> None:
    with read_library(profile) as library:
        before = library.revision
    with pytest.raises(KnownError, match="no tempo"):
        correct_beats(profile, tracks[0], [*DOUBLE, RhythmEdit("grid", bpm=9999.0)])
    with read_library(profile) as library:
        assert library.revision == before and library.corrected_beats(tracks) == {}


def test_tracks_that_are_not_there_or_not_analysed_are_named(profile: Profile) -> None:
    with write_library(profile, "test") as library:
        track_id = add_track(library, 1, is_analysed=False)
    for ask in (show_beats, reset_beats, lambda *given: correct_beats(*given, DOUBLE)):
        with pytest.raises(KnownError, match="no track 77"):
            ask(profile, 77)
        with pytest.raises(KnownError, match="not analysed yet"):
            ask(profile, track_id)


def test_a_newer_analysis_lies_below_the_users_beats(
    profile: Profile, tracks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = correct_beats(profile, tracks[0], DOUBLE).rhythm
    monkeypatch.setitem(music.FEATURE_VERSIONS, "rhythm", music.FEATURE_VERSIONS["rhythm"] + 1)
    with write_library(profile, "test") as library:
        assert effective_rhythms(library, tracks) == {}
        analyse(library, tracks[0])
        _analyse_anew(library, tracks[0], wanted)
        found = effective_rhythms(library, tracks)[tracks[0]]
    assert np.array_equal(found.beats_s, wanted.beats_s) and found.tempo_bpm == wanted.tempo_bpm
    assert found.sections_s.tolist() == [5.0]


def _analyse_anew(library: Library, track_id: int, like: Rhythm) -> None:
    """A better analysis, which found the double tempo itself."""
    better = replace(like, beats_s=like.beats_s + 0.01, sections_s=np.array([5.0]), section_novelty=np.ones(1, "f4"))
    library.put_features(track_id, {"rhythm": (music.FEATURE_VERSIONS["rhythm"], pack(better))})


def test_a_scan_with_a_raised_version_keeps_the_users_tempo(
    profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    write_audio(folder / "a.flac", made_music(15, bpm=110, seed=3))
    scan(profile, [folder], workers=1, progress=ignore_progress, cancel=CancelToken())
    wanted = correct_beats(profile, 1, [RhythmEdit("halve")]).rhythm
    assert wanted.tempo_bpm == pytest.approx(55, rel=0.01)
    monkeypatch.setitem(music.FEATURE_VERSIONS, "rhythm", music.FEATURE_VERSIONS["rhythm"] + 1)
    report = scan(profile, [folder], workers=1, progress=ignore_progress, cancel=CancelToken())
    assert report.analysed == 1
    sheet = show_beats(profile, 1)
    assert np.array_equal(sheet.rhythm.beats_s, np.round(wanted.beats_s, 6))
    assert sheet.analysed.tempo_bpm == pytest.approx(110, rel=0.01)
    assert sheet.track.facts.tempo_bpm == pytest.approx(55, rel=0.01) and sheet.track.facts.tempo_confidence == 1.0
    assert tempi(profile) == pytest.approx([55], rel=0.01)
