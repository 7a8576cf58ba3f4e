# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find by ear for a range of a video: a session over the library's tracks, begun where the list would begin.

The session lives in memory only; what the user says in it is no feedback and is gone with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

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
from needledrop.suggest.by_ear import ByEar
from needledrop.suggest.learned import LearnedMatcher
from needledrop.suggest.taste import standing
from needledrop.suggest.taste_space import TasteSpace
from needledrop.workflows.gallery import refresh_gallery
from needledrop.workflows.taste_evidence import traits_of
from needledrop.workflows.videos import AnalysedVideo

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
    traits = traits_of(profile, library, gallery, embedded, model.name)
    tracks = TasteSpace.fitted(traits).placed(traits)
    if tracks is None or not gallery.track_count:
        return EarSession(ByEar.started(np.zeros((0, 1), np.float32), np.zeros(0, np.float32), {}), ())
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
