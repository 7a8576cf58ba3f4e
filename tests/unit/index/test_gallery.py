# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gallery on disk: round trip, nothing, one track, damage, staleness, rows carried over."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from needledrop.core.music import Licence
from needledrop.index.builder import GalleryBuilder, TrackIdentity, album_key
from needledrop.index.gallery import Gallery, array_files
from retrieval.synthetic_gallery import VERSIONS, make_builder, make_track


def snapshot_folder(folder: Path) -> Path:
    return folder / (folder / "current").read_text()


@pytest.mark.parametrize("count", [0, 1, 7])
def test_a_gallery_opens_as_it_was_written(tmp_path: Path, count: int) -> None:
    tracks = [make_track(track_id, duration_s=30.0 + track_id) for track_id in range(count, 0, -1)]
    written = make_builder(tracks).write(tmp_path / "gallery")
    opened = Gallery.open(tmp_path / "gallery", library_revision="revision-1", feature_versions=VERSIONS)
    assert opened is not None
    assert opened.track_count == count
    assert opened.licences == written.licences
    for name, array in array_files(written).items():
        np.testing.assert_array_equal(array, array_files(opened)[name])
    assert list(opened.tracks["track_id"]) == sorted(track.track_id for track in tracks)


def test_the_same_tracks_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    tracks = [make_track(track_id, duration_s=20.0) for track_id in range(1, 5)]
    make_builder(tracks).write(tmp_path / "a")
    make_builder(tracks[::-1]).write(tmp_path / "b")
    for path in snapshot_folder(tmp_path / "a").glob("*.npy"):
        assert path.read_bytes() == (snapshot_folder(tmp_path / "b") / path.name).read_bytes()


def test_a_second_write_replaces_the_first_and_removes_it(tmp_path: Path) -> None:
    make_builder([make_track(1, duration_s=20.0)]).write(tmp_path)
    first = snapshot_folder(tmp_path)
    make_builder([make_track(2, duration_s=20.0)]).write(tmp_path)
    opened = Gallery.open(tmp_path)
    assert opened is not None
    assert list(opened.tracks["track_id"]) == [2]
    assert not first.exists()


def test_a_missing_gallery_is_none(tmp_path: Path) -> None:
    assert Gallery.open(tmp_path / "nothing") is None


@pytest.mark.parametrize("name", ["tracks.npy", "energy.npy", "manifest.json"])
@pytest.mark.parametrize("damage", ["truncate", "remove", "garbage"])
def test_a_damaged_gallery_is_none(tmp_path: Path, name: str, damage: str) -> None:
    make_builder([make_track(1, duration_s=20.0)]).write(tmp_path)
    path = snapshot_folder(tmp_path) / name
    if damage == "remove":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-7] if damage == "truncate" else b"\x00" * path.stat().st_size)
    assert Gallery.open(tmp_path) is None


def test_offsets_that_do_not_fit_are_damage(tmp_path: Path) -> None:
    make_builder([make_track(1, duration_s=20.0)]).write(tmp_path)
    path = snapshot_folder(tmp_path) / "energy_offsets.npy"
    np.save(path, np.array([0, 999], np.int64))
    assert Gallery.open(tmp_path) is None


def test_a_stale_gallery_is_none(tmp_path: Path) -> None:
    make_builder([make_track(1, duration_s=20.0)]).write(tmp_path)
    assert Gallery.open(tmp_path, library_revision="revision-2") is None
    assert Gallery.open(tmp_path, feature_versions={**VERSIONS, "rhythm": 2}) is None
    manifest = snapshot_folder(tmp_path) / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 99}))
    assert Gallery.open(tmp_path) is None


def test_rows_are_carried_over_with_a_new_identity() -> None:
    tracks = [make_track(1, duration_s=20.0), make_track(2, duration_s=25.0)]
    before = make_builder(tracks).build()
    builder = GalleryBuilder("revision-2", VERSIONS)
    identity = TrackIdentity(2, 77, "Other", "Someone", Licence("CC0-1.0"))
    assert builder.carry_over(before, identity)
    assert not builder.carry_over(before, TrackIdentity(9, 9, "", "", Licence()))
    after = builder.build()
    assert after.track_count == 1
    assert after.licences[after.tracks["licence"][0]].name == "CC0-1.0"
    assert after.tracks["recording_id"][0] == 77
    np.testing.assert_array_equal(after.energy, before.energy[before.energy_offsets[1] :])
    assert after.tracks["tempo_bpm"][0] == before.tracks["tempo_bpm"][1]


def test_rows_are_found_by_track_id() -> None:
    gallery = make_builder([make_track(track_id, duration_s=10.0) for track_id in (3, 8)]).build()
    assert [gallery.row_of(track_id) for track_id in (3, 8, 5, 99)] == [0, 1, None, None]


def test_album_keys_ignore_case_and_unknown_is_zero() -> None:
    assert album_key("Blue", "Ann") == album_key("blue", "ANN")
    assert album_key("Blue", "Ann") != album_key("Blue", "Bob")
    assert album_key("", "") == 0


def test_a_failed_write_leaves_the_old_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_builder([make_track(1, duration_s=20.0)]).write(tmp_path)

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full_disk)
    with pytest.raises(OSError, match="No space"):
        make_builder([make_track(2, duration_s=20.0)]).write(tmp_path)
    opened = Gallery.open(tmp_path)
    assert opened is not None
    assert list(opened.tracks["track_id"]) == [1]
    assert not list(tmp_path.glob("part-*"))
