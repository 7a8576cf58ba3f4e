# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The learned matcher: what a sequence model makes of picture and music, joined with all that needs no learning.

Implements core.query.Ranker. Every opinion is an expert of its own (picture, whole and course, steps, text, words,
references), so that the breakdown shows each. All tracks are compared clip by clip; the best of them half second by
half second, for which their features are loaded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.core.picture import PictureRows
from needledrop.core.query import Query, RankedSegment, SequenceModel
from needledrop.features.clip_rows import rows_between
from needledrop.features.course import STEPS_HZ
from needledrop.index.gallery import Gallery
from needledrop.suggest.content import ContentMatcher, SeenScores, best_recordings, seen_window
from needledrop.suggest.course_search import BestStarts, best_steps, whole_and_course
from needledrop.suggest.details import DetailsLoader
from needledrop.suggest.experts import Expert, product_of_experts, wish_experts
from needledrop.suggest.filters import allowed_rows
from needledrop.suggest.picture_shape import PictureShape, picture_shape
from needledrop.suggest.taste import TasteOpinion
from needledrop.suggest.taste_space import context_of

# Tracks whose steps are compared: their features have to be read.
_STEPPED = 120
# The least deviation of a cosine over a gallery that means anything.
COURSE_SPREAD = 0.1
STEPS_SPREAD = 0.05


@dataclass(frozen=True)
class LearnedWeights:
    """Precisions of the learned experts, and the factor of that of what is seen without learning; fitted on validation
    splits (docs/models.md)."""

    course: float = 2.0
    steps: float = 1.0
    picture: float = 1.0


@dataclass(frozen=True)
class BaseOpinion:
    """What the matcher thinks of every track for a picture before any wish or taste.

    context float32 [width] is the picture's direction; standings float32 [T] the mean of the experts' deviations;
    precision what the experts count together.
    """

    context: FloatArray
    standings: FloatArray
    precision: float


class LearnedMatcher:
    """Ranks by a sequence model, what is seen, the text line, the references and the editor's taste.

    Args:
        embedded: what the model's music_clips made of the gallery's clips, [clips, 2 width].
        details: gives the features of the tracks whose steps are to be compared.
        taste: what was learned of the editor; None leaves the order to the base.
    """

    def __init__(
        self,
        gallery: Gallery,
        embedded: FloatArray,
        model: SequenceModel,
        details: DetailsLoader,
        weights: LearnedWeights | None = None,
        taste: TasteOpinion | None = None,
    ) -> None:
        self._gallery, self._embedded, self._model, self._details = gallery, embedded, model, details
        self._weights = weights or LearnedWeights()
        self._taste = taste
        self._content = ContentMatcher(gallery)

    @property
    def name(self) -> str:
        """The name under which results are stored."""
        return self._model.name

    def rank(self, query: Query, limit: int) -> list[RankedSegment]:
        """The best `limit` tracks, one a recording, best first, ties by track id."""
        rows = np.flatnonzero(allowed_rows(self._gallery, query.filters))
        if len(rows) == 0 or limit <= 0:
            return []
        shape, shown = self._shown(query)
        clips = self._model.video_clips(shown)
        seen = self._content.seen(shape)
        experts = self._base_experts(seen, clips)
        experts += wish_experts(query, self._gallery)
        if self._taste is not None:
            experts.append(self._taste.expert(context_of(clips)))
        first = best_recordings(self._gallery, rows, product_of_experts(experts), max(limit, _STEPPED))
        chosen, steps = self._stepped(first, self._model.video_steps(shown))
        experts = [replace(expert, scores=expert.scores[chosen]) for expert in experts]
        experts.append(Expert("steps", steps.scores, self._weights.steps, STEPS_SPREAD))
        # Rounded so that differences below what platforms agree on do not decide an order.
        total = np.round(product_of_experts(experts), 5).astype(np.float32)
        order = np.lexsort((self._gallery.tracks["track_id"][chosen], -total))[:limit]
        return [self._segment(place, chosen, shape, seen, experts, steps, float(total[place])) for place in order]

    def base_opinion(self, query: Query) -> BaseOpinion:
        """What a taste is learned beside. Steps are left out: they are compared within the best tracks only."""
        shape, shown = self._shown(query)
        clips = self._model.video_clips(shown)
        experts = self._base_experts(self._content.seen(shape), clips)
        precision = sum(expert.precision for expert in experts)
        joint = sum(expert.precision * expert.deviations for expert in experts) / precision
        return BaseOpinion(context_of(clips), np.asarray(joint, np.float32), precision)

    def _shown(self, query: Query) -> tuple[PictureShape, PictureRows]:
        shape = picture_shape(query.video, query.time_range)
        start_s = float(query.time_range.start_s)
        return shape, rows_between(query.video.rows, start_s, start_s + shape.duration_s)

    def _base_experts(self, seen: SeenScores, clips: FloatArray) -> list[Expert]:
        """What is seen, and whole and course by the model, of a picture's clips [n, 2 width]."""
        a, b, _ = self._model.shares
        shares = (a / (a + b), b / (a + b))
        found = whole_and_course(self._embedded, self._gallery.clip_offsets, clips, shares)
        picture = replace(seen.expert, precision=seen.precision * self._weights.picture)
        return [picture, Expert("course", found.scores, self._weights.course, COURSE_SPREAD)]

    def _stepped(self, rows: NDArray[np.int64], picture: FloatArray) -> tuple[NDArray[np.int64], BestStarts]:
        """Those of the rows whose features are there, and how their steps go with the picture's."""
        ids = self._gallery.tracks["track_id"][rows].tolist()
        details = self._details(ids)
        there = np.array([row for row, track_id in zip(rows, ids, strict=True) if track_id in details], np.int64)
        tracks = [details[track_id] for track_id in ids if track_id in details]
        if not tracks:
            return there, BestStarts(np.zeros(0, np.float32), np.zeros(0, np.int64))
        return there, best_steps([self._model.music_steps(one.rhythm, one.loudness) for one in tracks], picture)

    def _segment(
        self,
        place: int,
        rows: NDArray[np.int64],
        shape: PictureShape,
        seen: SeenScores,
        experts: list[Expert],
        steps: BestStarts,
        score: float,
    ) -> RankedSegment:
        row = int(rows[place])
        track = self._gallery.tracks[row]
        _, shapes = seen_window(seen, row)
        parts = {name: float(part[row]) for name, part in seen.parts.items()} | shapes
        parts |= {expert.name: float(expert.shown[place]) for expert in experts}
        start_s = float(steps.starts[place]) / STEPS_HZ
        end_s = min(start_s + shape.duration_s, float(track["duration_s"]))
        return RankedSegment(int(track["track_id"]), start_s, end_s, score, parts)
