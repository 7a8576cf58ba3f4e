# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever kind a folder is of, it is read as that kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media_factory import music, shot_frames, write_video
from needledrop.core.errors import KnownError
from needledrop.training.pairs.any_pairs import read_pairs
from needledrop.training.pairs.pair_set import save_pair_set
from retrieval.made_up_pairs import made_up_pairs


def test_a_saved_set(tmp_path: Path) -> None:
    save_pair_set(made_up_pairs(), tmp_path)
    found = read_pairs(tmp_path)
    assert found.pairs.name == "made-up" and found.candidates == () and found.left_out == ()


def test_published_features_with_their_lists(tmp_path: Path) -> None:
    np.save(tmp_path / "visual_features_resnet_V.npy", np.eye(5, 8, dtype=np.float32))
    np.save(tmp_path / "music_features.npy", np.eye(4, dtype=np.float32))
    np.save(tmp_path / "train.npy", np.array([[0, 0], [1, 1], [1, 2]]))
    np.save(tmp_path / "val.npy", np.array([[2, 2, 0]]))
    np.save(tmp_path / "test.npy", np.array([[3, 0, 1, 2], [4, 3, 1, 2]]))
    found = read_pairs(tmp_path)
    assert [one.split for one in found.candidates] == ["validation", "test-weak", "test-strong"]
    assert found.left_out == ("Row 3 of train.npy is about video 1 again: it is left out.",)
    assert found.pairs.music.vector.shape == (4, 4)


def test_finished_videos(tmp_path: Path) -> None:
    frames = shot_frames((), 100, width=96, height=64)
    write_video(tmp_path / "anna_a.mp4", frames, sound=music(4, rate=48000))
    (tmp_path / "bert_b.mp4").write_bytes(b"no film")
    found = read_pairs(tmp_path)
    assert found.pairs.video_names == ("anna_a.mp4",)
    assert len(found.left_out) == 1 and found.left_out[0].startswith("'bert_b.mp4' is left out: ")


def test_records_and_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="holds no pairs"):
        read_pairs(tmp_path)
    (tmp_path / "train0.tfrecord").write_bytes(b"nothing")
    with pytest.raises(KnownError, match="no record that can be used"):
        read_pairs(tmp_path)
