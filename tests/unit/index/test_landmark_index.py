# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The index of landmarks: every one at its place, mapped again as it was written, never of other tracks or damaged."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from made_melody import fingerprint_of, melody
from needledrop.core.music import Fingerprint
from needledrop.index.landmark_index import LandmarkIndex, build_index, write_index

PRINTS = [(7, fingerprint_of(melody(6.0, 1))), (9, fingerprint_of(melody(4.0, 2)))]


def test_every_landmark_stands_at_its_place() -> None:
    index = build_index("k", PRINTS)
    assert index.track_ids.tolist() == [7, 9] and len(index.positions) == sum(len(one.hashes) for _, one in PRINTS)
    for row, (_, one) in enumerate(PRINTS):
        for hash_, frame in zip(one.hashes.tolist()[::17], one.frames.tolist()[::17], strict=True):
            places = index.positions[index.starts[hash_] : index.starts[hash_ + 1]]
            assert index.bases[row] + frame in places.tolist()
            assert index.rows_at(np.array([index.bases[row] + frame])).tolist() == [row]


def test_a_place_before_the_first_frame_is_still_that_of_its_track() -> None:
    index = build_index("k", PRINTS)
    assert index.rows_at(np.array([-300, index.bases[1] - 300, index.bases[1] + 500])).tolist() == [0, 1, 1]


def test_it_is_mapped_as_it_was_written(tmp_path: Path) -> None:
    built = build_index("k", PRINTS)
    written = write_index(built, tmp_path)
    opened = LandmarkIndex.open(tmp_path, "k")
    assert opened is not None and isinstance(opened.positions, np.memmap) and isinstance(written.positions, np.memmap)
    for name in ("starts", "positions", "bases", "track_ids"):
        assert np.array_equal(getattr(opened, name), getattr(built, name))


def test_one_of_other_tracks_damaged_or_missing_is_none(tmp_path: Path) -> None:
    assert LandmarkIndex.open(tmp_path, "k") is None
    write_index(build_index("k", PRINTS), tmp_path)
    assert LandmarkIndex.open(tmp_path, "other") is None
    (file,) = tmp_path.glob("landmarks-*/positions.npy")
    file.write_bytes(file.read_bytes()[:-4])
    assert LandmarkIndex.open(tmp_path, "k") is None
    (manifest,) = tmp_path.glob("landmarks-*/manifest.json")
    manifest.write_text(json.dumps([1]), encoding="utf-8")
    assert LandmarkIndex.open(tmp_path, "k") is None


def test_a_new_one_takes_the_place_of_the_old(tmp_path: Path) -> None:
    write_index(build_index("k", PRINTS), tmp_path)
    write_index(build_index("l", PRINTS[:1]), tmp_path)
    assert len(list(tmp_path.glob("landmarks-*"))) == 1
    assert LandmarkIndex.open(tmp_path, "k") is None and LandmarkIndex.open(tmp_path, "l") is not None


def test_an_empty_library_has_an_empty_index(tmp_path: Path) -> None:
    index = write_index(build_index("k", []), tmp_path)
    assert len(index.positions) == len(index.track_ids) == 0


def test_more_frames_than_positions_can_count_are_refused() -> None:
    endless = Fingerprint(np.array([5], np.uint32), np.array([2**32 - 10], np.uint32), 0.02)
    with pytest.raises(ValueError, match="too many frames"):
        build_index("k", [(1, endless)])
