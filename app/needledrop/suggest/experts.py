# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the picture says and what the user wishes, joined to one score: a product of experts. Only arithmetic.

Each expert e gives every track t a score s_e(t). How far it stands out is its log-likelihood up to a constant,

    z_e(t) = (s_e(t) - mean of s_e over the tracks) / max(deviation of s_e, spread_e),    log p_e(t) = tau_e z_e(t),

with tau_e the expert's precision: how sure it is. The product of the experts, p(t) ~ prod_e p_e(t) (Hinton, "Training
products of experts by minimizing contrastive divergence", 2002, equation 1), orders the tracks as the mean does that
CMVAE gives the product of Gaussian experts, each weighted by its precision:

    z(t) = sum_e tau_e z_e(t) / sum_e tau_e.

So a sure reference outweighs a vague picture, and an expert that cannot tell the tracks apart changes nothing. Dividing
by no less than spread_e keeps differences that mean nothing from being blown up to opinions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from needledrop.core.music import CLIP_DESCRIPTORS, FloatArray
from needledrop.core.query import Query
from needledrop.index.gallery import Gallery
from needledrop.index.neighbours import cosine

# What the user says outright counts more than everything that is only seen; words that were found by the way, less.
TEXT_PRECISION = 3.0
_LIKE_PRECISION = 3.0
FOUND_PRECISION = 0.7
# Not fitted: the models whose tags these are were never at hand.
_TAGS_PRECISION = 0.7
# What was used before on footage like this is worth a lift, no more: many want something new.
_USED_PRECISION = 1.0
# References that agree make each other surer, but the picture is to be heard beside any number of them.
_MOST_REFERENCES = 2.0
# Similarities of words are 0 for most tracks; cosines of unrelated tracks deviate by about this much.
TEXT_SPREAD = 0.25
_LIKE_SPREAD = 0.15
_USED_SPREAD = 0.5
_TAGS_SPREAD = 0.1


@dataclass(frozen=True)
class Expert:
    """One opinion on all tracks. scores: float32 [T], higher is better; precision: how sure it is, against the others';
    spread: the least deviation of its scores that means anything."""

    name: str
    scores: FloatArray
    precision: float
    spread: float

    @property
    def shown(self) -> FloatArray:
        """The scores as a breakdown shows them, float32 [T] in 0..1."""
        return np.clip(self.scores, 0.0, 1.0).astype(np.float32)

    @property
    def deviations(self) -> FloatArray:
        """How far each track stands out, z_e(t), float64 [T]."""
        scores = self.scores.astype(np.float64)
        if len(scores) == 0:
            return self.scores
        found: FloatArray = (scores - scores.mean()) / max(float(scores.std()), self.spread)
        return found


def product_of_experts(experts: Sequence[Expert]) -> FloatArray:
    """The joint score of each track, float32 [T] in 0..1: the logistic function of z(t), 0.5 for the usual track.

    Raises:
        ValueError: no expert has any precision.
    """
    precision = sum(expert.precision for expert in experts)
    if precision <= 0.0:
        raise ValueError("experts without precision")
    z = sum(expert.precision * expert.deviations for expert in experts) / precision
    joint: FloatArray = (0.5 + 0.5 * np.tanh(0.5 * z)).astype(np.float32)
    return joint


def wish_experts(query: Query, gallery: Gallery) -> list[Expert]:
    """One expert for each thing the query says besides its picture: "text", "words" (found by the way), "like",
    "tags" (what a model named in both) and "used" (what the user had under footage like this)."""
    experts = []
    if query.text_scores is not None:
        scores = _by_track(gallery, query.text_scores)
        experts.append(Expert("text", scores, TEXT_PRECISION, TEXT_SPREAD))
    if query.found_scores is not None:
        scores = _by_track(gallery, query.found_scores)
        experts.append(Expert("words", scores, FOUND_PRECISION, TEXT_SPREAD))
    if query.like_vectors:
        experts.append(like_expert(query.like_vectors, gallery))
    if query.tag_agreements:
        experts.append(Expert("tags", _by_track(gallery, query.tag_agreements), _TAGS_PRECISION, _TAGS_SPREAD))
    if query.past_uses:
        scores = _by_track(gallery, {track_id: use.likeness for track_id, use in query.past_uses.items()})
        experts.append(Expert("used", scores, _USED_PRECISION, _USED_SPREAD))
    return experts


def like_expert(references: Sequence[FloatArray], gallery: Gallery) -> Expert:
    """How near each track sounds to references, music descriptors [D] each: the mean of the cosines.

    Each reference is a von Mises-Fisher expert over directions (Mardia and Jupp, "Directional Statistics", 2000,
    section 9.3.2). The product of such densities points along the sum of the directions and is as concentrated as that
    sum is long: references that agree are surer together, references that contradict each other less sure.
    """
    directions = sounding(gallery, np.stack([np.asarray(one, np.float32) for one in references]))
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    directions = np.divide(directions, lengths, out=np.zeros_like(directions), where=lengths > 1e-9)
    tracks = sounding(gallery, gallery.descriptors)
    scores = np.stack([cosine(tracks, direction) for direction in directions]).mean(axis=0, dtype=np.float64)
    concentration = float(np.linalg.norm(directions.sum(axis=0)))
    precision = _LIKE_PRECISION * min(concentration, _MOST_REFERENCES)
    return Expert("like", np.asarray(scores, np.float32), precision, _LIKE_SPREAD)


def sounding(gallery: Gallery, descriptors: FloatArray) -> FloatArray:
    """Descriptors [..., D] in the measure that the gallery's own recordings teach, without the level: a reference may
    have been turned down, as temp music under a picture is, and sounds the same."""
    standardised = gallery.standardised(descriptors)
    standardised[..., CLIP_DESCRIPTORS.index("level_db")] = 0.0
    return np.asarray(standardised @ gallery.own_whitener, np.float32)


def _by_track(gallery: Gallery, scores: Mapping[int, float]) -> FloatArray:
    found = [scores.get(track_id, 0.0) for track_id in gallery.tracks["track_id"].tolist()]
    return np.array(found, np.float32)
