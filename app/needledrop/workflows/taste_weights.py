# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much each of the base's own experts counts for this user: told apart for learning, and what counts in ranking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from needledrop.core.paths import Profile
from needledrop.core.query import SequenceModel
from needledrop.index.gallery import Gallery
from needledrop.suggest.learned import LearnedWeights
from needledrop.training.personal.evidence import Evidence, Parts
from needledrop.workflows.taste_files import FACTORS
from needledrop.workflows.taste_store import counting_version, state_of


def with_parts(evidence: Evidence, ask: Callable[[LearnedWeights], Evidence]) -> Evidence:
    """Evidence with what each of the base's experts says alone; `ask` gives the evidence by other weights."""
    usual, silent = LearnedWeights(), LearnedWeights(course=0.0, picture=0.0)
    alone = [ask(replace(silent, **{name: getattr(usual, name)})) for name in FACTORS]
    deviations = np.nan_to_num(np.stack([one.standings for one in alone], axis=1))
    precision = np.stack([one.base_precision for one in alone], axis=1)
    return replace(evidence, parts=Parts(FACTORS, deviations, precision))


def weighted(factors: Mapping[str, float], blend: float = 1.0) -> LearnedWeights:
    """The weights that ship times the factors; between the two the exponents are blended, so that 0 is the base."""
    usual = LearnedWeights()
    return replace(usual, **{name: getattr(usual, name) * factor**blend for name, factor in factors.items()})


def ranking_weights(profile: Profile, gallery: Gallery, model: SequenceModel) -> LearnedWeights:
    """What the base's experts count by the version that counts; what ships, exactly, without one."""
    state = state_of(profile)
    kept = counting_version(profile, state, model, gallery, [])
    return weighted(kept.about.get("weights") or {}, state.blend) if kept is not None else LearnedWeights()
