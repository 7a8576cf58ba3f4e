# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program's own way through a set of pairs: its ranking with the exact search of each cue, learned or by content.

Where a video is as long as its own track, as a film is, all videos ask with equally long a stretch: one that asked as a
whole would find its own track by the track's ending where the pictures do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.core.query import Query, Ranker, SequenceModel
from needledrop.core.times import TimeRange
from needledrop.index.builder import GalleryBuilder, TrackIdentity
from needledrop.index.gallery import Gallery
from needledrop.suggest.content import ContentMatcher
from needledrop.suggest.details import DetailsLoader, TrackDetails
from needledrop.suggest.engine import suggest
from needledrop.suggest.learned import LearnedMatcher
from needledrop.training.evaluation.measured_items import MeasuredItems

Indices = NDArray[np.intp]
CONTENT, LEARNED = "Content matcher", "needledrop suggest"
_NAMELESS = ""


class ProgramOrder:
    """Scores are those by which `needledrop suggest` orders its list, before it is diversified; by its learned matcher
    where a model is given, else by content alone."""

    def __init__(self, measured: MeasuredItems, model: SequenceModel | None = None) -> None:
        self.name = CONTENT if model is None else LEARNED
        self._measured, self._model = measured, model
        lengths_s = {video: features.duration_s for video, features in measured.videos.items()}
        common_s = min(lengths_s.values(), default=0.0)
        self._lengths_s = dict.fromkeys(lengths_s, common_s) if measured.shares_lengths else lengths_s
        self._known: dict[tuple[int, bytes], FloatArray] = {}

    def scores(self, videos: Indices, tracks: Indices) -> FloatArray:
        """As Scorer asks for; a track or video that was not measured has NaN, which ranks last."""
        rows = [self._row(int(video), tracks) for video in videos]
        return np.stack(rows)

    def _row(self, video: int, tracks: Indices) -> FloatArray:
        # Both directions ask about the same videos and tracks.
        key = (video, tracks.tobytes())
        if key not in self._known:
            self._known[key] = self._ranked(video, tracks)
        return self._known[key]

    def _ranked(self, video: int, tracks: Indices) -> FloatArray:
        measured = self._measured
        found = np.full(len(tracks), np.nan, np.float32)
        chosen = {track: measured.tracks[track] for track in tracks.tolist() if track in measured.tracks}
        if video not in measured.videos or not chosen:
            return found
        gallery = gallery_of(chosen)
        # To the millisecond below, so that no range reaches beyond its video.
        length_s = Fraction(max(1, int(1000 * self._lengths_s[video])), 1000)
        query = Query(measured.videos[video], TimeRange(Fraction(0), length_s))

        def details(track_ids: Sequence[int]) -> Mapping[int, TrackDetails]:
            return {track_id: chosen[track_id] for track_id in track_ids}

        place = {int(track): index for index, track in enumerate(tracks)}
        for suggestion in suggest(query, self._ranker(gallery, details), gallery, details, len(chosen)):
            found[place[suggestion.track_id]] = suggestion.score
        return found

    def _ranker(self, gallery: Gallery, details: DetailsLoader) -> Ranker:
        if self._model is None:
            return ContentMatcher(gallery)
        embedded = self._model.music_clips(gallery.clips, gallery.clip_offsets)
        return LearnedMatcher(gallery, embedded, self._model, details)


def gallery_of(tracks: Mapping[int, TrackDetails]) -> Gallery:
    """The gallery of these tracks, each under its number."""
    builder = GalleryBuilder(_NAMELESS, {})
    for number, track in tracks.items():
        identity = TrackIdentity(number, number, "", "", track.licence)
        builder.add(identity, track.duration_s, track.rhythm, track.tonality, track.loudness, track.clips)
    return builder.build()
