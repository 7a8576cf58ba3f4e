# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The question and the answer of the product: a stretch of picture asks, ranked segments of music answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from needledrop.core.cue import Cue, MixTargets
from needledrop.core.music import FloatArray, Loudness, Rhythm
from needledrop.core.picture import PictureRows, VideoFeatures
from needledrop.core.times import TimeRange


@dataclass(frozen=True)
class Filters:
    """What the user rules out before anything is ranked.

    licences: allowed licence names, empty for all; NoDerivatives is left out unless named, NonCommercial too when
    is_commercial. excluded_track_ids come from "exclude used", rejects and duplicates.
    """

    bpm_range: tuple[float, float] | None = None
    licences: frozenset[str] = frozenset()
    is_commercial: bool = False
    duration_range_s: tuple[float, float] | None = None
    excluded_track_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class PastUse:
    """Where the user laid a track under footage that looks like the query's: likeness 0..1, the video's name for people
    and the instant of it."""

    likeness: float
    video: str
    start_s: float


@dataclass(frozen=True)
class Query:
    """A stretch of a video that wants music.

    text_scores: track id to similarity in 0..1 of the text line (from sentence embeddings or full-text search), None
    without a text line. found_text and found_scores: the same of words that the user did not type, but that were found
    about the video. like_vectors: music descriptors [D] to be near to, one a reference. tag_agreements: track id to how
    much of what a model names in the pictures it names in the track, 0..1. past_uses: track id to where the user had it
    under footage like this.
    """

    video: VideoFeatures
    time_range: TimeRange
    text: str = ""
    text_scores: Mapping[int, float] | None = None
    found_text: str = ""
    found_scores: Mapping[int, float] | None = None
    like_vectors: tuple[FloatArray, ...] = ()
    tag_agreements: Mapping[int, float] = field(default_factory=dict)
    past_uses: Mapping[int, PastUse] = field(default_factory=dict)
    filters: Filters = field(default_factory=Filters)
    mix: MixTargets = field(default_factory=MixTargets)

    @property
    def has_wish(self) -> bool:
        """True where the user said outright what the music should be like."""
        return self.text_scores is not None or bool(self.like_vectors)


@dataclass(frozen=True)
class RankedSegment:
    """One answer of a ranker: a stretch of a track with its score and what the score is made of (each part in 0..1)."""

    track_id: int
    start_s: float
    end_s: float
    score: float
    parts: Mapping[str, float]


class Ranker(Protocol):
    """What every matcher implements, the content matcher and the learned ones: Query -> ranked segments, best first.

    Deterministic: the same query on the same gallery gives the same list. Ties are broken by track id.
    """

    @property
    def name(self) -> str:
        """A stable name with its version, such as "content-2"."""
        ...

    def rank(self, query: Query, limit: int) -> Sequence[RankedSegment]:
        """The best `limit` segments, at most one a track, best first."""
        ...


class SequenceModel(Protocol):
    """A learned model that keeps the course of time: what `suggest` needs of one, in plain arrays.

    A score is shares[0] <whole, whole> + shares[1] <course, course> + shares[2] <steps, steps>, each the cosine of what
    the two sides make of the same stretch of time: whole from means over clips, course and steps from deviations.
    """

    @property
    def name(self) -> str:
        """A stable name with its version."""
        ...

    @property
    def shares(self) -> tuple[float, float, float]:
        """What whole, course and steps count."""
        ...

    def music_clips(self, clips: FloatArray, offsets: NDArray[np.int64]) -> FloatArray:
        """Clips [n, D] of tracks end to end, track i at offsets[i] : offsets[i + 1] -> [n, 2 width]: whole, course."""
        ...

    def video_clips(self, rows: PictureRows) -> FloatArray:
        """A stretch of a video -> [clips, 2 width]."""
        ...

    def music_steps(self, rhythm: Rhythm, loudness: Loudness) -> FloatArray:
        """A track -> [steps, step width], at two a second."""
        ...

    def video_steps(self, rows: PictureRows) -> FloatArray:
        """A stretch of a video -> [steps, step width], at two a second."""
        ...


@dataclass(frozen=True)
class Reason:
    """One sentence of the explanation, with the instants it speaks of in timeline seconds (to be clicked)."""

    text: str
    times_s: tuple[float, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """One entry of the list a user sees: a cue ready to be played, its score, its parts and its reasons.

    cuts is the number of cuts in the range; cut_hits those within 70 ms of a beat; mean_offset_s the mean signed
    distance beat minus cut over the hits. has_pulse is False where the track has no steady beat to place by.
    """

    rank: int
    track_id: int
    cue: Cue
    score: float
    parts: Mapping[str, float]
    reasons: tuple[Reason, ...]
    cuts: int
    cut_hits: int
    mean_offset_s: float
    has_pulse: bool
    warnings: tuple[str, ...] = ()
