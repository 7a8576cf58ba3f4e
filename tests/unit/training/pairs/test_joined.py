# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.training.pairs.joined import joined
from retrieval.made_up_pairs import made_up_pairs


def test_every_video_keeps_its_track_and_every_item_its_split() -> None:
    first, second = (replace(made_up_pairs(seed=seed), name=name) for seed, name in ((1, "a"), (2, "b")))
    both = joined([first, second])
    count, tracks = len(first.video_names), len(first.track_names)
    assert both.track_names[tracks] == f"b/{second.track_names[0]}"
    assert both.split == first.split + second.split
    for video in (0, count - 1):
        assert np.array_equal(both.video.clips[count + video], second.video.clips[video])
        own = int(both.track_of_video[count + video])
        assert np.array_equal(both.music.clips[own], second.music.clips[int(second.track_of_video[video])])
    assert not set(both.track_cluster[:tracks]) & set(both.track_cluster[tracks:])


def test_one_set_is_itself() -> None:
    only = made_up_pairs(seed=1)
    assert joined([only]) is only


def test_sets_described_otherwise_are_refused() -> None:
    first = made_up_pairs(seed=1)
    other = replace(first, music=replace(first.music, clips=first.music.clips[:, :, 1:]))
    with pytest.raises(KnownError, match="describe their items otherwise: music clips"):
        joined([first, other])
