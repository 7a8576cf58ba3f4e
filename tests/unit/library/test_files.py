# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scan does to tracks: content is identity, and nothing the user decided is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from needledrop.core.music import Licence, TrackTags
from needledrop.library.library import Library
from needledrop.library.rows import FoundFile, Root, ScanBatch, ScanCounts

FoundFactory = Callable[..., FoundFile]


def test_new_files_become_tracks(library: Library, root: Root, found: FoundFactory) -> None:
    licence = Licence("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/", "Dawn", "Ada", "archive")
    tags = TrackTags(title="Dawn", artist="Ada", track_number=3, bpm=98.5, has_cover=True)
    batch = ScanBatch(root.id, (found("a.mp3", tags=tags, licence=licence), found("b.mp3")))

    assert library.apply_scan(batch) == ScanCounts(new=2)

    track = library.track(1)
    assert (track.tags, track.licence, track.state) == (tags, licence, "present")
    assert track.file_path.name == "a.mp3" and track.name == "Ada - Dawn"
    assert library.known_files(root.id)[batch.found[1].path].track_id == 2


def test_a_moved_file_keeps_its_track(library: Library, root: Root, found: FoundFactory) -> None:
    old, new = found("old.mp3", "song"), found("sub/new.mp3", "song")
    library.apply_scan(ScanBatch(root.id, (old,)))
    library.rate_track(1, 5)

    counts = library.apply_scan(ScanBatch(root.id, (new,), gone=(old.path,), is_whole_walk=True))

    assert counts == ScanCounts(moved=1)
    assert library.track_ids() == [1]
    assert (library.track(1).path, library.track(1).rating, library.track(1).state) == (new.path, 5, "present")


def test_a_file_missing_for_a_while_returns_elsewhere(library: Library, root: Root, found: FoundFactory) -> None:
    old, new = found("old.mp3", "song"), found("new.mp3", "song")
    library.apply_scan(ScanBatch(root.id, (old,)))
    assert library.apply_scan(ScanBatch(root.id, gone=(old.path,), is_whole_walk=True)) == ScanCounts(missing=1)
    assert library.track(1).state == "missing"

    assert library.apply_scan(ScanBatch(root.id, (new,))) == ScanCounts(moved=1)
    assert library.track(1).state == "present"
    assert list(library.known_files(root.id)) == [new.path]


def test_a_missing_file_returns_in_place(library: Library, root: Root, found: FoundFactory) -> None:
    file = found("a.mp3")
    library.apply_scan(ScanBatch(root.id, (file,)))
    library.apply_scan(ScanBatch(root.id, gone=(file.path,), is_whole_walk=True))

    assert library.apply_scan(ScanBatch(root.id, (file,))) == ScanCounts(returned=1)
    assert library.track(1).state == "present"


def test_an_interrupted_walk_cannot_mark_files_missing(library: Library, root: Root, found: FoundFactory) -> None:
    file = found("a.mp3")
    library.apply_scan(ScanBatch(root.id, (file,)))
    with pytest.raises(ValueError, match="walk"):
        library.apply_scan(ScanBatch(root.id, gone=(file.path,)))
    assert library.track(1).state == "present"


def test_a_batch_is_applied_whole_or_not_at_all(library: Library, root: Root, found: FoundFactory) -> None:
    broken = found("b.mp3", duration_s=None)
    with pytest.raises(Exception, match="NOT NULL"):
        library.apply_scan(ScanBatch(root.id, (found("a.mp3"), broken)))
    assert library.track_ids() == [] and library.known_files(root.id) == {}


def test_copies_share_a_track_and_the_first_one_speaks(library: Library, root: Root, found: FoundFactory) -> None:
    first = found("a.mp3", "song", tags=TrackTags(title="First"))
    second = found("b.mp3", "song", tags=TrackTags(title="Second"))
    library.apply_scan(ScanBatch(root.id, (first, second)))

    assert [file.path for file in library.track_files(1)] == [first.path, second.path]
    assert library.track(1).tags.title == "First"
    library.apply_scan(ScanBatch(root.id, gone=(first.path,), is_whole_walk=True))
    assert (library.track(1).path, library.track(1).state) == (second.path, "present")


