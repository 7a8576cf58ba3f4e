# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Music folders: overlaps, removal, and volumes that come and go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.library.library import Library
from needledrop.library.rows import FoundFile, Root, ScanBatch

FoundFactory = Callable[..., FoundFile]


def test_a_folder_is_added_once(library: Library, root: Root, music_dir: Path) -> None:
    assert library.add_root(music_dir) == root
    assert library.add_root(music_dir / "jazz") == root
    assert library.roots() == [root]


def test_a_neighbour_with_a_longer_name_is_another_folder(library: Library, root: Root, music_dir: Path) -> None:
    other = library.add_root(music_dir.with_name(music_dir.name + "2"))
    assert other.id != root.id


def test_a_folder_around_others_takes_them_over(
    library: Library, root: Root, found: FoundFactory, tmp_path: Path
) -> None:
    library.apply_scan(ScanBatch(root.id, (found("a.mp3"),)))
    around = library.add_root(tmp_path)
    assert library.roots() == [around]
    assert len(library.known_files(around.id)) == 1 and library.track(1).state == "present"


def test_removing_a_folder_hides_its_tracks_and_keeps_what_was_decided(
    library: Library, root: Root, found: FoundFactory, music_dir: Path
) -> None:
    file = found("a.mp3", "song")
    library.apply_scan(ScanBatch(root.id, (file,)))
    library.rate_track(1, 4)
    library.put_problem(file.path, KnownError("Broken."), size=1, mtime_ns=1)

    library.remove_root(root.id)
    assert (library.roots(), library.track_ids(), library.problems()) == ([], [], [])

    again = library.add_root(music_dir)
    library.apply_scan(ScanBatch(again.id, (file,)))
    assert (library.track(1).state, library.track(1).rating) == ("present", 4)


def test_a_deleted_folder_on_a_mounted_volume_is_not_offline(library: Library, root: Root, music_dir: Path) -> None:
    music_dir.rmdir()
    assert not library.is_offline(root)


def test_a_folder_of_another_volume_is_offline_while_it_is_empty_or_gone(
    library: Library, root: Root, music_dir: Path
) -> None:
    unplugged = replace(root, mount=b"/media/usb")
    assert library.is_offline(unplugged)
    (music_dir / "a.mp3").write_bytes(b"x")
    assert not library.is_offline(unplugged)
    assert library.is_offline(replace(unplugged, path=root.path + b"/gone"))


def test_a_finished_scan_is_remembered(library: Library, root: Root) -> None:
    assert root.scanned_at is None
    library.mark_scanned(root.id)
    assert library.roots()[0].scanned_at is not None
