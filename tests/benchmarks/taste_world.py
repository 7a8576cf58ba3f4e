# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Galleries, pictures and simulated editors for bench_taste.py and bench_by_ear.py. The editors' tastes are truths that
no learner is shown; a taste is a function of features, and what an editor takes is the best of a list by it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from needledrop.core.music import CLIP_DESCRIPTORS, FloatArray
from needledrop.core.paths import Profile
from needledrop.core.picture import VideoFeatures
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.core.query import Query
from needledrop.core.times import TimeRange
from needledrop.crossmodal.base_towers import shipped_towers
from needledrop.index.embedded_clips import embedded_clips
from needledrop.index.gallery import Gallery
from needledrop.suggest.learned import LearnedMatcher, LearnedWeights
from needledrop.suggest.taste_cache import Label
from needledrop.suggest.taste_space import TasteSpace, track_traits
from needledrop.training.personal.evidence import Evidence
from needledrop.workflows.gallery import refresh_gallery
from needledrop.workflows.profiles import read_library
from needledrop.workflows.taste_weights import with_parts
from needledrop.workflows.videos import kept_features
from retrieval.synthetic_gallery import edit_gallery, make_library

_RANGE_S, _HOP_S = 20.0, 8.0
_LISTED = 10
_MOST_CONTEXTS = 60


@dataclass(frozen=True)
class World:
    """A gallery with what the base thinks of it for real pictures: evidence without labels."""

    name: str
    gallery: Gallery
    evidence: Evidence


def pictures(profile: Profile) -> list[Query]:
    """Ranges of the videos that were analysed in a profile."""
    queries = []
    with read_library(profile) as library:
        hashes = [row[0] for row in library.connection.rows("SELECT content_hash FROM videos ORDER BY content_hash")]
        for content_hash in hashes:
            video = kept_features(profile, library, content_hash)
            if video is not None:
                queries += _ranges(video)
    every = max(1, len(queries) // _MOST_CONTEXTS)
    return queries[::every][:_MOST_CONTEXTS]


def _ranges(video: VideoFeatures) -> list[Query]:
    starts = np.arange(0.0, max(video.duration_s - _RANGE_S, 0.0) + 0.1, _HOP_S)
    length_s = min(_RANGE_S, video.duration_s)
    spans = [(Fraction(round(start)), Fraction(round(start + length_s))) for start in starts]
    return [Query(video, TimeRange(start, max(end, start + 1))) for start, end in spans]


def real_gallery(profile: Profile) -> Gallery:
    """The gallery of a profile's library."""
    with read_library(profile) as library:
        return refresh_gallery(profile, library, ignore_progress, CancelToken())


def made_gallery(count: int, seed: int) -> Gallery:
    """Tracks whose features are drawn by chance."""
    return make_library(edit_gallery(count, seed)).gallery


def world(name: str, gallery: Gallery, queries: list[Query], folder: Path) -> World:
    """What the base thinks of a gallery for pictures."""
    model = shipped_towers()
    embedded = embedded_clips(folder, gallery, model)
    traits = track_traits(gallery, embedded)
    space = TasteSpace.fitted(traits)
    tracks = space.placed(traits)
    assert tracks is not None

    def ask(weights: LearnedWeights) -> Evidence:
        matcher = LearnedMatcher(gallery, embedded, model, lambda ids: {}, weights)
        opinions = [matcher.base_opinion(query) for query in queries]
        contexts = np.stack([one.context for one in opinions])
        standings = np.stack([one.standings for one in opinions])
        precision = np.array([one.precision for one in opinions], np.float32)
        return Evidence(space, tracks, contexts, standings, precision, ())

    return World(name, gallery, with_parts(ask(LearnedWeights()), ask))


def tastes(gallery: Gallery) -> dict[str, FloatArray]:
    """What each editor thinks of each track, in deviations."""
    tracks, descriptors = gallery.tracks, gallery.standardised(gallery.descriptors)

    def column(name: str) -> FloatArray:
        return np.asarray(descriptors[:, CLIP_DESCRIPTORS.index(name)])

    tempo = np.log2(np.maximum(tracks["tempo_bpm"], 60.0) / 110.0)
    centre = descriptors[np.argsort(column("mfcc_2"))[len(descriptors) // 5]]
    found = {
        "slow": -tempo,
        "around 100 BPM": -np.abs(np.log2(np.maximum(tracks["tempo_bpm"], 60.0) / 100.0)),
        "dark": -tracks["valence"] - 0.1 * column("centroid_oct"),
        "sounds like one cluster": -np.linalg.norm(descriptors - centre, axis=1),
        "late drop": _late_drop(gallery),
        "like voices": column("mid_share") + column("harmonic_change") - column("low_share"),
        "bright": column("centroid_oct") + column("high_share"),
    }
    return {name: np.asarray((one - one.mean()) / one.std(), np.float32) for name, one in found.items()}


def _late_drop(gallery: Gallery) -> FloatArray:
    """The greatest rise of energy between neighbouring stretches of 15 s in the second half of each track."""
    found = np.zeros(gallery.track_count)
    for row in range(gallery.track_count):
        curve = gallery.energy[gallery.energy_offsets[row] : gallery.energy_offsets[row + 1]]
        places = range(max(len(curve) // 2, 15), len(curve) - 15)
        found[row] = max((curve[at : at + 15].mean() - curve[at - 15 : at].mean() for at in places), default=0.0)
    return found.astype(np.float32)


@dataclass(frozen=True)
class Session:
    """labels of the first half of the tracks, in their order; held_out: (context, row) of the other half."""

    labels: list[Label]
    held_out: list[tuple[int, int]]
    unseen: FloatArray


def session(found: World, taste: FloatArray, count: int, seed: int, *, noise: float = 0.1, tests: int = 60) -> Session:
    """An editor who takes the best of the base's first ten for a picture, every tenth time any of them. What he would
    have taken of the music nobody labelled is held out: the best of twenty tracks he comes across."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(found.gallery.track_count)
    seen, unseen = np.sort(order[: len(order) // 2]), np.sort(order[len(order) // 2 :])
    pictures_of = rng.integers(0, len(found.evidence.contexts), count + tests)
    labels = []
    for number, context in enumerate(pictures_of[:count].tolist()):
        # What was looked at before is not offered again and again: the list is drawn from the base's upper half.
        upper = seen[np.argsort(-found.evidence.standings[context, seen])[: max(_LISTED, len(seen) // 2)]]
        offered = rng.choice(upper, size=_LISTED, replace=False)
        liked = rng.choice(offered) if rng.random() < noise else offered[np.argmax(taste[offered])]
        labels.append(Label(context, int(liked), 1.0, tuple(offered.tolist()), number))
    held_out = []
    for context in pictures_of[count:].tolist():
        across = rng.choice(unseen, size=min(20, len(unseen)), replace=False)
        held_out.append((context, int(across[np.argmax(taste[across])])))
    return Session(labels, held_out, unseen)


Scores = Callable[[int], FloatArray]


def ranks(found: World, one: Session, scores: Scores) -> FloatArray:
    """Where each held-out track stands among the music nobody labelled."""
    places = []
    for context, row in one.held_out:
        own = scores(context)
        places.append(1.0 + float((own[one.unseen] > own[row]).sum()))
    return np.array(places, np.float32)