def test_new_tags_change_the_track_but_never_the_users_edits(library: Library, root: Root, found: FoundFactory) -> None:
    library.apply_scan(ScanBatch(root.id, (found("a.mp3", "song", tags=TrackTags(title="Old", genre="rock")),)))
    library.edit_track(1, {"title": "Mine", "bpm": "120", "licence_name": "CC0-1.0"})

    newer = found("a.mp3", "song", tags=TrackTags(title="New", genre="jazz"), mtime_ns=2_000)
    assert library.apply_scan(ScanBatch(root.id, (newer,))) == ScanCounts(changed=1)

    track = library.track(1)
    assert (track.tags.title, track.tags.genre, track.tags.bpm) == ("Mine", "jazz", 120.0)
    assert track.licence.name == "CC0-1.0"
    library.edit_track(1, {"title": None})
    assert library.track(1).tags.title == "New"


def test_other_sound_at_a_path_is_another_track(library: Library, root: Root, found: FoundFactory) -> None:
    library.apply_scan(ScanBatch(root.id, (found("a.mp3", "one"),)))
    library.apply_scan(ScanBatch(root.id, (found("a.mp3", "two"),)))
    assert library.track(1).state == "removed"
    assert library.track_ids() == [2]


def test_a_deleted_track_stays_deleted(library: Library, root: Root, found: FoundFactory) -> None:
    file = found("a.mp3", "song")
    library.apply_scan(ScanBatch(root.id, (file,)))
    library.delete_tracks([1])
    library.apply_scan(ScanBatch(root.id, (file, found("copy.mp3", "song"))))
    assert library.track(1).state == "deleted" and library.track_ids() == [] and library.count() == 0

    library.undelete_tracks([1])
    assert library.track(1).state == "present"


def test_offline_is_not_missing(library: Library, root: Root, found: FoundFactory) -> None:
    library.apply_scan(ScanBatch(root.id, (found("a.mp3"), found("b.mp3"))))
    library.apply_scan(ScanBatch(root.id, gone=(found("b.mp3").path,), is_whole_walk=True))

    library.mark_offline(root.id)
    assert [library.track(track_id).state for track_id in (1, 2)] == ["offline", "missing"]
    library.mark_online(root.id)
    assert [library.track(track_id).state for track_id in (1, 2)] == ["present", "missing"]


@pytest.mark.parametrize("name", [b"caf\xe9 \xff.mp3", "🎵 e\u0301.mp3", "line\nbreak.mp3", "x" * 250 + ".mp3"])
def test_any_file_name_makes_the_round_trip(
    library: Library, root: Root, found: FoundFactory, name: str | bytes
) -> None:
    file = found(name, "song", tags=TrackTags())
    library.apply_scan(ScanBatch(root.id, (file,)))
    track = library.track(1)
    assert track.path == file.path and os.fsencode(track.file_path) == file.path
    assert library.file(track.file_path) is not None
    assert "\n" not in track.name and track.name.isprintable()


def test_tags_no_database_could_hold(library: Library, root: Root, found: FoundFactory) -> None:
    tags = TrackTags(title="a\ud800b\x00c", track_number=1 << 70, bpm=float("nan"), replaygain_track_db=float("inf"))
    library.apply_scan(ScanBatch(root.id, (found("a.mp3", tags=tags),)))
    kept = library.track(1).tags
    assert kept == TrackTags(title="a?b c")


def test_every_change_of_tracks_grows_the_revision(library: Library, root: Root, found: FoundFactory) -> None:
    seen = [library.revision]
    library.apply_scan(ScanBatch(root.id, (found("a.mp3"),)))
    seen.append(library.revision)
    library.edit_track(1, {"mood": "calm"})
    seen.append(library.revision)
    library.put_features(1, {"rhythm": (1, b"x")})
    seen.append(library.revision)
    library.apply_scan(ScanBatch(root.id))
    assert seen == sorted(set(seen)) and library.revision == seen[-1]


def test_a_batch_reads_no_music(library: Library, root: Root, found: FoundFactory, music_dir: Path) -> None:
    library.apply_scan(ScanBatch(root.id, (found("never-made.mp3"),)))
    assert list(music_dir.iterdir()) == []
