# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find by ear for a range of a video: a session over the library's tracks, begun where the list would begin.

The session lives in memory only; what the user says in it is no feedback and is gone with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.core.query import Query
from needledrop.core.times import TimeRange
from needledrop.crossmodal.base_towers import shipped_towers
from needledrop.index.embedded_clips import embedded_clips
from needledrop.index.gallery import Gallery
from needledrop.library.library import Library
from needledrop.library.rows import TrackRow
from needledrop.suggest.by_ear import WISHES, ByEar
from needledrop.suggest.experts import sounding
from needledrop.suggest.learned import LearnedMatcher
from needledrop.suggest.taste import standing
from needledrop.workflows.gallery import refresh_gallery
from needledrop.workflows.profiles import read_library
from needledrop.workflows.suggest import Wish, range_of
from needledrop.workflows.videos import AnalysedVideo, analysed_video

WARMER, COLDER = "warmer", "colder"
# What can be said of a track that was heard.
ANSWERS = (WARMER, COLDER, *WISHES)
# How much the picture's own list counts at the start: it is a hint, and what is heard soon outweighs it.
_PRIOR_SHARE = 0.5


@dataclass(frozen=True)
class EarSession:
    """A session and the ids of its tracks, by row. Values: an answer gives a new one, undo an old one."""

    ear: ByEar
    track_ids: tuple[int, ...]

    def next_tracks(self, count: int = 5) -> list[int]:
        """The ids of what to hear next, the likeliest first and then a spread; none that was heard."""
        return [self.track_ids[row] for row in self.ear.next_rows(count)]

    def compared(self, track_id: int, *, is_warmer: bool) -> EarSession:
        """After "warmer" or "colder" than the warmest so far.

        Raises:
            KnownError: "missing": the track is none of the session's.
        """
        return replace(self, ear=self.ear.compared(self._row(track_id), is_warmer=is_warmer))

    def wished(self, track_id: int, wish: str) -> EarSession:
        """After "like this, but slower" (suggest.by_ear.WISHES).

        Raises:
            KnownError: "missing": the track is none of the session's. KeyError: there is no such wish.
        """
        return replace(self, ear=self.ear.wished(self._row(track_id), wish))

    def answered(self, track_id: int, answer: str) -> EarSession:
        """After one of ANSWERS on a track.

        Raises:
            KnownError: "usage": there is no such answer. "missing": the track is none of the session's.
        """
        if answer not in ANSWERS:
            raise KnownError(f"'{answer}' is no answer.", remedy=f"Say {', '.join(ANSWERS)}.", code="usage")
        if answer in WISHES:
            return self.wished(track_id, answer)
        return self.compared(track_id, is_warmer=answer == WARMER)

    def passed(self, track_id: int) -> EarSession:
        """After a track that nothing was said of.

        Raises:
            KnownError: "missing": the track is none of the session's.
        """
        return replace(self, ear=self.ear.passed(self._row(track_id)))

    def undone(self) -> EarSession:
        """Before the last answer."""
        return replace(self, ear=self.ear.undone())

    def _row(self, track_id: int) -> int:
        try:
            return self.track_ids.index(track_id)
        except ValueError as error:
            raise KnownError(
                f"Track {track_id} is none of those that are sought among.",
                remedy="Begin again: the library has changed.",
                code="missing",
            ) from error


def find_by_ear(
    profile: Profile,
    video_path: Path,
    wish: Wish,
    answers: Iterable[tuple[int, str]],
    progress: ProgressSink,
    cancel: CancelToken,
) -> EarSession:
    """A session for a video (of the wish its in- and out-point), after some answers: track ids with one of ANSWERS.

    Raises:
        KnownError: the video cannot be read, the range lies outside it, an answer is none, a track is not there.
        Cancelled: stopped by the user.
    """
    video = analysed_video(profile, video_path, progress, cancel, is_every_frame=wish.is_every_frame)
    time_range = range_of(wish, video.features.duration_s)
    with read_library(profile) as library:
        session = start_by_ear(profile, library, video, time_range, progress, cancel)
    for track_id, answer in answers:
        session = session.answered(track_id, answer)
    return session


def heard_tracks(profile: Profile, track_ids: Iterable[int]) -> Mapping[int, TrackRow]:
    """What to show of tracks, by id."""
    with read_library(profile) as library:
        return library.tracks(track_ids)


def start_by_ear(
    profile: Profile,
    library: Library,
    video: AnalysedVideo,
    time_range: TimeRange,
    progress: ProgressSink,
    cancel: CancelToken,
) -> EarSession:
    """A session for a range of a video, over every analysed track.

    Raises:
        KnownError: the model that ships cannot be loaded, or the cache cannot be written.
    """
    gallery = refresh_gallery(profile, library, progress, cancel)
    model = shipped_towers()
    embedded = embedded_clips(profile.gallery_dir, gallery, model)
    if not gallery.track_count:
        return EarSession(ByEar.started(np.zeros((0, 1), np.float32), np.zeros(0, np.float32), {}), ())
    # How tracks sound, as references are compared: a genre or a length says nothing that could be heard as warmer.
    tracks = sounding(gallery, gallery.descriptors)
    matcher = LearnedMatcher(gallery, embedded, model, lambda ids: {})
    opinion = matcher.base_opinion(Query(video.features, time_range))
    prior = _PRIOR_SHARE * standing(opinion.standings)
    return EarSession(ByEar.started(tracks, prior, _facts(gallery)), _ids(gallery))


def _facts(gallery: Gallery) -> dict[str, FloatArray]:
    tracks = gallery.tracks
    has_pulse = tracks["tempo_bpm"] > 0
    usual = float(np.median(tracks["tempo_bpm"][has_pulse])) if has_pulse.any() else 110.0
    tempo = np.log2(np.where(has_pulse, np.maximum(tracks["tempo_bpm"], 1.0), usual))
    return {"tempo": standing(tempo.astype(np.float32)), "loudness": standing(tracks["integrated_lufs"])}


def _ids(gallery: Gallery) -> tuple[int, ...]:
    return tuple(gallery.tracks["track_id"].tolist())
