# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results are read as a table, kept whole, and compared case by case."""

from __future__ import annotations

from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.training.evaluation.protocol import compared, trials
from needledrop.training.evaluation.results import Answered, changes, save_results, table
from needledrop.training.evaluation.scorers import RandomOrder, TrueLatent
from needledrop.training.pairs.pair_set import PairSet
from retrieval.made_up_pairs import made_up_pairs

SPLIT = "test-strong"


def kept(pairs: PairSet, path: Path, is_good: bool) -> Path:
    scorer = TrueLatent(pairs) if is_good else RandomOrder(1)
    scorer.name = "ours"
    names = {"video": pairs.video_names, "track": pairs.track_names}
    save_results(path, [Answered(compared(pairs, [scorer], [SPLIT]), trials(pairs, SPLIT), names)])
    return path


def test_the_table_names_gallery_chance_and_interval() -> None:
    pairs = made_up_pairs(tracks=80)
    text = table(compared(pairs, [TrueLatent(pairs), RandomOrder()], [SPLIT]))
    assert "60 queries, gallery of 20" in text
    assert "R@5 (chance 25.0)" in text
    assert "| Oracle (true latent) | 9" in text or "| Oracle (true latent) | 100" in text
    assert text.count("\n| Random |") == 1


def test_a_better_system_is_told_by_its_cases(tmp_path: Path) -> None:
    pairs = made_up_pairs(tracks=80)
    before, after = kept(pairs, tmp_path / "a.json", False), kept(pairs, tmp_path / "b.json", True)
    to_music, to_video = changes(before, after)
    assert to_music.recall.low > 0
    assert len(to_music.better) > 40 > len(to_music.worse)
    assert to_music.better[0].after < to_music.better[0].before
    assert to_music.better[0].name.startswith("video") and to_video.better[0].name.startswith("track")
    assert changes(after, after)[0].better == ()


def test_other_questions_are_not_compared(tmp_path: Path) -> None:
    before = kept(made_up_pairs(tracks=80), tmp_path / "a.json", True)
    after = kept(made_up_pairs(tracks=84), tmp_path / "b.json", True)
    with pytest.raises(KnownError, match="different questions"):
        changes(before, after)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"format": 99}')
    with pytest.raises(KnownError, match="no results"):
        changes(path, path)
