# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the base thinks of every track for the ranges that were judged last: what labels have to do better than.

Kept in the cache folder by what computed it, for the next list is wanted within a tenth of a second.
"""

from __future__ import annotations

import contextlib
import json
from hashlib import blake2b
from pathlib import Path

import numpy as np

from needledrop.core.music import FloatArray
from needledrop.core.paths import Profile
from needledrop.index.gallery import Gallery
from needledrop.library.library import Library
from needledrop.suggest.learned import LearnedMatcher, LearnedWeights
from needledrop.suggest.taste_space import TasteSpace, TrackTraits
from needledrop.training.personal.evidence import Evidence
from needledrop.workflows.taste_evidence import UNREADABLE, Verdicts, evidence_of, latest, write_arrays

# Ranges that labels are put to the test on; the older ones have been learned from by then.
_TESTED = 60
# What is kept of a range: the base's standings [T], the picture's direction [w], what the base counts.
Known = dict[str, tuple[FloatArray, FloatArray, float]]


def live_evidence(
    profile: Profile,
    library: Library,
    gallery: Gallery,
    matcher: LearnedMatcher,
    weights: LearnedWeights,
    verdicts: Verdicts,
    space: TasteSpace,
    traits: TrackTraits,
) -> Evidence:
    """The evidence of the latest ranges by a matcher with these weights; only what is not kept is computed."""
    tested = latest(verdicts, _TESTED)
    path = _path(profile, gallery, matcher.name, weights)
    known = _read(path)
    keys = [f"{video_hash} {start_s:.2f} {end_s:.2f}" for video_hash, start_s, end_s in tested.asked]
    fresh = [place for place, key in enumerate(keys) if key not in known]
    asked = tuple(tested.asked[place] for place in fresh)
    found = evidence_of(profile, library, matcher, Verdicts((), asked, 0, 0), space, traits)
    for row, place in enumerate(fresh):
        known[keys[place]] = (found.standings[row], found.contexts[row], float(found.base_precision[row]))
    if fresh:
        _keep(path, {key: known[key] for key in keys})
    if not keys:
        return found
    standings, contexts, precision = zip(*(known[key] for key in keys), strict=True)
    counts = np.array(precision, np.float32)
    return Evidence(space, found.tracks, np.stack(contexts), np.stack(standings), counts, tested.labels)


def _path(profile: Profile, gallery: Gallery, model: str, weights: LearnedWeights) -> Path:
    versions = sorted(gallery.feature_versions.items())
    about = json.dumps([model, gallery.library_revision, versions, weights.course, weights.picture])
    return profile.cache_dir / "taste" / f"standings-{blake2b(about.encode(), digest_size=12).hexdigest()}.npz"


def _read(path: Path) -> Known:
    with contextlib.suppress(*UNREADABLE), path.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
        rows = zip(kept["standings"], kept["contexts"], kept["precision"].tolist(), strict=True)
        return dict(zip(kept["keys"].tolist(), rows, strict=True))
    return {}


def _keep(path: Path, known: Known) -> None:
    for old in path.parent.glob("standings-*.npz"):
        old.unlink(missing_ok=True)
    standings, contexts, precision = zip(*known.values(), strict=True)
    arrays = {"standings": np.stack(standings), "contexts": np.stack(contexts), "precision": np.array(precision)}
    write_arrays(path, {"keys": np.array(list(known)), **arrays})
