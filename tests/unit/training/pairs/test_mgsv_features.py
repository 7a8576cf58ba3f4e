# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MGSV-EC's features in the layout of its own loader, written here and read back."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.progress import CancelToken
from needledrop.training.evaluation.protocol import trials
from needledrop.training.pairs.any_pairs import read_pairs
from needledrop.training.pairs.mgsv_features import MUSIC_SIZE, VIDEO_SIZE, holds_mgsv, read_mgsv_pairs
from unit.training.pairs.test_mgsv import line, write

FRAMES, SEGMENTS = 50, 96


def keep(folder: Path, item: str, rows: np.ndarray, length: int) -> None:
    """Features filled up to a fixed length with numbers that mean nothing, and the mask that says so."""
    filled = np.full((length, rows.shape[1]), 99.0, np.float32)
    filled[: len(rows)] = rows
    kind = folder / ("vit" if rows.shape[1] == VIDEO_SIZE else "ast")
    for name, values in (("feature", filled), ("mask", (np.arange(length) < len(rows)).astype(np.int64))):
        path = Path(f"{kind}_{name}") / f"{item}.pt"
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(torch.from_numpy(values), path)


def video_rows(number: int, seconds: int) -> np.ndarray:
    return np.random.default_rng((1, number)).normal(size=(seconds, VIDEO_SIZE)).astype(np.float32)


def track_rows(number: int, segments: int) -> np.ndarray:
    return np.random.default_rng((2, number)).normal(size=(segments, MUSIC_SIZE)).astype(np.float32)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Tables and features as the data set's page says to lay them out: tracks a, b trained on, c and d not."""
    tables = tmp_path / "dataset" / "MGSV-EC"
    tables.mkdir(parents=True)
    write(tables / "train_data.csv", line("1", "a", 0, 20), line("2", "b", 5, 25), line("3", "a", 40, 60))
    write(tables / "val_data.csv", line("4", "c", 1.5, 9.0, category="Movies TV Shows"))
    write(tables / "test_data.csv", line("5", "a", 3, 24), line("6", "d", 100, 120, category=""))
    features = tmp_path / "features" / "Kuai_feature"
    for number in range(1, 7):
        keep(features / "vit_feature1", str(number), video_rows(number, 20 + number), FRAMES)
    for number, track in enumerate("abcd"):
        keep(features / "ast_feature2p5", track, track_rows(number, 20 + 10 * number), SEGMENTS)
    return tmp_path


def test_videos_go_with_their_tracks_and_splits(data: Path) -> None:
    found = read_pairs(data)
    pairs = found.pairs
    assert found.left_out == () and holds_mgsv(data)
    assert pairs.video_names == ("1", "2", "3", "4", "5", "6") and pairs.track_names == ("a", "b", "c", "d")
    assert pairs.track_of_video.tolist() == [0, 1, 0, 2, 0, 3]
    assert pairs.split == ("train",) * 3 + ("validation", "test-weak", "test-strong")
    assert pairs.track_split == ("train", "train", "validation", "test-strong")
    assert pairs.tags[3] == ("movies tv shows",) and pairs.tags[5] == ()
    with pytest.raises(KnownError, match="1 tracks"):
        trials(pairs, "test-strong")


def test_what_the_mask_leaves_out_is_nowhere(data: Path) -> None:
    pairs = read_mgsv_pairs(data).pairs
    assert pairs.video.vector.shape == (6, 7 * VIDEO_SIZE) and pairs.music.vector.shape == (4, 7 * MUSIC_SIZE)
    assert max(np.abs(pairs.video.vector).max(), np.abs(pairs.music.clips).max()) < 99
    rows = track_rows(0, 20)
    np.testing.assert_allclose(pairs.music.vector[0, :MUSIC_SIZE], rows.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(pairs.music.clips[0, 0, :MUSIC_SIZE], rows[:3].mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(pairs.music.clips[0, 6, MUSIC_SIZE:], rows[18:].std(axis=0), atol=1e-6)
    assert pairs.music.mask.all()


def test_only_the_stretch_of_the_video_counts(data: Path) -> None:
    pairs = read_mgsv_pairs(data).pairs
    # The tables' videos are asked about from 0 to 20.5 s: 21 of the 26 seconds of video 6, in six clips.
    rows = video_rows(6, 26)[:21]
    np.testing.assert_allclose(pairs.video.vector[5, :VIDEO_SIZE], rows.mean(axis=0), atol=1e-6)
    assert pairs.video.mask[5].tolist() == [True] * 6 + [False]
    np.testing.assert_allclose(pairs.video.clips[5, 5, :VIDEO_SIZE], rows[20], atol=1e-6)


def test_what_cannot_be_used_costs_itself(data: Path) -> None:
    (vit,) = data.glob("features/*/*/vit_feature")
    (vit / "2.pt").unlink()
    (vit / "3.pt").write_bytes(pickle.dumps(print))
    torch.save(torch.zeros(FRAMES, 7), vit / "1.pt")
    (mask,) = data.glob("features/*/*/ast_mask")
    torch.save(torch.zeros(SEGMENTS), mask / "d.pt")
    found = read_mgsv_pairs(data)
    assert found.pairs.video_names == ("4", "5")
    assert found.left_out == (
        "vit_feature/1.pt has not 512 numbers a row: video 1 is left out.",
        "vit_feature/2.pt is not there: video 2 is left out.",
        "vit_feature/3.pt holds no tensor: video 3 is left out.",
        "ast_feature/d.pt holds no rows that can be used: video 6 is left out.",
    )


def test_names_that_leave_the_folder_are_refused(data: Path) -> None:
    write(data / "dataset" / "MGSV-EC" / "val_data.csv", line("../1", "a", 0, 20), line("4", "..", 0, 20))
    found = read_mgsv_pairs(data)
    assert "../1" not in found.pairs.video_names and "4" not in found.pairs.video_names
    assert found.left_out[0] == "'../1' is no name of a file: video ../1 is left out."


def test_missing_features_and_a_stop_are_told(data: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = tmp_path_factory.mktemp("empty")
    assert not holds_mgsv(empty)
    with pytest.raises(KnownError, match="holds no tables and features"):
        read_mgsv_pairs(empty)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        read_mgsv_pairs(data, cancel=token)
    for path in data.glob("features/*/*/ast_feature/*.pt"):
        path.unlink()
    with pytest.raises(KnownError, match="None of the 6 videos"):
        read_mgsv_pairs(data)
