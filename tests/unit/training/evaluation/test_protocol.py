# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who asks, who answers, what counts as found; and what chance, popularity and the truth come to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.training.evaluation.protocol import compared, joined_groups, judged, trials
from needledrop.training.evaluation.scorers import EnergyTempoRule, PopularRank, RandomOrder, TrueLatent
from retrieval.made_up_pairs import made_up_pairs


def test_a_split_asks_in_both_directions() -> None:
    pairs = made_up_pairs(tracks=40, videos_per_track=3)
    to_music, to_video = trials(pairs, "test-strong")
    assert to_music.relevant.shape == (30, 10)
    assert to_music.relevant.sum(axis=1).tolist() == [1] * 30
    assert to_video.relevant.shape == (10, 30)
    assert to_video.relevant.sum(axis=1).tolist() == [3] * 10


def test_copies_of_a_recording_are_one_track_of_the_gallery() -> None:
    pairs = made_up_pairs(tracks=40, videos_per_track=3)
    cluster = pairs.track_cluster.copy()
    cluster[7] = cluster[3]
    to_music, _ = trials(replace(pairs, track_cluster=cluster), "test-strong")
    assert to_music.gallery_size == 9
    assert to_music.relevant.any(axis=1).all()
    assert to_music.relevant[:, 0].sum() == 6


def test_videos_of_one_source_or_one_recording_are_one_cluster() -> None:
    pairs = made_up_pairs(tracks=4, videos_per_track=2)
    sources = ("a", "b", "b", "c", "c", "d", "", "")
    groups = joined_groups(replace(pairs, video_source=sources), np.arange(8))
    # Tracks 0, 1 and 2 hang together through the sources b and c; track 3 stands alone.
    assert len(set(groups[:6])) == 1
    assert groups[6] == groups[7] != groups[0]


def test_the_truth_is_found_and_chance_is_chance() -> None:
    pairs = made_up_pairs(tracks=200, videos_per_track=3)
    results = compared(pairs, [TrueLatent(pairs), RandomOrder(3)], ["test-strong"])
    oracle, random = results[0], results[1]
    assert oracle.system == "Oracle (true latent)"
    assert oracle.recall[1].value > 0.9
    assert oracle.ndcg_at_10 is not None and random.ndcg_at_10 is not None
    assert oracle.ndcg_at_10 > random.ndcg_at_10
    assert random.recall[10].low <= random.chance[10] <= random.recall[10].high
    assert random.chance[10] == pytest.approx(10 / 50)
    assert random.percentile.value == pytest.approx(0.5, abs=0.08)


def test_popularity_knows_only_what_was_used_in_training() -> None:
    pairs = made_up_pairs(tracks=40, videos_per_track=3)
    weak, strong = (judged(PopularRank(pairs), trials(pairs, split)[0]) for split in ("test-weak", "test-strong"))
    assert weak.gallery_size == 20
    assert strong.recall[5].low <= strong.chance[5] <= strong.recall[5].high


def test_the_plain_rule_ranks_fast_music_under_fast_pictures() -> None:
    pairs = made_up_pairs(tracks=200, videos_per_track=3)
    result = judged(EnergyTempoRule(pairs), trials(pairs, "test-strong")[0])
    assert result.recall[10].low > result.chance[10]


def test_a_split_without_a_choice_is_refused() -> None:
    with pytest.raises(KnownError, match="at least two tracks"):
        trials(made_up_pairs(tracks=3), "test-strong")
