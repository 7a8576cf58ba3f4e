# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One editor's taste as one expert among others: what it thinks of every track for a picture. Only arithmetic.

With phi_t a track in the taste's space and v the direction of the picture, the taste's opinion is a residual over the
base's score <v, m_t>:

    r(v, t) = <phi_t, u + D^T v + sum_i k(v, v_i) d_i>,    k(v, v_i) = (1 - g) + g exp(-beta (1 - <v, v_i>)).

u is what the editor likes whatever is shown. D is a residual linear adapter: A = I + D between the base's embeddings,
so that a taste with D = 0 is the base exactly (CLIP-Adapter's residual form). The sum is the training-free cache, the
retrieval form of Tip-Adapter (Zhang et al., ECCV 2022, equation 6); g = 0 makes it Rocchio's relevance feedback.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from needledrop.core.music import FloatArray
from needledrop.suggest.experts import Expert
from needledrop.suggest.taste_space import TasteSpace

NAME = "taste"
# Tip-Adapter's beta; and how much of a label is taken to be about its own picture alone.
SHARPNESS = 5.5
PICTURE_SHARE = 0.3
_SPREAD = 0.02
_TINY = 1e-6


@dataclass(frozen=True)
class Taste:
    """What was learned of one editor.

    common float32 [P] is u; adapter [w, P] is D; keys [n, w] are the v_i and values [n, P] the d_i; precision is how
    sure the taste is beside the base's experts.
    """

    space: TasteSpace
    common: FloatArray
    adapter: FloatArray
    keys: FloatArray
    values: FloatArray
    precision: float

    @classmethod
    def empty(cls, space: TasteSpace, width: int) -> Taste:
        """A taste that has learned nothing: the base exactly."""
        size = len(space.names)
        zeros = np.zeros((width, size), np.float32)
        return cls(space, np.zeros(size, np.float32), zeros, zeros[:0, :width], zeros[:0], 0.0)

    def direction(self, context: FloatArray) -> FloatArray:
        """What is liked under a picture [w] (a direction, or zeros where there is none), float32 [P]."""
        liked = self.common + context @ self.adapter
        if len(self.keys):
            near = np.exp(-SHARPNESS * (1.0 - self.keys @ context))
            liked = liked + ((1.0 - PICTURE_SHARE) + PICTURE_SHARE * near) @ self.values
        return np.asarray(liked, np.float32)

    def blended(self, share: float) -> Taste:
        """Between the base (0) and this taste (1): WiSE-FT's interpolation of weights (Wortsman et al., CVPR 2022),
        which of a residual is its scaling."""
        return replace(self, precision=self.precision * min(max(share, 0.0), 1.0))


@dataclass(frozen=True)
class TasteOpinion:
    """A taste over the tracks of one gallery: what LearnedMatcher asks. tracks float32 [T, P], in the taste's space."""

    taste: Taste
    tracks: FloatArray

    def expert(self, context: FloatArray) -> Expert:
        """What it thinks of every track for a picture [w], scores in 0..1."""
        scores = standing(self.tracks @ self.taste.direction(context))
        shown: FloatArray = (0.5 + 0.5 * np.tanh(0.5 * scores)).astype(np.float32)
        return Expert(NAME, shown, self.taste.precision, _SPREAD)


def standing(scores: FloatArray) -> FloatArray:
    """Scores [..., T] in deviations from their mean over the tracks; zeros where they do not tell tracks apart."""
    centred = scores - scores.mean(axis=-1, keepdims=True) if scores.size else scores
    deviation = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True)) if scores.size else scores
    return np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > _TINY)
