# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a query to the list a user sees: rank the gallery, place the best, fuse, diversify, explain.

Pure: the same query, ranker and gallery give the same list. Loading is done by the callable it is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from needledrop.core.query import Query, RankedSegment, Ranker, Suggestion
from needledrop.index.gallery import Gallery
from needledrop.index.summary import mean_descriptor
from needledrop.suggest.details import DetailsLoader, TrackDetails
from needledrop.suggest.diversify import diversified
from needledrop.suggest.explain import Subject, explain
from needledrop.suggest.picture_shape import PictureShape, picture_shape
from needledrop.suggest.place import Placement, place_track
from needledrop.suggest.sync_measures import shuffled_chance

# How much the ranker's word counts against the fit of the placed cue.
RANKER_SHARE = 0.5
# With a text or a reference: a cue on the beat must not outvote what the user asked for in so many words.
_RANKER_SHARE_OF_WISH = 0.7
# Tracks placed for a list; fewer for a long range, where one placement costs more.
_CANDIDATES = 100
_LONG_RANGE_S = 900.0
# Suggestions that are compared with chance: about 10 ms each, and nobody reads the reasons of the fortieth.
_COMPARED = 12


@dataclass(frozen=True)
class _Candidate:
    segment: RankedSegment
    track: TrackDetails
    placement: Placement
    score: float


def suggest(query: Query, ranker: Ranker, gallery: Gallery, details: DetailsLoader, count: int) -> list[Suggestion]:
    """The best `count` cues for a query, best first; empty where nothing passes the filters.

    Args:
        ranker: any matcher over `gallery`.
        details: gives the features of the tracks that are to be placed.
    """
    if count <= 0:
        return []
    shape = picture_shape(query.video, query.time_range)
    most = _CANDIDATES if shape.duration_s <= _LONG_RANGE_S else _CANDIDATES // 4
    segments = ranker.rank(query, max(most, 2 * count))
    tracks = details([segment.track_id for segment in segments])
    candidates = _placed(query, shape, segments, tracks)
    chosen = _chosen(candidates, gallery, count)
    return [_suggestion(rank, candidate, query, shape) for rank, candidate in enumerate(chosen, start=1)]


def _placed(
    query: Query, shape: PictureShape, segments: Sequence[RankedSegment], tracks: Mapping[int, TrackDetails]
) -> list[_Candidate]:
    """Every segment whose track is there, placed, best first, ties by track id."""
    share = _RANKER_SHARE_OF_WISH if query.has_wish else RANKER_SHARE
    candidates = []
    for segment in segments:
        track = tracks.get(segment.track_id)
        if track is None:
            continue
        placement = place_track(track, shape, query.video.soundtrack, query.mix)
        score = round(share * segment.score + (1.0 - share) * placement.score, 5)
        candidates.append(_Candidate(segment, track, placement, score))
    return sorted(candidates, key=lambda candidate: (-candidate.score, candidate.track.track_id))


def _chosen(candidates: Sequence[_Candidate], gallery: Gallery, count: int) -> list[_Candidate]:
    if not candidates:
        return []
    descriptors = gallery.standardised(np.array([mean_descriptor(one.track.clips) for one in candidates], np.float32))
    indices = diversified(
        [candidate.score for candidate in candidates],
        descriptors,
        [candidate.track.album for candidate in candidates],
        [candidate.track.artist for candidate in candidates],
        count,
    )
    return [candidates[index] for index in indices]


def _suggestion(rank: int, candidate: _Candidate, query: Query, shape: PictureShape) -> Suggestion:
    placement = candidate.placement
    subject = Subject(
        query=query,
        shape=shape,
        track=candidate.track,
        segment=candidate.segment,
        placement=placement,
        chance=shuffled_chance(placement) if rank <= _COMPARED else None,
    )
    explanation = explain(subject)
    placed = {f"cue_{name}": round(value, 4) for name, value in placement.parts.items()}
    ranked = {name: round(value, 4) for name, value in candidate.segment.parts.items()}
    return Suggestion(
        rank=rank,
        track_id=candidate.track.track_id,
        cue=placement.cue,
        score=candidate.score,
        parts={**ranked, **placed},
        reasons=explanation.reasons,
        cuts=len(shape.cuts_s),
        cut_hits=int(placement.hits.sum()),
        mean_offset_s=placement.mean_offset_s,
        has_pulse=placement.line.has_pulse,
        warnings=explanation.warnings,
    )
