# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gallery follows the library: built when it must be, reused when it may be, never mixed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.features import music
from needledrop.index.builder import GalleryBuilder
from needledrop.index.gallery import Gallery
from needledrop.library.library import Library
from needledrop.workflows import gallery as gallery_module
from needledrop.workflows.gallery import refresh_gallery
from needledrop.workflows.profiles import write_library
from unit.workflows.made_library import add_track, analyse


def refresh(profile: Profile, library: Library) -> Gallery:
    return refresh_gallery(profile, library, ignore_progress, CancelToken())


def unpacks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the tracks whose features are read from the library."""
    read: list[int] = []
    real = gallery_module.unpacked

    def counted(library: Library, ids: list[int], kind: type, feature_set: str) -> object:
        read.extend(ids)
        return real(library, ids, kind, feature_set)

    monkeypatch.setattr(gallery_module, "unpacked", counted)
    return read


def test_an_unchanged_library_is_not_built_again(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    with write_library(profile, "test") as library:
        add_track(library, 1)
        assert refresh(profile, library).track_count == 1
        monkeypatch.setattr(gallery_module, "GalleryBuilder", None)
        assert refresh(profile, library).track_count == 1


def test_a_new_revision_reads_only_new_tracks(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    with write_library(profile, "test") as library:
        first = add_track(library, 1)
        refresh(profile, library)
        second = add_track(library, 2)
        add_track(library, 3, is_analysed=False)
        read = unpacks(monkeypatch)
        assert refresh(profile, library).tracks["track_id"].tolist() == [first, second]
        assert first not in read and second in read


def test_edits_reach_tracks_that_are_carried_over(profile: Profile) -> None:
    with write_library(profile, "test") as library:
        track_id = add_track(library, 1)
        refresh(profile, library)
        library.edit_track(track_id, {"licence_name": "CC-BY-NC-4.0"})
        gallery = refresh(profile, library)
    assert [licence.name for licence in gallery.licences] == ["CC-BY-NC-4.0"]


def test_other_feature_versions_are_never_carried_over(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    with write_library(profile, "test") as library:
        track_id = add_track(library, 1)
        refresh(profile, library)
        monkeypatch.setitem(music.FEATURE_VERSIONS, "clips", music.FEATURE_VERSIONS["clips"] + 1)
        assert refresh(profile, library).track_count == 0
        analyse(library, track_id)
        gallery = refresh(profile, library)
    assert gallery.track_count == 1
    assert gallery.feature_versions["clips"] == music.FEATURE_VERSIONS["clips"]


def test_another_library_of_the_same_revision_is_not_taken_for_this_one(profile: Profile, tmp_path: Path) -> None:
    with write_library(profile, "test") as library:
        add_track(library, 1)
        before = refresh(profile, library).tracks["tempo_bpm"].tolist()
        revision = library.revision
    shutil.rmtree(profile.data_dir)
    with write_library(profile, "test") as library:
        add_track(library, 2, is_analysed=False)
        analyse_as_other(library)
        assert library.revision == revision
        assert refresh(profile, library).tracks["tempo_bpm"].tolist() != before


def analyse_as_other(library: Library) -> None:
    """Analyse track 1, with the features of a track 40."""
    other = add_features_of(library, 40)
    library.put_features(1, other)


def add_features_of(library: Library, number: int) -> dict[str, tuple[int, bytes]]:
    from needledrop.core.packing import pack
    from retrieval.synthetic_gallery import make_track

    made = make_track(number, duration_s=60.0, tempo_bpm=150.0)
    sets = {"rhythm": made.rhythm, "tonality": made.tonality, "loudness": made.loudness, "clips": made.clips}
    return {name: (music.FEATURE_VERSIONS[name], pack(value)) for name, value in sets.items()}


def test_missing_and_removed_tracks_are_not_in_it(profile: Profile) -> None:
    with write_library(profile, "test") as library:
        kept, removed = add_track(library, 1), add_track(library, 2)
        library.delete_tracks([removed])
        assert refresh(profile, library).tracks["track_id"].tolist() == [kept]


def test_a_full_disk_is_said(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(builder: GalleryBuilder, folder: Path) -> Gallery:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(GalleryBuilder, "write", fail)
    with write_library(profile, "test") as library, pytest.raises(KnownError) as caught:
        refresh(profile, library)
    assert caught.value.code == "disk-full"
