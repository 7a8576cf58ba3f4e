# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The labels as they come, without any learning: the cache, held to never being worse than the base.

Who takes what the base puts first says little of a taste, and yet his picks have things in common: the cache alone made
such editors' lists worse in every session. So from two projects on each project is foretold by the others, beside what
the base thinks; where its picks do not rise, the base stays as it is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from needledrop.suggest.taste import Taste
from needledrop.suggest.taste_cache import cached_taste
from needledrop.training.personal.evidence import Evidence
from needledrop.training.personal.validation import HeldOut, beside_base, folds_of, own_ranks

NAME = "live"
# Held-out picks have to rise by so many standard errors over projects, where there are enough to tell.
_SURE = 1.0


def live_taste(evidence: Evidence) -> Taste:
    """The cache of all labels; its precision is 0 where held-out picks do not rise."""
    taste = _cache(evidence)
    if taste.precision == 0.0 or len(np.unique(evidence.groups)) < 2:
        return taste
    found = live_held_out(evidence)
    least = _SURE * found.error if np.isfinite(found.error) else 0.0
    return replace(taste, precision=0.0) if found.picks and found.gain < least else taste


def live_held_out(evidence: Evidence) -> HeldOut:
    """What the cache, as sure as it is by itself, does for held-out picks."""
    rows = [row for fold in folds_of(evidence) for row in own_ranks(evidence, fold, _cache)]
    return beside_base(NAME, rows, len(evidence.tracks))


def _cache(evidence: Evidence) -> Taste:
    return cached_taste(evidence.space, evidence.tracks, evidence.contexts, evidence.labels)
