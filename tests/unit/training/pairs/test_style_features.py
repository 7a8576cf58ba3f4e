# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TT-150k's files are written here as published, object arrays included, and read back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.training.pairs.style_features import read_style_features
from needledrop.training.pairs.transforms import fit_transforms

VIDEOS, TRACKS = 30, 12


def objects(rows: list[list[Any]]) -> np.ndarray:
    made = np.empty((len(rows), len(rows[0])), object)
    for place, row in enumerate(rows):
        for column, value in enumerate(row):
            made[place, column] = value
    return made


def write(folder: Path, *, train: list[list[Any]] | None = None, test: list[list[Any]] | None = None) -> Path:
    """Tracks 0 to 5 are trained on; test asks for track 2 (weak) and for track 8 (strong)."""
    rng = np.random.default_rng(0)
    (folder / "100neg").mkdir(parents=True)
    np.save(folder / "visual_features_resnet_V.npy", rng.normal(size=(VIDEOS, 16)).astype(np.float32))
    np.save(folder / "music_features.npy", rng.normal(size=(TRACKS, 6)).astype(np.float32))
    np.save(folder / "new_music_smile_features_norm.npy", np.full((TRACKS, 5), 0.25))
    train = train or [[video, video % 6, "[2]", [0.1, 0.9], 0.5] for video in range(12)]
    np.save(folder / "train.npy", objects(train))
    np.save(folder / "100neg" / "val.npy", objects([[20, 6, np.arange(6)], [21, 7, np.arange(6)]]))
    test = test or [[25, 2, np.array([0, 1, 8])], [26, 8, np.array([9, 8, 10, 9, 11])]]
    np.save(folder / "100neg" / "test.npy", objects(test))
    return folder


def test_splits_lists_and_features_are_those_of_the_files(tmp_path: Path) -> None:
    found = read_style_features(write(tmp_path / "tt"))
    pairs = found.pairs
    assert found.left_out == ()
    assert pairs.split == ("train",) * 12 + ("validation",) * 2 + ("test-weak", "test-strong")
    assert pairs.track_of_video.tolist()[-4:] == [6, 7, 2, 8]
    assert pairs.track_split[2] == "train" and pairs.track_split[8] == "test-strong" and pairs.track_split[11] == ""
    assert pairs.music.vector.shape == (TRACKS, 11) and pairs.video.clips.shape == (16, 1, 16)
    features = np.load(tmp_path / "tt" / "visual_features_resnet_V.npy")
    np.testing.assert_array_equal(pairs.video.vector[-1], features[26])
    np.testing.assert_array_equal(pairs.video.clips[:, 0], pairs.video.vector)
    lists = {one.split: one for one in found.candidates}
    # The right track comes first and is not asked for twice.
    assert lists["test-strong"].tracks[0].tolist() == [8, 9, 10, 11]
    assert lists["test-weak"].tracks[0].tolist() == [2, 0, 1, 8]
    assert pairs.video_names[lists["test-weak"].videos[0]] == "video 25"
    assert fit_transforms(pairs).video_vector.basis.shape[0] == 16


def test_weights_of_queries_follow_their_rows(tmp_path: Path) -> None:
    test = [[25, 2, np.array([0, 1])], [99, 2, np.array([0, 1])], [26, 8, np.array([9, 10])], [27, 3, np.array([0, 1])]]
    folder = write(tmp_path / "tt", test=test)
    assert all(one.weights is None for one in read_style_features(folder).candidates)
    np.save(folder / "video_popularity_test.npy", np.array([0.1, 0.2, 0.3, 0.4]))
    lists = {one.split: one for one in read_style_features(folder).candidates}
    assert lists["validation"].weights is None
    assert lists["test-weak"].weights is not None and lists["test-weak"].weights.tolist() == [0.1, 0.4]
    assert lists["test-strong"].weights is not None and lists["test-strong"].weights.tolist() == [0.3]


@pytest.mark.parametrize("weights", [[0.5], [0.1, np.nan], [0.1, -0.2], [0.0, 0.0], [[1.0, 2.0]]])
def test_weights_of_other_rows_are_refused(tmp_path: Path, weights: list[float]) -> None:
    folder = write(tmp_path / "tt")
    np.save(folder / "video_popularity_test.npy", np.array(weights))
    with pytest.raises(KnownError) as caught:
        read_style_features(folder)
    assert caught.value.code == "unreadable"


def test_lists_of_plain_numbers_are_read_too(tmp_path: Path) -> None:
    folder = write(tmp_path / "tt")
    np.save(folder / "100neg" / "test.npy", np.array([[25, 2, 0, 1, 8], [26, 8, 9, 10, 11]]))
    np.save(folder / "train.npy", np.array([[[video, video % 6]] for video in range(12)]))
    found = read_style_features(folder)
    assert [one.split for one in found.candidates] == ["validation", "test-weak", "test-strong"]
    assert found.candidates[2].tracks[0].tolist() == [8, 9, 10, 11]


def test_text_is_taken_where_it_is_there(tmp_path: Path) -> None:
    folder = write(tmp_path / "tt")
    text = np.ones((VIDEOS, 4), np.float32)
    text[25] = 0
    np.save(folder / "text_features.npy", text)
    pairs = read_style_features(folder).pairs
    assert pairs.video.text.shape == (16, 4)
    assert pairs.video.has_text.tolist() == [True] * 14 + [False, True]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ([99, 2, np.array([0, 1])], "names a video or a track that has no features"),
        ([25, 2, np.array([0, 12])], "names a video or a track that has no features"),
        (["no", 2, np.array([0, 1])], "holds no numbers of a video and a track"),
        ([25, None, np.array([0, 1])], "holds no numbers of a video and a track"),
        ([3, 2, np.array([0, 1])], "is about video 3 again"),
    ],
)
def test_a_row_that_cannot_be_used_costs_itself(tmp_path: Path, row: list[Any], reason: str) -> None:
    found = read_style_features(write(tmp_path / "tt", test=[row, [26, 8, np.array([9, 10])]]))
    assert found.left_out == (f"Row 1 of test.npy {reason}: it is left out.",)
    assert found.pairs.split[-1] == "test-strong" and len(found.pairs.video_names) == 15


class Intruder:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("intruder",)


def test_a_file_cannot_run_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "tt")
    monkeypatch.chdir(tmp_path)
    np.save(folder / "train.npy", objects([[Intruder(), 0]]))
    with pytest.raises(KnownError, match=r"'train.npy' holds no such numbers"):
        read_style_features(folder)
    assert not (tmp_path / "intruder").exists()


def test_what_is_missing_or_does_not_fit_is_said(tmp_path: Path) -> None:
    folder = write(tmp_path / "tt")
    np.save(folder / "new_music_smile_features_norm.npy", np.zeros((TRACKS + 1, 5)))
    with pytest.raises(KnownError, match="has 13 tracks"):
        read_style_features(folder)
    (folder / "new_music_smile_features_norm.npy").unlink()
    (folder / "100neg" / "val.npy").write_bytes(b"no array")
    with pytest.raises(KnownError, match=r"'val.npy' holds no such"):
        read_style_features(folder)
    with pytest.raises(KnownError, match=r"'visual_features_resnet_V.npy' is not in"):
        read_style_features(tmp_path)
