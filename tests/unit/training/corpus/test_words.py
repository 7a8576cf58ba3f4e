# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from needledrop.training.corpus import words
from needledrop.training.corpus.scene_script import KINDS, track_script


def right_words(seed: int) -> set[str]:
    kind, mood, pace = words._groups(track_script(seed))
    return {*kind, *mood, *pace}


def test_tags_repeat_for_a_seed_and_come_from_the_vocabulary() -> None:
    for seed in range(100):
        tags = words.tags_of(track_script(seed), seed)
        assert tags == words.tags_of(track_script(seed), seed)
        assert set(tags) <= set(words.VOCABULARY)
        assert len(set(tags)) == len(tags) <= 5


def test_a_fifth_of_the_tags_is_wrong_and_some_videos_have_none() -> None:
    all_tags = [(seed, words.tags_of(track_script(seed), seed)) for seed in range(600)]
    judged = [tag in right_words(seed) for seed, tags in all_tags for tag in tags]
    # A word drawn by chance is right now and then.
    assert 0.12 < 1 - sum(judged) / len(judged) < 0.22
    assert 20 < sum(not tags for _, tags in all_tags) < 100


def test_lines_are_of_the_scene_and_some_are_missing() -> None:
    lines = [(seed, words.line_of(track_script(seed), seed)) for seed in range(300)]
    assert 30 < sum(not line for _, line in lines) < 90
    about = [
        any(word in line for word in words._KIND_WORDS[KINDS[track_script(seed).kind].name])
        for seed, line in lines
        if line
    ]
    assert 0.7 < sum(about) / len(about) < 0.95
