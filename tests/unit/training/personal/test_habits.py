# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user takes beside what the base puts first: told where it is one, and not where it may be chance."""

from __future__ import annotations

import numpy as np

from needledrop.suggest.taste import standing
from needledrop.suggest.taste_cache import Label
from needledrop.suggest.taste_space import TasteSpace
from needledrop.training.personal.evidence import Evidence
from needledrop.training.personal.habits import habits
from retrieval.synthetic_gallery import edit_gallery, make_library

GALLERY = make_library(edit_gallery(60, seed=4)).gallery
PICTURES = 5


def evidence(rows: list[int], *, projects: int | None = None) -> Evidence:
    rng = np.random.default_rng(0)
    space = TasteSpace(("whole_0",), np.zeros(1, np.float32), np.ones(1, np.float32))
    standings = standing(rng.normal(size=(PICTURES, GALLERY.track_count)).astype(np.float32))
    labels = tuple(Label(at % PICTURES, row, 1.0, (), at % (projects or len(rows))) for at, row in enumerate(rows))
    tracks, contexts = np.zeros((GALLERY.track_count, 1), np.float32), np.ones((PICTURES, 1), np.float32)
    return Evidence(space, tracks, contexts, standings, np.full(PICTURES, 3.0, np.float32), labels)


def by_tempo() -> list[int]:
    tempo = np.where(GALLERY.tracks["tempo_bpm"] > 0, GALLERY.tracks["tempo_bpm"], np.inf)
    return [int(row) for row in np.argsort(tempo)]


def test_slow_tracks_are_told_of_with_both_figures() -> None:
    slow = by_tempo()[:8]
    found = {one.fact: one for one in habits(evidence(slow), GALLERY)}
    assert found["tempo"].unit == "BPM" and found["tempo"].yours < found["tempo"].base
    assert found["tempo"].yours == float(np.mean(GALLERY.tracks["tempo_bpm"][slow]))


def test_a_few_projects_or_any_tracks_are_no_habit() -> None:
    assert habits(evidence(by_tempo()[:8], projects=3), GALLERY) == []
    told = [
        habits(evidence(np.random.default_rng(seed).choice(GALLERY.track_count, 12, replace=False).tolist()), GALLERY)
        for seed in range(10)
    ]
    assert sum("tempo" in {one.fact for one in found} for found in told) <= 2
