# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at the library and changing it: pages, edits, removal, folders, backups."""

from __future__ import annotations

from pathlib import Path

import mutagen.flac
import pytest

import media_factory
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.library.rows import SearchFilters
from needledrop.workflows import browse
from needledrop.workflows.profiles import write_library
from needledrop.workflows.scan import scan
from unit.workflows.made_library import add_track


@pytest.fixture
def filled(profile: Profile) -> Profile:
    """A profile whose library holds five tracks."""
    with write_library(profile, "test") as library:
        for number in range(1, 6):
            add_track(library, number)
    return profile


def test_a_profile_without_a_library_reads_as_empty(profile: Profile) -> None:
    page = browse.list_tracks(profile, "", SearchFilters(), sort="relevance", limit=10, offset=0)
    assert (list(page.tracks), page.total) == ([], 0)
    assert browse.list_problems(profile) == [] and browse.list_folders(profile) == []
    assert not profile.library_path.exists()


def test_pages_and_totals(filled: Profile) -> None:
    page = browse.list_tracks(filled, "title", SearchFilters(), sort="-title", limit=2, offset=1)
    assert [track.tags.title for track in page.tracks] == ["Title 4", "Title 3"]
    assert page.total == 5


def test_edits_by_short_and_full_names_and_taking_them_back(filled: Profile) -> None:
    sheet = browse.edit_track(filled, 1, ["title=Dawn = Day", "licence=cc by 4.0", "album-artist=Ada"])
    assert (sheet.track.tags.title, sheet.track.licence.name) == ("Dawn = Day", "CC-BY-4.0")
    assert sheet.edits == {"title": "Dawn = Day", "licence_name": "CC-BY-4.0", "album_artist": "Ada"}
    assert browse.edit_track(filled, 1, ["title="]).track.tags.title == "Title 1"
    assert len(browse.show_track(filled, 1).files) == 1


@pytest.mark.parametrize("change", ["title", "colour=red", "=x"])
def test_a_bad_edit_changes_nothing(filled: Profile, change: str) -> None:
    with pytest.raises(KnownError):
        browse.edit_track(filled, 1, ["title=Dawn", change])
    assert browse.show_track(filled, 1).edits == {}


def test_removing_names_unknown_tracks_and_can_be_undone(filled: Profile) -> None:
    with pytest.raises(KnownError, match="no track 99"):
        browse.remove_tracks(filled, [1, 99], is_undo=False)
    browse.remove_tracks(filled, [1], is_undo=False)
    assert browse.show_track(filled, 1).track.state == "deleted"
    browse.remove_tracks(filled, [1], is_undo=True)
    assert browse.show_track(filled, 1).track.state == "present"


def test_forgetting_a_folder_hides_its_tracks(filled: Profile) -> None:
    with pytest.raises(KnownError, match="no music folder"):
        browse.forget_folder(filled, Path("/elsewhere"))
    browse.forget_folder(filled, Path("/music"))
    assert browse.list_folders(filled) == []
    assert browse.list_tracks(filled, "", SearchFilters(), sort="title", limit=9, offset=0).total == 0


def test_backup_and_restore(filled: Profile) -> None:
    path = browse.back_up(filled)
    assert browse.list_library_backups(filled)[0].path == path
    browse.edit_track(filled, 1, ["title=Later"])
    used, aside = browse.restore(filled, None)
    assert used == path and aside is not None and aside.exists()
    assert browse.show_track(filled, 1).track.tags.title == "Title 1"


def test_a_cover_is_written_as_it_is_and_its_absence_said(profile: Profile, tmp_path: Path) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(100)
    file = media_factory.write_audio(tmp_path / "with cover.flac", media_factory.music(2))
    tags = mutagen.flac.FLAC(file)
    cover = mutagen.flac.Picture()
    cover.type, cover.mime, cover.data = 3, "image/png", picture
    tags.add_picture(cover)
    tags.save()
    bare = media_factory.write_audio(tmp_path / "bare.flac", media_factory.music(2, seed=1))
    scan(profile, [tmp_path], workers=1, progress=ignore_progress, cancel=CancelToken())
    ids = {track.path: track.id for track in browse.list_tracks(
        profile, "", SearchFilters(), sort="title", limit=9, offset=0).tracks}  # fmt: skip
    browse.save_cover(profile, ids[bytes(file)], tmp_path / "cover.png", overwrite=False)
    assert (tmp_path / "cover.png").read_bytes() == picture
    with pytest.raises(KnownError, match="has no cover"):
        browse.save_cover(profile, ids[bytes(bare)], tmp_path / "none.png", overwrite=False)


def test_ratings_and_favourites_are_edits_too(filled: Profile) -> None:
    track = browse.edit_track(filled, 1, ["rating=4", "favourite=yes", "licence=ask Ada first"]).track
    assert (track.rating, track.is_favourite, track.licence.name) == (4, True, "ask Ada first")
    track = browse.edit_track(filled, 1, ["rating=", "favourite=no", "licence="]).track
    assert (track.rating, track.is_favourite, track.licence.name) == (None, False, "CC0-1.0")
    for change in ("rating=6", "favourite=perhaps"):
        with pytest.raises(KnownError):
            browse.edit_track(filled, 1, ["title=Never", change])
    assert browse.show_track(filled, 1).track.tags.title == "Title 1"
